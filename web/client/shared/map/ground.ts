/** The compact grid as lines and names to draw: each border once, heavier where it parts two streets. */
import type { CompactGrid, Ground, Ring, Village } from "../ground/compact";
import { decode } from "../ground/compact";

export interface Border {
  line: Ring;
  /** Between villages of one street, between streets, or at the district's rim. */
  kind: "village" | "street" | "rim";
}

export interface Named {
  code: string;
  name: string;
  lon: number;
  lat: number;
}

const streetOf = (village: Village): string => village.line.at(-2)?.code ?? "";

/** Which villages lie beside each arc. */
function sides(grid: CompactGrid, ground: Ground): Village[][] {
  const beside: Village[][] = grid.arcs.map(() => []);
  for (const village of ground.villages) {
    for (const number of grid.polygons[village.code]!.flat(2)) beside[number < 0 ? ~number : number]!.push(village);
  }
  return beside;
}

export function bordersOf(grid: CompactGrid): Border[] {
  const ground = decode(grid);
  return sides(grid, ground).map((villages, number) => {
    const streets = new Set(villages.map(streetOf));
    const kind = villages.length < 2 ? "rim" : streets.size > 1 ? "street" : "village";
    return { line: ground.lines[number]!, kind };
  });
}

/** The streets' names, each in the middle of its villages. */
export function streetsOf(grid: CompactGrid): Named[] {
  const found = new Map<string, { name: string; villages: Village[] }>();
  for (const village of decode(grid).villages) {
    const street = village.line.at(-2);
    if (!street || street.level !== "street") continue;
    const entry = found.get(street.code) ?? { name: street.name, villages: [] };
    entry.villages.push(village);
    found.set(street.code, entry);
  }
  return [...found].map(([code, { name, villages }]) => {
    const middle = (low: "west" | "south", high: "east" | "north"): number =>
      villages.reduce((sum, village) => sum + (village[low] + village[high]) / 2, 0) / villages.length;
    return { code, name, lon: middle("west", "east"), lat: middle("south", "north") };
  });
}

/** West, south, east, north of the villages below a cell; of the whole grid where none are. */
export function extentOf(grid: CompactGrid, code: string | null = null): [number, number, number, number] | null {
  const all = decode(grid).villages;
  const below = all.filter((village) => village.line.some((cell) => cell.code === code));
  const villages = below.length ? below : all;
  if (!villages.length) return null;
  return [
    Math.min(...villages.map((one) => one.west)), Math.min(...villages.map((one) => one.south)),
    Math.max(...villages.map((one) => one.east)), Math.max(...villages.map((one) => one.north)),
  ];
}
