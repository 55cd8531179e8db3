/** The city's plane for distances: metres of Shanghai 2000, as the server's (`grid/coordinates.py`). */
import type { Polygons } from "./compact";

// GRS80; transverse Mercator by Krüger's series, four terms: 0.1 µm inside the city
const AXIS = 6378137;
const FLATTENING = 1 / 298.257222101;
const CENTRAL = 121.46444444444444;
const EAST = -238.172;
const NORTH = -3457059.924;

const N = FLATTENING / (2 - FLATTENING);
const E = Math.sqrt(FLATTENING * (2 - FLATTENING));
const RADIUS = (AXIS / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64 + N ** 6 / 256);
const TERMS = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49561 / 161280) * N ** 4,
];

/** East and north in metres of a place in WGS-84; means something within some hundred kilometres of the city. */
export function toPlane(lon: number, lat: number): [number, number] {
  const away = ((lon - CENTRAL) * Math.PI) / 180;
  const tangent = Math.tan((lat * Math.PI) / 180);
  const secant = Math.hypot(1, tangent);
  const sigma = Math.sinh(E * Math.atanh((E * tangent) / secant));
  const conformal = tangent * Math.hypot(1, sigma) - sigma * secant;
  const up = Math.atan2(conformal, Math.cos(away));
  const across = Math.asinh(Math.sin(away) / Math.hypot(conformal, Math.cos(away)));
  let [xi, eta] = [up, across];
  TERMS.forEach((term, at) => {
    const twice = 2 * (at + 1);
    xi += term * Math.sin(twice * up) * Math.cosh(twice * across);
    eta += term * Math.cos(twice * up) * Math.sinh(twice * across);
  });
  return [RADIUS * eta + EAST, RADIUS * xi + NORTH];
}

/** The polygons with each vertex on the plane. */
export function onPlane(polygons: Polygons): Polygons {
  return polygons.map((rings) => rings.map((ring) => {
    const flat = new Float64Array(ring.length);
    for (let at = 0; at < ring.length; at += 2) [flat[at], flat[at + 1]] = toPlane(ring[at]!, ring[at + 1]!) as [number, number];
    return flat;
  }));
}
