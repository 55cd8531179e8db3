/** The map itself (OpenLayers), loaded only where one is shown. Points go in and out as WGS-84 lon, lat. */
import "ol/ol.css";
import Feature from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import { type Extent, isEmpty } from "ol/extent";
import GeoJSON from "ol/format/GeoJSON";
import MVT from "ol/format/MVT";
import Circle from "ol/geom/Circle";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import { fromLonLat, getPointResolution, toLonLat } from "ol/proj";
import VectorSource from "ol/source/Vector";
import VectorTileSource from "ol/source/VectorTile";
import type { CaseItem } from "../api";
import type { Outlines } from "./cells";
import { type Styles, makeStyles } from "./styles";

export interface Spot {
  lon: number;
  lat: number;
}

export interface MapEvents {
  /** Somebody tapped the ground. */
  pick?: ((spot: Spot) => void) | undefined;
  /** Somebody tapped a case. */
  choose?: ((no: string) => void) | undefined;
  /** Somebody tapped a cell. */
  enter?: ((code: string) => void) | undefined;
}

export interface MapHandle {
  cells(outlines: Outlines): void;
  /** Shades cells by a number each, the largest darkest, and writes it under the name. */
  shade(values: Record<string, number>): void;
  cases(items: Pick<CaseItem, "no" | "light" | "point">[], chosen: string | null): void;
  pin(spot: Spot | null, accuracy?: number | null): void;
  here(spot: Spot | null): void;
  go(spot: Spot, zoom?: number): void;
  fit(): void;
  zoom(by: number): void;
  close(): void;
}

interface Layers {
  cells: VectorSource;
  cases: VectorSource;
  marks: VectorSource;
}

function at(spot: Spot): number[] {
  return fromLonLat([spot.lon, spot.lat]);
}

function listen(map: OlMap, events: MapEvents): void {
  map.on("singleclick", (event) => {
    const hit = map.forEachFeatureAtPixel(event.pixel, (feature) => feature, {
      hitTolerance: 8,
      layerFilter: (layer) => layer.get("name") === "cases",
    });
    if (hit && events.choose) return events.choose(String(hit.get("no")));
    const [lon, lat] = toLonLat(event.coordinate);
    if (events.pick && lon !== undefined && lat !== undefined) events.pick({ lon, lat });
    if (!events.enter) return;
    const cell = map.forEachFeatureAtPixel(event.pixel, (feature) => feature, {
      layerFilter: (layer) => layer.get("name") === "cells",
    });
    if (cell) events.enter(String(cell.get("code")));
  });
}

function circle(spot: Spot, metres: number): Circle {
  const centre = at(spot);
  return new Circle(centre, metres / getPointResolution("EPSG:3857", 1, centre));
}

function marks(source: VectorSource, name: string, made: Feature[]): void {
  source.getFeatures().filter((feature) => feature.get("name") === name).forEach((feature) => source.removeFeature(feature));
  for (const feature of made) {
    feature.set("name", name);
    source.addFeature(feature);
  }
}

function make(place: HTMLElement, layers: Layers, styles: Styles): OlMap {
  const layer = (name: "cells" | "cases" | "marks", order: number) =>
    new VectorLayer({
      source: layers[name],
      style: styles[name],
      zIndex: order,
      declutter: name === "cells",
      properties: { name },
      updateWhileInteracting: false,
    });
  const ground = new VectorTileLayer({
    source: new VectorTileSource({ format: new MVT(), url: "/tiles/active/cells/{z}/{x}/{y}.mvt", maxZoom: 16 }),
    style: styles.ground,
    declutter: true,
    zIndex: 0,
  });
  return new OlMap({
    target: place,
    controls: [],
    layers: [ground, layer("cells", 1), layer("cases", 2), layer("marks", 3)],
    view: new View({ center: fromLonLat([121.4737, 31.2304]), zoom: 11, minZoom: 7, maxZoom: 20, enableRotation: false }),
  });
}

export function openMap(place: HTMLElement, events: MapEvents): MapHandle {
  const layers: Layers = { cells: new VectorSource(), cases: new VectorSource(), marks: new VectorSource() };
  const styles = makeStyles();
  const map = make(place, layers, styles);
  listen(map, events);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = (): void => {
    styles.refresh();
    map.getLayers().forEach((layer) => layer.changed());
  };
  dark.addEventListener("change", redraw);
  const sized = new ResizeObserver(() => map.updateSize());
  sized.observe(place);
  const fit = (): void => {
    const extent: Extent | null = layers.cells.getExtent();
    if (extent && !isEmpty(extent)) map.getView().fit(extent, { padding: [12, 12, 28, 12] });
  };
  return {
    cells(outlines) {
      layers.cells.clear();
      layers.cells.addFeatures(new GeoJSON({ featureProjection: "EPSG:3857" }).readFeatures(outlines));
      styles.named.clear();
      layers.cells.getFeatures().forEach((cell) => styles.named.add(String(cell.get("code"))));
      map.getLayers().forEach((layer) => layer.changed());
      fit();
    },
    shade(values) {
      const most = Math.max(1, ...Object.values(values));
      for (const cell of layers.cells.getFeatures()) {
        const value = values[String(cell.get("code"))];
        cell.setProperties({ value, share: value === undefined ? undefined : value / most });
      }
    },
    cases(items, chosen) {
      layers.cases.clear();
      layers.cases.addFeatures(items.flatMap((item) => (item.point
        ? [new Feature({ geometry: new Point(at(item.point)), no: item.no, light: item.light, chosen: item.no === chosen })]
        : [])));
    },
    pin(spot, accuracy = null) {
      const made: Feature[] = spot ? [new Feature(new Point(at(spot)))] : [];
      if (spot && accuracy) made.push(new Feature(circle(spot, accuracy)));
      marks(layers.marks, "pin", made);
    },
    here(spot) {
      marks(layers.marks, "here", spot ? [new Feature(new Point(at(spot)))] : []);
    },
    go(spot, zoom) {
      map.getView().setCenter(at(spot));
      if (zoom) map.getView().setZoom(zoom);
    },
    fit,
    zoom(by) {
      map.getView().adjustZoom(by);
    },
    close() {
      dark.removeEventListener("change", redraw);
      sized.disconnect();
      map.setTarget(undefined);
    },
  };
}
