/**
 * Room on the phone: watched, told before it hurts. Nothing that has not arrived is ever removed to make room.
 *
 * Newer Chromium names a fixed allowance instead of what is free, so that no page can tell phones apart by it. There
 * the warning may not come, and only a write that fails is sure: the item stays in memory, and the page says so.
 */
import { signal } from "@preact/signals";
import { keepValue, readValue } from "../store";

const LEAST_BYTES = 50 * 1024 * 1024;
const LEAST_SHARE = 0.15;

export interface Space {
  used: number;
  quota: number;
  /** Too little is left for a shift's photos. */
  low: boolean;
  /** The browser has promised not to clear it by itself; null: not asked or not told. */
  lasting: boolean | null;
}

export const space = signal<Space | null>(null);

export function isLow(used: number, quota: number): boolean {
  const free = quota - used;
  return quota > 0 && (free < LEAST_BYTES || free < quota * LEAST_SHARE);
}

let asked = false;
let lasting: boolean | null = null;

/** Asks after the first save of this phone, once: some browsers trouble the person with it. */
export async function askToKeep(): Promise<void> {
  if (asked || typeof navigator === "undefined" || !navigator.storage?.persist) return;
  asked = true;
  const before = await readValue("asked_to_keep").catch(() => true);
  lasting = await navigator.storage.persisted().catch(() => false);
  if (lasting || before) return;
  await keepValue("asked_to_keep", true).catch(() => undefined);
  lasting = await navigator.storage.persist().catch(() => false);
}

export async function measure(): Promise<void> {
  if (typeof navigator === "undefined" || !navigator.storage?.estimate) return;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate().catch(() => ({}) as StorageEstimate);
  if (quota) space.value = { used: usage, quota, low: isLow(usage, quota), lasting };
}
