/** What is being written, kept with its photos at every step. A write that fails is told; the draft stays in memory. */
import type { IDBPTransaction } from "idb";
import type { Picture } from "../../shared/pictures";
import { notePhotos, putPhotos, read, readPhoto, type Schema, write } from "../store";
import type { AnswerDraft, Draft, Heads } from "./kinds";

type Written = "drafts" | "answers";
type Writing = IDBPTransaction<Schema, (Written | "photos" | "outbox")[], "readwrite">;
const STORES = (store: Written): (Written | "photos" | "outbox")[] => [store, "photos", "outbox"];

/** Beside the store, for what it could not take. */
const here = { drafts: new Map<string, Draft>(), answers: new Map<string, AnswerDraft>() };

type Heard = (store: Written, key: string) => void;
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("wangge-drafts");
const tell: Heard = (store, key) => channel?.postMessage({ store, key });

/** Calls when another tab of this browser has written a draft, or let it go: what is shown here is older then. */
export function whenElsewhere(heard: Heard): void {
  channel?.addEventListener("message", ({ data }: MessageEvent<{ store: Written; key: string }>) => heard(data.store, data.key));
}

function heads<T extends { pictures: Picture[] }>(draft: T): Heads<T> {
  return { ...draft, pictures: draft.pictures.map(({ bytes: _, ...head }) => head) } as Heads<T>;
}

async function keep<T extends { pictures: Picture[] }>(store: Written, key: string, draft: T): Promise<void> {
  here[store].set(key, draft as never);
  await write(STORES(store), async (tx) => {
    const rows = tx.objectStore(store);
    const before = await rows.get(key);
    await rows.put(heads(draft) as never, key);
    await putPhotos(tx as never, draft.pictures);
    const ids = new Set(draft.pictures.map((picture) => picture.id));
    await dropBytes(tx, (before?.pictures ?? []).filter(({ id }) => !ids.has(id)));
  });
  notePhotos(draft.pictures);
  // what was typed meanwhile is still on its way
  if ((here[store].get(key) as unknown) === draft) here[store].delete(key);
  tell(store, key);
}

/** Bytes go only if nothing that waits in the outbox needs them. */
async function dropBytes(tx: Writing, pictures: readonly { id: string }[]): Promise<void> {
  if (!pictures.length) return;
  const needed = new Set((await tx.objectStore("outbox").getAll()).flatMap((item) => item.pictures.map(({ id }) => id)));
  for (const { id } of pictures) if (!needed.has(id)) await tx.objectStore("photos").delete(id);
}

async function drop(store: Written, key: string): Promise<void> {
  here[store].delete(key);
  await write(STORES(store), async (tx) => {
    await dropBytes(tx, (await tx.objectStore(store).get(key))?.pictures ?? []);
    await tx.objectStore(store).delete(key);
  });
  tell(store, key);
}

/** Photos with their bytes; those whose bytes the phone has lost are left out. */
export async function withBytes(pictures: readonly Omit<Picture, "bytes">[]): Promise<Picture[]> {
  const found = await Promise.all(pictures.map(async (picture) => ({ ...picture, bytes: await readPhoto(picture.id) })));
  return found.filter((picture): picture is Picture => picture.bytes !== undefined);
}

async function open<T extends { pictures: Picture[] }>(store: Written, key: string): Promise<T | null> {
  const memory = here[store].get(key) as unknown as T | undefined;
  if (memory) return memory;
  const row = await read([store], (tx) => tx.objectStore(store).get(key) as Promise<Heads<T> | undefined>);
  return row ? ({ ...row, pictures: await withBytes(row.pictures) } as unknown as T) : null;
}

/** Mine and those from before anybody was asked for, the one changed last first; without the photos' bytes. */
export async function listDrafts<T extends Draft = Draft>(person: number): Promise<Heads<T>[]> {
  const rows = new Map<string, Heads<Draft>>();
  for (const row of await read(["drafts"], (tx) => tx.objectStore("drafts").getAll()).catch(() => [])) rows.set(row.id, row);
  for (const draft of here.drafts.values()) rows.set(draft.id, heads(draft));
  const mine = [...rows.values()].filter((row) => row.person === null || row.person === person);
  return mine.sort((a, b) => b.changed_at.localeCompare(a.changed_at)) as unknown as Heads<T>[];
}

export function readDraft<T extends Draft = Draft>(id: string): Promise<T | null> {
  return open<T>("drafts", id);
}

/** Throws where the store cannot take it; it is kept in memory then. */
export function keepDraft<T extends Draft>(draft: T): Promise<void> {
  return keep("drafts", draft.id, draft);
}

export function dropDraft(id: string): Promise<void> {
  return drop("drafts", id);
}

/** It is in the outbox now. */
export function leaveDraft(store: Written, key: string): void {
  here[store].delete(key);
  tell(store, key);
}

export function answerKey(person: number, no: string, verb: string): string {
  return `${person}:${no}:${verb}`;
}

export function readAnswerDraft(key: string): Promise<AnswerDraft | null> {
  return open<AnswerDraft>("answers", key);
}

export function keepAnswerDraft(key: string, draft: AnswerDraft): Promise<void> {
  return keep("answers", key, draft);
}

export function dropAnswerDraft(key: string): Promise<void> {
  return drop("answers", key);
}

/** For tests. */
export function forgetDrafts(): void {
  here.drafts.clear();
  here.answers.clear();
}
