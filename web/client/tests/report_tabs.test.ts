import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../shared/api";
import { emptyStore } from "./outbox/make";

const jpeg = (n: number): File => new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 2, n])], `${n}.jpg`);
const HERE = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, by_hand: false };

/** A page of its own upon the same store. */
async function openTab() {
  vi.resetModules();
  const { session } = await import("../shared/session");
  session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
  const report = await import("../field/report/draft");
  const items = await import("../field/outbox/items");
  const { readPhoto, closeStore } = await import("../field/store");
  const { readDraft, listDrafts } = await import("../field/outbox/drafts");
  await items.load();
  await report.loadDraft();
  return { ...report, outbox: items.outbox, readPhoto, readDraft, listDrafts, closeStore };
}

type Tab = Awaited<ReturnType<typeof openTab>>;
let tabs: Tab[] = [];
const tab = async (): Promise<Tab> => {
  const made = await openTab();
  tabs.push(made);
  return made;
};

describe("one report in two tabs", () => {
  beforeEach(async () => {
    for (const open of tabs) await open.closeStore();
    tabs = [];
    localStorage.clear();
    await emptyStore();
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4, height: 3, close: () => undefined }));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
  });

  it("loses no photo that the other has taken", async () => {
    const first = await tab();
    await first.addPhotos([jpeg(1)], "before");
    const { id } = first.draft.value;
    const second = await tab();
    expect(second.draft.value.id).toBe(id);
    await first.addPhotos([jpeg(2)], "before");
    await vi.waitFor(() => expect(second.draft.value.pictures).toHaveLength(2));
    await second.change({ description: "在另一页写" });
    const kept = await second.readDraft(id);
    expect(kept).toMatchObject({ description: "在另一页写", pictures: [{}, {}] });
    expect(await first.readPhoto(kept!.pictures[1]!.id)).toBeDefined();
    await vi.waitFor(() => expect(first.draft.value.description).toBe("在另一页写"));
  });

  it("is written no more in the one when the other has sent it", async () => {
    const first = await tab();
    await first.addPhotos([jpeg(1)], "before");
    await first.change({ category_code: "01001", spot: HERE });
    const { id } = first.draft.value;
    const second = await tab();
    await first.sendDraft();
    await vi.waitFor(() => expect(second.draft.value.id).not.toBe(id));
    expect(second.draft.value.pictures).toEqual([]);
  });

  it("that did not hear of it keeps what it has as a draft of its own, and leaves what was sent as it is", async () => {
    const first = await tab();
    await first.addPhotos([jpeg(1)], "before");
    await first.change({ category_code: "01001", spot: HERE, description: "第一页" });
    const { id, pictures } = first.draft.value;
    const stale = await tab();
    await first.sendDraft();
    await vi.waitFor(() => expect(stale.draft.value.id).not.toBe(id));
    // as it stood there while the tab was frozen
    stale.draft.value = { ...first.draft.value, id, person: 7, pictures, category_code: "01001", spot: HERE, description: "第一页,又写了几个字" };
    expect(await stale.sendDraft()).toBe(true);
    expect(stale.outbox.value.map((item) => [item.id, item.state, item.report?.description])).toEqual([[id, "waiting", "第一页"]]);
    const [own, ...more] = await stale.listDrafts(7);
    expect(more).toEqual([]);
    expect(own).toMatchObject({ description: "第一页,又写了几个字", pictures: [{}] });
    expect(own!.id).not.toBe(id);
    expect(own!.pictures[0]!.id).not.toBe(pictures[0]!.id);
    expect(await stale.readPhoto(own!.pictures[0]!.id)).toBeDefined();
  });
});

describe("more photos than a report takes", () => {
  it("are counted, not silently left out", async () => {
    const one = await tab();
    await one.addPhotos(Array.from({ length: 23 }, (_, n) => jpeg(n)), "before");
    expect([one.draft.value.pictures.length, one.tooMany.value]).toEqual([20, 3]);
    await one.setAside();
    expect(one.tooMany.value).toBe(0);
  });
});
