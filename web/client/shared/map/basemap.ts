/** The tiles under the map, as the deployment configures them (`[basemap]`); without any the cells stand alone. */
import { signal } from "@preact/signals";
import { get } from "../http";

export interface Basemap {
  /** `{z}/{x}/{y}.png?key={key}` at a host, or at several (`t{0-7}` in its name); of a WMTS the address before its query. */
  url: string;
  kind: "xyz" | "wmts";
  layer: string;
  /** Of a WMTS: `w` (EPSG:3857) or `c` (EPSG:4490, degrees). */
  matrix_set: string;
  /** `gcj02`: the tiles are shifted. */
  crs: "wgs84" | "gcj02";
  key: string;
  attribution: string;
  most_zoom: number;
}

/** undefined: not asked yet; null: none is configured. */
export const basemap = signal<Basemap | null | undefined>(undefined);
/** Tiles were asked for and did not come; the cells stay. */
export const basemapLacking = signal(false);

let asking: Promise<void> | null = null;

/** Asks once a page; a page that gets it otherwise (`/sync`) sets `basemap` itself. */
export function askBasemap(): void {
  if (basemap.value !== undefined || asking) return;
  asking = get<{ basemap: Basemap | null }>("map").then(
    (answer) => {
      basemap.value ??= answer.basemap;
    },
    () => undefined,
  ).finally(() => (asking = null));
}

/** One of `{0-7}` or `{a-c}`; a tile always comes from the same host, so that it is kept. */
function host(url: string, turn: number): string {
  return url.replace(/\{([0-9a-z])-([0-9a-z])\}/g, (_, from: string, to: string) => {
    const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
    return String.fromCharCode(first + (turn % Math.max(1, last - first + 1)));
  });
}

/** The address of one tile; rows count from the north. */
export function tileAddress(map: Basemap, z: number, x: number, y: number): string {
  const values: Record<string, string> = {
    z: String(z), x: String(x), y: String(y), key: encodeURIComponent(map.key), layer: map.layer, set: map.matrix_set,
  };
  const url = host(map.url, x + y).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  if (map.kind !== "wmts" || /\{[xyz]\}/.test(map.url)) return url;
  const query = {
    SERVICE: "WMTS", REQUEST: "GetTile", VERSION: "1.0.0", LAYER: map.layer, STYLE: "default", TILEMATRIXSET: map.matrix_set,
    FORMAT: "tiles", TILEMATRIX: String(z), TILEROW: String(y), TILECOL: String(x),
  };
  return `${url}${url.includes("?") ? "&" : "?"}${new URLSearchParams(query).toString()}`;
}
