"""In Chromium: each screen can be used by everybody — axe, no sideways scrolling, targets a thumb hits, large text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.conftest import ROOT
from tests.browser.field.line import Line
from tests.browser.field.phone import Phone
from tests.browser.field.product import Product
from tests.browser.field.proof import only_whole
from tests.browser.field.screens import THEMES, dress, visit
from tests.browser.field.tasks import verify_task

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # a whole product and a browser

AXE = ROOT / "web/client/node_modules/axe-core/axe.min.js"
# target-size: what the bottom bar half covers would count as small; SMALL measures, and asks for twice as much.
RUN_AXE = """async () => (await axe.run(document, {
  rules: {"target-size": {enabled: false}},
  runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
})).violations.map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map(({target}) => target.join(" ")).join(" | ")}`)"""
# What can be tapped: as wide and high as a thumb, its label counted with it; words inside a sentence are exempt.
SMALL = """() => [...document.querySelectorAll(
  "button, a[href], input, select, textarea, summary, [role=button]")].flatMap((one) => {
  const shown = one.checkVisibility({visibilityProperty: true, opacityProperty: true});
  if (!shown || one.closest("[inert], .ol-control, .ol-attribution") || one.disabled) return [];
  const label = one.closest("label") ?? (one.id && document.querySelector(`label[for="${one.id}"]`));
  const boxes = [one, label].filter(Boolean).map((each) => each.getBoundingClientRect());
  const [w, h] = [Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
  if (w < 2 && h < 2) return [];  // for screen readers only
  if (w >= 47.5 && h >= 47.5) return [];
  return [`${one.dataset.testid || one.name || one.className || one.tagName} ${Math.round(w)}×${Math.round(h)}`];
})"""
# As a phone does whose owner has asked for larger text: all sizes are told in rem.
LARGER = "(times) => { document.documentElement.style.fontSize = `${times * 100}%`; }"
SIDEWAYS = """() => {
  const page = document.scrollingElement;
  const width = page.clientWidth;  // innerWidth grows with what is too wide on a phone
  if (page.scrollWidth <= width) return [];
  const all = [...document.querySelectorAll("body *")];
  const wide = all.filter((one) => one.getBoundingClientRect().right > width + 1);
  const names = wide.slice(-3).map((one) => one.dataset.testid || one.className || one.tagName);
  return [`${page.scrollWidth} > ${width}: ${names}`];
}"""


def find_faults(page: Page, *, axe: bool) -> list[Any]:
    found: list[Any] = page.evaluate(SIDEWAYS) + page.evaluate(SMALL)
    if axe:
        page.evaluate(AXE.read_text("utf-8"))
        found += page.evaluate(RUN_AXE)
    return found


@pytest.fixture
def furnished(phone: Callable[..., Phone], product: Product) -> tuple[Phone, str]:
    """A phone with a task, and a report in its outbox that has not been sent."""
    task = verify_task(product, "长乐路口的垃圾桶满了,没有人来")
    inspector = phone()
    inspector.until_it_starts_by_itself()
    inspector.offline()
    inspector.report("井盖缺失,行人危险")
    return inspector, task


def test_each_screen_is_clean_for_axe_in_both_languages_and_all_themes(
    tell: Callable[..., None], furnished: tuple[Phone, str]
) -> None:
    inspector, task = furnished
    faults, seen = {}, 0
    for theme, language in ((THEMES[0], "zh-CN"), (THEMES[1], "en"), (THEMES[2], "zh-CN")):
        dress(inspector.page, theme, language)
        for screen in visit(inspector, task):
            seen += 1
            if found := find_faults(inspector.page, axe=True):
                faults[f"{screen} {theme} {language}"] = found
    tell(f"{seen} screens looked at by axe, {len(faults)} with faults")
    assert not faults, faults


@pytest.mark.parametrize(
    ("width", "height", "text"),
    [
        pytest.param(320, 568, 100, marks=only_whole),
        pytest.param(390, 844, 200, marks=only_whole),
        (320, 568, 200),
    ],
)
def test_no_screen_scrolls_sideways_or_has_small_targets(
    tell: Callable[..., None], furnished: tuple[Phone, str], width: int, height: int, text: int
) -> None:
    inspector, task = furnished
    page = inspector.page
    page.set_viewport_size({"width": width, "height": height})
    faults, seen = {}, 0
    for language in ("zh-CN", "en"):
        dress(page, "light", language)
        for screen in visit(inspector, task):
            page.evaluate(LARGER, text / 100)
            seen += 1
            if found := find_faults(page, axe=False):
                faults[f"{screen} {language}"] = found
    tell(f"{seen} screens at {width}×{height} with {text} % text, {len(faults)} with faults")
    assert not faults, faults


# Words of the bottom bar that stand on more than one line, or beyond their button.
BROKEN = """() => [...document.querySelectorAll(".tab")].flatMap((tab) => {
  const words = document.createRange();
  words.selectNodeContents(tab.lastChild);
  const cut = tab.scrollWidth > tab.clientWidth + 1;
  return words.getClientRects().length > 1 || cut ? [tab.textContent] : [];
})"""
LETTERS = "() => getComputedStyle(document.querySelector('.phone')).fontSize"


def test_letters_are_as_large_as_the_person_has_set_in_the_browser(
    tell: Callable[..., None], driver: Playwright, program: str, line: Line, product: Product, tmp_path: Path
) -> None:
    settings = tmp_path / "large/Default/Preferences"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"webkit": {"webprefs": {"default_font_size": 32}}}))
    task = verify_task(product, "大字:长乐路口的垃圾桶满了")
    inspector = Phone(driver, program, tmp_path / "large", line)
    inspector.start()
    faults = {}
    try:
        inspector.sign_in()
        assert inspector.page.evaluate(LETTERS) == "32px"
        for language in ("zh-CN", "en"):
            dress(inspector.page, "light", language)
            for place in ("#/tasks", f"#/tasks/{task}", "#/map", "#/report", "#/mine", "#/outbox"):
                inspector.page.evaluate("(place) => { location.hash = place; }", place)
                inspector.page.wait_for_timeout(500)
                if found := find_faults(inspector.page, axe=False) + inspector.page.evaluate(BROKEN):
                    faults[f"{place} {language}"] = found
    finally:
        inspector.close()
    tell(f"letters of 32 px as set in the browser: {len(faults)} screens with faults")
    assert not faults, faults
