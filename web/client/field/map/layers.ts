/** Which layers of the map are switched off; remembered on the phone. */
import { signal } from "@preact/signals";
import type { Spot, Switched } from "../../shared/map/open";
import type { DutyArea } from "../sync_shapes";

const KEPT = "wangge_map_off";

function kept(): Switched[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Switched[];
  } catch {
    return [];
  }
}

/** The middle of a shape's frame. */
export function middleOf({ coordinates }: DutyArea["polygon"]): Spot {
  const points = coordinates.flat(2);
  const [xs, ys] = [points.map(([lon]) => lon!), points.map(([, lat]) => lat!)];
  return { lon: (Math.min(...xs) + Math.max(...xs)) / 2, lat: (Math.min(...ys) + Math.max(...ys)) / 2 };
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
