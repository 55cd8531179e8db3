import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { claim, hold, letGo, lost, takeNext, takeOver, worthClaiming } from "../desk/claims";
import { type CaseEvent, live, useStream } from "../shared/stream";
import { aCase } from "./make";

class FakeSource extends EventTarget {
  static made: FakeSource[] = [];
  static readonly CLOSED = 2;
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    FakeSource.made.push(this);
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
  say(type: string, data: unknown): void {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data) }));
  }
}

const told = { changed: [] as CaseEvent[], unread: [] as number[], opened: 0 };

function Listening() {
  useStream({ changed: (event) => told.changed.push(event), unread: (n) => told.unread.push(n), opened: () => (told.opened += 1) });
  return null;
}

const settled = () => new Promise((done) => setTimeout(done, 0));

describe("the stream", () => {
  const place = document.createElement("div");

  beforeEach(() => {
    vi.stubGlobal("EventSource", FakeSource);
    FakeSource.made = [];
    Object.assign(told, { changed: [], unread: [], opened: 0 });
    act(() => render(<><Listening /><Listening /></>, place));
  });
  afterEach(() => {
    act(() => render(null, place));
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("is one for all parts of a page, and tells each of them", () => {
    expect(FakeSource.made.map(({ url }) => url)).toEqual(["/api/v1/stream"]);
    FakeSource.made[0]!.onopen!();
    FakeSource.made[0]!.say("case", { no: "1", version: 2 });
    FakeSource.made[0]!.say("notices", { unread: 5 });
    expect(live.value).toBe(true);
    expect(told.opened).toBe(2);
    expect(told.changed.map(({ no }) => no)).toEqual(["1", "1"]);
    expect(told.unread).toEqual([5, 5]);
  });

  it("leaves connecting again to the browser, which knows the last event, unless it was refused for good", () => {
    vi.useFakeTimers();
    const first = FakeSource.made[0]!;
    first.onopen!();
    first.onerror!();
    expect(live.value).toBe(false);
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.made).toHaveLength(1);
    first.readyState = FakeSource.CLOSED;
    first.onerror!();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.made).toHaveLength(2);
  });

  it("ends with the last part that listens", () => {
    act(() => render(null, place));
    expect(FakeSource.made[0]!.readyState).toBe(FakeSource.CLOSED);
  });
});

describe("a claim", () => {
  let asked: [string, string, unknown][] = [];
  const answers: Record<string, () => Response> = {};
  const mine = { person: "我", at: "2026-11-22T01:00:00Z", until: "2026-11-22T01:03:00Z", mine: true };
  const theirs = { ...mine, person: "王", mine: false };
  const json = (body: unknown, status = 200) => () => new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  const item = (no: string, part = {}) => aCase({ no, allowed_verbs: ["finish", "note"], ...part });

  beforeEach(() => {
    asked = [];
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      asked.push([init.method!, path.replace("/api/v1/", ""), init.body ? JSON.parse(init.body as string) : null]);
      return (answers[`${init.method} ${path.replace("/api/v1/", "")}`] ?? (() => new Response(null, { status: 204 })))();
    });
  });
  afterEach(() => {
    letGo();
    vi.unstubAllGlobals();
  });

  it("is taken by who has something to do, not by who looks on", () => {
    expect(worthClaiming({ allowed_verbs: ["note", "urge"] })).toBe(false);
    expect(worthClaiming({ allowed_verbs: ["note", "dispatch"] })).toBe(true);
    hold(item("1", { allowed_verbs: ["note"] }));
    expect(asked).toEqual([]);
  });

  it("is given back when the next case comes into hand", async () => {
    answers["PUT cases/1/claim"] = json({ claim: mine });
    answers["PUT cases/2/claim"] = json({ claim: mine });
    hold(item("1"));
    await settled();
    expect(claim.value?.claim.mine).toBe(true);
    hold(item("2"));
    await settled();
    expect(asked.map(([method, path]) => `${method} ${path}`)).toEqual(["PUT cases/1/claim", "DELETE cases/1/claim", "PUT cases/2/claim"]);
  });

  it("of somebody else is named, and can be taken over", async () => {
    answers["PUT cases/3/claim"] = json({ type: "urn:wangge:problem:claimed", detail: "王 打开着" }, 409);
    answers["GET cases/3"] = json(item("3", { claim: theirs }));
    hold(item("3"));
    await settled();
    await settled();
    expect(claim.value?.claim.person).toBe("王");
    answers["PUT cases/3/claim"] = json({ claim: mine });
    takeOver("3");
    await settled();
    expect(asked.at(-1)).toEqual(["PUT", "cases/3/claim", { take: true }]);
    expect(claim.value?.claim.mine).toBe(true);
  });

  it("that was taken over is told to who had it", async () => {
    answers["PUT cases/4/claim"] = json({ claim: mine });
    hold(item("4"));
    await settled();
    hold(item("4", { claim: theirs }));
    expect(lost.value).toEqual({ no: "4", person: "王" });
    letGo();
    expect(asked.filter(([method]) => method === "DELETE")).toEqual([]);
  });

  it("comes from the pool, or says that the pool is empty", async () => {
    answers["POST cases:claim"] = json({ no: "7" });
    expect(await takeNext({ queue: "dispatch" })).toBe("7");
    answers["POST cases:claim"] = json({ type: "urn:wangge:problem:nothing-to-claim", title: "没有了" }, 404);
    expect(await takeNext({ queue: "dispatch" })).toBeNull();
    expect(asked.at(-1)).toEqual(["POST", "cases:claim", { queue: "dispatch" }]);
  });
});
