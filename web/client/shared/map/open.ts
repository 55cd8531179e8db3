/** The map itself (OpenLayers), loaded only where one is shown. Points go in and out as WGS-84 lon, lat. */
import "ol/ol.css";
import { effect } from "@preact/signals";
import Feature, { type FeatureLike } from "ol/Feature";
import OlMap from "ol/Map";
import View from "ol/View";
import { containsCoordinate, type Extent, isEmpty } from "ol/extent";
import GeoJSON from "ol/format/GeoJSON";
import type BaseLayer from "ol/layer/Base";
import VectorLayer from "ol/layer/Vector";
import VectorImageLayer from "ol/layer/VectorImage";
import { fromLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import type { CaseItem } from "../api";
import type { CompactGrid } from "../ground/compact";
import { online } from "../http";
import { type Basemap, basemap, basemapLacking } from "./basemap";
import type { Outlines } from "./cells";
import { onTheme } from "./colours";
import { COMPONENTS_FROM, crowd } from "./crowd";
import { areaFeature, at, circleFeature, groundFeatures, type Here, pointFeature, type Spot } from "./features";
import { extentOf } from "./ground";
import { gripPin, interactionsOf, listen } from "./hands";
import { type Drawn, makeStyles, type Styles } from "./styles";

export type { Here, Spot } from "./features";

export interface MapEvents {
  /** Somebody tapped the ground. */
  pick?: ((spot: Spot) => void) | undefined;
  /** Somebody tapped a case, or an own report. */
  choose?: ((no: string) => void) | undefined;
  /** Somebody tapped a cell. */
  enter?: ((code: string) => void) | undefined;
  /** Somebody tapped a component. */
  component?: ((id: string) => void) | undefined;
  /** The map is what the page is for: a thumb on it drags it at once instead of scrolling the page. */
  pans?: boolean | undefined;
  /** The pin has a grip and was dragged to. */
  drag?: ((spot: Spot) => void) | undefined;
}

export interface DutyShape {
  code: string;
  name: string;
  polygon: { coordinates: number[][][][] };
}

export interface ComponentPoint extends Spot {
  id: string;
}

export type Light = Pick<CaseItem, "no" | "light" | "point">;
export type Report = Pick<CaseItem, "no"> & { point?: CaseItem["point"] };
export type Switched = "duty" | "components" | "reports" | "cases";

export interface MapHandle {
  cells(outlines: Outlines): void;
  /** Draws the cells from the device's own grid; `home` is the cell that the map shows whole. */
  ground(grid: CompactGrid | null, home: string | null): void;
  /** Marks one village of the grid. */
  cell(code: string | null): void;
  /** Shades cells by a number each, the largest darkest, and writes it under the name. */
  shade(values: Record<string, number>): void;
  cases(items: Light[], chosen: string | null): void;
  reports(items: Report[]): void;
  duty(areas: DutyShape[]): void;
  /** Shown from zoom 16 on. */
  components(items: ComponentPoint[], chosen: string | null): void;
  show(layer: Switched, on: boolean): void;
  pin(spot: Spot | null, accuracy?: number | null): void;
  here(here: Here | null): void;
  go(spot: Spot, zoom?: number): void;
  fit(): void;
  zoom(by: number): void;
  close(): void;
}

const ORDER: Exclude<Drawn, "tiles">[] = ["ground", "cells", "duty", "components", "reports", "cases", "marks"];
type Sources = Record<(typeof ORDER)[number], VectorSource>;
type Layers = Record<(typeof ORDER)[number], VectorLayer | VectorImageLayer>;

/** Many things that lie still: while a thumb drags the map, their picture is moved instead of all of them drawn anew. */
const AS_PICTURE: ReadonlySet<Drawn> = new Set(["ground", "components"]);

function layersOf(sources: Sources, styles: Styles): Layers {
  return Object.fromEntries(ORDER.map((name, order) => {
    const options = {
      source: sources[name],
      style: (feature: FeatureLike, resolution: number) => styles[name](feature, resolution),
      zIndex: order + 1,
      declutter: name === "cells" || name === "ground",
      properties: { name },
      ...(name === "components" && { minZoom: COMPONENTS_FROM - 0.01 }),
    };
    return [name, AS_PICTURE.has(name) ? new VectorImageLayer({ ...options, imageRatio: 1.5 }) : new VectorLayer(options)];
  })) as unknown as Layers;
}

function replace(source: VectorSource, features: Feature[]): void {
  source.clear(true);
  source.addFeatures(features);
}

function marks(source: VectorSource, name: string, made: Feature[]): void {
  source.getFeatures().filter((feature) => feature.get("name") === name).forEach((feature) => source.removeFeature(feature));
  made.forEach((feature) => feature.set("name", name));
  source.addFeatures(made);
}

/** The server's cells where the device's own grid does not reach; never asked for without a connection. */
function serveCells(map: OlMap, styles: Styles, covered: () => Extent | null): () => void {
  let layer: BaseLayer | null = null;
  let asked = false;
  const look = async (): Promise<void> => {
    const extent = covered();
    const centre = map.getView().getCenter();
    const wanted = online.value && !(extent && centre && containsCoordinate(extent, centre));
    layer?.setVisible(wanted);
    if (!wanted || asked) return;
    asked = true;
    try {
      layer = (await import("./tiles")).tilesLayer(styles);
      map.addLayer(layer);
    } catch {
      asked = false;
    }
  };
  map.on("moveend", () => void look());
  return effect(() => {
    if (online.value) void look();
  });
}

/** The configured base map beneath everything; asks again for what failed once there is a connection. */
function serveBase(map: OlMap, styles: Styles): () => void {
  let layer: import("ol/layer/Tile").default | null = null;
  let shown: Basemap | null = null;
  const lay = async (wanted: Basemap): Promise<void> => {
    shown = wanted;
    const { baseLayer } = await import("./base_layer");
    if (shown !== wanted) return;
    if (layer) map.removeLayer(layer);
    layer = baseLayer(wanted);
    map.addLayer(layer);
    styles.onTiles = true;
    map.getLayers().forEach((one) => one.changed());
  };
  const stops = [
    effect(() => {
      if (basemap.value && basemap.value !== shown) void lay(basemap.value).catch(() => (basemapLacking.value = true));
    }),
    effect(() => {
      if (online.value && basemapLacking.peek()) layer?.getSource()?.refresh();
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

const laid = (box: Extent | null): Extent | null => box && transformExtent(box, "EPSG:4326", "EPSG:3857");

/** `grid`: what `ground` will draw, so that nothing is asked of the server for it meanwhile. */
export function openMap(place: HTMLElement, events: MapEvents, grid: CompactGrid | null = null): MapHandle {
  const sources = Object.fromEntries(ORDER.map((name) => [name, new VectorSource()])) as unknown as Sources;
  const styles = makeStyles();
  const layers = layersOf(sources, styles);
  const map = new OlMap({
    target: place,
    controls: [],
    interactions: interactionsOf(events.pans ?? false),
    layers: Object.values(layers),
    view: new View({ center: fromLonLat([121.4737, 31.2304]), zoom: 11, minZoom: 7, maxZoom: 20, enableRotation: false }),
  });
  let home: Extent | null = null;
  let covered = laid(grid && extentOf(grid));
  listen(map, layers, events);
  if (events.drag) gripPin(map, layers.marks as VectorLayer, events.drag);
  const redraw = (): void => {
    styles.refresh();
    map.getLayers().forEach((layer) => layer.changed());
  };
  const sized = new ResizeObserver(() => map.updateSize());
  sized.observe(place);
  const stops = [onTheme(redraw), serveCells(map, styles, () => covered), serveBase(map, styles), () => sized.disconnect()];
  const fit = (): void => {
    if (home && !isEmpty(home)) map.getView().fit(home, { padding: [12, 12, 28, 12] });
  };
  return {
    cells(outlines) {
      replace(sources.cells, new GeoJSON({ featureProjection: "EPSG:3857" }).readFeatures(outlines));
      styles.named.clear();
      sources.cells.getFeatures().forEach((cell) => styles.named.add(String(cell.get("code"))));
      map.getLayers().forEach((layer) => layer.changed());
      home = sources.cells.getExtent();
      fit();
    },
    ground(grid, code) {
      replace(sources.ground, grid ? groundFeatures(grid) : []);
      sources.cells.clear(); // outlines that were fetched before the grid was there
      styles.named.clear();
      covered = laid(grid && extentOf(grid));
      home = laid(grid && extentOf(grid, code));
      fit();
    },
    cell(code) {
      for (const cell of sources.ground.getFeatures()) {
        if (cell.get("kind") === "cell" && (cell.get("code") === code) !== Boolean(cell.get("chosen"))) cell.set("chosen", cell.get("code") === code);
      }
    },
    shade(values) {
      const most = Math.max(1, ...Object.values(values));
      for (const cell of sources.cells.getFeatures()) {
        const value = values[String(cell.get("code"))];
        cell.setProperties({ value, share: value === undefined ? undefined : value / most });
      }
    },
    cases(items, chosen) {
      replace(sources.cases, items.flatMap(({ no, light, point }) => (point ? [pointFeature(point, { no, light, chosen: no === chosen })] : [])));
    },
    reports(items) {
      replace(sources.reports, items.flatMap(({ no, point }) => (point ? [pointFeature(point, { no })] : [])));
    },
    duty(areas) {
      replace(sources.duty, areas.map(({ code, name, polygon }) => areaFeature(polygon, { code, name })));
    },
    components: crowd(map, sources.components),
    show(layer, on) {
      layers[layer].setVisible(on);
    },
    pin(spot, accuracy = null) {
      const made: Feature[] = spot ? [pointFeature(spot, { grip: Boolean(events.drag) })] : [];
      if (spot && accuracy) made.push(circleFeature(spot, accuracy, {}));
      marks(sources.marks, "pin", made);
    },
    here(here) {
      const made: Feature[] = here ? [pointFeature(here, { heading: here.heading ?? null })] : [];
      if (here?.accuracy_m) made.push(circleFeature(here, here.accuracy_m, {}));
      marks(sources.marks, "here", made);
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
      stops.forEach((stop) => stop());
      map.setTarget(undefined);
    },
  };
}
