/** A map in a page: loads the map code when it is first shown, and says so when it cannot. */
import { Maximize, Minus, Plus } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseItem, Centre } from "../api";
import { t } from "../language";
import { Icon } from "../parts/icon";
import { outlinesOf } from "./cells";
import type { MapEvents, MapHandle, Spot } from "./open";

interface Props extends MapEvents {
  area: Pick<Centre, "code" | "level"> | null;
  items?: Pick<CaseItem, "no" | "light" | "point">[];
  chosen?: string | null;
  pin?: Spot | null;
  accuracy?: number | null;
  here?: Spot | null;
  /** Where to look, each time it changes. */
  centre?: Spot | null;
  zoom?: number;
  /** What it is for, where a page shows more than one. */
  label?: string;
  /** A number a cell, by code. */
  values?: Record<string, number>;
}

/** Keeps the handlers fresh without opening the map anew. */
function useMap(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [map, setMap] = useState<MapHandle | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let handle: MapHandle | null = null;
    let gone = false;
    import("./open").then(({ openMap }) => {
      if (gone || !place.current) return;
      handle = openMap(place.current, {
        pick: props.pick && ((spot) => latest.current.pick?.(spot)),
        choose: props.choose && ((no) => latest.current.choose?.(no)),
        enter: props.enter && ((code) => latest.current.enter?.(code)),
      });
      setMap(handle);
    }).catch(() => setFailed(true));
    return () => {
      gone = true;
      handle?.close();
    };
  }, []);
  return { place, map, failed };
}

export function MapView(props: Props) {
  const { place, map, failed } = useMap(props);
  const { area, items, chosen, pin, accuracy, here, centre, zoom, values, label = t("map.label") } = props;
  useEffect(() => {
    if (!map || !area) return;
    outlinesOf(area).then((outlines) => {
      map.cells(outlines);
      if (values) map.shade(values);
      if (centre) map.go(centre, zoom);
    }, () => undefined);
  }, [map, area?.code]);
  useEffect(() => {
    if (map && values) map.shade(values);
  }, [map, values]);
  useEffect(() => map?.cases(items ?? [], chosen ?? null), [map, items, chosen]);
  useEffect(() => map?.pin(pin ?? null, accuracy ?? null), [map, pin?.lon, pin?.lat, accuracy]);
  useEffect(() => map?.here(here ?? null), [map, here?.lon, here?.lat]);
  useEffect(() => {
    if (centre) map?.go(centre, zoom);
  }, [map, centre?.lon, centre?.lat]);
  return (
    <div class="map" role="region" aria-label={label} data-testid="map" data-ready={map ? "yes" : "no"}>
      <div class="canvas" ref={place} tabIndex={0} aria-label={label} role="application" />
      {failed && <p class="state">{t("map.failed")}</p>}
      {map && (
        <div class="tools">
          <button type="button" class="button" aria-label={t("map.zoom_in")} onClick={() => map.zoom(1)}><Icon of={Plus} /></button>
          <button type="button" class="button" aria-label={t("map.zoom_out")} onClick={() => map.zoom(-1)}><Icon of={Minus} /></button>
          <button type="button" class="button" aria-label={t("map.fit")} onClick={() => map.fit()}><Icon of={Maximize} /></button>
        </div>
      )}
      <p class="note">{t("map.attribution")}</p>
    </div>
  );
}
