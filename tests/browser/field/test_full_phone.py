"""In Chromium: the phone has no room left. That is said at once, and what was made then is sent all the same."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, expect

from tests.browser.field.ledger import arrived
from tests.browser.field.line import Line
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser


def test_a_report_that_the_phone_has_no_room_for_is_told_and_arrives_with_its_photos(
    tell: Callable[..., None], phone: Callable[..., Phone], product: Product
) -> None:
    inspector = phone()
    page = inspector.page
    inspector.until_it_starts_by_itself()
    inspector.offline()
    made = [inspector.report("满了 1")]
    inspector.fill_up()
    made.append(inspector.report("满了 2"))
    expect(page.get_by_test_id("receipt-waiting")).to_be_visible()
    page.evaluate("() => { location.hash = '#/outbox'; }")
    expect(page.get_by_test_id("unstored").or_(page.get_by_test_id("space-warning")).first).to_be_visible()
    told = [name for name in ("unstored", "space-warning") if page.get_by_test_id(name).is_visible()]
    stored = len(inspector.kept()["items"])
    inspector.online()
    inspector.until(lambda: inspector.impatient() or len(arrived_words(product)) == len(made), 90)
    inspector.until(lambda: photos_there(product) == 2 * len(made), 90)
    numbers = [one.numbers for one in arrived(product, "满了")]
    assert sorted(numbers) == sorted(sorted(one.photos) for one in made)
    photos = sum(map(len, numbers))
    tell(f"no room: {stored} of {len(made)} stored, told by {told}; arrived {len(numbers)} with {photos} photos")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 60 MB: what the browser does when it is really full, no script can play."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    if not mount:
        pytest.skip("no mount on this machine")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=60m", "tmpfs", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no small disk: {made.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_on_a_disk_that_is_really_full_reports_are_told_as_not_stored_and_arrive(
    tell: Callable[..., None], driver: Playwright, program: str, line: Line, product: Product, small_disk: Path
) -> None:
    inspector = Phone(driver, program, small_disk / "profile", line)
    inspector.start()
    try:
        inspector.sign_in()
        inspector.until_it_starts_by_itself()
        inspector.offline()
        made = [inspector.report("真满 00")]
        # all but what one or two more photos take
        fill(small_disk)
        while not is_told(inspector) and len(made) < 12:
            made.append(inspector.report(f"真满 {len(made):02}"))
        assert is_told(inspector), "the disk is full, and nothing says so"
        made.append(inspector.report(f"真满 {len(made):02}"))
        inspector.page.evaluate("() => { location.hash = '#/outbox'; }")
        inspector.online()

        def all_there() -> bool:
            inspector.impatient()
            return photos_there(product, "真满") == 2 * len(made)

        inspector.until(all_there, 90)
    finally:
        inspector.close()
    numbers = [one.numbers for one in arrived(product, "真满")]
    assert sorted(numbers) == sorted(sorted(one.photos) for one in made)
    tell(f"a disk really full: told at report {len(made) - 1}; all {len(made)} arrived with {2 * len(made)} photos")


def fill(disk: Path, left: int = 400_000) -> None:
    with (disk / "other").open("wb") as file:
        while shutil.disk_usage(disk).free > left:
            file.write(bytes(100_000))
            file.flush()


def is_told(inspector: Phone) -> bool:
    return "没能" in inspector.page.inner_text("body") or inspector.page.get_by_test_id("unstored").is_visible()


def arrived_words(product: Product, mark: str = "满了") -> list[str]:
    return [words for (words,) in product.rows("SELECT description FROM cases WHERE description LIKE %s", f"{mark}%")]


def photos_there(product: Product, mark: str = "满了") -> int:
    statement = """
        SELECT count(*) FROM cases c JOIN case_photos k ON k.case_id = c.id JOIN photos p ON p.id = k.photo_id
        WHERE c.description LIKE %s"""
    return int(product.rows(statement, f"{mark}%")[0][0])
