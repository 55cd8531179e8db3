import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FenceBar } from "../../field/app";
import { middleOf } from "../../field/map/layers";
import { route } from "../../field/route";
import { outsideSince, watchDuty } from "../../field/shift/watch";
import { DEFAULTS, synced } from "../../field/sync";
import type { DutyArea } from "../../field/sync_shapes";
import type { Session } from "../../shared/api";
import { session } from "../../shared/session";

const SQUARE = { type: "MultiPolygon", coordinates: [[[[121.47, 31.23], [121.48, 31.23], [121.48, 31.24], [121.47, 31.24], [121.47, 31.23]]]] } as unknown as DutyArea["polygon"];
const place = document.createElement("div");
const bar = () => place.querySelector<HTMLAnchorElement>("[data-testid=fence-bar]");
let found: (position: unknown) => void;
let stop: () => void = () => undefined;

const onDuty = (shift = "s") => ({
  person: 7, now: "2026-11-22T01:00:00Z", shift: { id: shift, started_at: "2026-11-22T00:30:00Z" }, duty_areas: [{ name: "外滩", polygon: SQUARE }], alarm: null,
  settings: { ...DEFAULTS, track: { enabled: true, every_seconds: 20, batch: 500 }, fence: { enabled: true, metres: 100, minutes: 5 } },
}) as unknown as NonNullable<typeof synced.value>;

const at = async (lon: number, minutes = 0) => {
  found({ timestamp: Date.now() + minutes * 60_000, coords: { longitude: lon, latitude: 31.235, accuracy: 8 } });
  await vi.dynamicImportSettled();
};

/** As a reload: what the page held is gone, what the phone has kept comes back. */
const reload = (shift = "s") => {
  stop();
  synced.value = null;
  stop = watchDuty();
  synced.value = onDuty(shift);
};

beforeEach(async () => {
  localStorage.clear();
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  Object.defineProperty(navigator, "geolocation", { configurable: true, value: { watchPosition: (yes: typeof found) => ((found = yes), 1), clearWatch: vi.fn() } });
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
  reload();
  await at(121.5);
  await at(121.5, 6);
});
afterEach(async () => {
  stop();
  await act(() => render(null, place));
  synced.value = null;
  vi.unstubAllGlobals();
});

it("the alarm outside the duty area is told in every room and leads to the map; the tasks have it in full", async () => {
  route.value = { room: "report", no: null };
  await act(() => render(<FenceBar />, place));
  expect(bar()?.textContent).toBe("已离开责任区,请看地图");
  expect(bar()?.getAttribute("href")).toBe("#/map");
  await act(() => void (route.value = { room: "tasks", no: null }));
  expect(bar()).toBeNull();
});

it("a reload does not drop it, a position within the area does", async () => {
  const since = outsideSince.value;
  expect(since).not.toBeNull();
  reload();
  expect(outsideSince.value).toBe(since);
  await at(121.475, 7);
  expect(outsideSince.value).toBeNull();
  reload();
  expect(outsideSince.value).toBeNull();
});

it("another shift begins without it", () => {
  reload("another");
  expect(outsideSince.value).toBeNull();
});

it("the map looks at the middle of the area", () => {
  const { lon, lat } = middleOf(SQUARE);
  expect([lon, lat].map((degrees) => degrees.toFixed(3))).toEqual(["121.475", "31.235"]);
});
