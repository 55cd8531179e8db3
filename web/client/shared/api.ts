/** The shapes that `/api/v1` speaks, as the pages use them. */

export type Level = "city" | "district" | "street" | "village";
export type Light = "green" | "yellow" | "red" | "paused" | "none";
export type Unit = "urgent_hour" | "work_hour" | "work_day" | "natural_day";
export type Role = "inspector" | "acceptor" | "shift_lead" | "dispatcher" | "handler" | "leader" | "admin";
export type ClockKind =
  | "accept" | "verify" | "file" | "dispatch" | "sign" | "handle" | "send_check" | "check" | "close";
export type Stage =
  | "reported" | "verifying" | "pending_filing" | "pending_dispatch" | "dispatched" | "handling" | "suspended"
  | "handled" | "checking" | "pending_closing" | "closed" | "rejected" | "cancelled";
export type Verb =
  | "self_handle" | "send_verify" | "verify" | "accept" | "reject" | "file" | "send_back" | "dispatch" | "sign"
  | "refuse" | "finish" | "send_check" | "check" | "close" | "cancel" | "reopen" | "note" | "pass_up" | "urge";

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Centre {
  code: string;
  name: string;
  level: Level;
}

export interface Department {
  id?: number;
  code: string;
  name: string;
  name_en?: string | null;
}

export interface Seat {
  role: Role;
  centre: Centre;
  department: Department | null;
}

export interface Session {
  person: { id: number; username: string; name: string; language?: string | null };
  roles: Seat[];
  permissions: string[];
  csrf_token: string;
  home: string;
}

export interface Point {
  lon: number;
  lat: number;
  crs: "wgs84";
  accuracy_m?: number;
}

export interface LineCell {
  code: string;
  level: Level;
  name: string;
}

export interface Placement {
  cell: { code: string; name: string };
  line: LineCell[];
  centre: Centre;
  method: "inside" | "edge" | "near";
  confidence: "high" | "low";
  candidates: { code: string; name: string; distance_m: number }[];
  edition: string | { name: string };
}

export interface Condition {
  id: number;
  zh: string;
  en: string;
  limit: number;
  unit: Unit;
  closing_zh: string;
  closing_en: string;
  photos_before: number;
  photos_after: number;
}

export interface CaseCategory {
  code: string;
  kind: "component" | "event";
  zh: string;
  en: string;
  class_zh: string;
  class_en: string;
}

export interface Category extends CaseCategory {
  catalogue: string;
  class_code: string;
  responsible_level: Level;
  conditions: Condition[];
}

export interface CaseItem {
  no: string;
  stage: Stage;
  version: number;
  category: CaseCategory | null;
  source: string;
  urgent: boolean;
  light: Light;
  clock: { kind: ClockKind; due_at: string; yellow_at: string | null; paused: boolean } | null;
  left_minutes: number | null;
  point: Point | null;
  address: string | null;
  line: LineCell[];
  centre: Centre;
  department: Department | null;
  reported_at: string;
  filed_at: string | null;
  dispatched_at: string | null;
  handled_at: string | null;
  ended_at: string | null;
  handle_due_at: string | null;
  handled_on_time: boolean | null;
  close_type: string | null;
  description: string;
  urged_count: number;
  supervised_level: Level | null;
  red_card: boolean;
  round: number;
  photo: string | null;
}

export interface CaseClock {
  kind: ClockKind;
  round: number;
  state: "running" | "paused" | "stopped";
  urgent: boolean;
  unit: Unit;
  limit_minutes: number;
  used_minutes: number;
  left_minutes: number | null;
  started_at: string;
  due_at: string;
  yellow_at: string;
  stopped_at: string | null;
  on_time: boolean | null;
  light: Light;
}

export interface CasePhoto {
  id: string;
  kind: "report" | "verify" | "after" | "check";
  round: number;
  at: string;
  arrived: boolean;
  url: string;
}

export interface Handling {
  round: number;
  department: Department | null;
  state: "open" | "refused" | "finished" | "passed" | "failed" | "withdrawn";
  dispatched_at: string;
  due_at: string;
  signed_at: string | null;
  ended_at: string | null;
  on_time: boolean | null;
  text: string;
}

export interface Order {
  centre: Centre;
  rung: string;
  issued_at: string;
  reply_due_at: string;
  replied_at: string | null;
  reply: string | null;
  red_card: boolean;
  open: boolean;
}

export interface Effect {
  to: Stage;
  clock: { kind: ClockKind; due_at: string } | null;
  /** Of a verb that branches: by outcome. */
  outcomes?: Record<string, Effect> | null;
}

export interface CaseDetail extends CaseItem {
  placement: Placement | null;
  why: { words?: { zh: string | string[]; en: string | string[] } } | null;
  condition: Condition | null;
  conditions: Condition[];
  suggested_department: Department | null;
  departments: Department[];
  clocks: CaseClock[];
  handlings: Handling[];
  photos: CasePhoto[];
  orders: Order[];
  allowed_verbs: Verb[];
  effects: Record<string, Effect>;
  report: {
    id: string | null;
    observed_at: string | null;
    received_at: string;
    person: string | null;
  } | null;
}

export interface StoryEvent {
  id: number;
  at: string;
  verb: string;
  outcome: string | null;
  stage_from: Stage | null;
  stage_to: Stage;
  person: { name: string; role: Role | null } | null;
  data: Record<string, unknown>;
}

export interface Notice {
  id: number;
  at: string;
  kind: string;
  case: { no: string; category: string | null; stage: Stage };
  data: Record<string, unknown>;
  read: boolean;
}

export interface ReportBody {
  category_code?: string;
  description: string;
  point?: Point;
  address?: string;
  source: string;
  observed_at: string;
  photos?: string[];
  self_handled?: boolean;
}

export interface ReportAnswer {
  report_id: string;
  case: { no: string; stage: Stage; version: number; due_at: string | null };
  placement: Placement | null;
}

/** Measures and rates by name. */
export type Figures = Record<string, number | null>;

export interface StatisticsRow {
  key: string | null;
  name: string | null;
  name_en: string | null;
  level: Level | null;
  /** What the list of a number's cases is asked with, beside `measure`. */
  query: string | null;
  [figure: string]: unknown;
}

export interface Statistics {
  as_of: string;
  from: string | null;
  to: string | null;
  by: string;
  cell: LineCell | null;
  line: LineCell[];
  totals: Figures;
  rates: Figures;
  query: string;
  formulas: Record<string, string>;
  targets: Record<string, number>;
  items: StatisticsRow[];
}
