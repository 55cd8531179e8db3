/** Components are tens of thousands: only those around what is looked at become features, and only close by. */
import type OlMap from "ol/Map";
import { buffer, containsExtent, type Extent, getHeight, getWidth } from "ol/extent";
import type { FeatureLike } from "ol/Feature";
import { transformExtent } from "ol/proj";
import RenderFeature from "ol/render/Feature";
import type VectorSource from "ol/source/Vector";
import { at } from "./features";
import type { ComponentPoint } from "./open";

/** Components are drawn from this zoom on. */
export const COMPONENTS_FROM = 16;

/** Returns what sets them. */
export function crowd(map: OlMap, source: VectorSource<FeatureLike>): (items: ComponentPoint[], chosen: string | null) => void {
  let all: ComponentPoint[] = [];
  let marked: string | null = null;
  let filled: Extent | null = null;
  const fill = (): void => {
    if (!all.length || (map.getView().getZoom() ?? 0) < COMPONENTS_FROM - 0.01) return;
    const seen = map.getView().calculateExtent();
    if (filled && containsExtent(filled, seen)) return;
    filled = buffer(seen, Math.max(getWidth(seen), getHeight(seen)) / 4);
    const [west, south, east, north] = transformExtent(filled, "EPSG:3857", "EPSG:4326") as [number, number, number, number];
    source.clear(true);
    source.addFeatures(all
      .filter(({ lon, lat }) => lon >= west && lon <= east && lat >= south && lat <= north)
      // without listeners and without a geometry of its own: a tenth of what a Feature costs
      .map((item) => new RenderFeature("Point", at(item), [], 2, { id: item.id, chosen: item.id === marked }, undefined)));
  };
  map.on("moveend", fill);
  return (items, chosen) => {
    [all, marked, filled] = [items, chosen, null];
    source.clear(true);
    fill();
  };
}
