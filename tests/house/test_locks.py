"""What is installed is what was looked at: locks with hashes, and no word of where they were made."""

import json
import re

import pytest

from tests.house.tree import CLIENT, ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
ADDRESS = re.compile(r"https?://|file:/|--(extra-)?index-url|--find-links", re.IGNORECASE)


def pins(lock: str) -> dict[str, str]:
    """Package → version; each must be followed by at least one hash."""
    found = {}
    for entry in re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text()):
        if pin := re.match(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,-]+\])?==([^\s;]+)", entry):
            assert "--hash=sha256:" in entry, f"{pin[1]} in {lock} has no hash"
            found[pin[1]] = pin[2]
    return found


def wanted(file: str) -> list[str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    return [re.split(r"[\[<>=!~; ]", line)[0].lower() for line in lines if line and not line.startswith("-")]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_python_package_is_pinned_by_hash(lock: str) -> None:
    assert len(pins(lock)) > 20


@pytest.mark.parametrize("lock", LOCKS)
def test_no_python_lock_names_a_registry(lock: str) -> None:
    assert [line for line in (ROOT / lock).read_text().splitlines() if ADDRESS.search(line)] == []


@pytest.mark.parametrize(("source", "lock"), [("requirements.in", LOCKS[0]), ("requirements-dev.in", LOCKS[1])])
def test_everything_asked_for_is_locked(source: str, lock: str) -> None:
    assert [package for package in wanted(source) if package not in pins(lock)] == [], "run: make lock"


def test_tests_run_on_the_versions_that_the_product_runs_on() -> None:
    product, tests = (pins(lock) for lock in LOCKS)
    assert {
        package: (version, tests.get(package)) for package, version in product.items() if tests.get(package) != version
    } == {}


def test_every_page_package_is_locked_by_hash_and_names_no_registry() -> None:
    text = (CLIENT / "package-lock.json").read_text()
    packages = {path: entry for path, entry in json.loads(text)["packages"].items() if path and not entry.get("link")}
    assert packages
    assert [path for path, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")] == []
    assert [path for path, entry in packages.items() if "resolved" in entry] == []


def test_no_uv_lock_is_kept() -> None:
    assert not (ROOT / "uv.lock").exists(), "it records download addresses"
