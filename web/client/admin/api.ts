/** What administrators keep, as `/api/v1` speaks of it. */
import type { CaseItem, Level, Page, Role } from "../shared/api";

export type DayKind = "workday" | "weekend" | "holiday" | "makeup";
export type ShiftTimes = [from: string, to: string];

export interface Schedule {
  valid_from: string;
  shifts: ShiftTimes[];
}

export interface CalendarYear {
  year: number;
  days: number;
  complete: boolean;
  provisional: number;
}

export interface CalendarItem {
  id: number;
  name: string;
  zone: string;
  version: number;
  schedules: Schedule[];
  years: CalendarYear[];
  centres: number;
  departments: number;
}

export interface CalendarWarning {
  calendar_id: number;
  name: string;
  year: number;
  missing: boolean;
  provisional: number;
}

export interface Calendars {
  items: CalendarItem[];
  warnings: CalendarWarning[];
}

export interface CalendarDay {
  day: string;
  kind: DayKind;
  name: string;
  provisional: boolean;
  source: string;
}

export interface YearDays {
  year: number;
  version: number;
  days: CalendarDay[];
}

export interface DayChange {
  day: string;
  kind: DayKind;
  name: string;
}

/** One change that is looked at before it is made: days one by one, days as pasted lines, or schedules. */
export interface CalendarChange {
  days?: DayChange[];
  text?: string;
  schedules?: Schedule[];
}

export interface MovedClock {
  no: string;
  kind: string;
  due_at: string;
  new_due_at: string;
}

export interface Preview {
  version: number;
  changed: { day: string; was: DayKind | null; kind: DayKind; name: string }[];
  clocks: number;
  moved: number;
  earlier: number;
  later: number;
  items: MovedClock[];
}

export interface CalendarEdit {
  id: number;
  at: string;
  person: string | null;
  version: number;
  /** `[day, kind, name]` and `[valid_from, shifts]` as they became. */
  change: { days?: [string, DayKind, string][]; schedules?: [string, ShiftTimes[]][]; ladder?: Record<string, Rung[]> };
  clocks: number;
  moved: number;
  done_at: string | null;
}

export interface Rung {
  position: number;
  name: string;
  share: number;
  plus_minutes: number;
  levels_up: number;
}

export interface Ladder {
  version: number;
  ordinary: Rung[];
  urgent: Rung[];
}

export interface Duty {
  id: number;
  cell: { code: string; name: string };
  category_code: string | null;
  class_code: string | null;
}

export interface DepartmentItem {
  code: string;
  name: string;
  name_en: string;
  centre: { code: string; name: string; level: Level };
  parent: string | null;
  calendar_id: number | null;
  retired_at: string | null;
  duties: Duty[];
}

export interface Webhook {
  id: number;
  name: string;
  url: string;
  centre: { code: string; name: string; level: Level };
  kinds: string[] | null;
  version: number;
  created_at: string;
  disabled_at: string | null;
  secret?: string;
}

export type DeliveryState = "waiting" | "sending" | "sent" | "dead" | "withdrawn";

export interface Delivery {
  id: string;
  channel: "mail" | "webhook";
  receiver: { id: number | null; name: string | null; address: string | null };
  state: DeliveryState;
  attempts: number;
  created_at: string;
  due_at: string;
  sent_at: string | null;
  error: string | null;
  notices: number;
  /** How many of which kind. */
  kinds: Record<string, number>;
}

export interface Account {
  username: string;
  name: string;
  demo: boolean;
  disabled_at: string | null;
  posts: { role: Role; centre: { name: string; level: Level }; department: { name: string } | null }[];
}

export interface System {
  ready: boolean;
  checks: { name: string; ok: boolean; title: string; text: string }[];
}

export interface Cell {
  code: string;
  level: Level;
  name: string;
  line: { code: string; name: string; level: Level }[];
}

export type { CaseItem, Page };
