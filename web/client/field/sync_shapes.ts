/** What `GET /sync` answers, by the names of the phone. */
import type { CaseItem, Category, LineCell } from "../shared/api";
import type { CompactGrid } from "../shared/ground/compact";

export interface FieldSettings {
  fix_seconds: number;
  fix_metres: number;
  poor_metres: number;
  photo_side: number;
  photo_bytes: number;
  track: { enabled: boolean; every_seconds: number; batch: number };
  fence: { enabled: boolean; metres: number; minutes: number };
  push_key: string | null;
  basemap: BasemapTold | null;
}

export interface BasemapTold {
  url: string;
  kind: "xyz" | "wmts";
  layer: string;
  matrix_set: string;
  crs: "wgs84" | "gcj02";
  key: string;
  attribution: string;
  most_zoom: number;
}

export interface Phrase {
  class_code: string | null;
  zh: string;
  en: string;
}

/** id, category, name, lon, lat, the department's two names, owner, state. */
export type ComponentRow = [string, string, string, number, number, [string, string] | null, string, string];

export interface DutyArea {
  code: string;
  name: string;
  polygon: { type: "MultiPolygon"; coordinates: number[][][][] };
}

export interface RollCall {
  id: number;
  centre: Pick<LineCell, "code" | "name">;
  called_at: string;
  answer_by: string;
  photo_wanted: boolean;
  text: string;
}

/** A task; `photos` are named only, the case itself tells more of them. */
export type Task = CaseItem & { photos: string[] };

export interface OwnReport extends Pick<CaseItem, "no" | "stage" | "light" | "category" | "point"> {
  reported_at: string;
}

export interface Alarm {
  kind: "outside" | "idle";
  started_at: string;
}

/** What is told anew each time. */
export interface State {
  now: string;
  settings: FieldSettings;
  duty_areas: DutyArea[];
  shift: { id: string; started_at: string } | null;
  roll_calls: RollCall[];
  tasks: Task[];
  reports: OwnReport[];
  unread: number;
  alarm: Alarm | null;
}

export interface Catalogue {
  version: string;
  items: Category[];
}

export interface Phrases {
  version: string;
  items: Phrase[];
}

export interface Components {
  version: string;
  items: ComponentRow[];
}

/** Parts with a version are null where the phone has them already. */
export interface SyncAnswer extends State {
  person: { id: number; name: string };
  server: { version: string };
  categories: Catalogue | null;
  phrases: Phrases | null;
  grid: CompactGrid | null;
  components: { version: string; whole: boolean; more: boolean; items: ComponentRow[]; gone: string[] } | null;
}
