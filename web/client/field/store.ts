/**
 * What the phone keeps, in IndexedDB: an item and its photos are written in one transaction, so that neither is
 * there without the other. A write that fails (no room, closed, blocked by an older page) is an error of the caller.
 */
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { Picture } from "../shared/pictures";
import type { AnswerDraft, Draft, Heads, Kept, Receipt, TrackPoint } from "./outbox/kinds";
import { upgrade } from "./store_upgrade";

export interface Schema extends DBSchema {
  /** Items to be sent, without their photos' bytes. */
  outbox: { key: string; value: Kept };
  /** Bytes by the photo's id: ArrayBuffers, for iOS loses Blobs. */
  photos: { key: string; value: ArrayBuffer };
  /** Reports being written, by their uuid. */
  drafts: { key: string; value: Heads<Draft> };
  /** Answers being written, by person, case and verb. */
  answers: { key: string; value: Heads<AnswerDraft> };
  /** Anything else by name: parts of the sync, the lease, the clock. */
  kept: { key: string; value: unknown };
  /** Receipts. */
  log: { key: string; value: Receipt };
  /** Points of the track that wait, by person and moment. */
  tracks: { key: [number, number]; value: TrackPoint };
}

export type StoreName = "outbox" | "photos" | "drafts" | "answers" | "kept" | "log" | "tracks";
type Writing<N extends StoreName> = IDBPTransaction<Schema, N[], "readwrite">;

export const NAME = "wangge-field";
export const VERSION = 3;

/** An older page holds the store open and does not let go. */
export class StoreBlocked extends Error {}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function forget(): void {
  opened = null;
}

export function openStore(): Promise<IDBPDatabase<Schema>> {
  opened ??= new Promise<IDBPDatabase<Schema>>((resolve, reject) => {
    openDB<Schema>(NAME, VERSION, {
      upgrade,
      blocked: () => reject(new StoreBlocked()),
      // another tab of a newer page wants to upgrade: let it
      blocking: (_, __, event) => {
        (event.target as IDBDatabase).close();
        forget();
      },
      terminated: forget,
    }).then(resolve, reject);
  });
  opened.catch(forget);
  return opened;
}

/** Opens once more where the browser has closed the store behind our back. */
async function begin<N extends StoreName, M extends IDBTransactionMode>(stores: N[], mode: M, durable: boolean): Promise<IDBPTransaction<Schema, N[], M>> {
  // on the disk before it is said to be kept
  const options: IDBTransactionOptions = durable ? { durability: "strict" } : {};
  try {
    return (await openStore()).transaction(stores, mode, options);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
    forget();
    return (await openStore()).transaction(stores, mode, options);
  }
}

/** All or nothing: what `work` writes stands when this returns; when it throws, nothing of it does. */
export async function write<N extends StoreName, T>(stores: N[], work: (tx: Writing<N>) => Promise<T>, durable = true): Promise<T> {
  const tx = await begin(stores, "readwrite", durable);
  const done = tx.done.then(() => null, (error: unknown) => ({ error }));
  let result: T;
  try {
    result = await work(tx);
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // it has ended by itself, for the same reason
    }
    await done;
    throw tx.error ?? error;
  }
  const failed = await done;
  if (failed) throw failed.error;
  return result;
}

export async function read<N extends StoreName, T>(stores: N[], work: (tx: IDBPTransaction<Schema, N[], "readonly">) => Promise<T>): Promise<T> {
  return work(await begin(stores, "readonly", false));
}

export async function readValue<T>(key: string): Promise<T | undefined> {
  return read(["kept"], async (tx) => (await tx.objectStore("kept").get(key)) as T | undefined);
}

export async function keepValue(key: string, value: unknown): Promise<void> {
  await write(["kept"], (tx) => tx.objectStore("kept").put(value, key), false);
}

export async function dropValue(key: string): Promise<void> {
  await write(["kept"], (tx) => tx.objectStore("kept").delete(key), false);
}

/** Buffers that stand in the store as they are, so that each word typed does not write the photos anew. */
let written = new WeakSet<ArrayBuffer>();

export async function putPhotos(tx: Writing<"photos">, pictures: readonly Picture[]): Promise<void> {
  const store = tx.objectStore("photos");
  for (const { id, bytes } of pictures) {
    if (!written.has(bytes) || (await store.getKey(id)) === undefined) await store.put(bytes, id);
  }
}

/** After the transaction stands. */
export function notePhotos(pictures: readonly Picture[]): void {
  for (const { bytes } of pictures) written.add(bytes);
}

export async function readPhoto(id: string): Promise<ArrayBuffer | undefined> {
  const bytes = await read(["photos"], (tx) => tx.objectStore("photos").get(id));
  if (bytes) written.add(bytes);
  return bytes;
}

/** For tests: closes and forgets the open database. */
export async function closeStore(): Promise<void> {
  (await opened?.catch(() => null))?.close();
  forget();
  written = new WeakSet();
}
