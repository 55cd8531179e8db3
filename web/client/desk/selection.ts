/** Which rows are selected, one by one, as a range, or all that are loaded. */
import { signal } from "@preact/signals";
import { items } from "./cases";
import { acting } from "./place";

export const MOST = 200;

export const selected = signal<ReadonlySet<string>>(new Set());
/** Where a range begins. */
let anchor: string | null = null;

function order(): string[] {
  return items.value.map((item) => item.no);
}

export function put(numbers: Iterable<string>): void {
  selected.value = new Set([...numbers].slice(0, MOST));
}

export function toggle(no: string): void {
  const next = new Set(selected.value);
  if (!next.delete(no)) next.add(no);
  anchor = no;
  put(next);
}

/** All rows from where the last one was selected to this one. */
export function selectTo(no: string): void {
  const all = order();
  const from = anchor === null ? -1 : all.indexOf(anchor);
  const to = all.indexOf(no);
  if (from < 0 || to < 0) return toggle(no);
  put([...selected.value, ...all.slice(Math.min(from, to), Math.max(from, to) + 1)]);
}

/** Takes both in: the row one stands on and the one one goes to. */
export function extend(from: string, to: string): void {
  anchor ??= from;
  put([...selected.value, from, to]);
}

export function selectAll(): void {
  put(order());
}

export function clearSelection(): void {
  anchor = null;
  put([]);
}

export function closeBulk(): void {
  acting.value = false;
}
