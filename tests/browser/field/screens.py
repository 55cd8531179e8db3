"""Every screen of the inspector's app, in the order of a visit, with something on each."""

from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.browser.field.phone import Phone

THEMES = ("light", "dark", "sun")


def dress(page: Page, theme: str, language: str) -> None:
    """The person's own choice of theme and language, from the next start on."""
    page.evaluate("([theme]) => localStorage.setItem('wangge_theme', theme)", [theme])
    page.reload()
    expect(page.get_by_test_id("tab-report")).to_be_visible()
    if page.locator("html").get_attribute("lang") != language:
        page.get_by_test_id("language").click()
        expect(page.locator("html")).to_have_attribute("lang", language)


def visit(phone: Phone, task: str) -> Iterator[str]:
    """Goes from screen to screen; each name is given when it stands. A draft is open before and after."""
    page = phone.page
    steps: dict[str, Callable[[], None]] = {
        "tasks": lambda: _open(phone, "#/tasks", "duty-state"),
        "task": lambda: _open(phone, f"#/tasks/{task}", "answer"),
        "map": lambda: _open(phone, "#/map", "layers"),
        "report": lambda: _fresh_report(phone),
        "report-form": lambda: _fill(phone),
        "report-place": lambda: page.get_by_test_id("place-open").click(),
        "report-class": lambda: _class(phone),
        "report-component": lambda: _component(phone),
        "drafts": lambda: _open(phone, "#/report/drafts", None),
        "outbox": lambda: _open(phone, "#/outbox", "kept"),
        "mine": lambda: _open(phone, "#/mine", None),
    }
    for name, step in steps.items():
        step()
        page.wait_for_timeout(400)
        yield name


def _open(phone: Phone, place: str, testid: str | None) -> None:
    phone.page.evaluate("(place) => { location.hash = place; }", place)
    if testid:
        expect(phone.page.get_by_test_id(testid).first).to_be_visible()


def _fresh_report(phone: Phone) -> None:
    _open(phone, "#/report", None)
    page = phone.page
    page.locator("[data-ready=true]").wait_for()
    again = page.get_by_test_id("report-again").or_(page.get_by_test_id("save-draft"))
    if again.first.is_visible():
        again.first.click()
    expect(page.get_by_test_id("photo-input")).to_be_attached()


def _fill(phone: Phone) -> None:
    page = phone.page
    phone.walk()
    for n, file in enumerate(phone.shoot(2001, 2002), 1):
        page.get_by_test_id("photo-input").set_input_files(file)
        expect(page.get_by_test_id("photo")).to_have_count(n)
    page.get_by_test_id("category-search").fill("jg")
    expect(page.get_by_test_id("category-tile").first).to_be_visible()


def _class(phone: Phone) -> None:
    page = phone.page
    page.get_by_test_id("place-done").click()
    page.get_by_test_id("category-search").fill("")
    page.get_by_test_id("class-tile").first.click()
    expect(page.get_by_test_id("category-tile").first).to_be_visible()


def _component(phone: Phone) -> None:
    page = phone.page
    page.get_by_test_id("category-tile").first.click()
    page.get_by_test_id("component-pick").click()
