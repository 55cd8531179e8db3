import "fake-indexeddb/auto";
import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../../shared/api";
import { online, signedOut } from "../../shared/http";
import { speak } from "../../shared/language";
import { session } from "../../shared/session";
import { OutboxBar } from "../../field/outbox/bar";
import { forgetDrafts, readDraft } from "../../field/outbox/drafts";
import { accepted, discard, edit, enqueue, flush, lacking, load, nextTry, others, outbox, progress, PutBefore, refused, retake, sendAgain, sending, unstored, waiting } from "../../field/outbox/items";
import type { Fresh } from "../../field/outbox/kinds";
import { forgetHeld, stored } from "../../field/outbox/queue";
import { stateWords } from "../../field/outbox/item";
import { OutboxRoom } from "../../field/outbox/room";
import { space } from "../../field/outbox/space";
import { readPhoto } from "../../field/store";
import { FakeServer } from "./fake_server";
import { emptyStore, given, picture } from "./make";

let server = new FakeServer();

const report = (id: string): Fresh => ({
  id, kind: "report", pictures: [picture(`p-${id}`)], form: { description: "井盖缺失" },
  report: { source: "inspector", description: "井盖缺失", observed_at: "2026-11-22T01:00:00Z", photos: [`p-${id}`] },
});
const settled = (): Promise<void> => vi.waitFor(() => expect(sending.value).toBe(false));
const states = (): Record<string, string> => Object.fromEntries(outbox.value.map(({ id, state }) => [id, state]));

async function fetched(path: string, init: RequestInit): Promise<Response> {
  const { status, body, date, retry_after } = await server.ask({
    method: init.method as "PUT", path: path.replace("/api/v1/", ""), signal: init.signal!, headers: init.headers as Record<string, string>,
    ...(init.body instanceof ArrayBuffer ? { bytes: init.body } : init.body ? { json: JSON.parse(init.body as string) } : {}),
  });
  const headers = { date: new Date(date ?? 0).toUTCString(), ...(retry_after !== null && { "retry-after": String(retry_after) }) };
  return new Response(body === undefined ? '{"case": {"no"' : JSON.stringify(body), { status, headers });
}

beforeEach(async () => {
  vi.restoreAllMocks();
  forgetHeld();
  forgetDrafts();
  await emptyStore();
  server = new FakeServer();
  server.now = Date.now;
  outbox.value = [];
  nextTry.value = progress.value = space.value = null;
  signedOut.value = unstored.value = false;
  online.value = true;
  session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
  vi.stubGlobal("fetch", vi.fn(fetched));
});

describe("the outbox of the page", () => {
  it("stores first, then sends", async () => {
    server.plan = () => "cut";
    expect(await enqueue(report("a"))).toBe(true);
    expect(states()).toEqual({ a: "waiting" });
    await settled();
    expect(online.value).toBe(false);
    expect((await readPhoto("p-a"))?.byteLength).toBe(3);
    expect(nextTry.value).toBeGreaterThan(Date.now());
    server.plan = () => null;
    await flush();
    expect(states()).toEqual({ a: "waiting" });
    await flush({ asked: true });
    expect(states()).toEqual({ a: "accepted" });
    expect(accepted.value[0]?.receipt?.case.no).toBe("3101012611220100001");
    expect(await readPhoto("p-a")).toBeUndefined();
  });

  it("takes half a body for no answer", async () => {
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? "half" : null);
    await enqueue(report("a"));
    await settled();
    expect(waiting.value[0]).toMatchObject({ uncertain: true, trouble: "half" });
    await flush({ asked: true });
    expect(states()).toEqual({ a: "accepted" });
    expect(server.reports.size).toBe(1);
  });

  it("asks to sign in, then goes on", async () => {
    server.person = null;
    await enqueue(report("a"));
    await settled();
    expect(signedOut.value).toBe(true);
    expect(waiting.value).toHaveLength(1);
    server.person = { id: 7, name: "王" };
    signedOut.value = false;
    await flush({ forced: true });
    expect(states()).toEqual({ a: "accepted" });
  });

  it("does not go on under somebody else's session", async () => {
    server.person = { id: 8, name: "李" };
    await enqueue(report("a"));
    await settled();
    expect(signedOut.value).toBe(true);
    expect(server.reports.size).toBe(0);
  });

  it("shows another person's items as theirs", async () => {
    await given("a", [], { person: 8, person_name: "李" });
    await load();
    expect([waiting.value.length, others.value.length]).toEqual([0, 1]);
    await flush({ asked: true });
    expect(server.seen).toEqual([]);
  });

  it("opens a refused report again under its uuid, and sends what was made of it", async () => {
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? { status: 422, name: "invalid" } : null);
    await enqueue(report("a"));
    await settled();
    expect(refused.value[0]?.refusal?.name).toBe("invalid");
    expect(await edit("a")).toMatchObject({ id: "a", description: "井盖缺失", refusal: { name: "invalid" } });
    expect(outbox.value).toEqual([]);
    const draft = await readDraft("a");
    expect(draft?.pictures[0]?.bytes.byteLength).toBe(3);
    await enqueue({ ...report("a"), pictures: draft!.pictures, from: { store: "drafts", key: "a" } });
    await settled();
    expect(states()).toEqual({ a: "accepted" });
    expect(await readDraft("a")).toBeNull();
    expect(server.photos.size).toBe(1);
  });

  it("never opens again what the server may have", async () => {
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? "lost" : null);
    await enqueue(report("a"));
    await settled();
    expect(await edit("a")).toBeNull();
    expect(states()).toEqual({ a: "waiting" });
  });

  it("sends a refused item once more as it is", async () => {
    server.plan = ({ path }, nth) => (path === "reports/a" && nth === 1 ? { status: 422, name: "invalid" } : null);
    await enqueue(report("a"));
    await settled();
    await sendAgain("a");
    expect(states()).toEqual({ a: "accepted" });
  });

  it("takes a photo again that the server could not take, under its own id", async () => {
    server.plan = ({ path }) => (path.startsWith("photos") ? { status: 422, name: "photo-no-image" } : null);
    await enqueue(report("a"));
    await settled();
    expect(lacking.value.map((item) => item.refusal?.photos)).toEqual([["p-a"]]);
    server.plan = () => null;
    await retake(lacking.value[0]!.id, "p-a", picture("another", 9));
    expect(lacking.value).toEqual([]);
    expect(server.photos.get("p-a")?.length).toBe(9);
    expect(server.paths().filter((path) => path.startsWith("PUT reports"))).toHaveLength(1);
  });

  it("takes two photos again at once, and loses neither", async () => {
    server.plan = ({ path }) => (path.startsWith("photos") ? { status: 422, name: "photo-no-image" } : null);
    const two = report("a");
    await enqueue({ ...two, pictures: [picture("p1"), picture("p2")], report: { ...two.report!, photos: ["p1", "p2"] } });
    await settled();
    expect(lacking.value[0]?.refusal?.photos).toEqual(["p1", "p2"]);
    server.plan = () => null;
    await Promise.all([retake("a", "p1", picture("another", 9)), retake("a", "p2", picture("third", 8))]);
    await vi.waitFor(() => expect(states()).toEqual({ a: "accepted" }));
    await settled();
    await flush({ asked: true });
    expect(["p1", "p2"].map((id) => server.photos.get(id)?.length)).toEqual([9, 8]);
    expect(lacking.value).toEqual([]);
  });

  it("never overwrites what has arrived, nor what is on its way, by the same once more", async () => {
    await enqueue(report("a"));
    await settled();
    await expect(enqueue({ ...report("a"), pictures: [picture("other")] })).rejects.toThrow(PutBefore);
    expect(accepted.value[0]?.receipt?.case.no).toBe("3101012611220100001");
    // nor by what the log alone remembers
    await discard("a");
    await expect(enqueue(report("a"))).rejects.toThrow(PutBefore);
    expect(outbox.value).toEqual([]);
  });

  it("sends from memory where the phone has no room, and says so until it is stored", async () => {
    const put = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    server.plan = () => "cut";
    expect(await enqueue(report("a"))).toBe(false);
    await settled();
    expect(unstored.value).toBe(true);
    expect(stateWords(outbox.value[0]!)).toBe("只在此页,没能存进手机,等待发送");
    expect(await stored.items()).toEqual([]);
    server.plan = () => null;
    await flush({ asked: true });
    expect(server.photos.size).toBe(1);
    expect(states()).toEqual({ a: "accepted" });
    // what has arrived is no longer at risk
    expect(unstored.value).toBe(false);
    server.plan = () => "cut";
    await enqueue(report("b"));
    await settled();
    expect(unstored.value).toBe(true);
    put.mockRestore();
    await flush({ asked: true });
    expect(unstored.value).toBe(false);
    expect((await stored.items()).map(({ id }) => id)).toContain("b");
  });

  it("makes room by sending though the phone is too full to note it", async () => {
    await given("a", [picture("p-a")]);
    await load();
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await flush({ asked: true });
    expect(server.reports.size).toBe(1);
    expect(server.photos.size).toBe(1);
    expect(states()).toEqual({ a: "accepted" });
    expect(await readPhoto("p-a")).toBeUndefined();
  });

  it("throws away what the person discards, photos too", async () => {
    server.plan = () => "cut";
    await enqueue(report("a"));
    await settled();
    expect(await discard("a")).toBe(true);
    expect([outbox.value, await stored.items(), await readPhoto("p-a")]).toEqual([[], [], undefined]);
  });
});

describe("what is said of it", () => {
  const at = document.createElement("div");
  document.body.append(at);
  const shown = async (node: preact.ComponentChild): Promise<HTMLElement> => {
    await act(() => render(node, at));
    await act(() => new Promise((done) => setTimeout(done, 20)));
    return at;
  };
  const bar = async (): Promise<string | null> => (await shown(<OutboxBar />)).querySelector("[data-testid=outbox-bar]")?.textContent ?? null;
  const of = (id: string): HTMLElement => at.querySelector(`[data-id="${id}"]`)!;

  it("the bar is silent with nothing to say, honest without a network", async () => {
    expect(await bar()).toBeNull();
    online.value = false;
    expect(await bar()).toBe("离线 · 0 待发");
    await given("a");
    await load();
    expect(await bar()).toBe("离线 · 1 待发");
    unstored.value = true;
    expect(await bar()).toBe("没能存进手机,请看怎么办");
  });

  it("each item says what is certain of it", async () => {
    const receipt = { case: { no: "310" } } as never;
    await given("a", [picture("p1")]);
    await given("b", [], { uncertain: true, trouble: "none" });
    await given("c", [picture("p2")], { receipt });
    await given("d", [], { state: "refused", refusal: { name: "invalid", text: "填写有误", faults: [{ field: "point.lon", code: "swapped", message: "颠倒" }] } });
    await given("e", [], { state: "accepted", receipt });
    await given("f", [], { person: 8, person_name: "李" });
    await load();
    speak("en");
    await shown(<OutboxRoom />);
    const said = (id: string): string => of(id).querySelector("[data-testid=kept-state]")?.textContent ?? "";
    expect(said("a")).toBe("Saved on this phone, waiting to be sent");
    expect(said("b")).toContain("Sent without an answer");
    expect(said("c")).toBe("The report has arrived: 310; photos to go: 1");
    expect(said("e")).toBe("Delivered: 310");
    expect(said("f")).toBe("Belongs to 李: it is sent when they sign in");
    expect(of("d").textContent).toContain("Place: 颠倒");
    const has = (id: string, testid: string): boolean => of(id).querySelector(`[data-testid=${testid}]`) !== null;
    expect(["a", "b", "c", "d", "e", "f"].map((id) => [has(id, "kept-edit"), has(id, "kept-delete")])).toEqual([
      [true, true], [false, true], [false, true], [true, true], [false, false], [false, false],
    ]);
    expect(of("b").textContent).toContain("cannot be changed, only sent");
    speak("zh-CN");
  });

  it("asks before it deletes, with the number of photos, and says what may have arrived", async () => {
    await given("b", [picture("p1"), picture("p2")], { uncertain: true });
    await load();
    await shown(<OutboxRoom />);
    await act(() => of("b").querySelector<HTMLElement>("[data-testid=kept-delete]")!.click());
    expect(of("b").textContent).toContain("2 张照片?丢弃后不能找回");
    expect(of("b").textContent).toContain("可能已送达");
    expect(await stored.items()).toHaveLength(1);
    await act(() => of("b").querySelector<HTMLElement>("[data-testid=kept-delete-sure]")!.click());
    await vi.waitFor(async () => expect(await stored.items()).toHaveLength(0));
  });

  it("warns before the phone is full, with what makes room", async () => {
    space.value = { used: 960e6, quota: 1000e6, low: true, lasting: null };
    const text = (await shown(<OutboxRoom />)).querySelector("[data-testid=space-warning]")?.textContent;
    expect(text).toContain("38 MB");
    expect(await bar()).toBe("手机空间快满了");
    space.value = null;
    expect((await shown(<OutboxRoom />)).textContent).toContain("没有待发的内容");
  });
});
