/** Components near the report's place: those on the phone, and those that the server knows when there is a connection. */
import { metresBetween } from "../../shared/format";
import { either } from "../../shared/language";
import type { ComponentRow } from "../sync_shapes";
import type { Part } from "./form";

export interface NearPart extends Part {
  metres: number;
  department: string | null;
}

interface Wanted {
  most: number;
  metres: number;
  category?: string | null;
  class_code?: string | null;
  query?: string;
}

type Spot = { lon: number; lat: number };

/** The nearest first. */
export function nearest(rows: readonly ComponentRow[], spot: Spot, { most, metres, category, class_code, query = "" }: Wanted): NearPart[] {
  const words = query.trim().toLowerCase();
  // a degree of latitude is never shorter than 110 km: most rows are told apart without a root
  const reach = metres / 110_000;
  const found: NearPart[] = [];
  for (const [id, category_code, name, lon, lat, named] of rows) {
    if (Math.abs(lat - spot.lat) > reach) continue;
    if (category ? category_code !== category : class_code && !category_code.startsWith(class_code)) continue;
    if (words && !id.toLowerCase().includes(words) && !name.toLowerCase().includes(words)) continue;
    const away = metresBetween(spot, { lon, lat });
    if (away <= metres) found.push({ id, category_code, name, lon, lat, department: named && either(...named), metres: away });
  }
  return found.sort((a, b) => a.metres - b.metres).slice(0, most);
}

interface Told {
  id: string;
  category_code: string;
  name: string;
  lon: number;
  lat: number;
  department: { name: string; name_en: string } | null;
}

/** The server's answer in the phone's shape; distances are measured here, for the pin moves. */
export function fromServer(items: Told[], spot: Spot): NearPart[] {
  return items
    .map(({ id, category_code, name, lon, lat, department }) => ({
      id, category_code, name, lon, lat, department: department && either(department.name, department.name_en), metres: metresBetween(spot, { lon, lat }),
    }))
    .sort((a, b) => a.metres - b.metres);
}

/** Both without repeats, the nearest first. */
export function together(here: NearPart[], there: NearPart[], most: number): NearPart[] {
  const byId = new Map([...here, ...there].map((part) => [part.id, part]));
  return [...byId.values()].sort((a, b) => a.metres - b.metres).slice(0, most);
}
