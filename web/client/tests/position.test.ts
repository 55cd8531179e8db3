import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { better, type Fix, followMe, judge, lastPlace, locateMe, look, type Looking, position } from "../field/position";

const PATIENCE = { fix_seconds: 20, fix_metres: 20, poor_metres: 50 };
const T = Date.parse("2026-11-22T01:00:00Z");
const fix = (accuracy_m: number, at = T): Fix => ({ lon: 121.4737, lat: 31.2304, accuracy_m, at });

describe("a position", () => {
  it("is good enough at once when it is as exact as wanted", () => {
    expect(judge(fix(12), 0, T, PATIENCE)).toBe("found");
    expect(judge(fix(30), 3, T, PATIENCE)).toBe("looking");
  });

  it("is the best one when the time is over, and poor where it is too rough", () => {
    expect(judge(fix(30), 20, T, PATIENCE)).toBe("found");
    expect(judge(fix(80), 20, T, PATIENCE)).toBe("poor");
    expect(judge(null, 20, T, PATIENCE)).toBe("none");
  });

  it("from before the look is no good one, however exact", () => {
    expect(judge(fix(5, T - 60_000), 0, T, PATIENCE)).toBe("looking");
    expect(better(fix(5, T - 60_000), fix(40), T)).toEqual(fix(40));
    expect(better(fix(40), fix(5, T - 60_000), T)).toEqual(fix(40));
  });

  it("gets better, never worse", () => {
    expect(better(fix(40), fix(12), T)).toEqual(fix(12));
    expect(better(fix(12), fix(40), T)).toEqual(fix(12));
    expect(better(fix(12), fix(12, T + 5), T).at).toBe(T + 5);
  });
});

describe("looking for the position", () => {
  let found: (accuracy: number) => void;
  let failed: (code: number) => void;
  const cleared = vi.fn();
  let seen: Looking[];
  let watched = 0;

  beforeEach(() => {
    vi.useFakeTimers({ now: T });
    localStorage.clear();
    position.value = null;
    seen = [];
    watched = 0;
    cleared.mockReset();
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { geolocation: {
      clearWatch: cleared,
      watchPosition: (yes: (place: unknown) => void, no: (error: unknown) => void) => {
        found = (accuracy) => yes({ coords: { longitude: 121.4737, latitude: 31.2304, accuracy }, timestamp: Date.now() });
        failed = (code) => no({ code });
        watched += 1;
        return watched;
      },
    } });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("counts the seconds, tells each better fix, and ends with the first good one", () => {
    look((now) => seen.push(now), PATIENCE);
    vi.advanceTimersByTime(3000);
    found(60);
    found(15);
    found(4);
    expect(seen.map(({ state, seconds, best }) => [state, seconds, best?.accuracy_m])).toEqual([
      ["looking", 0, undefined], ["looking", 1, undefined], ["looking", 2, undefined], ["looking", 3, undefined], ["looking", 3, 60], ["found", 3, 15],
    ]);
    expect(cleared).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(60_000);
    expect(seen).toHaveLength(6);
  });

  it("takes the best it had when the time is over, and says that it is poor", () => {
    look((now) => seen.push(now), PATIENCE);
    found(300);
    found(90);
    failed(3);
    vi.advanceTimersByTime(20_000);
    expect(seen.at(-1)).toMatchObject({ state: "poor", best: { accuracy_m: 90 } });
  });

  it("ends at once when it is not allowed, and says why there is none", () => {
    look((now) => seen.push(now), PATIENCE);
    failed(1);
    expect(seen.at(-1)).toMatchObject({ state: "none", why: "denied" });
    look((now) => seen.push(now), PATIENCE);
    failed(2);
    expect(seen.at(-1)).toMatchObject({ state: "looking", why: "missing" });
    vi.advanceTimersByTime(20_000);
    expect(seen.at(-1)).toMatchObject({ state: "none", why: "missing" });
  });

  it("says that plain http cannot be located, without asking", () => {
    vi.stubGlobal("isSecureContext", false);
    look((now) => seen.push(now), PATIENCE);
    expect(seen).toMatchObject([{ state: "none", why: "missing" }]);
  });

  it("stops when nobody wants it any more, and remembers the last place after a restart", () => {
    vi.setSystemTime(T + 600_000); // it is written down now and then only
    const stop = look((now) => seen.push(now), PATIENCE);
    found(80);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(seen.at(-1)).toMatchObject({ state: "looking" });
    position.value = null;
    expect(lastPlace()).toMatchObject({ accuracy_m: 80 });
  });

  it("begins with what was known a moment ago, and follows the phone only while nobody looks", () => {
    const stopFollowing = followMe();
    found(15);
    vi.advanceTimersByTime(5_000);
    look((now) => seen.push(now), PATIENCE);
    expect(seen).toMatchObject([{ state: "found", best: { accuracy_m: 15 } }]);
    vi.advanceTimersByTime(20_000);
    expect(cleared).not.toHaveBeenCalled();
    const stop = look((now) => seen.push(now), PATIENCE);
    expect(seen.at(-1)).toMatchObject({ state: "looking", best: { accuracy_m: 15 } });
    expect(cleared).toHaveBeenCalledTimes(1);
    stop();
    expect(watched).toBe(3);
    vi.advanceTimersByTime(60_000);
    look((now) => seen.push(now), PATIENCE)();
    expect(seen.at(-1)).toMatchObject({ state: "looking", best: null });
    stopFollowing();
  });

  it("answers who asks once: the best, or the reason in a word", async () => {
    const asked = locateMe(PATIENCE);
    found(18);
    expect((await asked).accuracy_m).toBe(18);
    position.value = null;
    const refused = locateMe(PATIENCE).catch((why: unknown) => why);
    failed(1);
    expect(await refused).toBe("denied");
  });
});
