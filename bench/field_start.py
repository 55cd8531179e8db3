"""How soon the phone can be used: 4 × slower processor, 400 kbit/s, 400 ms round trip; python -m bench.field_start.

Each number is the median of several runs. First start: nothing kept, signed in. Second: the browser was closed and
opened again. Offline: the same with the network away. Usable: the tasks are shown and a tap on "report" has opened
the camera's button. Bytes are counted on the line, the service worker's own among them.
"""

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Geolocation, Page, Playwright, sync_playwright

from bench.place import bench_place, web_server
from tests.browser.field.line import Line
from tests.browser.field.phone import CACHED

RUNS, SLOWER, KBIT, ROUND_TRIP_MS = 5, 4, 400, 400
PASSWORD = "benchmarks only"  # noqa: S105 (that of bench/place.py's people)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
# When the tasks stand (or it is said that there are none), and when the tap's room does, by the page's own clock.
WATCH = """() => {
  const seen = {};
  const look = () => {
    if (!seen.frame && document.querySelector('[data-testid=tab-report]')) seen.frame = performance.now();
    const here = document.querySelector('[data-testid=duty-state], [data-testid=task]');
    if (!seen.tasks && here) seen.tasks = performance.now();
    if (!seen.report && document.querySelector('[data-testid=photo-input]')) seen.report = performance.now();
    if (!seen.report) requestAnimationFrame(look);
  };
  globalThis.seenAt = seen;
  look();
}"""


def main() -> int:
    with bench_place() as place, web_server(place) as server, sync_playwright() as playwright:
        port = urlsplit(server.url).port
        assert port
        rows = [_three_starts(playwright, port) for _ in range(RUNS)]
    for kind in rows[0]:
        figures = {name: round(statistics.median(row[kind][name] for row in rows)) for name in rows[0][kind]}
        print(f"{kind:<16}" + "  ".join(f"{name} {value:,}" for name, value in figures.items()))
    print(json.dumps(rows), file=sys.stderr)
    return 0


def _three_starts(playwright: Playwright, port: int) -> dict[str, dict[str, float]]:
    with _line(port) as line, tempfile.TemporaryDirectory() as profile:
        context = _browser(playwright, profile)
        context.request.post(f"{line.url}/api/v1/session", data={"username": "inspector", "password": PASSWORD})
        line.slow(KBIT, ROUND_TRIP_MS)
        found = {"first start": _start(context, line)}
        _until_kept(context.pages[0])
        context.close()
        for kind in ("second start", "second offline"):
            if kind.endswith("offline"):
                line.off()
            context = _browser(playwright, profile)
            found[kind] = _start(context, line)
            context.close()
    return found


@contextmanager
def _line(port: int) -> Iterator[Line]:
    line = Line(port)
    line.start()
    yield line
    line.stop()


def _browser(playwright: Playwright, profile: str) -> BrowserContext:
    return playwright.chromium.launch_persistent_context(
        Path(profile),
        executable_path=shutil.which("chromium"),
        args=FLAGS,
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        geolocation=Geolocation(longitude=121.4737, latitude=31.2304, accuracy=8),
        permissions=["geolocation"],
        has_touch=True,
        is_mobile=True,
    )


def _start(context: BrowserContext, line: Line) -> dict[str, float]:
    page = context.pages[0]
    page.set_default_timeout(120_000)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(f"({WATCH})()")
    before = line.bytes_down
    page.goto(f"{line.url}/field", wait_until="commit")
    page.wait_for_function("() => globalThis.seenAt?.tasks")
    page.get_by_test_id("tab-report").click()
    page.wait_for_function("() => globalThis.seenAt.report")
    seen: dict[str, float] = page.evaluate("() => globalThis.seenAt")
    paint: float = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
    used = line.bytes_down - before
    return {
        "first paint ms": paint, "frame ms": seen["frame"], "tasks ms": seen["tasks"],
        "usable ms": max(seen["tasks"], seen["report"]), "KB until then": used / 1024,
    }  # fmt: skip


def _until_kept(page: Page) -> None:
    """The service worker has laid up all that it keeps."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
    before = -1
    while (now := page.evaluate(CACHED)) != before:
        before = now
        page.wait_for_timeout(4000)


if __name__ == "__main__":
    sys.exit(main())
