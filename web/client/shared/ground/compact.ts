/** The district's grid as the phone keeps it: shared borders once, whole numbers of 1e-7 degree (`grid/compact.py`). */
import type { Level, LineCell } from "../api";

export interface CompactGrid {
  version: string;
  edition: string;
  /** Units a degree: 10,000,000. */
  scale: number;
  cells: { code: string; name: string; level: Level; parent: string | null }[];
  /** Each a line of points: the first absolute, then differences; longitude, latitude. */
  arcs: number[][];
  /** By village: polygons of rings (the outer first) of numbers of arcs, `~i` for one run backwards. */
  polygons: Record<string, number[][][]>;
  /** Whether finer vertices of the edition were rounded. */
  rounded?: boolean;
}

/** Points one after the other: lon, lat, lon, lat … in degrees, or x, y … in metres; rings are closed. */
export type Ring = Float64Array;
export type Polygons = Ring[][];

export interface Village {
  code: string;
  name: string;
  /** From the root down to the village. */
  line: LineCell[];
  polygons: Polygons;
  west: number;
  south: number;
  east: number;
  north: number;
}

export interface Ground {
  /** In the order of their codes. */
  villages: Village[];
  byCode: Map<string, Village>;
  /** The arcs in degrees, by number. */
  lines: Ring[];
}

const decoded = new WeakMap<CompactGrid, Ground>();

/**
 * The grid's villages with their rings in degrees; once a grid.
 *
 * A whole number through 1e7 is the very double that the decimal in the edition is read as (division rounds correctly),
 * so the phone holds the server's own vertices to the bit, unless the grid says `rounded`.
 */
export function decode(grid: CompactGrid): Ground {
  let ground = decoded.get(grid);
  if (!ground) {
    ground = read(grid);
    decoded.set(grid, ground);
  }
  return ground;
}

function read(grid: CompactGrid): Ground {
  const lines = grid.arcs.map((arc) => unpack(arc, grid.scale));
  const cells = new Map(grid.cells.map((cell) => [cell.code, cell]));
  const lineOf = (code: string | null): LineCell[] => {
    const cell = code === null ? undefined : cells.get(code);
    return cell ? [...lineOf(cell.parent), { code: cell.code, level: cell.level, name: cell.name }] : [];
  };
  const villages = Object.keys(grid.polygons).sort().map((code) => {
    const polygons = grid.polygons[code]!.map((rings) => rings.map((ring) => join(ring, lines)));
    return { code, name: cells.get(code)?.name ?? code, line: lineOf(code), polygons, ...boxOf(polygons) };
  });
  return { villages, byCode: new Map(villages.map((village) => [village.code, village])), lines };
}

function unpack(arc: number[], scale: number): Ring {
  const line = new Float64Array(arc.length);
  let x = 0;
  let y = 0;
  for (let at = 0; at < arc.length; at += 2) {
    x += arc[at]!;
    y += arc[at + 1]!;
    line[at] = x / scale;
    line[at + 1] = y / scale;
  }
  return line;
}

/** One ring of arcs end to end; the point where two meet stands once. */
function join(numbers: number[], lines: Ring[]): Ring {
  const points: number[] = [];
  for (const number of numbers) {
    const line = lines[number < 0 ? ~number : number]!;
    const count = line.length / 2;
    for (let step = points.length ? 1 : 0; step < count; step += 1) {
      const at = 2 * (number < 0 ? count - 1 - step : step);
      points.push(line[at]!, line[at + 1]!);
    }
  }
  return Float64Array.from(points);
}

function boxOf(polygons: Polygons): Pick<Village, "west" | "south" | "east" | "north"> {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [outer] of polygons) {
    for (let at = 0; at < (outer?.length ?? 0); at += 2) {
      west = Math.min(west, outer![at]!);
      east = Math.max(east, outer![at]!);
      south = Math.min(south, outer![at + 1]!);
      north = Math.max(north, outer![at + 1]!);
    }
  }
  return { west, south, east, north };
}
