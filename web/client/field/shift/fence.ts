/** Whether somebody on duty has left the duty area: the server's rule, judged on the phone, so that it is told without a network. Pure. */
import { distanceTo } from "../../shared/ground/cover";
import { onPlane, toPlane } from "../../shared/ground/plane";
import type { Polygons } from "../../shared/ground/compact";
import type { DutyArea } from "../sync_shapes";

export interface Spot {
  lon: number;
  lat: number;
  accuracy_m: number | null;
}

const planes = new WeakMap<DutyArea, Polygons>();

function planeOf(area: DutyArea): Polygons {
  let found = planes.get(area);
  if (!found) {
    found = onPlane(area.polygon.coordinates.map((rings) => rings.map((ring) => Float64Array.from(ring.flatMap(([lon, lat]) => [lon!, lat!])))));
    planes.set(area, found);
  }
  return found;
}

/** Metres from the nearest of the areas, 0 inside; null: there is no area to be in. */
export function metresOutside(areas: readonly DutyArea[], spot: Spot): number | null {
  if (!areas.length) return null;
  const [x, y] = toPlane(spot.lon, spot.lat);
  return Math.min(...areas.map((area) => distanceTo(planeOf(area), x, y)));
}

/** Since when outside, and whether it lasts long enough to be told; moments in milliseconds. */
export interface Watch {
  since: number | null;
  alarm: boolean;
}

export const INSIDE: Watch = { since: null, alarm: false };

/** Beyond the edge by more than the tolerance and what the position itself may be wrong by, for so many minutes. */
export function judge(before: Watch, at: number, metres: number | null, accuracy: number | null, rule: { metres: number; minutes: number }): Watch {
  if (metres === null || metres <= rule.metres + (accuracy ?? 0)) return INSIDE;
  const since = before.since ?? at;
  return { since, alarm: at - since >= rule.minutes * 60_000 };
}
