/** Pasted lines of a 调休 notice: `2027-01-01,holiday,元旦`. The server has the last word; this says at once what it will not take. */
import type { DayChange, DayKind } from "./api";
import { addDays } from "./year_days";

const KIND_WORDS: Record<string, DayKind> = {
  workday: "workday", weekend: "weekend", holiday: "holiday", makeup: "makeup",
  工作日: "workday", 休息日: "weekend", 周末: "weekend", 节假日: "holiday", 放假: "holiday", 休: "holiday", 调休上班: "makeup", 上班: "makeup", 班: "makeup",
};

export type LineFault = "form" | "day" | "kind" | "past" | "twice";

export interface ReadLines {
  days: DayChange[];
  faults: { line: number; text: string; code: LineFault }[];
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(`${text}T00:00:00Z`))) return false;
  return addDays(text, 0) === text;
}

/** Days and what is wrong, line by line (from 1); blank lines and those that begin with # are passed over. */
export function readLines(text: string, today: string): ReadLines {
  const days = new Map<string, DayChange>();
  const faults: ReadLines["faults"] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (!line || line.startsWith("#")) continue;
    const [day = "", kindWord = "", ...rest] = line.split(/[,,\t;;]/).map((part) => part.trim());
    const kind = KIND_WORDS[kindWord.toLowerCase()];
    const code: LineFault | null =
      rest.length > 1 || !kindWord ? "form" : !isDay(day) ? "day" : !kind ? "kind" : day < today ? "past" : days.has(day) ? "twice" : null;
    if (code) faults.push({ line: index + 1, text: line, code });
    else days.set(day, { day, kind: kind!, name: rest[0] ?? "" });
  }
  return { days: [...days.values()].sort((a, b) => a.day.localeCompare(b.day)), faults };
}

/** As the API takes them, kinds by their English names. */
export function linesOf(days: readonly DayChange[]): string {
  return days.map((one) => `${one.day},${one.kind}${one.name ? `,${one.name}` : ""}`).join("\n");
}
