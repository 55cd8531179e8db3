/** The items in the phone's store: one transaction each, and what the store could not take kept in memory. */
import type { Picture } from "../../shared/pictures";
import { notePhotos, putPhotos, read, readPhoto, readValue, keepValue, write } from "../store";
import type { Store } from "./exchange";
import type { Draft, Fresh, Heads, Kept } from "./kinds";
import { isEditable, next } from "./states";

/** What could not be stored lives here, while the page is open. */
const held = new Map<string, { item: Kept; pictures: Picture[]; from: Fresh["from"] }>();
/** Turns from here on are times: of what is only in memory, and comes last. */
const AT_THE_END = 1e12;
const inOrder = (a: Kept, b: Kept): number => a.turn - b.turn || a.made_at.localeCompare(b.made_at);

export function isHeld(id: string): boolean {
  return held.has(id);
}

export function heldItem(id: string): Kept | undefined {
  return held.get(id)?.item;
}

export function holdsAny(): boolean {
  return held.size > 0;
}

/** What closing the page would lose; the receipt of what has arrived is worth no warning. */
export function isAtRisk(): boolean {
  return [...held.values()].some(({ item }) => item.state !== "accepted");
}

/** It is being sent just now, as it was: what is written now cannot take its place. */
export class OnItsWay extends Error {}

/** It was put in before, by a second tap or in another tab: what stands there may never be overwritten. */
export class PutBefore extends Error {}

const goes = ({ state }: Kept): boolean => state === "waiting" || state === "sending";

/** The same report, or the same person's answer to the same thing, which has not arrived yet. */
function isSame(a: Kept, b: Kept): boolean {
  if (a.id === b.id) return goes(b) || b.state === "accepted";
  if (a.kind !== b.kind || a.person !== b.person || !goes(b)) return false;
  return a.answer ? a.answer.no === b.answer?.no && a.answer.verb === b.answer.verb : a.duty !== null && a.duty.target === b.duty?.target;
}

/** Writes item and photos, and takes away what was being written, all in one. */
async function store(item: Kept, pictures: readonly Picture[], from: Fresh["from"], fresh: boolean): Promise<Kept> {
  const stores = ["outbox", "photos", "kept", "log", ...(from ? [from.store] : [])] as ("outbox" | "photos" | "kept" | "log" | "drafts" | "answers")[];
  const stored = await write(stores, async (tx) => {
    const all = await tx.objectStore("outbox").getAll();
    const before = all.find(({ id }) => id === item.id);
    if (fresh && (all.some((other) => isSame(item, other)) || (await tx.objectStore("log").getKey(item.id)) !== undefined)) throw new PutBefore();
    if (before?.state === "sending" && item.state === "waiting") throw new OnItsWay();
    const kept = tx.objectStore("kept");
    const known = item.turn > 0 && item.turn < AT_THE_END;
    const turn = known ? item.turn : (((await kept.get("turn")) as number | undefined) ?? 0) + 1;
    if (!known) await kept.put(turn, "turn");
    const whole = { ...item, turn };
    await tx.objectStore("outbox").put(whole);
    await putPhotos(tx as never, pictures);
    if (from) await tx.objectStore(from.store).delete(from.key);
    return whole;
  });
  notePhotos(pictures);
  return stored;
}

/** Throws what the store said; the item is kept in memory then. `fresh`: just made, so that nothing of it can be there yet. */
export async function keepItem(item: Kept, pictures: readonly Picture[], from?: Fresh["from"], fresh = false): Promise<Kept> {
  if (fresh && [...held.values()].some((other) => isSame(item, other.item))) throw new PutBefore();
  try {
    const stored = await store(item, pictures, from, fresh);
    held.delete(item.id);
    return stored;
  } catch (error) {
    if (error instanceof OnItsWay || error instanceof PutBefore) throw error;
    held.set(item.id, { item: { ...item, turn: item.turn || Date.now() }, pictures: [...pictures], from });
    throw error;
  }
}

/** Tries again to store what is only in memory; true: all is stored. */
export async function storeHeld(): Promise<boolean> {
  for (const { item, pictures, from } of [...held.values()]) {
    try {
      await keepItem(item, pictures, from);
    } catch {
      return false;
    }
  }
  return true;
}

async function items(): Promise<Kept[]> {
  const stored = await read(["outbox"], (tx) => tx.objectStore("outbox").getAll());
  return stored.sort(inOrder);
}

async function dropPhotos(tx: { objectStore: (name: "photos") => { delete: (key: string) => Promise<void> } }, ids: readonly string[]): Promise<void> {
  for (const id of ids) await tx.objectStore("photos").delete(id);
}

async function change(id: string, edit: (item: Kept) => Kept | null, also: Parameters<Store["change"]>[2] = {}): Promise<Kept | null> {
  return write(["outbox", "photos", "log"], async (tx) => {
    const outbox = tx.objectStore("outbox");
    const before = await outbox.get(id);
    const changed = before ? edit(before) : null;
    if (!changed) return null;
    await outbox.put(changed);
    await dropPhotos(tx, also.dropped ?? []);
    if (also.receipt) await tx.objectStore("log").put(also.receipt);
    return changed;
  });
}

/** The store alone: for the service worker. */
export const stored: Store = { items, photo: readPhoto, change, get: readValue, put: keepValue };

type Held = NonNullable<ReturnType<typeof held.get>>;

/** Changes it in the store; where there is no room even for that, it goes on in memory: only sending makes room. */
async function changeStored(id: string, edit: (item: Kept) => Kept | null, also: Parameters<Store["change"]>[2]): Promise<Kept | Held | null> {
  try {
    return await change(id, edit, also);
  } catch (error) {
    const item = await read(["outbox"], (tx) => tx.objectStore("outbox").get(id)).catch(() => undefined);
    if (!item) throw error;
    const here: Held = { item, pictures: [], from: undefined };
    held.set(id, here);
    return here;
  }
}

/** The store with what is in memory only: for the page. */
export const everything: Store = {
  async items() {
    const found = await items().catch(() => []);
    const ids = new Set(held.keys());
    return [...found.filter((item) => !ids.has(item.id)), ...[...held.values()].map(({ item }) => item)].sort(inOrder);
  },
  async photo(id) {
    for (const { pictures } of held.values()) {
      const found = pictures.find((picture) => picture.id === id);
      if (found) return found.bytes;
    }
    return readPhoto(id);
  },
  async change(id, edit, also = {}) {
    const here = held.get(id) ?? (await changeStored(id, edit, also));
    if (!here || !("item" in here)) return here;
    const changed = edit(here.item);
    if (!changed) return null;
    const pictures = here.pictures.filter((picture) => !also.dropped?.includes(picture.id));
    // photos that have arrived make room for what follows
    if (also.dropped?.length) await write(["photos"], (tx) => dropPhotos(tx, also.dropped!)).catch(() => undefined);
    await keepItem(changed, pictures, here.from).catch(() => undefined);
    if (also.receipt) await write(["log"], (tx) => tx.objectStore("log").put(also.receipt!)).catch(() => undefined);
    return changed;
  },
  get: (key) => readValue<never>(key).catch(() => undefined),
  put: (key, value) => keepValue(key, value).catch(() => undefined),
};

/** Away with the item and its photos; false: it is on its way just now. */
export async function dropItem(id: string): Promise<boolean> {
  if (held.get(id)?.item.state === "sending") return false;
  held.delete(id);
  return write(["outbox", "photos"], async (tx) => {
    const item = await tx.objectStore("outbox").get(id);
    if (item && next(item.state, "discard") === null) return false;
    await tx.objectStore("outbox").delete(id);
    await dropPhotos(tx, (item?.pictures ?? []).map(({ id: photo }) => photo));
    return true;
  });
}

/** From the outbox back to what is being written, in one; null: the server may have it, or it is on its way. */
export async function takeBack(id: string, draftOf: (item: Kept) => Heads<Draft>): Promise<Kept | null> {
  const here = held.get(id);
  if (here) await storeHeld();
  return write(["outbox", "drafts"], async (tx) => {
    const item = await tx.objectStore("outbox").get(id);
    if (!item || !isEditable(item)) return null;
    await tx.objectStore("drafts").put(draftOf(item), item.id);
    await tx.objectStore("outbox").delete(id);
    return item;
  });
}

/** Bytes that nothing names any more (a page died between two writes of an older version) make room. */
export async function sweep(): Promise<number> {
  return write(["outbox", "drafts", "answers", "photos", "log"], async (tx) => {
    const named = new Set<string>();
    const items = await tx.objectStore("outbox").getAll();
    // what has arrived as it stands is no draft any more
    for (const { id, sent_at } of await tx.objectStore("log").getAll()) {
      const draft = await tx.objectStore("drafts").get(id);
      if (draft && draft.changed_at <= sent_at) await tx.objectStore("drafts").delete(id);
    }
    for (const row of items) row.pictures.forEach((picture) => named.add(picture.id));
    for (const row of await tx.objectStore("drafts").getAll()) row.pictures.forEach((picture) => named.add(picture.id));
    for (const row of await tx.objectStore("answers").getAll()) row.pictures.forEach((picture) => named.add(picture.id));
    const lost = (await tx.objectStore("photos").getAllKeys()).filter((id) => !named.has(id));
    for (const id of lost) await tx.objectStore("photos").delete(id);
    return lost.length;
  });
}

/** For tests. */
export function forgetHeld(): void {
  held.clear();
}
