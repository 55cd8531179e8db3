import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { keepDraft, listDrafts, readAnswerDraft, readDraft, dropDraft, forgetDrafts } from "../../field/outbox/drafts";
import type { Draft } from "../../field/outbox/kinds";
import { dropItem, everything, forgetHeld, isHeld, keepItem, stored, storeHeld, sweep, takeBack } from "../../field/outbox/queue";
import { formOf } from "../../field/outbox/forms";
import { closeStore, keepValue, NAME, openStore, read, readPhoto, readValue, StoreBlocked, write } from "../../field/store";
import { emptyStore, given, item, picture } from "./make";

const bytes = async (id: string): Promise<number[]> => [...new Uint8Array((await readPhoto(id)) ?? new ArrayBuffer(0))];
const keys = async (): Promise<string[]> => read(["photos"], (tx) => tx.objectStore("photos").getAllKeys());

/** The store as the page before this one left it. */
async function version2(): Promise<void> {
  const db = await openDB(NAME, 2, {
    upgrade(fresh) {
      fresh.createObjectStore("outbox", { keyPath: "id" });
      fresh.createObjectStore("drafts");
      fresh.createObjectStore("answers");
    },
  });
  const old = (id: string, state: string, more: object = {}) => ({
    id, kind: "report", person: 7, made_at: `2026-11-22T01:00:0${id.length}Z`, state, attempts: 0, refusal: null, answer: null, receipt: null,
    pictures: [{ id: `p-${id}`, type: "image/jpeg", bytes: new Uint8Array([1, 2, id.length]).buffer, sent: false }],
    report: { source: "inspector", description: id, observed_at: "2026-11-22T01:00:00Z", photos: [`p-${id}`], point: { lon: 121.4, lat: 31.2, crs: "wgs84", accuracy_m: 8 } }, ...more,
  });
  await db.put("outbox", old("a", "waiting"));
  await db.put("outbox", old("bb", "waiting", { attempts: 2 }));
  await db.put("outbox", old("ccc", "refused", { attempts: 1, refusal: { name: "invalid", text: "填写有误", faults: [] } }));
  await db.put("outbox", old("dddd", "sent", { receipt: { case: { no: "31" } }, pictures: [] }));
  await db.put("drafts", { id: "d1", pictures: [{ ...picture("pd"), sent: false }], spot: null, category_code: "01001", description: "写了一半", observed_at: "2026-11-22T02:00:00Z", step: 2 }, "report");
  await db.put("answers", { outcome: "failed", text: "盖子松", pictures: [picture("pa")] }, "7:31:check");
  const answer = (no: string) => ({ kind: "answer", report: null, pictures: [], answer: { no, verb: "verify", fields: {}, version: 1, title: "" } });
  for (const [no, state] of [["32", "sent"], ["33", "refused"]] as const) {
    await db.put("outbox", old(`answer${no}`, state, answer(no)));
    await db.put("answers", { outcome: "confirmed", text: no, pictures: [] }, `7:${no}:verify`);
  }
  db.close();
}

beforeEach(async () => {
  forgetHeld();
  forgetDrafts();
  await emptyStore();
});

describe("the phone's store", () => {
  it("takes all of version 2 over, with photos, drafts and answers", async () => {
    await version2();
    const items = await stored.items();
    expect(items.map(({ id, state, uncertain, final }) => [id, state, uncertain, final])).toEqual([
      ["a", "waiting", false, true], ["bb", "waiting", true, true], ["ccc", "refused", false, true], ["dddd", "accepted", false, true],
      ["answer32", "accepted", false, true], ["answer33", "refused", false, true],
    ]);
    // the answer that went before is no longer being written
    expect(await readAnswerDraft("7:32:verify")).toBeNull();
    expect(await readAnswerDraft("7:33:verify")).toMatchObject({ text: "33" });
    expect(items[2]?.refusal?.text).toBe("填写有误");
    expect(items[0]?.pictures).toEqual([{ id: "p-a", type: "image/jpeg", sent: false, size: 3, sha256: null, server_sha256: null, tried: false }]);
    expect(await bytes("p-bb")).toEqual([1, 2, 2]);
    const [draft] = await listDrafts(7);
    expect(draft).toMatchObject({ id: "d1", description: "写了一半", category_code: "01001", pictures: [{ id: "pd" }] });
    expect((await readDraft("d1"))?.pictures[0]?.bytes.byteLength).toBe(3);
    expect(await readAnswerDraft("7:31:check")).toMatchObject({ text: "盖子松", pictures: [{ id: "pa", bytes: expect.any(ArrayBuffer) }] });
  });

  it("opens a refused item of version 2 as a form with all that it carried", async () => {
    await version2();
    await takeBack("ccc", formOf);
    expect(await readDraft("ccc")).toMatchObject({ description: "ccc", spot: { lon: 121.4, accuracy_m: 8, by_hand: false }, refusal: { name: "invalid" }, pictures: [{ id: "p-ccc" }] });
    expect((await stored.items()).map(({ id }) => id)).not.toContain("ccc");
  });

  it("writes an item with its photos and takes its draft away, all or nothing", async () => {
    await keepDraft({ id: "a", person: 7, changed_at: "", pictures: [picture("p1")] });
    const unwritable = { ...picture("p2"), bytes: (() => 1) as unknown as ArrayBuffer };
    await expect(keepItem(item("a", {}, "report", [picture("p1"), unwritable]), [picture("p1"), unwritable], { store: "drafts", key: "a" })).rejects.toThrow();
    expect(await stored.items()).toEqual([]);
    expect(await readDraft("a")).not.toBeNull();
    expect(isHeld("a")).toBe(true);
    forgetHeld();
    await keepItem(item("a", {}, "report", [picture("p1")]), [picture("p1")], { store: "drafts", key: "a" });
    expect(await stored.items()).toHaveLength(1);
    expect(await readDraft("a")).toBeNull();
    expect(await keys()).toEqual(["p1"]);
  });

  it("keeps what it cannot store in memory, sends it from there, and stores it when there is room", async () => {
    const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await expect(keepItem(item("a", {}, "report", [picture("p1")]), [picture("p1")])).rejects.toMatchObject({ name: "QuotaExceededError" });
    expect((await everything.items()).map(({ id }) => id)).toEqual(["a"]);
    expect((await everything.photo("p1"))?.byteLength).toBe(3);
    expect((await everything.change("a", (kept) => ({ ...kept, attempts: 1 })))?.attempts).toBe(1);
    expect(await storeHeld()).toBe(false);
    full.mockRestore();
    expect(await storeHeld()).toBe(true);
    expect((await stored.items())[0]?.attempts).toBe(1);
    expect(await keys()).toEqual(["p1"]);
  });

  it("tells the writer of a draft that there is no room, and loses nothing typed", async () => {
    const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const draft = { id: "d", person: 7, changed_at: "2026-11-22T01:00:00Z", pictures: [picture("p1")], description: "满了" } as Draft;
    await expect(keepDraft(draft)).rejects.toMatchObject({ name: "QuotaExceededError" });
    full.mockRestore();
    expect(await readDraft("d")).toEqual(draft);
    expect((await listDrafts(7)).map(({ id }) => id)).toEqual(["d"]);
  });

  it("says that an older page blocks the upgrade instead of waiting for ever", async () => {
    const old = await openDB(NAME, 2, { upgrade: (db) => {
      db.createObjectStore("outbox", { keyPath: "id" });
      db.createObjectStore("drafts");
      db.createObjectStore("answers");
    } });
    await expect(openStore()).rejects.toBeInstanceOf(StoreBlocked);
    old.close();
    await vi.waitFor(async () => expect(await stored.items()).toEqual([]));
  });

  it("opens itself again after the browser has closed it", async () => {
    await given("a");
    (await openStore()).close();
    await keepValue("x", 1);
    expect(await readValue("x")).toBe(1);
    expect(await stored.items()).toHaveLength(1);
  });

  it("undoes everything where the work fails half-way", async () => {
    await expect(write(["kept"], async (tx) => {
      await tx.objectStore("kept").put(1, "x");
      throw new Error("stop");
    })).rejects.toThrow("stop");
    expect(await readValue("x")).toBeUndefined();
  });
});

describe("photos' bytes", () => {
  it("go with a photo that is removed from a draft, and with a draft", async () => {
    const [one, two] = [picture("p1"), picture("p2")];
    await keepDraft({ id: "d", person: 7, changed_at: "", pictures: [one, two] });
    await keepDraft({ id: "d", person: 7, changed_at: "", pictures: [two] });
    expect(await keys()).toEqual(["p2"]);
    await dropDraft("d");
    expect(await keys()).toEqual([]);
  });

  it("are written again only where they have changed", async () => {
    const put = vi.spyOn(IDBObjectStore.prototype, "put");
    const one = picture("p1");
    const draft = { id: "d", person: 7, changed_at: "", pictures: [one] };
    await keepDraft(draft);
    await keepDraft({ ...draft, changed_at: "later" });
    expect(put.mock.calls.filter(([, key]) => key === "p1")).toHaveLength(1);
    await keepDraft({ ...draft, pictures: [{ ...one, bytes: new Uint8Array([9]).buffer }] });
    expect(put.mock.calls.filter(([, key]) => key === "p1")).toHaveLength(2);
    put.mockRestore();
  });

  it("stay where the outbox needs them though a draft of the same photos goes", async () => {
    await keepDraft({ id: "a", person: 7, changed_at: "", pictures: [picture("p1")] });
    await given("a", [picture("p1")]);
    await dropDraft("a");
    expect(await keys()).toEqual(["p1"]);
  });

  it("are swept away where nothing names them, and only there", async () => {
    await given("a", [picture("p1")]);
    await keepDraft({ id: "d", person: 7, changed_at: "", pictures: [picture("p2")] });
    await write(["photos"], (tx) => tx.objectStore("photos").put(new ArrayBuffer(5), "lost"));
    expect(await sweep()).toBe(1);
    expect(await keys()).toEqual(["p1", "p2"]);
  });

  it("go with an item that is thrown away, but not while it is on its way", async () => {
    await given("a", [picture("p1")], { state: "sending" });
    expect(await dropItem("a")).toBe(false);
    await stored.change("a", (kept) => ({ ...kept, state: "waiting" }));
    expect(await dropItem("a")).toBe(true);
    expect(await keys()).toEqual([]);
  });
});

describe("taking an item back", () => {
  it("is refused where the server may have it", async () => {
    for (const part of [{ uncertain: true }, { state: "sending" as const }, { receipt: { case: { no: "31" } } as never }]) {
      await given("a", [picture("p1")], part);
      expect(await takeBack("a", formOf)).toBeNull();
      expect(await stored.items()).toHaveLength(1);
      await closeStore();
      await emptyStore();
    }
  });

  it("gives the form back as it was, under the same uuid", async () => {
    await given("a", [picture("p1")], { form: { description: "井盖", self_handled: true, after: ["p1"] } });
    expect((await takeBack("a", formOf))?.id).toBe("a");
    expect(await readDraft("a")).toMatchObject({ id: "a", person: 7, description: "井盖", self_handled: true, pictures: [{ id: "p1" }] });
  });
});
