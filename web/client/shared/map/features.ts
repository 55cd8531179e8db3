/** Data as features of the map: WGS-84 lon, lat goes in, the map's own coordinates come out. */
import Feature from "ol/Feature";
import type { Coordinate } from "ol/coordinate";
import Circle from "ol/geom/Circle";
import LineString from "ol/geom/LineString";
import MultiPolygon from "ol/geom/MultiPolygon";
import Point from "ol/geom/Point";
import { fromLonLat, getPointResolution, toLonLat } from "ol/proj";
import type { CompactGrid, Ring } from "../ground/compact";
import { decode } from "../ground/compact";
import { bordersOf, streetsOf } from "./ground";

export interface Spot {
  lon: number;
  lat: number;
}

export interface Here extends Spot {
  accuracy_m?: number | null;
  /** Degrees from the north, clockwise. */
  heading?: number | null;
}

export const at = (spot: Spot): Coordinate => fromLonLat([spot.lon, spot.lat]);

/** Nothing is set by hand better than a centimetre. */
export function spotAt(coordinate: Coordinate): Spot {
  const [lon, lat] = toLonLat(coordinate);
  return { lon: Math.round((lon ?? 0) * 1e7) / 1e7, lat: Math.round((lat ?? 0) * 1e7) / 1e7 };
}

export function pointFeature(spot: Spot, properties: Record<string, unknown>): Feature {
  return new Feature({ ...properties, geometry: new Point(at(spot)) });
}

export function circleFeature(spot: Spot, metres: number, properties: Record<string, unknown>): Feature {
  const centre = at(spot);
  return new Feature({ ...properties, circle: true, geometry: new Circle(centre, metres / getPointResolution("EPSG:3857", 1, centre)) });
}

function laid(ring: Ring): Coordinate[] {
  return Array.from({ length: ring.length / 2 }, (_, point) => fromLonLat([ring[2 * point]!, ring[2 * point + 1]!]));
}

/** Villages to name and to mark, borders by their weight, names of the streets. */
export function groundFeatures(grid: CompactGrid): Feature[] {
  const villages = decode(grid).villages.map((village) => new Feature({
    kind: "cell", code: village.code, name: village.name,
    geometry: new MultiPolygon(village.polygons.map((rings) => rings.map(laid))),
  }));
  const borders = bordersOf(grid).map(({ line, kind }) => new Feature({ kind, geometry: new LineString(laid(line)) }));
  return [...villages, ...borders, ...streetsOf(grid).map((street) => pointFeature(street, { kind: "name", name: street.name }))];
}

/** GeoJSON MultiPolygon, WGS-84. */
export function areaFeature(polygon: { coordinates: number[][][][] }, properties: Record<string, unknown>): Feature {
  const coordinates = polygon.coordinates.map((rings) => rings.map((ring) => ring.map((point) => fromLonLat(point))));
  return new Feature({ ...properties, geometry: new MultiPolygon(coordinates) });
}
