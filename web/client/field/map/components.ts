/** Components as the map and the lists take them, made once from the rows that the phone keeps. */
import { computed } from "@preact/signals";
import { metresBetween } from "../../shared/format";
import { either } from "../../shared/language";
import { components as rows } from "../sync";

export interface Component {
  id: string;
  category_code: string;
  name: string;
  lon: number;
  lat: number;
  department: string | null;
  owner: string;
  state: string;
}

export const components = computed<Component[]>(() =>
  rows.value.map(([id, category_code, name, lon, lat, named, owner, state]) =>
    ({ id, category_code, name, lon, lat, department: named && either(...named), owner, state })));

/** Those within so many metres, the nearest first. */
export function nearestTo<T extends { lon: number; lat: number }>(spot: { lon: number; lat: number }, all: T[], metres: number, most: number): (T & { metres: number })[] {
  const [across, up] = [metres / (111_000 * Math.cos((spot.lat * Math.PI) / 180)), metres / 110_500];
  return all
    .filter((one) => Math.abs(one.lon - spot.lon) <= across && Math.abs(one.lat - spot.lat) <= up)
    .map((one) => ({ ...one, metres: metresBetween(spot, one) }))
    .filter((one) => one.metres <= metres)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, most);
}
