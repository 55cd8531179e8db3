import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../shared/api";
import { photoSide } from "../shared/pictures";
import { session } from "../shared/session";
import { addPhotos, aside, change, discardDraft, draft, lastSent, listAside, loadDraft, notTaken, openDraft, sendDraft, setAside } from "../field/report/draft";
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

describe("photos that are still being read", () => {
  let drawn: (() => void)[] = [];
  const draw = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i += 1) {
      await vi.waitFor(() => expect(drawn.length).toBeGreaterThan(0));
      drawn.shift()!();
    }
  };
  const of = (id: string): Promise<number | undefined> => readDraft(id).then((kept) => kept?.pictures.length);

  beforeEach(async () => {
    session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4, height: 3, close: () => undefined }));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    for (const { id } of await listDrafts(7)) await discardDraft(id);
    outbox.value = [];
    await setAside();
    await discardDraft();
    drawn = [];
    vi.stubGlobal("createImageBitmap", () => new Promise((done) => drawn.push(() => done({ width: 4, height: 3, close: () => undefined }))));
  });

  it("are waited for by the report for which they were chosen, all of them", async () => {
    await change({ category_code: "01001", spot: HERE });
    const { id } = draft.value;
    const adding = addPhotos([jpeg("a.jpg"), jpeg("b.jpg"), jpeg("c.jpg")], "before");
    await vi.waitFor(() => expect(drawn).toHaveLength(1));
    const sent = sendDraft();
    const more = addPhotos([jpeg("d.jpg")], "before");
    await draw(4);
    await Promise.all([adding, more]);
    expect(await sent).toBe(true);
    expect(outbox.value[0]?.report?.photos).toHaveLength(4);
    expect(draft.value).toMatchObject({ pictures: [] });
    expect(await listDrafts(7)).toEqual([]);
    expect(await readDraft(id)).toBeNull();
  });

  it("go with the report that is put aside, not into the next", async () => {
    const { id } = draft.value;
    const adding = addPhotos([jpeg("a.jpg"), jpeg("b.jpg")], "before");
    await vi.waitFor(() => expect(drawn).toHaveLength(1));
    const put = setAside();
    await draw(2);
    await Promise.all([adding, put]);
    expect(draft.value).toMatchObject({ pictures: [] });
    expect(await of(id)).toBe(2);
  });

  it("go away with the report that is thrown away", async () => {
    const { id } = draft.value;
    const adding = addPhotos([jpeg("a.jpg"), jpeg("b.jpg")], "before");
    await vi.waitFor(() => expect(drawn).toHaveLength(1));
    const thrown = discardDraft();
    await change({ description: "另一件" });
    await draw(1);
    await Promise.all([adding, thrown]);
    expect(draft.value).toMatchObject({ pictures: [], description: "另一件" });
    expect(await readDraft(id)).toBeNull();
  });

  it("stay with their report while another is opened, and what is typed meanwhile stands", async () => {
    await change({ description: "第一件" });
    const first = draft.value.id;
    await setAside();
    await change({ description: "第二件" });
    const second = draft.value.id;
    const adding = addPhotos([jpeg("a.jpg")], "before");
    await vi.waitFor(() => expect(drawn).toHaveLength(1));
    const opened = openDraft(first);
    await change({ description: "第二件,再写" });
    await draw(1);
    await Promise.all([adding, opened]);
    expect(draft.value).toMatchObject({ id: first, pictures: [], description: "第一件" });
    expect(await readDraft(second)).toMatchObject({ description: "第二件,再写", pictures: [{}] });
  });

  it("that come back from the camera after their report has gone stand in a draft of their own", async () => {
    const { id } = draft.value;
    const adding = addPhotos([jpeg("a.jpg")], "before");
    await draw(1);
    await adding;
    await change({ category_code: "01001", spot: HERE });
    await sendDraft();
    const late = addPhotos([jpeg("b.jpg")], "before", id);
    await draw(1);
    await late;
    expect(draft.value).toMatchObject({ pictures: [] });
    expect(aside.value).toMatchObject([{ pictures: [{}] }]);
    expect(aside.value[0]?.id).not.toBe(id);
  });

  it("are taken for none without a broken one among them being sent for", async () => {
    await change({ category_code: "01001", spot: HERE });
    vi.stubGlobal("createImageBitmap", () => Promise.reject(new DOMException("broken")));
    const adding = addPhotos([jpeg("a.jpg")], "before");
    expect(await sendDraft()).toBe(false);
    await adding;
    expect(outbox.value).toEqual([]);
    expect(notTaken.value.map(({ file }) => file)).toEqual(["a.jpg"]);
  });

  it("take nothing with them when one can no longer be read", async () => {
    const away = Object.assign(jpeg("away.jpg"), { arrayBuffer: () => Promise.reject(new DOMException("gone", "NotReadableError")) });
    const adding = addPhotos([away, jpeg("b.jpg")], "before");
    await draw(1);
    expect((await adding).map(({ file }) => file)).toEqual(["away.jpg"]);
    expect(draft.value.pictures).toHaveLength(1);
  });
});

describe("two taps", () => {
  it("send one report, and nothing of what is written next", async () => {
    outbox.value = [];
    session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4, height: 3, close: () => undefined }));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    await addPhotos([jpeg("a.jpg")], "before");
    await change({ category_code: "01001", spot: HERE });
    const { id } = draft.value;
    expect((await Promise.all([sendDraft(), sendDraft()])).filter(Boolean)).toHaveLength(1);
    expect(outbox.value.map((item) => item.id)).toEqual([id]);
    expect(await readDraft(id)).toBeNull();
  });

  it("leave what another person was writing to them", async () => {
    await change({ description: "王的" });
    session.value = { person: { id: 8, username: "li", name: "李" } } as Session;
    await reopened();
    expect(draft.value.description).toBe("");
    expect(aside.value).toEqual([]);
    session.value = { person: { id: 7, username: "inspector", name: "王" } } as Session;
  });

  it("keep no draft whose only photo was taken out again", async () => {
    await reopened();
    await discardDraft();
    await addPhotos([jpeg("a.jpg")], "before");
    const { id } = draft.value;
    await change({ pictures: [] });
    expect(await readDraft(id)).toBeNull();
  });
});

describe("a phone that two people share", () => {
  const be = (id: number): void => void (session.value = { person: { id, username: `p${id}`, name: `${id}` } } as Session);

  beforeEach(async () => {
    photoSide.value = 0;
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4, height: 3, close: () => undefined }));
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    for (const person of [8, 7]) {
      be(person);
      for (const { id } of await listDrafts(person)) await discardDraft(id);
      await setAside();
    }
    outbox.value = [];
  });

  it("shows nothing of the first one's draft to the second, and gives it back", async () => {
    await addPhotos([jpeg("a.jpg")], "before");
    await change({ description: "甲的", category_code: "01001", spot: HERE });
    const { id } = draft.value;
    be(8);
    expect(draft.value).toMatchObject({ description: "", pictures: [], person: 8 });
    // what the page does by itself, and what the second one enters
    await change({ spot: { ...HERE, lon: 121.5 } });
    await change({ description: "乙的" });
    expect(await openDraft(id)).toBe(false);
    await reopened();
    expect(draft.value.description).toBe("乙的");
    expect(aside.value).toEqual([]);
    expect(await readDraft(id)).toMatchObject({ person: 7, description: "甲的", spot: HERE, pictures: [{}] });
    be(7);
    // the page looks for its place before anything is read
    await change({ spot: HERE });
    await vi.waitFor(() => expect(draft.value).toMatchObject({ id, person: 7, description: "甲的" }));
    await reopened();
    expect(draft.value).toMatchObject({ id, person: 7, description: "甲的" });
  });

  it("goes on with one's own after the place was found and the page has ended at once", async () => {
    await addPhotos([jpeg("a.jpg")], "before");
    const { id } = draft.value;
    draft.value = blank("another");
    await change({ spot: HERE });
    await reopened();
    expect(draft.value.id).toBe(id);
  });

  it("never sends the first one's draft under the second one's name", async () => {
    await addPhotos([jpeg("a.jpg")], "before");
    await change({ category_code: "01001", spot: HERE });
    const sent = sendDraft();
    be(8);
    expect(await sent).toBe(false);
    expect(outbox.value).toEqual([]);
    expect(await listDrafts(7)).toHaveLength(1);
  });

  it("keeps a photo that comes late for the one who has taken it", async () => {
    let drawn: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (drawn = resolve));
    vi.stubGlobal("createImageBitmap", async () => (await waiting, { width: 4, height: 3, close: () => undefined }));
    const { id } = draft.value;
    const adding = addPhotos([jpeg("a.jpg")], "before");
    be(8);
    drawn();
    await adding;
    expect(draft.value.pictures).toEqual([]);
    expect(await readDraft(id)).toMatchObject({ person: 7, pictures: [{}] });
    expect(await listDrafts(8)).toEqual([]);
  });

  it("opens what an older page has kept for all only to the one whose it is", async () => {
    await addPhotos([jpeg("a.jpg")], "before");
    const { id } = draft.value;
    localStorage.clear();
    localStorage.setItem("wangge_draft", id);
    be(8);
    await reopened();
    expect(draft.value.pictures).toEqual([]);
    be(7);
    await reopened();
    expect(draft.value.id).toBe(id);
  });
});
