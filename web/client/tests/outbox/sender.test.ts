import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import type { News } from "../../field/outbox/exchange";
import { readLog } from "../../field/outbox/log";
import { stored } from "../../field/outbox/queue";
import { backOff, type Pause, sendAll } from "../../field/outbox/sender";
import { FakeServer } from "./fake_server";
import { all, emptyStore, given, means, picture } from "./make";

const NOW = Date.parse("2026-11-22T01:00:00Z");
const KB = 1024;
let server = new FakeServer();

beforeEach(async () => {
  await emptyStore();
  server = new FakeServer();
});

const check = (pictures = [picture("p1")]) =>
  given("a", pictures, { answer: { no: "31", verb: "check", version: 4, title: "井盖", fields: { outcome: "passed" } } }, "answer");

describe("sending", () => {
  it("sends in the order made, each report before its photos, and keeps receipts", async () => {
    await given("b", [picture("p1"), picture("p2")]);
    await given("a", [picture("p3")]);
    expect(await sendAll(means(server))).toEqual({ end: "done", until: null, sent: 2, person: 7 });
    expect(server.paths()).toEqual(["PUT reports/b", "PATCH photos/p1", "PATCH photos/p2", "PUT reports/a", "PATCH photos/p3"]);
    expect((await all())["b"]).toMatchObject({ state: "accepted", receipt: { case: { no: "3101012611220100001" } }, uncertain: false });
    const log = await readLog();
    expect(log.map(({ id, no }) => [id, no])).toContainEqual(["b", "3101012611220100001"]);
    expect(log.flatMap(({ photos }) => photos.map(({ same }) => same))).toEqual([true, true, true]);
    expect(await stored.photo("p1")).toBeUndefined();
  });

  it("asks nothing where nothing waits", async () => {
    expect((await sendAll(means(server))).end).toBe("done");
    expect(server.seen).toEqual([]);
  });

  it("carries the phone's own time beside the corrected one", async () => {
    server.now = () => NOW + 3 * 3600_000;
    await given("a", [], { stamp: { device_ms: NOW - 60_000, skew: null, guess: null, moved: 0, gaps: 0 }, device_at: new Date(NOW - 60_000).toISOString() });
    await sendAll(means(server));
    expect(JSON.parse(server.reports.get("a")!.body)).toMatchObject({ observed_at: "2026-11-22T03:59:00.000Z", device_at: "2026-11-22T00:59:00.000Z" });
  });

  it("sends the same body again, though the phone's clock is known better by then", async () => {
    await given("a", [], { stamp: { device_ms: NOW - 60_000, skew: null, guess: null, moved: 0, gaps: 0 } });
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? "lost" : null);
    await sendAll(means(server));
    expect((await all())["a"]).toMatchObject({ state: "waiting", uncertain: true, trouble: "none" });
    server.now = () => NOW + 5_000_000;
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(1);
    expect(server.reports.size).toBe(1);
    expect((await all())["a"]?.state).toBe("accepted");
  });

  it("sends clocking in and out and the answer to a roll call, each with its moment and what the phone's clock said", async () => {
    const device_at = "2026-11-21T16:30:00.000Z";
    await given("s", [], { device_at, duty: { target: "u1", body: { point: null } } }, "clock_in");
    await given("r", [picture("p1")], { device_at, duty: { target: "5", body: { text: "到" } } }, "roll_call");
    await given("e", [], { device_at, duty: { target: "u1", body: {} } }, "clock_out");
    await sendAll(means(server));
    expect(server.paths()).toEqual(["PUT shifts/u1", "PATCH photos/p1", "POST roll-calls/5/answer", "POST shifts/u1/end"]);
    const at = "2026-11-22T00:30:00.000Z";
    expect(server.shifts.map(({ body }) => body)).toEqual([{ point: null, started_at: at, device_at }, { text: "到", answered_at: at, photo: "p1", device_at }, { ended_at: at, device_at }]);
  });

  it("does not end a shift whose beginning could not be sent yet", async () => {
    await given("s", [], { duty: { target: "u1", body: {} }, failures: 2 }, "clock_in");
    await given("e", [], { duty: { target: "u1", body: {} } }, "clock_out");
    server.plan = ({ path }) => (path === "shifts/u1" ? { status: 500 } : null);
    await sendAll(means(server));
    expect(server.paths()).toEqual(["PUT shifts/u1"]);
  });

  it("puts an answer's photos before it, and tells when it was captured", async () => {
    await check();
    await sendAll(means(server));
    expect(server.paths()).toEqual(["PATCH photos/p1", "POST cases/31/verbs/check"]);
    expect(server.verbs[0]?.body).toEqual({ outcome: "passed", photos: ["p1"], version: 4, captured_at: "2026-11-22T00:30:00.000Z", device_at: "2026-11-22T00:30:00.000Z" });
  });
});

describe("what an answer means", () => {
  it.each([
    ["half a body", "half", true],
    ["no answer, after the server has stored it", "lost", true],
    ["no answer at all", "cut", true],
    ["500", { status: 500, name: "internal" }, true],
    ["502 of a proxy", { status: 502 }, true],
    ["a portal's 404", { status: 404 }, true],
    ["409 while the ground moves", { status: 409, name: "ground-moves" }, true],
    ["429", { status: 429, name: "too-many", retry_after: 40 }, false],
    ["401", { status: 401, name: "session-expired" }, false],
  ] as const)("%s: it waits and goes out again, once", async (_, fault, uncertain) => {
    await given("a", [picture("p1")]);
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? fault : null);
    const first = await sendAll(means(server));
    expect(first.sent).toBe(0);
    expect((await all())["a"]).toMatchObject({ state: "waiting", uncertain, refusal: null });
    expect((await sendAll(means(server, { now: () => NOW + 3600_000 }))).end).toBe("done");
    expect(server.reports.size).toBe(1);
    expect(server.photos.size).toBe(1);
  });

  it.each([[422, "invalid"], [409, "report-differs"], [413, "body-too-large"], [403, "not-allowed"], [400, "not-json"]])("%i %s: refused in the server's words, the next goes on", async (status, name) => {
    await given("a", [picture("p1")]);
    await given("b");
    const errors = [{ field: "point.lon", code: "swapped", message: "经纬度颠倒" }];
    server.plan = ({ path }) => (path === "reports/a" ? { status, name, body: { errors } } : null);
    expect((await sendAll(means(server))).sent).toBe(1);
    const { a } = await all();
    expect(a).toMatchObject({ state: "refused", refusal: { name, text: `sorry: ${name}`, faults: errors } });
    // only what the server has certainly not got may be written anew under its uuid
    expect(a?.uncertain).toBe(name === "report-differs" || name === "not-allowed");
    expect(await stored.photo("p1")).toBeDefined();
  });

  it("413 without words of ours is too large all the same", async () => {
    await given("a");
    server.plan = ({ path }) => (path === "reports/a" ? { status: 413 } : null);
    await sendAll(means(server));
    expect((await all())["a"]?.state).toBe("refused");
  });

  it("stops at 401 and asks nobody else's items out", async () => {
    await given("a");
    await given("b");
    server.plan = ({ path }) => (path === "reports/a" ? { status: 401, name: "session-expired" } : null);
    expect((await sendAll(means(server))).end).toBe("sign_in");
    expect(server.paths()).toEqual(["PUT reports/a"]);
  });

  it("leaves another person's items alone", async () => {
    await given("a", [], { person: 8 });
    await given("b");
    expect((await sendAll(means(server))).sent).toBe(1);
    expect(server.paths()).toEqual(["PUT reports/b"]);
  });

  it("does not send one person's report under another who has signed in meanwhile", async () => {
    await given("a");
    await given("b");
    server.plan = ({ path }) => {
      if (path === "reports/b") [server.person, server.token] = [{ id: 8, name: "李" }, "t2"];
      return null;
    };
    expect((await sendAll(means(server))).end).toBe("sign_in");
    expect([...server.reports.keys()]).toEqual(["a"]);
    expect((await all())["b"]?.state).toBe("waiting");
  });

  it("fetches the session once more where the token was stale", async () => {
    await given("a");
    server.plan = ({ path }, nth) => {
      if (path === "reports/a" && nth === 1) server.token = "t2";
      return null;
    };
    expect((await sendAll(means(server))).sent).toBe(1);
    expect(server.seen.filter(({ path }) => path === "session")).toHaveLength(2);
  });

  it("waits as long as the server asks, whoever is impatient", async () => {
    await given("a");
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? { status: 503, name: "busy", retry_after: 40 } : null);
    expect(await sendAll(means(server))).toMatchObject({ end: "later", until: NOW + 40_000, sent: 0 });
    expect(await sendAll(means(server, { forced: true }))).toMatchObject({ end: "later", until: NOW + 40_000 });
    expect(server.paths()).toHaveLength(1);
    expect((await sendAll(means(server, { now: () => NOW + 40_001 }))).sent).toBe(1);
  });

  it("backs off from 5 seconds to 5 minutes", () => {
    expect([1, 2, 3, 7, 50].map((n) => backOff(n, () => 0.5))).toEqual([5_000, 10_000, 20_000, 300_000, 300_000]);
    expect(backOff(1, () => 0)).toBe(3_750);
    expect(backOff(1, () => 1)).toBe(6_250);
  });

  it("goes on with the next after an item has failed three times alone, and comes back to it", async () => {
    await given("a");
    await given("b");
    server.plan = ({ path }) => (path === "reports/a" ? { status: 500 } : null);
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(0);
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(0);
    const third = await sendAll(means(server, { forced: true }));
    expect(third).toMatchObject({ end: "later", sent: 1 });
    expect(third.until).toBe((await all())["a"]?.after);
    server.plan = () => null;
    expect((await sendAll(means(server))).sent).toBe(0);
    expect((await sendAll(means(server, { now: () => third.until! }))).sent).toBe(1);
  });

  it("keeps the order while there is no network, however often it fails", async () => {
    await given("a");
    await given("b");
    server.plan = () => "cut";
    for (let n = 0; n < 5; n += 1) await sendAll(means(server, { forced: true }));
    expect((await all())["a"]).toMatchObject({ failures: 0, after: 0, uncertain: false });
    server.plan = ({ path }) => (path === "session" ? null : "cut");
    await sendAll(means(server, { forced: true }));
    expect((await all())["a"]?.failures).toBe(1);
  });

  it("gives up a connection that says nothing for half a minute", async () => {
    await given("a");
    const waited: number[] = [];
    server.plan = ({ path }) => (path === "reports/a" ? "hang" : null);
    let stopped: AbortSignal | undefined;
    const wait = (ms: number): Promise<void> => {
      waited.push(ms);
      return server.seen.at(-1)?.path === "reports/a" ? Promise.resolve() : new Promise(() => undefined);
    };
    const ask: typeof server.ask = (request) => ((stopped = request.path === "reports/a" ? request.signal : stopped), server.ask(request));
    expect((await sendAll(means(server, { wait, ask }))).end).toBe("later");
    expect(waited[1]).toBe(30_000);
    expect(stopped?.aborted).toBe(true);
    expect((await all())["a"]).toMatchObject({ state: "waiting", uncertain: true });
  });

  it("takes up what a dead page left on its way", async () => {
    await given("a", [], { state: "sending", uncertain: true, final: true });
    expect((await sendAll(means(server))).sent).toBe(1);
  });

  it("lets go of what the person has taken back meanwhile", async () => {
    await given("a", [picture("p1")]);
    await given("b");
    const items = stored.items;
    let first = true;
    const store = { ...stored, change: async (...args: Parameters<typeof stored.change>) => {
      if (first && args[0] === "a") return ((first = false), null);
      return stored.change(...args);
    }, items };
    expect((await sendAll(means(server, { store }))).sent).toBe(1);
    expect(server.paths()).toEqual(["PUT reports/b"]);
  });
});

describe("a 2xx that is not the server's answer to this item", () => {
  const KINDS = {
    report: { put: () => given("a", [picture("p1")]), path: "reports/a", real: { report_id: "a", case: { no: "31", stage: "reported", version: 1 } } },
    answer: { put: () => check(), path: "cases/31/verbs/check", real: { no: "31", stage: "handling", version: 5 } },
    clock_in: { put: () => given("a", [], { duty: { target: "u1", body: {} } }, "clock_in"), path: "shifts/u1", real: { id: "u1", started_at: "2026-11-22T00:30:00Z" } },
    clock_out: { put: () => given("a", [], { duty: { target: "u1", body: {} } }, "clock_out"), path: "shifts/u1/end", real: { id: "u1", ended_at: "2026-11-22T00:30:00Z" } },
    roll_call: {
      put: () => given("a", [picture("p1")], { duty: { target: "5", body: {} } }, "roll_call"), path: "roll-calls/5/answer",
      real: { roll_call: 5, answered_at: "2026-11-22T00:30:00Z", received_at: "2026-11-22T01:00:00Z" },
    },
    photo: { put: () => given("a", [picture("p1")]), path: "photos/p1", real: { photo_id: "p1", sha256: "0".repeat(64) } },
  } as const;
  type What = keyof typeof KINDS;
  const whats = Object.keys(KINDS) as What[];

  async function answered(what: What, body: unknown): Promise<void> {
    await KINDS[what].put();
    const ask: typeof server.ask = async (request) =>
      request.path === KINDS[what].path ? { status: 200, body, date: null, retry_after: null } : server.ask(request);
    await sendAll(means(server, { ask }));
    expect((await all())["a"]).toMatchObject({ state: "waiting", trouble: "half" });
    expect(await readLog()).toEqual([]);
    const { pictures } = (await all())["a"]!;
    if (pictures.length) expect(await stored.photo("p1")).toBeDefined();
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(1);
  }

  it.each(whats)("%s: nothing, {} or a page is no answer", async (what) => {
    for (const body of [undefined, {}, [], { ok: true }]) {
      await emptyStore();
      server = new FakeServer();
      await answered(what, body);
    }
  });

  it.each(whats)("%s: nor is one that lacks a part, or is about another", async (what) => {
    const real: Record<string, unknown> = KINDS[what].real;
    for (const key of Object.keys(real)) {
      await emptyStore();
      server = new FakeServer();
      await answered(what, { ...real, [key]: undefined });
      await emptyStore();
      server = new FakeServer();
      if (key !== "stage") await answered(what, { ...real, [key]: key === "version" ? 4 : "other" });
    }
  });

  it("waits where a gateway refuses in words of its own", async () => {
    await given("a");
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? { status: 403, body: { type: "about:blank", title: "Forbidden" } } : null);
    await sendAll(means(server));
    expect((await all())["a"]?.state).toBe("waiting");
  });
});

describe("a lost answer to a task", () => {
  it("is known by our photos on the case", async () => {
    await check();
    server.plan = ({ method, path }, nth) => (method === "POST" && path.startsWith("cases") && nth === 1 ? "lost" : null);
    await sendAll(means(server));
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(1);
    expect(server.verbs).toHaveLength(1);
    expect((await all())["a"]?.state).toBe("accepted");
  });

  it("is known by our moment in the story where it has no photo", async () => {
    await check([]);
    server.plan = ({ method, path }, nth) => (method === "POST" && path.startsWith("cases") && nth === 1 ? "lost" : null);
    await sendAll(means(server));
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(1);
  });

  it.each([["with a photo", [picture("p1")]], ["without", []]])("is known %s though the browser has sent it twice by itself", async (_, pictures) => {
    await check(pictures);
    const ask: typeof server.ask = async (request) => {
      const first = await server.ask(request);
      return request.method === "POST" ? server.ask(request) : first;
    };
    expect((await sendAll(means(server, { ask }))).sent).toBe(1);
    expect(server.verbs).toHaveLength(1);
    expect((await all())["a"]).toMatchObject({ state: "accepted", refusal: null });
  });

  it("is not taken for another's answer", async () => {
    server.verbs.push({ no: "31", verb: "check", body: { photos: ["other"], captured_at: "2026-11-22T00:31:00Z" } });
    await check();
    server.plan = ({ method, path }, nth) => (method === "POST" && path.startsWith("cases") && nth === 1 ? "cut" : null);
    await sendAll(means(server));
    await sendAll(means(server, { forced: true }));
    expect((await all())["a"]).toMatchObject({ state: "refused", refusal: { name: "wrong-stage" } });
  });
});

describe("photos", () => {
  const patches = () => server.seen.filter(({ method }) => method === "PATCH").map(({ bytes, headers }) => [Number(headers["Upload-Offset"]), bytes]);

  it("go in parts of 128 KB, with their progress", async () => {
    await given("a", [picture("p1", 300 * KB), picture("p2", 100 * KB)]);
    const percents: number[] = [];
    const told = (news: News): void => void (news.what === "progress" && percents.push(news.percent));
    await sendAll(means(server, { told }));
    expect(patches()).toEqual([[0, 128 * KB], [128 * KB, 128 * KB], [256 * KB, 44 * KB], [0, 100 * KB]]);
    expect(percents).toEqual([0, 0, 32, 64, 75]);
  });

  it("go on where the server has stopped after a cut in the middle", async () => {
    await given("a", [picture("p1", 300 * KB)]);
    server.plan = ({ method }, nth) => (method === "PATCH" && nth === 2 ? "cut" : null);
    await sendAll(means(server));
    expect((await all())["a"]).toMatchObject({ state: "waiting", receipt: { case: {} } });
    server.seen = [];
    await sendAll(means(server, { forced: true }));
    expect(server.paths()[0]).toBe("GET photos/p1/upload");
    expect(patches()[0]?.[0]).toBe(128 * KB);
    expect(server.photos.get("p1")?.length).toBe(300 * KB);
    expect((await readLog())[0]?.photos[0]?.same).toBe(true);
  });

  it("go on where the server names another offset, and don't argue for ever", async () => {
    server.partial.set("p1", new Uint8Array(50 * KB).fill(2));
    await given("a", [picture("p1", 60 * KB)]);
    await sendAll(means(server));
    expect(patches()).toEqual([[0, 60 * KB], [50 * KB, 10 * KB]]);
    await given("b", [picture("p9", 60 * KB)]);
    server.plan = ({ method }) => (method === "PATCH" ? { status: 409, name: "upload-offset", body: { offset: 0 } } : null);
    expect((await sendAll(means(server))).end).toBe("later");
  });

  it("are known to have arrived where only the last answer was lost", async () => {
    await given("a", [picture("p1", 130 * KB)]);
    server.plan = ({ method }, nth) => (method === "PATCH" && nth === 2 ? "lost" : null);
    await sendAll(means(server));
    expect((await sendAll(means(server, { forced: true }))).sent).toBe(1);
    expect(patches().at(-1)).toEqual([130 * KB, 0]);
  });

  it("go whole where the server takes no parts", async () => {
    server.parts = false;
    await given("a", [picture("p1", 300 * KB), picture("p2")]);
    await sendAll(means(server));
    expect(server.paths()).toEqual(["PUT reports/a", "PATCH photos/p1", "PUT photos/p1", "PUT photos/p2"]);
  });

  it("go in smaller parts over a line that takes too long", async () => {
    await given("a", [picture("p1", 300 * KB)]);
    server.plan = ({ method }) => (method === "PATCH" ? "cut" : null);
    await sendAll(means(server));
    expect(await stored.get<Pause>("pause")).toMatchObject({ part: 64 * KB });
  });

  it.each([[413, "photo-too-large"], [422, "photo-no-image"], [409, "photo-differs"]])("%i %s: the report stays accepted, the photo is told, the others go", async (status, name) => {
    await given("a", [picture("p1"), picture("p2")]);
    server.plan = ({ path }) => (path.startsWith("photos/p1") ? { status, name } : null);
    expect((await sendAll(means(server))).end).toBe("done");
    expect((await all())["a"]).toMatchObject({ state: "accepted", refusal: { name, photos: ["p1"] } });
    expect(server.photos.has("p2")).toBe(true);
    expect(await stored.photo("p1")).toBeDefined();
    expect(await stored.photo("p2")).toBeUndefined();
  });

  it("of an answer: refused with its photo, to be mended", async () => {
    await check();
    server.plan = ({ path }) => (path.startsWith("photos/p1") ? { status: 422, name: "photo-no-image" } : null);
    await sendAll(means(server));
    expect((await all())["a"]).toMatchObject({ state: "refused", uncertain: false, refusal: { photos: ["p1"] } });
    expect(server.verbs).toEqual([]);
  });

  it("tells a checksum that differs, and keeps the bytes", async () => {
    await given("a", [picture("p1")]);
    const ask: typeof server.ask = async (request) => {
      const answer = await server.ask(request);
      return request.method === "PATCH" ? { ...answer, body: { ...(answer.body as object), sha256: "0".repeat(64) } } : answer;
    };
    await sendAll(means(server, { ask }));
    expect((await all())["a"]).toMatchObject({ state: "accepted", refusal: { name: "photo-altered", photos: ["p1"] } });
    expect(await stored.photo("p1")).toBeDefined();
    expect((await readLog())[0]?.photos[0]).toMatchObject({ same: false, server_sha256: "0".repeat(64) });
  });

  it("says which photo the phone has lost, and sends the rest", async () => {
    await given("a", [picture("p1")]);
    await stored.change("a", (kept) => kept, { dropped: ["p1"] });
    await sendAll(means(server));
    expect((await all())["a"]).toMatchObject({ state: "accepted", refusal: { name: "photo-lost", photos: ["p1"] } });
  });

  it("wait for their person where the session ends between them", async () => {
    await given("a", [picture("p1"), picture("p2")]);
    server.plan = ({ path }) => {
      if (path === "photos/p2") server.person = null;
      return null;
    };
    expect((await sendAll(means(server))).end).toBe("sign_in");
    expect((await all())["a"]).toMatchObject({ state: "waiting", receipt: { case: {} } });
    server.person = { id: 7, name: "王" };
    server.plan = () => null;
    expect((await sendAll(means(server))).sent).toBe(1);
    expect(server.paths().filter((path) => path === "PUT reports/a")).toHaveLength(1);
  });
});

it("brings forty reports with eighty photos through a bad day, each once and in order", async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `r${String(n).padStart(2, "0")}`);
  for (const id of ids) await given(id, [picture(`${id}a`, 200), picture(`${id}b`, 300)]);
  let n = 0;
  const faults = ["cut", "lost", "half", { status: 500 }, { status: 502 }] as const;
  server.plan = ({ path }) => (path !== "session" && (n += 1) % 7 === 0 ? faults[(n / 7) % faults.length] : null);
  for (let run = 0; run < 200 && (await sendAll(means(server, { forced: true }))).end !== "done"; run += 1);
  expect([...server.reports.keys()]).toEqual(ids);
  expect(server.photos.size).toBe(80);
  expect((await readLog()).length).toBe(40);
});
