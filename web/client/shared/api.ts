/** The shapes that `/api/v1` speaks, by the names of the pages; `api-types.ts` is generated (`npm run types`). */
import type { components } from "./api-types";
import type { CaseRequest } from "./case/turns";

type Schemas = components["schemas"];

export type Level = Schemas["Level"];
export type Light = Schemas["Light"];
export type Unit = Schemas["Unit"];
export type Role = Schemas["Role"];
export type Stage = Schemas["Stage"];
export type ClockKind = Schemas["ClockKind"];
export type Verb = Schemas["Verb"];

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Session = Omit<Schemas["SessionAnswer"], "permissions"> & { permissions: string[] };
export type Centre = Schemas["PlaceName"];
export type LineCell = Schemas["PlaceName"];
export type Department = Schemas["DepartmentChoice"];
export type Placement = Schemas["PlaceAnswer"];

/** How it is read aloud, and whether an inspector may settle it on the spot; a catalogue kept from before lacks them. */
export type Category = Schemas["CategoryAnswer"] & { pinyin?: string; initials?: string; self_handle?: boolean };
export type CaseCategory = Schemas["CategoryName"];
export type Condition = Schemas["Condition"];

export type CaseItem = Schemas["CaseItem"];
export type CaseClock = Schemas["ClockAnswer"];
export type CasePhoto = Schemas["CaseDetail"]["photos"][number];
export type Handling = Schemas["HandlingAnswer"];
export type Order = Schemas["OrderAnswer"];
/** `outcomes`: of a verb that branches; `conditions`: of filing, by the condition's id; `limits`: of an extension, the deadline by so many units. */
export type Effect = Schemas["OutcomeEffect"] & {
  outcomes?: Record<string, Schemas["OutcomeEffect"]> | null;
  conditions?: Record<string, Schemas["OutcomeEffect"]> | null;
  limits?: Record<string, string> | null;
};
export type CaseDetail = Omit<Schemas["CaseDetail"], "placement" | "allowed_verbs" | "effects" | "requests"> & {
  placement: Placement | null;
  allowed_verbs: Verb[];
  effects: Record<string, Effect>;
  requests: CaseRequest[];
};

export type StoryEvent = Schemas["EventItem"];
export type Notice = Schemas["NoticeItem"];
export type Inbox = Schemas["NoticesAnswer"];

export interface Point {
  lon: number;
  lat: number;
  crs: "wgs84";
  accuracy_m?: number;
}

/** What the pages send of a report (the API takes more). */
export interface ReportBody {
  category_code?: string;
  description: string;
  point?: Point;
  address?: string;
  source: string;
  observed_at: string;
  /** What the phone's clock showed then, where it differs. */
  device_at?: string;
  photos?: string[];
  component_id?: string;
  condition?: number;
  self_handled?: boolean;
}

export type ReportAnswer = Schemas["ReportAnswer"];

/** Measures and rates by name. */
export type Figures = Record<string, number | null>;
export type StatisticsRow = Schemas["Item"];
export type Statistics = Omit<Schemas["StatisticsAnswer"], "totals"> & { totals: Figures };
