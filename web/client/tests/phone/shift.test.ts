import { describe, expect, it } from "vitest";
import { dutyOf, pointOf, unanswered } from "../../field/shift/duty";
import { INSIDE, judge, metresOutside } from "../../field/shift/fence";
import { countdown } from "../../field/shift/countdown";
import { rowOf } from "../../field/shift/tracks";
import type { DutyArea, RollCall } from "../../field/sync_shapes";

const ring = [[121.47, 31.23], [121.48, 31.23], [121.48, 31.24], [121.47, 31.24], [121.47, 31.23]];
const hole = [[121.474, 31.234], [121.476, 31.234], [121.476, 31.236], [121.474, 31.236], [121.474, 31.234]];
const area: DutyArea = { code: "d1", name: "一片", polygon: { type: "MultiPolygon", coordinates: [[ring, hole]] } };
const at = (lon: number, lat: number) => ({ lon, lat, accuracy_m: 10 });

describe("the duty area", () => {
  it("is nought metres away from inside, and as far as its nearest edge from outside or from a hole", () => {
    expect(metresOutside([area], at(121.472, 31.232))).toBe(0);
    expect(metresOutside([area], at(121.482, 31.235))).toBeCloseTo(190.7, 0);
    expect(metresOutside([area], at(121.475, 31.235))).toBeGreaterThan(90);
  });

  it("may have several parts; the nearest counts, and none is nothing to leave", () => {
    const other: DutyArea = { ...area, code: "d2", polygon: { type: "MultiPolygon", coordinates: [[ring.map(([lon, lat]) => [lon! + 0.01, lat!])]] } };
    expect(metresOutside([area, other], at(121.485, 31.235))).toBe(0);
    expect(metresOutside([], at(121, 31))).toBeNull();
  });
});

describe("leaving it", () => {
  const rule = { metres: 100, minutes: 5 };
  const minute = 60_000;

  it("is told after it has lasted", () => {
    let watch = judge(INSIDE, 0, 250, 20, rule);
    expect(watch).toEqual({ since: 0, alarm: false });
    watch = judge(watch, 4 * minute, 250, 20, rule);
    expect(watch.alarm).toBe(false);
    watch = judge(watch, 5 * minute, 250, 20, rule);
    expect(watch).toEqual({ since: 0, alarm: true });
    expect(judge(watch, 6 * minute, 0, 20, rule)).toEqual(INSIDE);
  });

  it("allows for what the position may be wrong by", () => {
    expect(judge(INSIDE, 0, 250, 200, rule)).toEqual(INSIDE);
    expect(judge(INSIDE, 0, 100, null, rule)).toEqual(INSIDE);
    expect(judge(INSIDE, 0, null, 5, rule)).toEqual(INSIDE);
  });
});

describe("being on duty", () => {
  const item = (kind: "clock_in" | "clock_out" | "roll_call", target: string, part = {}) =>
    ({ kind, state: "waiting" as const, made_at: "2026-11-22T01:00:00.000Z", received_at: null, person: 7, duty: { target, body: {} }, ...part });
  const known = (shift: { id: string; started_at: string } | null) => ({ now: "2026-11-22T00:59:00Z", shift });

  it("is what the server says, and on top of it what waits on the phone", () => {
    const shift = { id: "s1", started_at: "2026-11-22T00:30:00Z" };
    expect(dutyOf(known(shift), [], 7)).toEqual({ ...shift, pending: false });
    expect(dutyOf(known(null), [item("clock_in", "s2")], 7)).toEqual({ id: "s2", started_at: "2026-11-22T01:00:00.000Z", pending: true });
    expect(dutyOf(known(shift), [item("clock_out", "s1")], 7)).toBeNull();
    expect(dutyOf(null, [item("clock_in", "s2"), item("clock_out", "s2")], 7)).toBeNull();
  });

  it("is nobody else's, and not what the server refused", () => {
    expect(dutyOf(known(null), [item("clock_in", "s2", { person: 8 })], 7)).toBeNull();
    expect(dutyOf(known(null), [item("clock_in", "s2", { state: "refused" })], 7)).toBeNull();
  });

  it("knows what arrived before the last synchronisation from what arrived after", () => {
    const accepted = { state: "accepted" as const, received_at: "2026-11-22T01:00:02.000Z" };
    expect(dutyOf(known(null), [item("clock_in", "s2", accepted)], 7)?.pending).toBe(false);
    expect(dutyOf({ ...known(null), now: "2026-11-22T05:00:00Z" }, [item("clock_in", "s2", accepted)], 7)).toBeNull();
  });

  it("asks once for each roll call, the most urgent first", () => {
    const call = (id: number, answer_by: string): RollCall => ({ id, answer_by, called_at: answer_by, centre: { code: "c", name: "c" }, photo_wanted: false, text: "" });
    const calls = [call(1, "2026-11-22T02:00:00Z"), call(2, "2026-11-22T01:30:00Z"), call(3, "2026-11-22T03:00:00Z")];
    expect(unanswered(calls, [item("roll_call", "3")], 7).map(({ id }) => id)).toEqual([2, 1]);
    expect(unanswered(calls, [item("roll_call", "3", { state: "refused" })], 7).map(({ id }) => id)).toEqual([2, 1, 3]);
    // another one's answer on a shared phone is not mine
    expect(unanswered(calls, [item("roll_call", "3")], 8).map(({ id }) => id)).toEqual([2, 1, 3]);
  });

  it("sends a position of now, not one of long ago", () => {
    const fix = { lon: 121.4, lat: 31.2, accuracy_m: 8, at: 1_000_000 };
    expect(pointOf(fix, 1_060_000)).toEqual({ lon: 121.4, lat: 31.2, crs: "wgs84", accuracy_m: 8 });
    expect(pointOf(fix, 1_200_000)).toBeNull();
    expect(pointOf(null)).toBeNull();
  });
});

describe("a roll call's time", () => {
  it("is counted down to the second, and up in red when it is over", () => {
    const now = Date.parse("2026-11-22T01:00:00Z");
    expect(countdown("2026-11-22T01:04:05Z", now)).toEqual({ late: false, text: "剩 4:05" });
    expect(countdown("2026-11-22T00:59:48Z", now)).toEqual({ late: true, text: "超 0:12" });
    expect(countdown("2026-11-22T02:03:04Z", now).text).toBe("剩 1:03:04");
  });
});

describe("a point of the track", () => {
  it("is sent in four numbers, at 1e-7 degree", () => {
    expect(rowOf({ person: 1, at: 1763773200000.4, lon: 121.473700049, lat: 31.23041234567, accuracy_m: 8 })).toEqual([1763773200000, 121.4737, 31.2304123, 8]);
  });
});
