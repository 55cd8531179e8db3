import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import "../../field/texts";
import { Lists } from "../../field/map/lists";
import { mapReports, roomOf } from "../../field/map/reports";
import { outbox } from "../../field/outbox/items";
import type { Kept } from "../../field/outbox/kinds";
import { position } from "../../field/position";
import { DEFAULTS, synced } from "../../field/sync";
import { orderBy } from "../../field/task_list";
import type { Session } from "../../shared/api";
import { session } from "../../shared/session";

const at = (no: string, lat: number, left_minutes: number) =>
  ({ no, category: null, stage: "verifying", light: "green", clock: null, left_minutes, line: [], photos: [], point: { lon: 121.4737, lat, crs: "wgs84" } });

it("the map's lists begin with the nearest, however the tasks are ordered", async () => {
  orderBy("due");
  position.value = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, at: 0 };
  synced.value = {
    person: 7, now: "2026-11-22T01:00:00Z", settings: DEFAULTS, duty_areas: [], shift: null, roll_calls: [], unread: 0, alarm: null,
    tasks: [at("far", 31.2385, 5), at("near", 31.2309, 90)], reports: [at("mine-far", 31.24, 1), at("mine-near", 31.2305, 1)],
  } as never;
  const room = document.body.appendChild(document.createElement("div"));
  await act(() => render(<Lists />, room));
  const order = (testid: string): (string | null)[] => [...room.querySelectorAll(`[data-testid="${testid}"]`)].map((row) => row.getAttribute("data-no"));
  expect(order("map-task")).toEqual(["near", "far"]);
  expect(order("map-report")).toEqual(["mine-near", "mine-far"]);
  await act(() => render(null, room));
});

it("a report that is still on the phone stands on the map and in its list, and leads to the outbox", async () => {
  const point = { lon: 121.4737, lat: 31.2306, crs: "wgs84" };
  session.value = { person: { id: 7, username: "inspector", name: "王" }, roles: [] } as unknown as Session;
  outbox.value = [
    { id: "u", kind: "report", person: 7, state: "waiting", pictures: [], made_at: "2026-11-22T01:00:00Z", report: { point }, receipt: null },
    { id: "d", kind: "report", person: 7, state: "waiting", pictures: [], made_at: "2026-11-22T01:00:00Z", report: { point }, receipt: { case: { no: "mine-near" } } },
  ] as unknown as Kept[];
  expect(mapReports.value.map(({ no }) => no)).toEqual(["mine-far", "mine-near", "u"]);
  expect([roomOf("u"), roomOf("mine-near")]).toEqual(["outbox", "mine"]);
  const room = document.body.appendChild(document.createElement("div"));
  await act(() => render(<Lists />, room));
  const rows = [...room.querySelectorAll('[data-testid="map-unsent"]')];
  expect(rows.map((row) => row.getAttribute("href"))).toEqual(["#/outbox"]);
  expect(room.textContent).toContain("我的上报 3 件");
  expect(rows[0]?.textContent).toContain("未送达");
  await act(() => render(null, room));
  outbox.value = [];
});
