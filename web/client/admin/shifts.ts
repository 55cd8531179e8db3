/** The shifts of a working day: an end that is not after its start lies on the next day. */
import type { Schedule, ShiftTimes } from "./api";

const DAY = 1440;

export function minuteOf(time: string): number | null {
  const found = /^(\d{1,2}):(\d\d)$/.exec(time.trim());
  if (!found) return null;
  const minute = Number(found[1]) * 60 + Number(found[2]);
  return minute <= DAY && Number(found[2]) < 60 ? minute : null;
}

/** Minutes from midnight of the day on which the shift begins. */
export function spanOf([from, to]: ShiftTimes): [number, number] | null {
  const opens = minuteOf(from);
  const closes = minuteOf(to);
  if (opens === null || closes === null || opens === DAY) return null;
  return [opens, closes > opens ? closes : closes + DAY];
}

export function isOverMidnight(shift: ShiftTimes): boolean {
  const span = spanOf(shift);
  return span !== null && span[1] > DAY;
}

/** Working minutes of one day; null while a time is missing. */
export function minutesOf(shifts: readonly ShiftTimes[]): number | null {
  const spans = shifts.map(spanOf);
  return spans.some((span) => !span) ? null : spans.reduce((sum, span) => sum + span![1] - span![0], 0);
}

export type ShiftFault = "none" | "time" | "overlap" | "day" | "past";

/** What keeps a schedule from being one; null: nothing. */
export function faultOf({ valid_from, shifts }: Schedule, today: string): { field: "valid_from" | "shifts"; code: ShiftFault } | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(valid_from)) return { field: "valid_from", code: "day" };
  if (valid_from < today) return { field: "valid_from", code: "past" };
  if (!shifts.length) return { field: "shifts", code: "none" };
  const spans = shifts.map(spanOf);
  if (spans.some((span) => !span)) return { field: "shifts", code: "time" };
  const sorted = (spans as [number, number][]).sort((a, b) => a[0] - b[0]);
  const first = sorted[0]!;
  // a night shift runs into the next day's first one
  const next = [...sorted.slice(1), [first[0] + DAY, first[1] + DAY] as [number, number]];
  return sorted.some((span, index) => span[1] > next[index]![0]) ? { field: "shifts", code: "overlap" } : null;
}

/** In the order of the day and with two digits, as the API wants them. */
export function inOrder({ valid_from, shifts }: Schedule): Schedule {
  const full = (time: string): string => time.trim().padStart(5, "0");
  return { valid_from, shifts: shifts.map(([from, to]): ShiftTimes => [full(from), full(to)]).sort((a, b) => (minuteOf(a[0]) ?? 0) - (minuteOf(b[0]) ?? 0)) };
}

/** The schedule of a day: the latest that is valid by then. */
export function scheduleOf(schedules: readonly Schedule[], day: string): Schedule | null {
  return [...schedules].filter((one) => one.valid_from <= day).sort((a, b) => b.valid_from.localeCompare(a.valid_from))[0] ?? null;
}
