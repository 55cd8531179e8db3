import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TrackTold } from "../../field/shift/cards";
import { watchDuty } from "../../field/shift/watch";
import { DEFAULTS, synced } from "../../field/sync";
import type { Session } from "../../shared/api";
import { session } from "../../shared/session";

const place = document.createElement("div");
const said = () => place.firstElementChild?.getAttribute("data-testid");
let failed: (error: { code: number }) => void;
let found: (position: unknown) => void;
const watchPosition = vi.fn((yes: typeof found, no: typeof failed) => ((found = yes), (failed = no), 1));
let stop: () => void;

beforeEach(async () => {
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  Object.defineProperty(navigator, "geolocation", { configurable: true, value: { watchPosition, clearWatch: vi.fn() } });
  watchPosition.mockClear();
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
  synced.value = {
    person: 7, now: "2026-11-22T01:00:00Z", shift: { id: "s", started_at: "2026-11-22T00:30:00Z" }, duty_areas: [],
    settings: { ...DEFAULTS, track: { enabled: true, every_seconds: 20, batch: 500 } },
  } as unknown as NonNullable<typeof synced.value>;
  stop = watchDuty();
  await act(() => render(<TrackTold />, place));
});
afterEach(async () => {
  stop();
  await act(() => render(null, place));
  synced.value = null;
  vi.unstubAllGlobals();
});

it("a track is called recorded only while positions come", async () => {
  expect(said()).toBe("track-told");
  await act(() => failed({ code: 2 }));
  expect(said()).toBe("untracked");
  await act(() => found({ timestamp: Date.now(), coords: { longitude: 121.47, latitude: 31.23, accuracy: 8 } }));
  expect(said()).toBe("track-told");
});

it("where location is denied it says so, and looks again when the person comes back from the settings", async () => {
  await act(() => failed({ code: 1 }));
  expect(place.textContent).toContain("没有允许定位,轨迹没有记录");
  expect(watchPosition).toHaveBeenCalledTimes(1);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(watchPosition).toHaveBeenCalledTimes(2);
});
