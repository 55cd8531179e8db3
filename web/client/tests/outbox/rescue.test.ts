import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../../shared/api";
import { signedOut } from "../../shared/http";
import { session } from "../../shared/session";
import { forgetDrafts, listDrafts, readAnswerDraft } from "../../field/outbox/drafts";
import { discard, enqueue, flush, load, nextTry, outbox, sending, waiting } from "../../field/outbox/items";
import { dropItem, forgetHeld, stored, sweep } from "../../field/outbox/queue";
import { closeStore, write } from "../../field/store";
import { emptyStore, given, picture } from "./make";

const settled = (): Promise<void> => vi.waitFor(() => expect(sending.value).toBe(false));
let asked: string[] = [];

beforeEach(async () => {
  forgetHeld();
  forgetDrafts();
  await emptyStore();
  [outbox.value, nextTry.value, signedOut.value, asked] = [[], null, false, []];
  session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
  vi.stubGlobal("fetch", async (path: string) => (asked.push(path), Promise.reject(new TypeError("no network"))));
});

const report = (id: string) => enqueue({
  id, kind: "report", pictures: [picture(`p-${id}`)], report: { source: "inspector", description: id, observed_at: "2026-11-22T01:00:00Z", photos: [`p-${id}`] },
});

describe("a store that the browser has thrown away under the open page", () => {
  it("is filled again with what the page still has, in its order, and no run goes on for ever", async () => {
    await report("a");
    await report("b");
    await settled();
    await emptyStore();
    nextTry.value = null;
    await flush({ asked: true });
    await settled();
    await vi.waitFor(async () => expect((await stored.items()).map(({ id }) => id)).toEqual(["a", "b"]));
    expect(waiting.value.map(({ id }) => id)).toEqual(["a", "b"]);
    const tries = asked.length;
    await new Promise((done) => setTimeout(done, 50));
    expect(asked.length - tries).toBeLessThan(3);
    // the next one does not take their turns
    await report("c");
    expect((await stored.items()).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("is not taken for one from which another tab has thrown an item away", async () => {
    await report("a");
    await settled();
    await dropItem("a");
    await load();
    expect(outbox.value).toEqual([]);
    expect(await stored.items()).toEqual([]);
    expect(await discard("a")).toBe(true);
  });
});

describe("what is left of an older page", () => {
  it("a draft that has arrived as it stands is none any more; one that was written on is kept", async () => {
    await given("x");
    for (const [id, changed_at] of [["old", "2026-11-22T01:00:00Z"], ["new", "2026-11-22T03:00:00Z"]] as const) {
      await write(["drafts", "log"], async (tx) => {
        await tx.objectStore("drafts").put({ id, person: 7, changed_at, pictures: [] }, id);
        await tx.objectStore("log").put({ id, kind: "report", person: 7, person_name: "王", no: "31", title: "", made_at: changed_at, device_at: changed_at, sent_at: "2026-11-22T02:00:00Z", received_at: null, photos: [] });
      });
    }
    await sweep();
    expect((await listDrafts(7)).map(({ id }) => id)).toEqual(["new"]);
    expect(await readAnswerDraft("7:31:check")).toBeNull();
    await closeStore();
  });
});
