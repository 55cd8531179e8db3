"""An inspector's phone: a browser with a profile of its own that survives restarts, and ways through the pages."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, FilePayload, Geolocation, Page, Playwright, Worker, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import FLAGS, PASSWORD, PEOPLES_SQUARE, PHONE
from tests.browser.field.camera import numbered
from tests.browser.field.line import Line

# The phone's clock, wrong by what `test_clock` says: in pages from their first line on, in service workers when told.
CLOCK = """(() => {
  if (globalThis.setClockWrong) return;
  const Real = Date;
  let wrong = 0;
  try { wrong = Number(localStorage.getItem("test_clock")) || 0; } catch { /* a worker, or no page yet */ }
  globalThis.Date = class Date extends Real {
    constructor(...parts) { if (parts.length) super(...parts); else super(Real.now() + wrong); }
    static now() { return Real.now() + wrong; }
  };
  if (typeof GeolocationPosition !== "undefined") {
    const told = Object.getOwnPropertyDescriptor(GeolocationPosition.prototype, "timestamp").get;
    Object.defineProperty(GeolocationPosition.prototype, "timestamp", {get() { return told.call(this) + wrong; }});
  }
  globalThis.setClockWrong = (ms) => { wrong = ms; };
})()"""

CACHED = """async () => {
  let n = 0;
  for (const key of await caches.keys()) n += (await (await caches.open(key)).keys()).length;
  return n;
}"""

FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (value, ...key) {
    const asked = put.call(this, value, ...key);
    if (value instanceof ArrayBuffer) this.transaction.abort();
    return asked;
  };
  navigator.storage.estimate = async () => ({usage: 99_000_000, quota: 100_000_000});
}"""

KEPT = """async () => {
  const asked = indexedDB.open("wangge-field");
  const db = await new Promise((done, fail) => { asked.onsuccess = () => done(asked.result); asked.onerror = fail; });
  const all = (store) => new Promise((done, fail) => {
    if (!db.objectStoreNames.contains(store)) return done([]);
    const got = db.transaction(store).objectStore(store).getAll();
    got.onsuccess = () => done(got.result); got.onerror = () => fail(got.error);
  });
  const one = (id) => new Promise((done, fail) => {
    const got = db.transaction("photos").objectStore("photos").get(id);
    got.onsuccess = () => done(got.result); got.onerror = () => fail(got.error);
  });
  const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const items = await all("outbox");
  for (const item of items) {
    for (const picture of item.pictures) {
      const bytes = picture.bytes ?? await one(picture.id);
      picture.own_sha256 = bytes ? hex(await crypto.subtle.digest("SHA-256", bytes)) : null;
      delete picture.bytes;
    }
  }
  const log = await all("log");
  db.close();
  return {items, log};
}"""


@dataclass
class Made:
    """A report as its person made it, by the clock on the wall."""

    words: str
    photos: list[int]
    after: datetime  # the first photo was taken after this moment …
    before: datetime  # … and before this one
    clock_wrong: float = 0.0  # seconds


def wall() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 (the tests' wall clock is the server's)


@dataclass
class Phone:
    """`phone.page` is the page in front; a restart keeps the profile and opens a new page."""

    driver: Playwright
    program: str
    profile: Path
    line: Line
    username: str = "inspector"
    language: str = "zh-CN"
    password: str = PASSWORD
    size: dict[str, int] = field(default_factory=lambda: dict(PHONE))
    faults: list[str] = field(default_factory=list)
    shots: int = 0
    steps: int = 0
    clock_wrong: float = 0.0
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    # --- on, off, clock ---

    def start(self) -> None:
        self.context = self.driver.chromium.launch_persistent_context(
            self.profile,
            executable_path=self.program,
            args=FLAGS,
            viewport={"width": self.size["width"], "height": self.size["height"]},
            locale=self.language,
            timezone_id="Asia/Shanghai",
            geolocation=Geolocation(**PEOPLES_SQUARE),
            permissions=["geolocation"],
            has_touch=True,
            is_mobile=True,
        )
        self.context.set_default_timeout(30_000)
        self.context.add_init_script(CLOCK)
        self.context.on("serviceworker", self._tell_time)
        self.context.on("page", self._watch)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"{error}"))

    def _tell_time(self, worker: Worker) -> None:
        with suppress(PlaywrightError):  # it ends when it likes
            worker.evaluate(CLOCK)
            worker.evaluate("(ms) => setClockWrong(ms)", self.clock_wrong * 1000)

    def restart(self) -> None:
        """The browser is closed and opened again, as after a flat battery."""
        self.context.close()
        self.start()

    def close(self) -> None:
        self.context.close()

    def set_clock(self, hours: float) -> None:
        """From now on the phone's clock shows so many hours more."""
        self.clock_wrong = hours * 3600
        ms = self.clock_wrong * 1000
        for page in self.context.pages:
            page.evaluate("(ms) => { localStorage.setItem('test_clock', String(ms)); setClockWrong(ms); }", ms)
        for worker in self.context.service_workers:
            self._tell_time(worker)

    def offline(self) -> None:
        """No network, and the browser knows."""
        self.line.off()
        self.context.set_offline(True)

    def online(self) -> None:
        self.line.on()
        self.context.set_offline(False)

    def fill_up(self) -> None:
        """The browser has no room left for photos, and says so; until the page is opened anew.

        By hand: Chromium 156 takes `Storage.overrideQuotaForOrigin` and goes on storing.
        """
        self.page.evaluate(FULL)

    # --- through the pages ---

    def sign_in(self) -> None:
        self.page.goto(f"{self.line.url}/")
        self.page.fill("input[name=username]", self.username)
        self.page.fill("input[name=password]", self.password)
        self.page.get_by_test_id("signin-submit").click()
        self.page.wait_for_url("**/field*")
        expect(self.page.get_by_test_id("tab-report")).to_be_visible()
        self.until_it_knows_the_city()

    def open(self, place: str = "") -> None:
        self.page.goto(f"{self.line.url}/field{place}")
        expect(self.page.get_by_test_id("tab-report")).to_be_visible()

    def until_it_knows_the_city(self) -> None:
        """The first answers with categories and tasks are kept; who leaves the network earlier has none."""
        for _ in range(100):
            known = [one for one in self.line.passed if one.status in {200, 304}]
            if any("/api/v1/sync" in one.ask.path or "/api/v1/categories" in one.ask.path for one in known):
                self.page.wait_for_timeout(300)
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("the phone asked for no categories")

    def until_it_starts_by_itself(self) -> None:
        """The service worker has all that a start without a network needs."""
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
        self.page.wait_for_function("() => navigator.serviceWorker.controller")
        before, now = -1, 0
        while before != now:
            before = now
            self.page.wait_for_timeout(1000)
            now = self.page.evaluate(CACHED)

    def shoot(self, *numbers: int) -> list[FilePayload]:
        return [FilePayload(name=f"IMG_{n:04}.jpg", mimeType="image/jpeg", buffer=numbered(n, wall())) for n in numbers]

    def walk(self) -> None:
        """Five metres on, as an inspector walks; a browser tells a position only when it has changed."""
        self.steps += 1
        place = PEOPLES_SQUARE | {"longitude": PEOPLES_SQUARE["longitude"] + self.steps % 40 * 5e-5}
        self.context.set_geolocation(Geolocation(**place))

    def report(
        self, words: str, *, photos: int = 2, category: str = "01001", send: bool = True, page: Page | None = None
    ) -> Made:
        """Photos, place, category, words, send; as a hand does it."""
        page = page or self.page
        page.bring_to_front()
        numbers = list(range(self.shots, self.shots + photos))
        self.shots += photos
        files = self.shoot(*numbers)
        page.get_by_test_id("tab-report").click()
        again = page.get_by_test_id("report-again")
        if again.is_visible():
            again.click()
        self.walk()
        after = wall()
        page.get_by_test_id("photo-input").set_input_files(files[0])
        shown = page.get_by_test_id("photo")
        expect(shown).to_have_count(1)
        before = wall()
        for n, file in enumerate(files[1:], 2):
            page.get_by_test_id("photo-input").set_input_files(file)
            expect(shown).to_have_count(n)
        page.get_by_test_id("category-search").fill(category)
        page.get_by_test_id("found").locator(f'[data-code="{category}"]').click()
        page.fill("textarea[name=description]", words)
        expect(page.get_by_test_id("accuracy").or_(page.get_by_test_id("falls")).first).to_be_visible()
        if send:
            page.get_by_test_id("send-report").click()
            receipts = page.get_by_test_id("receipt-waiting").or_(page.get_by_test_id("receipt"))
            expect(receipts.first).to_be_visible()
        return Made(words, numbers, after, before, self.clock_wrong)

    def impatient(self) -> None:
        """A person who taps "send now" whenever it is offered; in the outbox's room."""
        button = self.page.get_by_test_id("send-now")
        with suppress(PlaywrightError):  # it was just taken away: all is sent
            if button.is_visible() and button.is_enabled(timeout=1_000):
                button.click(timeout=2_000)

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """What lies in the phone's store: `items` of the outbox with their photos' SHA-256, `log` of receipts."""
        found: dict[str, list[dict[str, Any]]] = self.page.evaluate(KEPT)
        return found

    def states(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for item in self.kept()["items"]:
            counted[item["state"]] = counted.get(item["state"], 0) + 1
        return counted

    def until(self, holds: Callable[[], bool], seconds: float = 60, every: float = 0.3) -> None:
        """Lets the page work until it is so; fails with what lies on the phone."""
        for _ in range(int(seconds / every)):
            if holds():
                return
            self.page.wait_for_timeout(every * 1000)
        trouble = [(one["state"], one.get("trouble"), one.get("refusal")) for one in self.kept()["items"]]
        raise AssertionError(f"not so after {seconds} s; on the phone: {self.states()} {trouble[:5]}")
