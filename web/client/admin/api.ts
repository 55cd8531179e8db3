/** What administrators keep, as `/api/v1` speaks of it; `shared/api-types.ts` is generated (`npm run types`). */
import type { Page } from "../shared/api";
import type { components } from "../shared/api-types";

type Schemas = components["schemas"];

export type DayKind = Schemas["DayKind"];
export type ShiftTimes = [from: string, to: string];

export interface Schedule {
  valid_from: string;
  shifts: ShiftTimes[];
}

export type CalendarYear = Schemas["YearAnswer"];
export type CalendarItem = Omit<Schemas["CalendarAnswer"], "schedules"> & { schedules: Schedule[] };
export type CalendarWarning = Schemas["YearWarningAnswer"];
export type Calendars = Omit<Schemas["CalendarsAnswer"], "items"> & { items: CalendarItem[] };
export type CalendarDay = Schemas["DayAnswer"];
export type YearDays = Schemas["DaysAnswer"];

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

export type MovedClock = Schemas["MovedDeadline"];
export type Preview = Schemas["PreviewAnswer"];
export type CalendarEdit = Omit<Schemas["EditAnswer"], "change"> & {
  /** `[day, kind, name]` and `[valid_from, shifts]` as they became. */
  change: { days?: [string, DayKind, string][]; schedules?: [string, ShiftTimes[]][]; ladder?: Record<string, Rung[]> };
};

export type Rung = Schemas["RungAnswer"];
export type Ladder = Schemas["LadderAnswer"];

export type DepartmentItem = Schemas["DepartmentsAnswer"]["items"][number];
export type Duty = Schemas["DutyAnswer"];

/** `secret` only in the answer that made it. */
export type Webhook = Schemas["WebhookAnswer"] & { secret?: string };
export type DeliveryState = Schemas["DeliveryState"];
export type Delivery = Schemas["DeliveryItem"];

export type Account = Schemas["AccountAnswer"];
export type System = Schemas["SystemAnswer"];
export type Cell = Schemas["CellAnswer"];

export type { Page };
