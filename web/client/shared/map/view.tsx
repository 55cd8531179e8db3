/** A map in a page: loads the map code when it is first shown, and says so when it cannot. */
import { LocateFixed, Maximize, Minus, Plus } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Centre } from "../api";
import type { CompactGrid } from "../ground/compact";
import { t } from "../language";
import { Icon } from "../parts/icon";
import { askBasemap, basemap, basemapLacking } from "./basemap";
import { outlinesOf } from "./cells";
import type { ComponentPoint, DutyShape, Here, Light, MapEvents, MapHandle, Report, Spot, Switched } from "./open";

export interface MapViewProps extends MapEvents {
  area: Pick<Centre, "code" | "level"> | null;
  /** The device's own grid: draws the cells without asking for them. */
  grid?: CompactGrid | null | undefined;
  /** A village of the grid to mark. */
  cell?: string | null;
  items?: Light[];
  chosen?: string | null;
  reports?: Report[];
  duty?: DutyShape[];
  components?: ComponentPoint[];
  component_chosen?: string | null;
  /** Layers that are switched off. */
  off?: ReadonlySet<Switched>;
  pin?: Spot | null;
  accuracy?: number | null;
  here?: Here | null;
  /** Where to look, each time it changes. */
  centre?: Spot | null;
  zoom?: number;
  /** What it is for, where a page shows more than one. */
  label?: string;
  /** The id of what says more of it. */
  described?: string;
  /** A number a cell, by code. */
  values?: Record<string, number>;
  /** Keys pressed on the map; what it takes, the map itself does not get. */
  keys?: (event: KeyboardEvent) => void;
  /** Shows a button that brings the map to where the phone is. */
  locate?: boolean;
  /** Laid over the map. */
  children?: ComponentChildren;
}

/** Keeps the handlers fresh without opening the map anew. */
function useMap(props: MapViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [map, setMap] = useState<MapHandle | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let handle: MapHandle | null = null;
    let gone = false;
    askBasemap();
    import("./open").then(({ openMap }) => {
      if (gone || !place.current) return;
      handle = openMap(place.current, {
        pans: props.pans,
        pick: props.pick && ((spot) => latest.current.pick?.(spot)),
        choose: props.choose && ((no) => latest.current.choose?.(no)),
        enter: props.enter && ((code) => latest.current.enter?.(code)),
        component: props.component && ((id) => latest.current.component?.(id)),
        drag: props.drag && ((spot) => latest.current.drag?.(spot)),
      }, latest.current.grid ?? null);
      setMap(handle);
    }).catch(() => setFailed(true));
    return () => {
      gone = true;
      handle?.close();
    };
  }, []);
  return { place, map, failed };
}

/** The cells: from the device's grid, else as the server outlines them. */
function useCells(map: MapHandle | null, { area, grid, cell, values, centre, zoom }: MapViewProps): void {
  useEffect(() => {
    let over = false;
    if (!map) return undefined;
    if (grid) {
      map.ground(grid, area?.code ?? null);
      map.cell(cell ?? null);
      if (centre) map.go(centre, zoom);
    } else if (area) {
      outlinesOf(area).then((outlines) => {
        if (over) return;
        map.cells(outlines);
        if (values) map.shade(values);
        if (centre) map.go(centre, zoom);
      }, () => undefined);
    }
    return () => {
      over = true;
    };
  }, [map, area?.code, grid?.version]);
  useEffect(() => map?.cell(cell ?? null), [map, cell]);
  useEffect(() => {
    if (map && values) map.shade(values);
  }, [map, values]);
}

const LAYERS: Switched[] = ["duty", "components", "reports", "cases"];

function useMarks(map: MapHandle | null, props: MapViewProps): void {
  const { items, chosen = null, reports, duty, components, component_chosen = null, off, pin = null, accuracy = null, here = null } = props;
  useEffect(() => map?.cases(items ?? [], chosen), [map, items, chosen]);
  useEffect(() => map?.reports(reports ?? []), [map, reports]);
  useEffect(() => map?.duty(duty ?? []), [map, duty]);
  useEffect(() => map?.components(components ?? [], component_chosen), [map, components, component_chosen]);
  useEffect(() => LAYERS.forEach((layer) => map?.show(layer, !off?.has(layer))), [map, off]);
  useEffect(() => map?.pin(pin, accuracy), [map, pin?.lon, pin?.lat, accuracy]);
  useEffect(() => map?.here(here), [map, here?.lon, here?.lat, here?.accuracy_m, here?.heading]);
}

/** Under the map: whose outlines and tiles these are, and that tiles lack. */
function Note() {
  return (
    <div class="note">
      {basemap.value && basemapLacking.value && <p role="status" data-testid="basemap-lacking">{t("map.base_lacking")}</p>}
      <p>{t("map.attribution")}{basemap.value?.attribution && ` · ${basemap.value.attribution}`}</p>
    </div>
  );
}

export function MapView(props: MapViewProps) {
  const { place, map, failed } = useMap(props);
  const { here, centre, zoom, label = t("map.label"), described, keys, locate, children } = props;
  useCells(map, props);
  useMarks(map, props);
  useEffect(() => {
    if (centre) map?.go(centre, zoom);
  }, [map, centre?.lon, centre?.lat]);
  return (
    <div class="map" role="region" aria-label={label} data-testid="map" data-ready={map ? "yes" : "no"}>
      <div class="canvas" ref={place} tabIndex={0} aria-label={label} role="application" aria-describedby={described} onKeyDownCapture={keys} />
      {failed && <p class="state">{t("map.failed")}</p>}
      {map && (
        <div class="tools">
          <button type="button" class="button" aria-label={t("map.zoom_in")} onClick={() => map.zoom(1)}><Icon of={Plus} /></button>
          <button type="button" class="button" aria-label={t("map.zoom_out")} onClick={() => map.zoom(-1)}><Icon of={Minus} /></button>
          {!props.drag && <button type="button" class="button" aria-label={t("map.fit")} onClick={() => map.fit()}><Icon of={Maximize} /></button>}
          {locate && (
            <button type="button" class="button" aria-label={t("map.centre_me")} disabled={!here} data-testid="centre-me"
              onClick={() => here && map.go(here, 17)}><Icon of={LocateFixed} /></button>
          )}
        </div>
      )}
      {children}
      <Note />
    </div>
  );
}
