/**
 * Whether polygons cover a point, and how far they are, by the very arithmetic of PostGIS.
 *
 * PostGIS (`ST_Covers`, lwgeom_functions_analytic.c) winds around the point in double precision and takes a side of
 * exactly nothing as "on the edge". The phone holds the same doubles for vertices (`compact.ts`) and for the point, and
 * does the same sums in the same order, so it says the same even where the sums round: more alike than exact integers
 * would be. (Those would do as well: an offset inside a district is below 2^23 units of 1e-7 degree, a product of two
 * below 2^46, the difference below 2^47 < 2^53; but a point's own digits go beyond 1e-7, and PostGIS does round.)
 * What can still differ, within 1e-14 degree of an edge, a nanometre: a server built with fused multiply-add (ARM), and
 * an edge that the edition runs through the other way than the compact grid.
 */
import type { Polygons, Ring } from "./compact";

type Side = -1 | 0 | 1;

/** 1 inside, 0 on the edge, -1 outside. */
function sideOfRing(ring: Ring, x: number, y: number): Side {
  let winding = 0;
  for (let at = 0; at + 3 < ring.length; at += 2) {
    const [ax, ay, bx, by] = [ring[at]!, ring[at + 1]!, ring[at + 2]!, ring[at + 3]!];
    if ((ay > y && by > y) || (ay < y && by < y)) continue;
    if ((bx - ax) * (bx - ax) + (by - ay) * (by - ay) < 1e-24) continue;
    const side = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
    if (side === 0 && x >= Math.min(ax, bx) && x <= Math.max(ax, bx)) return 0;
    if (ay <= y && y < by && side > 0) winding += 1;
    else if (by <= y && y < ay && side < 0) winding -= 1;
  }
  return winding === 0 ? -1 : 1;
}

function inHole(holes: Ring[], x: number, y: number): Side {
  for (const hole of holes) {
    const side = sideOfRing(hole, x, y);
    if (side >= 0) return side === 1 ? -1 : 0;
  }
  return 1;
}

/** Whether the point lies in one of the polygons or on an edge of theirs. */
export function covers(polygons: Polygons, x: number, y: number): boolean {
  for (const [outer, ...holes] of polygons) {
    const side = outer ? sideOfRing(outer, x, y) : -1;
    if (side === 0 || (side === 1 && inHole(holes, x, y) >= 0)) return true;
  }
  return false;
}

function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const share = square === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / square;
  if (share <= 0) return Math.hypot(x - ax, y - ay);
  if (share >= 1) return Math.hypot(x - bx, y - by);
  return Math.abs((ay - y) * dx - (ax - x) * dy) / Math.sqrt(square);
}

/** How far the polygons are from a point of the same plane; 0 where they cover it. */
export function distanceTo(polygons: Polygons, x: number, y: number): number {
  if (covers(polygons, x, y)) return 0;
  let least = Infinity;
  for (const ring of polygons.flat()) {
    for (let at = 0; at + 3 < ring.length; at += 2) {
      least = Math.min(least, toSegment(x, y, ring[at]!, ring[at + 1]!, ring[at + 2]!, ring[at + 3]!));
    }
  }
  return least;
}
