"""What a phone on a slow line loads before it can report."""

import pytest

from web.pages import STATIC, read_build

pytestmark = pytest.mark.browser  # needs the built pages

MOST_KB = 60
"""Thousands of bytes, brotli, of all scripts that /field loads before a map is opened."""


def test_the_phones_page_loads_little_before_the_map() -> None:
    build = read_build(STATIC)
    if "field" not in build:
        pytest.fail("the pages are not built: make setup, or cd web/client && npm ci && npm run build")
    entry = build["field"]
    sizes = {
        path: (STATIC / f"{path.removeprefix('/static/')}.br").stat().st_size
        for path in (entry.script, *entry.preloads)
    }
    assert sum(sizes.values()) <= MOST_KB * 1000, sizes


def test_the_service_worker_names_files_that_are_there() -> None:
    worker = (STATIC / "sw.js").read_text("utf-8")
    named = {part for part in worker.split('"') if part.startswith("/static/")}
    assert len(named) > 10
    assert [path for path in named if not (STATIC / path.removeprefix("/static/")).is_file()] == []
