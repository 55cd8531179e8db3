/** Room on the phone: watched, told before it hurts. Nothing that has not arrived is ever removed to make room. */
import { signal } from "@preact/signals";

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

/** Asks once after the first save; browsers decide by themselves or ask the person. */
export async function askToKeep(): Promise<void> {
  if (asked || typeof navigator === "undefined" || !navigator.storage?.persist) return;
  asked = true;
  lasting = (await navigator.storage.persisted().catch(() => false)) || (await navigator.storage.persist().catch(() => false));
}

export async function measure(): Promise<void> {
  if (typeof navigator === "undefined" || !navigator.storage?.estimate) return;
  const { usage = 0, quota = 0 } = await navigator.storage.estimate().catch(() => ({}) as StorageEstimate);
  if (quota) space.value = { used: usage, quota, low: isLow(usage, quota), lasting };
}
