import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clockSkew } from "../../shared/http";
import { forgetClock, learnSkew, madeAt, readClock, stamp, watchClock } from "../../field/outbox/clock";
import { judge, momentOf, type Stamp } from "../../field/outbox/moment";
import { keepValue } from "../../field/store";
import { emptyStore } from "./make";

const H = 3600_000;
const TRUE = Date.parse("2026-11-22T01:00:00Z");
/** Captured at TRUE on a phone whose clock is wrong by `error`. */
const taken = (error: number, part: Partial<Stamp> = {}): Stamp => ({ device_ms: TRUE + error, skew: null, guess: null, moved: 0, gaps: 0, ...part });
/** An hour later, with the clock wrong by `error` and that known. */
const sent = (error: number, part: { moved?: number; gaps?: number } = {}) => ({ device_ms: TRUE + H + error, skew: -error, moved: 0, gaps: 0, ...part });

describe("when it was captured", () => {
  it("is known at once where the error is", () => expect(+momentOf(taken(3 * H, { skew: -3 * H }), sent(3 * H))).toBe(TRUE));
  it("is corrected by the error learnt when it is sent", () => expect(+momentOf(taken(3 * H), sent(3 * H))).toBe(TRUE));
  it("is right though the clock was set meanwhile, in sight of the page", () =>
    expect(+momentOf(taken(3 * H), sent(0, { moved: -3 * H }))).toBe(TRUE));
  it("keeps to the older error where the clock was set behind our back", () =>
    expect(+momentOf(taken(3 * H, { guess: -3 * H }), sent(0, { gaps: 1 }))).toBe(TRUE));
  it("prefers what is learnt to an older page's guess", () => expect(+momentOf(taken(3 * H, { guess: 0 }), sent(3 * H))).toBe(TRUE));
  it("is never after now by the server's clock", () => expect(+momentOf(taken(3 * H), { device_ms: TRUE + H, skew: 0, moved: 0, gaps: 0 })).toBe(TRUE + H));
  it("is the phone's where nothing is known", () => expect(+momentOf(taken(-60_000), { ...sent(0), skew: null })).toBe(TRUE - 60_000));
  it("tells a setting of the clock from sleep", () => {
    expect([judge(-H, false), judge(H, true), judge(H, false), judge(900, true), judge(-900, true)]).toEqual([-H, H, 0, 0, 0]);
  });
});

describe("the watch over the clock", () => {
  let mono = 0;
  beforeEach(async () => {
    await emptyStore();
    forgetClock();
    clockSkew.value = 0;
    mono = 1000;
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    vi.setSystemTime(TRUE);
    vi.spyOn(performance, "now").mockImplementation(() => mono);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("sees the clock set while the page is open, and corrects the error it knew", async () => {
    const stop = await watchClock();
    learnSkew(-3 * H);
    const before = stamp();
    vi.setSystemTime(TRUE - 3 * H + 1000);
    mono += 1000;
    const after = stamp();
    expect(after).toMatchObject({ skew: 0, moved: -3 * H });
    expect(madeAt(before)).toBe(new Date(TRUE - 3 * H).toISOString());
    await vi.waitFor(async () => expect((await readClock()).moved).toBe(-3 * H));
    stop();
  });

  it("adopts what another page has seen, and does not count it twice", async () => {
    const stop = await watchClock();
    await keepValue("clock", { ...(await readClock()), moved: -H });
    vi.setSystemTime(TRUE - H);
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.waitFor(() => expect(stamp().moved).toBe(-H));
    stop();
  });

  it("knows at the next start that the clock was set back behind its back", async () => {
    (await watchClock())();
    forgetClock();
    vi.setSystemTime(TRUE - H);
    (await watchClock())();
    expect(stamp().gaps).toBe(1);
  });
});
