"""Takes the pictures of docs/pictures/ from a running demo: python -m scripts.pictures URL PASSWORD."""

import io
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Geolocation, Page, Playwright, ViewportSize, sync_playwright

from tests.browser.field.line import Line
from tests.browser.field.phone import Phone
from tests.browser.field.screens import THEMES, dress
from tests.browser.field.screens import visit as visit_screens

OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
PLACE = Geolocation(longitude=121.4737, latitude=31.2304, accuracy=8)
# Of the demo's month: who looks, in which view, and what the report says.
TURNS = {
    "extended": ("dispatcher", "handle", "路面破损约 1.2 平方米"),
    "suspended": ("dispatcher", "suspended", "施工路段路面沉陷"),
    "disputed": ("district_dispatcher", "disputed", "绿地边缘堆放修剪枝叶"),
    "supervised": ("shift_lead", "supervised", "主干道路面坑槽"),
    "decision": ("dispatcher", "decisions", "护栏被撞弯约 6 米"),
    "joint": ("dispatcher", "handle", "绿化带内暴露垃圾"),
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main(url: str, password: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = visit(browser, url)
        keep(page, "signin")
        page = visit(browser, url, "inspector", password, phone=True)
        page.wait_for_timeout(1500)
        keep(page, "field-tasks")
        page.get_by_test_id("tab-report").click()
        page.get_by_test_id("photo-input").set_input_files(picture())
        page.get_by_test_id("photo").wait_for()
        page.get_by_test_id("falls").wait_for()
        page.wait_for_timeout(2000)
        keep(page, "field-report")
        for language, name in (("zh-CN", "desk"), ("en-GB", "desk-en")):
            page = visit(browser, url, "dispatcher", password, language=language)
            page.get_by_test_id("cases").locator("a").first.click()
            page.get_by_test_id("detail").wait_for()
            page.wait_for_timeout(3000)
            keep(page, name)
        for username, name in (("city_leader", "leadership"), ("district_leader", "leadership-district")):
            page = visit(browser, url, username, password)
            page.get_by_test_id("as-of").wait_for()
            page.wait_for_timeout(3000)
            keep(page, name)
        for name, (username, view, said) in TURNS.items():
            page = visit(browser, url, username, password)
            open_case(page, url, view, said)
            keep(page, f"turn-{name}")
        page = visit(browser, url, "admin", password)
        for tab in ("calendars", "ladder"):
            page.goto(f"{url}/admin?part={tab}")
            page.wait_for_timeout(2500)
            keep(page, f"admin-{tab}")
        browser.close()
        take_field(playwright, url, password)


def take_field(playwright: Playwright, url: str, password: str) -> None:
    """Every screen of the inspector's app, in both languages and all themes: a sheet a language and theme."""
    line = Line(urlsplit(url).port or 8000)
    line.start()
    with tempfile.TemporaryDirectory() as profile:
        phone = Phone(playwright, shutil.which("chromium") or "", Path(profile), line, password=password)
        phone.start()
        phone.sign_in()
        phone.until_it_starts_by_itself()
        task = phone.page.get_by_test_id("task").first.get_attribute("data-no") or ""
        phone.report("人行道上井盖缺失,夜间无照明", photos=1)
        phone.offline()
        phone.report("垃圾桶满了,袋子堆在路边", photos=2, category="06010")
        for theme in THEMES:
            for language in ("zh-CN", "en"):
                dress(phone.page, theme, language)
                shots = [phone.page.screenshot() for _ in visit_screens(phone, task)]
                keep_sheet(shots, f"field-{theme}{'-en' if language == 'en' else ''}")
        phone.close()
    line.stop()


def keep_sheet(shots: list[bytes], name: str) -> None:
    """The screens side by side, six in a row; few colours, for they are drawn, not photographed."""
    from PIL import Image  # noqa: PLC0415

    images = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    width, height, row = PHONE["width"] + 16, PHONE["height"] + 16, 6
    sheet = Image.new("RGB", (width * row, height * -(-len(images) // row)), (128, 128, 128))
    for n, image in enumerate(images):
        sheet.paste(image, (n % row * width + 8, n // row * height + 8))
    sheet.quantize(128).save(OUT / f"{name}.png", optimize=True)
    print(f"docs/pictures/{name}.png")


def open_case(page: Page, url: str, view: str, said: str) -> None:
    """The desk with the case of the demo's month (cases/demo/month.py) whose report says this."""
    found = page.evaluate("said => fetch('/api/v1/cases?q=' + encodeURIComponent(said)).then(got => got.json())", said)
    page.goto(f"{url}/desk?view={view}&case={found['items'][0]['no']}")
    page.get_by_test_id("detail").wait_for()
    page.wait_for_timeout(3000)


def visit(
    browser: Browser, url: str, username: str = "", password: str = "", *, phone: bool = False, language: str = "zh-CN"
) -> Page:
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        locale=language,
        timezone_id="Asia/Shanghai",
        geolocation=PLACE,
        permissions=["geolocation"],
        has_touch=phone,
        is_mobile=phone,
    )
    page = context.new_page()
    page.goto(url)
    if username:
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.get_by_test_id("signin-submit").click()
        page.wait_for_url(lambda now: now.rstrip("/") != url.rstrip("/"))
    return page


def keep(page: Page, name: str) -> None:
    page.screenshot(path=OUT / f"{name}.png")
    print(f"docs/pictures/{name}.png")


def picture() -> Path:
    """A drawing that stands for a photo: a round hole in the road."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    path = OUT.parent.parent / "var" / "hole.jpg"
    image = Image.new("RGB", (960, 720), (122, 124, 120))
    draw = ImageDraw.Draw(image)
    draw.ellipse((300, 220, 660, 520), fill=(24, 24, 26), outline=(70, 70, 70), width=14)
    image.save(path, "JPEG")
    return path


if __name__ == "__main__":
    main(*sys.argv[1:3])
