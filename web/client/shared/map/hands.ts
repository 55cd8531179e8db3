/** What hands do on the map: a tap takes the nearest mark within reach of a thumb, a pin with a grip is dragged. */
import OlMap from "ol/Map";
import Translate from "ol/interaction/Translate";
import type VectorLayer from "ol/layer/Vector";
import type { Coordinate } from "ol/coordinate";
import type Feature from "ol/Feature";
import Point from "ol/geom/Point";
import { spotAt } from "./features";
import type { MapEvents } from "./open";

type Pixel = number[];
type Marks = "cases" | "reports" | "components";
type Layers = Record<Marks | "cells" | "marks", VectorLayer>;

/** Half of a target of 48 px for a thumb; a mouse points better. */
const reach = (): number => (matchMedia("(pointer: coarse)").matches ? 24 : 12);

function away(map: OlMap, feature: Feature, pixel: Pixel): number {
  const there = map.getPixelFromCoordinate((feature.getGeometry() as Point).getCoordinates());
  return there ? Math.hypot(there[0]! - pixel[0]!, there[1]! - pixel[1]!) : Infinity;
}

/** The nearest mark of a layer that is to be seen, and how many pixels away. */
function nearest(map: OlMap, layer: VectorLayer, coordinate: Coordinate, pixel: Pixel): [Feature, number] | null {
  const seen = layer.getVisible() && (map.getView().getZoom() ?? 0) > layer.getMinZoom();
  const found = seen ? layer.getSource()?.getClosestFeatureToCoordinate(coordinate) : null;
  return found ? [found as Feature, away(map, found as Feature, pixel)] : null;
}

/** Cases come before components that lie as near. */
function hit(map: OlMap, layers: Layers, names: Marks[], coordinate: Coordinate, pixel: Pixel): [Marks, Feature] | null {
  let best: [Marks, Feature] | null = null;
  let least = reach();
  for (const name of names) {
    const found = nearest(map, layers[name], coordinate, pixel);
    if (found && found[1] < least) [best, least] = [[name, found[0]], found[1]];
  }
  return best;
}

export function listen(map: OlMap, layers: Layers, events: MapEvents): void {
  const names: Marks[] = [...(events.choose ? ["cases" as const, "reports" as const] : []), ...(events.component ? ["components" as const] : [])];
  map.on("singleclick", (event) => {
    const found = hit(map, layers, names, event.coordinate, event.pixel);
    if (found?.[0] === "components") return events.component?.(String(found[1].get("id")));
    if (found) return events.choose?.(String(found[1].get("no")));
    events.pick?.(spotAt(event.coordinate));
    const [cell] = layers.cells.getSource()?.getFeaturesAtCoordinate(event.coordinate) ?? [];
    if (events.enter && cell) events.enter(String(cell.get("code")));
  });
}

/**
 * The pin is dragged by a grip that hangs below its point, so that the thumb does not hide where it goes; the map beside
 * it pans and leaves the place alone. (A map that moves under a fixed cross would change the place when one only looks
 * around, or scrolls the page with a thumb on the map, and would say nothing of it.)
 */
export function gripPin(map: OlMap, layer: VectorLayer, drag: NonNullable<MapEvents["drag"]>): void {
  const grip = new Translate({ layers: [layer], filter: (feature) => Boolean(feature.get("grip")), hitTolerance: 6 });
  grip.on("translatestart", () => {
    for (const feature of layer.getSource()?.getFeatures() ?? []) {
      if (feature.get("circle") && feature.get("name") === "pin") layer.getSource()?.removeFeature(feature);
    }
  });
  grip.on("translateend", (event) => {
    const moved = event.features.item(0)?.getGeometry();
    if (moved instanceof Point) drag(spotAt(moved.getCoordinates()));
  });
  map.addInteraction(grip);
}
