/** Which layers of the map are switched off; remembered on the phone. */
import { signal } from "@preact/signals";
import type { Switched } from "../../shared/map/open";

const KEPT = "wangge_map_off";

function kept(): Switched[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Switched[];
  } catch {
    return [];
  }
}

export const off = signal<ReadonlySet<Switched>>(new Set(kept()));

export function toggle(layer: Switched): void {
  const next = new Set(off.value);
  if (!next.delete(layer)) next.add(layer);
  off.value = next;
  try {
    localStorage.setItem(KEPT, JSON.stringify([...next]));
  } catch {
    // forbidden: then it holds until the page is closed
  }
}
