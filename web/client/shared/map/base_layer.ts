/** The base map as a layer, loaded only where one is configured; the map stays in EPSG:3857, the tiles are laid to it. */
import "./base.css";
import TileLayer from "ol/layer/Tile";
import { addCoordinateTransforms, addProjection, fromLonLat, get, toLonLat } from "ol/proj";
import Projection from "ol/proj/Projection";
import TileImage from "ol/source/TileImage";
import TileGrid from "ol/tilegrid/TileGrid";
import { fromGcj, toGcj } from "../ground/gcj";
import { type Basemap, basemapLacking, tileAddress } from "./basemap";

type Pair = [number, number];

const HALF = 20037508.342789244;
/** Metres, or degrees, a pixel of the one tile of zoom 0 (of degrees two tiles lie side by side from zoom 1 on). */
const WIDEST = { w: (2 * HALF) / 256, c: 360 / 256 };

const pair = (point: number[]): Pair => [point[0] ?? NaN, point[1] ?? NaN];

/**
 * The projection of the tiles, made known to OpenLayers: Mercator metres or degrees of CGCS2000 (EPSG:4490, which differs
 * from WGS-84 by centimetres), of places that are shifted to GCJ-02 or not.
 */
function projectionOf(set: "w" | "c", gcj: boolean): Projection {
  if (set === "w" && !gcj) return get("EPSG:3857")!;
  const code = gcj ? `GCJ-02:${set}` : "EPSG:4490";
  const known = get(code);
  if (known) return known;
  const shift = gcj ? toGcj : (lon: number, lat: number): Pair => [lon, lat];
  const unshift = gcj ? fromGcj : (lon: number, lat: number): Pair => [lon, lat];
  const lay = (point: Pair): Pair => (set === "w" ? pair(fromLonLat(point)) : point);
  const lift = (point: Pair): Pair => (set === "w" ? pair(toLonLat(point)) : point);
  const extent = set === "w" ? [-HALF, -HALF, HALF, HALF] : [-180, -90, 180, 90];
  const made = new Projection({ code, units: set === "w" ? "m" : "degrees", extent, global: true });
  addProjection(made);
  addCoordinateTransforms("EPSG:4326", made, (point) => lay(shift(...pair(point))), (point) => unshift(...lift(pair(point))));
  addCoordinateTransforms("EPSG:3857", made,
    (point) => lay(shift(...pair(toLonLat(point)))), (point) => fromLonLat(unshift(...lift(pair(point)))));
  return made;
}

function gridOf(set: "w" | "c", mostZoom: number): TileGrid {
  return new TileGrid({
    origin: set === "w" ? [-HALF, HALF] : [-180, 90],
    resolutions: Array.from({ length: mostZoom + 1 }, (_, z) => WIDEST[set] / 2 ** z),
    tileSize: 256,
  });
}

export function baseLayer(map: Basemap): TileLayer {
  const set = map.kind === "wmts" && map.matrix_set === "c" ? "c" : "w";
  const source = new TileImage({
    projection: projectionOf(set, map.crs === "gcj02"),
    tileGrid: gridOf(set, map.most_zoom),
    tileUrlFunction: ([z, x, y]) => tileAddress(map, z ?? 0, x ?? 0, y ?? 0),
    reprojectionErrorThreshold: 0.25,
  });
  source.on("tileloaderror", () => (basemapLacking.value = true));
  source.on("tileloadend", () => (basemapLacking.value = false));
  return new TileLayer({ source, zIndex: -1, className: "basemap" });
}
