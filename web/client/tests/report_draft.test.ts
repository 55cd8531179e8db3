import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../shared/api";
import { photoSide } from "../shared/pictures";
import { session } from "../shared/session";
import { addPhotos, aside, change, discardDraft, draft, lastSent, listAside, loadDraft, openDraft, sendDraft, setAside } from "../field/report/draft";
import { listDrafts, readDraft } from "../field/outbox/drafts";
import { outbox } from "../field/outbox/items";
import { blank } from "../field/report/form";
import { closeStore, readPhoto } from "../field/store";

const jpeg = (name: string, ...more: number[]): File => new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 2, ...more])], name, { type: "image/jpeg" });
const HERE = { lon: 121.4737, lat: 31.2304, accuracy_m: 8, by_hand: false };

/** As a page opened anew. */
async function reopened(): Promise<void> {
  await closeStore();
  draft.value = blank("another");
  await loadDraft();
}

describe("a report being written", () => {
  beforeEach(async () => {
    session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
    photoSide.value = 0;
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4, height: 3, close: () => undefined }));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    for (const { id } of await listDrafts(7)) await discardDraft(id);
    outbox.value = [];
    await setAside();
  });

  it("has each photo in the phone's store before it is made smaller", async () => {
    photoSide.value = 10;
    let drawn: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (drawn = resolve));
    vi.stubGlobal("createImageBitmap", async () => (await waiting, { width: 100, height: 100, close: () => undefined }));
    vi.stubGlobal("OffscreenCanvas", class {
      getContext = () => ({ drawImage: () => undefined, fillRect: () => undefined });
      convertToBlob = async () => new Blob([new Uint8Array([0xff, 0xd8])]);
    });
    const adding = addPhotos([jpeg("a.jpg", 1, 2, 3)], "before");
    await vi.waitFor(() => expect(draft.value.pictures).toHaveLength(1));
    const { id } = draft.value.pictures[0]!;
    await vi.waitFor(async () => expect((await readPhoto(id))?.byteLength).toBe(9));
    drawn();
    await adding;
    expect((await readPhoto(id))?.byteLength).toBe(2);
  });

  it("is there again after the page has ended, with all that was entered", async () => {
    await addPhotos([jpeg("a.jpg"), jpeg("b.jpg")], "before");
    await change({ category_code: "01001", description: "井盖缺失", spot: HERE });
    const { id, stamp } = draft.value;
    await reopened();
    expect(draft.value).toMatchObject({ id, stamp, category_code: "01001", description: "井盖缺失", spot: HERE, pictures: [{ type: "image/jpeg" }, {}] });
  });

  it("tells what is no photo, and keeps the others", async () => {
    const refused = await addPhotos([jpeg("a.jpg"), new File(["text"], "no.jpg"), jpeg("c.jpg")], "before");
    expect(refused.map(({ file, code }) => [file, code])).toEqual([["no.jpg", "photo_type"]]);
    expect(draft.value.pictures).toHaveLength(2);
  });

  it("can be put aside for another one, and opened again", async () => {
    await addPhotos([jpeg("a.jpg")], "before");
    const first = draft.value.id;
    await setAside();
    expect(draft.value.pictures).toEqual([]);
    await addPhotos([jpeg("b.jpg")], "before");
    const second = draft.value.id;
    expect(aside.value.map(({ id }) => id)).toEqual([first]);
    await openDraft(first);
    expect(draft.value).toMatchObject({ id: first, pictures: [{}] });
    expect(aside.value.map(({ id }) => id)).toEqual([second]);
    await discardDraft();
    expect(await readDraft(first)).toBeNull();
  });

  it("leaves nothing behind where nothing was entered", async () => {
    await change({ spot: HERE });
    await setAside();
    await listAside();
    expect(aside.value).toEqual([]);
  });

  it("goes to the outbox with its photos and is no draft any more", async () => {
    await addPhotos([jpeg("a.jpg"), jpeg("b.jpg")], "before");
    await change({ category_code: "01001", spot: HERE, self_handled: true, after: [draft.value.pictures[0]!.id] });
    const { id, pictures } = draft.value;
    await sendDraft();
    expect(lastSent.value).toBe(id);
    expect(outbox.value).toMatchObject([{ id, kind: "report", report: { category_code: "01001", self_handled: true, photos: [pictures[1]!.id, pictures[0]!.id] } }]);
    expect(await readDraft(id)).toBeNull();
    expect(draft.value.id).not.toBe(id);
    expect(await readPhoto(pictures[0]!.id)).toBeDefined();
  });
});
