/** The ladder's rules, as one edits it: what a rung does, and what keeps a row of rungs from being a ladder. */
import type { Rung } from "./api";

export const TO_THE_CITY = 9;
export const LEVELS_UP = [0, 1, 2, TO_THE_CITY] as const;
export const MOST = 8;

/** A rung as it stands in the fields: text until it is a number. */
export interface TypedRung {
  name: string;
  share: string;
  plus: string;
  levels_up: number;
}

export function typed(rungs: readonly Rung[]): TypedRung[] {
  return rungs.map((rung) => ({ name: rung.name, share: String(+(rung.share * 100).toFixed(4)), plus: String(rung.plus_minutes), levels_up: rung.levels_up }));
}

export type Deed = "warn" | "urge" | "order" | "city";

export function deedOf(rung: Pick<TypedRung, "share" | "levels_up">): Deed {
  if (rung.levels_up === TO_THE_CITY) return "city";
  if (rung.levels_up > 0) return "order";
  return Number(rung.share) < 100 ? "warn" : "urge";
}

function numberOf(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

export function rungsOf(rows: readonly TypedRung[]): Rung[] {
  return rows.map((row, index) => ({
    position: index + 1, name: row.name, share: +(numberOf(row.share) / 100).toFixed(6), plus_minutes: numberOf(row.plus), levels_up: row.levels_up,
  }));
}

export type RungFault = "share" | "plus" | "order" | "first_warns" | "warns" | "levels" | "few" | "many" | "twice";

export interface Faulty {
  /** Row from 0; -1: the whole table. */
  row: number;
  field: "share" | "plus" | "levels_up" | "name" | "table";
  code: RungFault;
}

/** Whatever the limit, a rung comes after the one before it: neither the share nor the minutes are less, and one is more. */
function afterOf(row: number, rung: TypedRung, before: TypedRung): Faulty[] {
  const faults: Faulty[] = [];
  const [share, plus, share0, plus0] = [rung.share, rung.plus, before.share, before.plus].map(numberOf) as [number, number, number, number];
  if (share < share0) faults.push({ row, field: "share", code: "order" });
  else if (plus < plus0 || (share === share0 && plus === plus0)) faults.push({ row, field: "plus", code: "order" });
  if (rung.levels_up < before.levels_up) faults.push({ row, field: "levels_up", code: "levels" });
  return faults;
}

/** All that is wrong at once, each with its field. */
export function faultsOf(rows: readonly TypedRung[]): Faulty[] {
  const faults: Faulty[] = [];
  if (!rows.length) return [{ row: -1, field: "table", code: "few" }];
  if (rows.length > MOST) faults.push({ row: -1, field: "table", code: "many" });
  for (const [row, rung] of rows.entries()) {
    const share = numberOf(rung.share);
    const plus = numberOf(rung.plus);
    if (!(share > 0 && share <= 1000)) faults.push({ row, field: "share", code: "share" });
    if (!(Number.isInteger(plus) && plus >= 0 && plus <= 100_000)) faults.push({ row, field: "plus", code: "plus" });
    if (rows.slice(0, row).some((other) => other.name === rung.name)) faults.push({ row, field: "name", code: "twice" });
    if (row === 0 && share >= 100) faults.push({ row, field: "share", code: "first_warns" });
    if (share < 100 && rung.levels_up > 0) faults.push({ row, field: "levels_up", code: "warns" });
    const before = rows[row - 1];
    if (before) faults.push(...afterOf(row, rung, before));
  }
  return faults;
}

/** Used minutes at which the rung fires on a limit of so many. */
export function firesAt(rung: TypedRung, limit: number): number | null {
  const at = (numberOf(rung.share) / 100) * limit + numberOf(rung.plus);
  return Number.isFinite(at) ? Math.round(at) : null;
}
