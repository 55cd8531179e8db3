/** What hands do on the map: a tap takes the nearest mark within reach of a thumb, a pin with a grip is dragged. */
import type OlMap from "ol/Map";
import Kinetic from "ol/Kinetic";
import { all, focusWithTabindex, mouseOnly, noModifierKeys, primaryAction } from "ol/events/condition";
import DragPan from "ol/interaction/DragPan";
import { defaults } from "ol/interaction/defaults";
import Translate from "ol/interaction/Translate";
import type VectorLayer from "ol/layer/Vector";
import type VectorImageLayer from "ol/layer/VectorImage";
import type { Coordinate } from "ol/coordinate";
import type { FeatureLike } from "ol/Feature";
import Point from "ol/geom/Point";
import { spotAt } from "./features";
import type { MapEvents } from "./open";

type Marks = "cases" | "reports" | "components";
type Layers = Record<Marks | "cells", VectorLayer | VectorImageLayer>;

/**
 * A mouse drags the map at once. A thumb scrolls the page over a map that merely stands in it, until it was tapped; over
 * one that is what the page is for (`pans`) it drags the map. The wheel zooms only a map in focus.
 */
export function interactionsOf(pans: boolean) {
  const may = pans ? () => true : (event: Parameters<typeof mouseOnly>[0]) => mouseOnly(event) || focusWithTabindex(event);
  const drag = new DragPan({ kinetic: new Kinetic(-0.005, 0.05, 100), condition: all(noModifierKeys, primaryAction, may) });
  return defaults({ onFocusOnly: true, dragPan: false, altShiftDragRotate: false, pinchRotate: false }).extend([drag]);
}

/** Half of a target of 48 px for a thumb; a mouse points better. */
const reach = (): number => (matchMedia("(pointer: coarse)").matches ? 24 : 12);

/** The nearest mark of a layer that is to be seen, and how many pixels away. */
function nearest(map: OlMap, layer: VectorLayer | VectorImageLayer, [x = 0, y = 0]: Coordinate): [FeatureLike, number] | null {
  const [zoom = 0, resolution = 1] = [map.getView().getZoom(), map.getView().getResolution()];
  if (!layer.getVisible() || zoom <= layer.getMinZoom()) return null;
  const around = reach() * resolution;
  let best: [FeatureLike, number] | null = null;
  for (const feature of layer.getSource()?.getFeaturesInExtent([x - around, y - around, x + around, y + around]) ?? []) {
    const [east = 0, north = 0] = (feature as FeatureLike).getGeometry()?.getExtent() ?? [];
    const away = Math.hypot(east - x, north - y) / resolution;
    if (!best || away < best[1]) best = [feature, away];
  }
  return best;
}

/** Cases come before components that lie as near. */
function hit(map: OlMap, layers: Layers, names: Marks[], coordinate: Coordinate): [Marks, FeatureLike] | null {
  let best: [Marks, FeatureLike] | null = null;
  let least = reach();
  for (const name of names) {
    const found = nearest(map, layers[name], coordinate);
    if (found && found[1] < least) [best, least] = [[name, found[0]], found[1]];
  }
  return best;
}

export function listen(map: OlMap, layers: Layers, events: MapEvents): void {
  const names: Marks[] = [...(events.choose ? ["cases" as const, "reports" as const] : []), ...(events.component ? ["components" as const] : [])];
  map.on("singleclick", (event) => {
    const found = hit(map, layers, names, event.coordinate);
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
