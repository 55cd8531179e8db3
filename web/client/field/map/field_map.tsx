/** My ground: cells, duty area, tasks, own reports, components and where I am; the same stands in the lists below. */
import { Layers } from "lucide";
import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../shared/language";
import type { Switched } from "../../shared/map/open";
import { MapView } from "../../shared/map/view";
import { Icon } from "../../shared/parts/icon";
import { Loading } from "../../shared/parts/states";
import { ownCentre } from "../../shared/session";
import { position } from "../position";
import { go } from "../route";
import { outsideSince } from "../shift/watch";
import { dutyAreas, grid, synced, syncing, tasks } from "../sync";
import { type Component, components } from "./components";
import { middleOf, off, toggle } from "./layers";
import { Lists } from "./lists";
import { mapReports, roomOf } from "./reports";
import "./synced_basemap";
import "./map.css";

const LAYERS: [Switched, "ground.tasks" | "ground.reports" | "ground.duty" | "ground.components", string][] = [
  ["cases", "ground.tasks", "●▲■"], ["reports", "ground.reports", "○"], ["duty", "ground.duty", "▨"], ["components", "ground.components", "◆"],
];

/** The switch is the legend, too. */
function Switch() {
  const [open, setOpen] = useState(false);
  return (
    <div class="layers">
      <button type="button" class="button" aria-expanded={open} data-testid="layers" onClick={() => setOpen(!open)}>
        <Icon of={Layers} />{t("ground.layers")}
      </button>
      {open && (
        <fieldset>
          <legend class="hidden">{t("ground.layers")}</legend>
          {LAYERS.map(([layer, text, sign]) => (
            <label key={layer}>
              <input type="checkbox" checked={!off.value.has(layer)} data-testid={`layer-${layer}`} onChange={() => toggle(layer)} />
              <span class={`sign ${layer}`} aria-hidden="true">{[...sign].map((one) => <span key={one}>{one}</span>)}</span>{t(text)}
            </label>
          ))}
          {!off.value.has("components") && <p class="caption">{t("ground.components_from")}</p>}
        </fieldset>
      )}
    </div>
  );
}

function Card({ component, close }: { component: Component; close: () => void }) {
  const words = [component.department, component.owner].filter(Boolean).join(" · ");
  return (
    <div class="card" role="status" data-testid="component-card">
      <div>
        <p class="strong">{component.name}</p>
        <p class="caption">{component.id}{words && ` · ${words}`}</p>
      </div>
      <button type="button" class="button" onClick={close}>{t("act.close")}</button>
    </div>
  );
}

const CLOSE = 15;

/** Whoever has left the duty area sees it: the layer comes on, and the map looks there. */
function useWayBack() {
  const out = outsideSince.value !== null;
  const shape = dutyAreas.value[0]?.polygon;
  useEffect(() => {
    if (out && off.peek().has("duty")) toggle("duty");
  }, [out]);
  return useMemo(() => (out && shape ? middleOf(shape) : null), [out, shape]);
}

export function FieldMap() {
  const back = useWayBack();
  const [chosen, setChosen] = useState<Component | null>(null);
  const choose = (no: string): void => {
    if (tasks.value?.some((task) => task.no === no)) return go("tasks", no);
    const room = roomOf(no);
    go(room, room === "mine" ? no : null);
  };
  // the very first start: the phone's own grid is on its way, so no other is asked for
  if (!synced.value && syncing.value) return <Loading />;
  return (
    <div class="fieldmap">
      <h1 class="hidden">{t("map.tasks")}</h1>
      <div class="mapbox">
        <MapView area={ownCentre()} grid={grid.value} items={tasks.value ?? []} reports={mapReports.value} duty={dutyAreas.value}
          components={components.value} component_chosen={chosen?.id ?? null} off={off.value} here={position.value} centre={back} zoom={CLOSE} locate pans choose={choose}
          component={(id) => setChosen(components.value.find((one) => one.id === id) ?? null)}>
          <Switch />
          {chosen && <Card component={chosen} close={() => setChosen(null)} />}
        </MapView>
      </div>
      <Lists />
    </div>
  );
}
