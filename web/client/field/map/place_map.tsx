/** Where the report lies: a pin that the thumb moves, its cell, and the components around it. */
import type { CompactGrid } from "../../shared/ground/compact";
import { MapView } from "../../shared/map/view";

/** A component near by, as `/sync` and `GET /components` give it. */
export interface ComponentMark {
  id: string;
  category_code: string;
  name: string;
  lon: number;
  lat: number;
}

export interface PlaceMapProps<T extends ComponentMark = ComponentMark> {
  /** The pin; null: not set yet. WGS-84. */
  spot: { lon: number; lat: number } | null;
  /** Metres around the pin; null: set by hand. */
  accuracy: number | null;
  /** What to show around the pin, tappable. */
  components: T[];
  /** The pin was dragged, tapped to another place, or moved by keys; rounded to 1e-7 degree. */
  move(spot: { lon: number; lat: number }): void;
  pick(component: T): void;
  /** The phone's grid: cells without a connection, and the pin's own cell. */
  grid?: CompactGrid | null;
  /** The component chosen. */
  chosen?: string | null;
  /** Where the phone itself is. */
  here?: { lon: number; lat: number; accuracy_m?: number | null; heading?: number | null } | null;
}

export function PlaceMap<T extends ComponentMark>({ spot, accuracy, move, here }: PlaceMapProps<T>) {
  return <MapView area={null} pin={spot} accuracy={accuracy} here={here ?? null} centre={spot} zoom={17} pick={move} />;
}
