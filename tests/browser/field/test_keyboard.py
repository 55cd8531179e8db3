"""In Chromium: with a keyboard, the other rooms are near, and what has the focus lies clear of the fixed bars."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.tasks import verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

TASKS = 8
FOCUSED = """() => {
  const one = document.activeElement;
  return one === document.body ? null : one.dataset.testid || one.name || one.className || one.tagName;
}"""
# Of the control with the focus, what lies under a bar that stands still; controls of the bars themselves don't count.
COVERED = """() => {
  const one = document.activeElement;
  const bars = [...document.querySelectorAll(".topbar, .tabs, .footbar, .actions")];
  if (one === document.body || one.closest(".topbar, .tabs, .footbar, .actions, .skip, .outbar")) return 0;
  const box = (one.closest("label") ?? one).getBoundingClientRect();
  const over = bars.filter((bar) => ["sticky", "fixed"].includes(getComputedStyle(bar).position))
    .map((bar) => bar.getBoundingClientRect());
  return Math.max(0, ...over.map((bar) => Math.min(bar.bottom, box.bottom) - Math.max(bar.top, box.top)));
}"""


def tab_through(page: Page, most: int = 60) -> list[tuple[str, float]]:
    """Each control by the tabulator key, from the page's beginning on: its name, and how much of it a bar covers."""
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name = page.evaluate(FOCUSED)
        if name is None:
            break
        found.append((name, page.evaluate(COVERED)))
    return found


def test_with_a_keyboard_the_rooms_come_before_the_tasks_and_no_bar_covers_the_focus(
    phone: Callable[..., Phone], product: Product
) -> None:
    task = [verify_task(product, f"暴露垃圾 {n}") for n in range(TASKS)][-1]
    inspector = phone()
    page = inspector.page
    page.set_viewport_size({"width": 360, "height": 640})
    expect(page.get_by_test_id("task")).to_have_count(TASKS)
    steps = tab_through(page)
    names = [name for name, _ in steps]
    assert names[:2] == ["skip-room", "skip-tabs"]
    assert names.index("tab-mine") < names.index("task")
    covered = {"tasks": [step for step in steps if step[1] > 1]}
    for place, ready in ((f"#/tasks/{task}", "answer"), ("#/report", "photo-input")):
        page.evaluate("(place) => { location.hash = place; }", place)
        expect(page.get_by_test_id(ready)).to_be_attached()
        covered[place] = [step for step in tab_through(page) if step[1] > 1]
    assert not any(covered.values()), covered
