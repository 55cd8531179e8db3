/** Which village a point lies in, said by the phone as the server says it (`grid/locating/rules.py`). */
import type { LineCell } from "../api";
import { type CompactGrid, decode, type Polygons, type Village } from "./compact";
import { covers, distanceTo } from "./cover";
import { onPlane, toPlane } from "./plane";

export interface Candidate {
  code: string;
  name: string;
  /** To the millimetre. */
  distance_m: number;
}

export interface Where {
  /** The village; outside the nearest, which is then not where the point lies. */
  cell: { code: string; name: string } | null;
  /** From the root down to the village; empty outside. */
  line: LineCell[];
  method: "inside" | "edge" | "near" | "outside";
  confidence: "high" | "low";
  /** The other villages that the accuracy circle touches, the nearest first. */
  candidates: Candidate[];
  /** 0 where the village covers the point. */
  distance_m: number | null;
}

const NEAR_M = 50;
const FARTHEST_M = 5000;
const UNSURE_M = 50;
const MOST_CANDIDATES = 20;

interface Hit {
  village: Village;
  covers: boolean;
  metres: number;
}

const planes = new WeakMap<Village, Polygons>();

function planeOf(village: Village): Polygons {
  let plane = planes.get(village);
  if (!plane) {
    plane = onPlane(village.polygons);
    planes.set(village, plane);
  }
  return plane;
}

/** At least so many metres lie between the point and the village's box: a metre a degree is never less than these. */
function atLeast(village: Village, lon: number, lat: number): number {
  const across = Math.max(village.west - lon, lon - village.east, 0);
  const up = Math.max(village.south - lat, lat - village.north, 0);
  return Math.hypot(across * 111_000 * Math.cos(((Math.abs(lat) + up) * Math.PI) / 180), up * 110_500) - 1;
}

function inBox(village: Village, lon: number, lat: number): boolean {
  return lon >= village.west && lon <= village.east && lat >= village.south && lat <= village.north;
}

const rounded = (metres: number): number => Math.round(metres * 1000) / 1000;
const byDistance = (a: Hit, b: Hit): number => a.metres - b.metres || (a.village.code < b.village.code ? -1 : 1);

/** The villages that cover the point, and those within `reach` metres. */
function hitsOf(villages: Village[], lon: number, lat: number, reach: number): Hit[] {
  const [x, y] = toPlane(lon, lat);
  const hits: Hit[] = [];
  for (const village of villages) {
    const covering = inBox(village, lon, lat) && covers(village.polygons, lon, lat);
    if (!covering && (reach === 0 || atLeast(village, lon, lat) > reach)) continue;
    const metres = covering ? 0 : rounded(distanceTo(planeOf(village), x, y));
    if (covering || metres <= reach) hits.push({ village, covers: covering, metres });
  }
  return hits;
}

function nearest(villages: Village[], lon: number, lat: number): Hit | null {
  const [x, y] = toPlane(lon, lat);
  let best: Hit | null = null;
  for (const [village, least] of villages.map((one) => [one, atLeast(one, lon, lat)] as const).sort((a, b) => a[1] - b[1])) {
    if (best && least > best.metres) break;
    const hit: Hit = { village, covers: false, metres: distanceTo(planeOf(village), x, y) };
    if (!best || byDistance(hit, best) < 0) best = hit;
  }
  return best;
}

function outside(villages: Village[], lon: number, lat: number): Where {
  const best = nearest(villages, lon, lat);
  const cell = best && { code: best.village.code, name: best.village.name };
  return { cell, line: [], method: "outside", confidence: "low", candidates: [], distance_m: best && Math.round(best.metres * 10) / 10 };
}

/**
 * The village of a point in WGS-84: covered by one, inside; by several, on the edge, the lowest code; by none, the nearest
 * within 50 m or the accuracy, else outside. Knows only the grid's own ground: beyond its rim the server may know better.
 */
export function whereIs(grid: CompactGrid, spot: { lon: number; lat: number }, accuracyM: number | null): Where {
  const { villages } = decode(grid);
  const circle = Math.min(accuracyM ?? 0, FARTHEST_M);
  const { lon, lat } = spot;
  let hits = hitsOf(villages, lon, lat, circle);
  const covering = hits.filter((hit) => hit.covers);
  let [best] = covering; // villages stand in the order of their codes
  if (!best) {
    hits = hitsOf(villages, lon, lat, Math.max(circle, NEAR_M)).sort(byDistance);
    [best] = hits;
    if (!best) return outside(villages, lon, lat);
  }
  const others = hits.filter((hit) => hit !== best && (hit.covers || !covering.length || circle > 0)).sort(byDistance);
  const method = covering.length === 0 ? "near" : covering.length === 1 ? "inside" : "edge";
  const { village, metres } = best;
  return {
    cell: { code: village.code, name: village.name },
    line: village.line,
    method,
    confidence: method === "inside" && !others.length && circle <= UNSURE_M ? "high" : "low",
    candidates: others.slice(0, MOST_CANDIDATES).map((hit) => ({ code: hit.village.code, name: hit.village.name, distance_m: hit.metres })),
    distance_m: metres,
  };
}
