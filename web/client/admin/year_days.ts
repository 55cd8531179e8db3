/** A year as twelve months, what its days are, and what somebody wants to change of them. No page here. */
import type { CalendarDay, DayChange, DayKind } from "./api";

export const KINDS: readonly DayKind[] = ["holiday", "makeup", "workday", "weekend"];

const DAY_MS = 86_400_000;
const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);
const iso = (date: Date): string => date.toISOString().slice(0, 10);

export function addDays(day: string, n: number): string {
  return iso(new Date(utc(day).getTime() + n * DAY_MS));
}

/** 0 Monday … 6 Sunday. */
export function weekdayOf(day: string): number {
  return (utc(day).getUTCDay() + 6) % 7;
}

export interface Month {
  month: number;
  /** Empty places before the first day, weeks beginning on Monday. */
  blanks: number;
  days: string[];
}

export function monthsOf(year: number): Month[] {
  return Array.from({ length: 12 }, (_, index) => {
    const first = `${year}-${String(index + 1).padStart(2, "0")}-01`;
    const count = new Date(Date.UTC(year, index + 1, 0)).getUTCDate();
    return { month: index + 1, blanks: weekdayOf(first), days: Array.from({ length: count }, (_, n) => addDays(first, n)) };
  });
}

/** A day as shown: as it is, or as it would become. */
export interface ShownDay {
  day: string;
  kind: DayKind | null;
  name: string;
  provisional: boolean;
  changed: boolean;
}

export function shownDays(kept: readonly CalendarDay[], changes: readonly DayChange[]): Map<string, ShownDay> {
  const shown = new Map<string, ShownDay>(kept.map((one) => [one.day, { day: one.day, kind: one.kind, name: one.name, provisional: one.provisional, changed: false }]));
  for (const one of changes) shown.set(one.day, { ...one, provisional: false, changed: true });
  return shown;
}

/** Paints a day; painting it once more with the same takes the change back, as does painting what it is already. */
export function paint(changes: readonly DayChange[], kept: CalendarDay | undefined, wanted: DayChange): DayChange[] {
  const others = changes.filter((one) => one.day !== wanted.day);
  const before = changes.find((one) => one.day === wanted.day);
  if (before && before.kind === wanted.kind && before.name === wanted.name) return others;
  if (kept && !kept.provisional && kept.kind === wanted.kind && kept.name === wanted.name) return others;
  return [...others, wanted].sort((a, b) => a.day.localeCompare(b.day));
}

/** Plain days carry no name. */
export function named(kind: DayKind, name: string): string {
  return kind === "holiday" || kind === "makeup" ? name.trim() : "";
}

export interface Span {
  from: string;
  to: string;
  kind: DayKind;
  name: string;
}

/** Days in a row of the same kind and name as spans, the special ones only: what stands beneath a month. */
export function specialSpans(days: readonly (ShownDay | undefined)[]): Span[] {
  const spans: Span[] = [];
  for (const one of days) {
    if (!one || (one.kind !== "holiday" && one.kind !== "makeup")) continue;
    const last = spans.at(-1);
    if (last && last.kind === one.kind && last.name === one.name && addDays(last.to, 1) === one.day) last.to = one.day;
    else spans.push({ from: one.day, to: one.day, kind: one.kind, name: one.name });
  }
  return spans;
}

/** Where an arrow key leads within the year; null: nowhere. */
export function stepOf(key: string): number | null {
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[key] ?? null;
}
