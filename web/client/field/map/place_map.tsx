/** Where the report lies: a pin that thumb or keys move, its cell, and the components around it. */
import { useId, useRef } from "preact/hooks";
import type { CompactGrid } from "../../shared/ground/compact";
import { whereIs } from "../../shared/ground/locate";
import { t } from "../../shared/language";
import { MapView } from "../../shared/map/view";
import { ownCentre } from "../../shared/session";
import { grid as phoneGrid } from "../sync";
import "./synced_basemap";
import "./map.css";

interface Spot {
  lon: number;
  lat: number;
}

/** A component near by, as `/sync` and `GET /components` give it. */
export interface ComponentMark extends Spot {
  id: string;
  category_code: string;
  name: string;
}

export interface PlaceMapProps<T extends ComponentMark = ComponentMark> {
  /** The pin; null: not set yet. WGS-84. */
  spot: Spot | null;
  /** Metres around the pin; null: set by hand. */
  accuracy: number | null;
  /** What to show around the pin, tappable. */
  components: T[];
  /** The pin was dragged, tapped to another place, or moved by keys; rounded to 1e-7 degree. */
  move(spot: Spot): void;
  pick(component: T): void;
  /** Cells without a connection, and the pin's own cell; the phone's grid unless given. */
  grid?: CompactGrid | null;
  /** The component chosen. */
  chosen?: string | null;
  /** Where the phone itself is. */
  here?: (Spot & { accuracy_m?: number | null; heading?: number | null }) | null;
}

const STEPS: Record<string, [east: number, north: number]> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1],
};

/** The place so many metres to the east and north. */
export function stepped({ lon, lat }: Spot, east: number, north: number): Spot {
  const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;
  return { lon: round(lon + east / (111_320 * Math.cos((lat * Math.PI) / 180))), lat: round(lat + north / 110_870) };
}

/** The map follows a pin that comes from elsewhere, not one that the hand on it has just set. */
function useCentre(spot: Spot | null): { centre: Spot | null; zoom: number | undefined; byHand(spot: Spot): void } {
  const set = useRef<Spot | null>(null);
  const centre = useRef<Spot | null>(null);
  const looked = useRef(0);
  if (spot && (set.current?.lon !== spot.lon || set.current.lat !== spot.lat) && (centre.current?.lon !== spot.lon || centre.current.lat !== spot.lat)) {
    centre.current = spot;
    looked.current += 1;
  }
  return { centre: centre.current, zoom: looked.current < 2 ? 17 : undefined, byHand: (hand) => (set.current = hand) };
}

export function PlaceMap<T extends ComponentMark>({ spot, accuracy, components, move, pick, grid = phoneGrid.value, chosen = null, here = null }: PlaceMapProps<T>) {
  const hint = useId();
  const { centre, zoom, byHand } = useCentre(spot);
  const set = (next: Spot): void => {
    byHand(next);
    move(next);
  };
  const keys = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (!step || !spot) return;
    event.preventDefault();
    event.stopPropagation();
    const metres = event.shiftKey ? 10 : 1;
    move(stepped(spot, step[0] * metres, step[1] * metres)); // not `set`: the map goes along
  };
  const found = grid && spot ? whereIs(grid, spot, accuracy) : null;
  return (
    <div class="placemap" data-testid="place-map">
      <MapView label={t("ground.place")} described={hint} area={ownCentre()} grid={grid} cell={found && found.method !== "outside" ? found.cell?.code ?? null : null}
        pin={spot} accuracy={accuracy} here={here} centre={centre} {...(zoom && { zoom })} components={components} component_chosen={chosen}
        pick={set} drag={set} keys={keys} locate pans component={(id) => {
          const component = components.find((one) => one.id === id);
          if (component) pick(component);
        }} />
      <p class="hidden" id={hint}>{t("ground.keys")}</p>
    </div>
  );
}
