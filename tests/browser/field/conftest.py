"""The inspector's phone, the line and the product behind it, each of which may fail."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from cases.demo.cast import create_cast
from core.db import Sessions
from core.settings import load_settings
from people.passwords import hash_password
from tests.browser.conftest import PASSWORD, ROOT
from tests.browser.field.line import Line
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.conftest import _clone


@pytest.fixture(scope="session")
def product(server_url: str, city_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A clone of the city with the demo's people; tracks are on."""
    if not (ROOT / "web/static/manifest.json").exists():
        pytest.fail("the pages are not built: make setup, or cd web/client && npm ci && npm run build")
    with _clone(server_url, city_template) as url:
        made = Product(
            url,
            tmp_path_factory.mktemp("photos"),
            environment={"WANGGE_TRACK_ENABLED": "true", "WANGGE_TRACK_EVERY_SECONDS": "1"},
        )
        sessions = Sessions(load_settings(environ=made.environment))
        with sessions.begin() as session:
            create_cast(session, password_hash=hash_password(PASSWORD), now=datetime.now(UTC))  # noqa: TID251 (the web server reads the real clock too)
        sessions.close()
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def line(product: Product) -> Iterator[Line]:
    """A sound line, until a test injures it."""
    if product.process is None:
        product.start()
    made = Line(product.port)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def phone(driver: Playwright, program: str, line: Line, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """`phone()` is a phone whose inspector is signed in; an error that its scripts throw fails the test."""
    phones: list[Phone] = []

    def take(username: str = "inspector", *, signed_in: bool = True, language: str = "zh-CN") -> Phone:
        made = Phone(driver, program, tmp_path / f"profile{len(phones)}", line, username, language)
        made.start()
        phones.append(made)
        if signed_in:
            made.sign_in()
        return made

    yield take
    for made in phones:
        made.close()
    faults = [fault for made in phones for fault in made.faults]
    assert not faults, faults


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Counts of a proof, for who reads along (-s) and for the report of the run."""

    def say(*words: object) -> None:
        text = " ".join(str(word) for word in words)
        sys.stdout.write(f"\n    {text}\n")
        record_property("proof", text)

    return say
