/** Pasted lines of a 调休 notice: `2027-01-01,holiday,元旦`. The server has the last word; this says at once what it will not take. */
import type { DayChange, DayKind } from "./api";
import { addDays, weekdayOf } from "./year_days";

const KIND_WORDS: Record<string, DayKind> = {
  workday: "workday", weekend: "weekend", holiday: "holiday", makeup: "makeup",
  工作日: "workday", 休息日: "weekend", 周末: "weekend", 节假日: "holiday", 放假: "holiday", 休: "holiday", 调休上班: "makeup", 上班: "makeup", 班: "makeup",
};

export type LineFault = "form" | "day" | "kind" | "weekend" | "twice";

export interface ReadLines {
  days: DayChange[];
  faults: { line: number; text: string; code: LineFault }[];
  /** The same lines as the API takes them, each where it stood: a fault that it finds has the same number. */
  text: string;
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(Date.parse(`${text}T00:00:00Z`))) return false;
  return addDays(text, 0) === text;
}

function readLine(line: string, known: ReadonlySet<string>): DayChange | LineFault {
  const [day = "", kindWord = "", ...rest] = line.split(/[,,\t;;]/).map((part) => part.trim());
  const kind = KIND_WORDS[kindWord.toLowerCase()];
  if (rest.length > 1 || !kindWord) return "form";
  if (!isDay(day)) return "day";
  if (!kind) return "kind";
  if (kind === "makeup" && weekdayOf(day) < 5) return "weekend";
  return known.has(day) ? "twice" : { day, kind, name: rest[0] ?? "" };
}

/** Days and what is wrong, line by line (from 1); blank lines and those that begin with # are passed over. */
export function readLines(text: string): ReadLines {
  const days = new Map<string, DayChange>();
  const faults: ReadLines["faults"] = [];
  const told: string[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const found = !line || line.startsWith("#") ? null : readLine(line, new Set(days.keys()));
    if (typeof found === "string") faults.push({ line: index + 1, text: line, code: found });
    else if (found) days.set(found.day, found);
    told.push(found && typeof found === "object" ? `${found.day},${found.kind}${found.name ? `,${found.name}` : ""}` : "");
  }
  return { days: [...days.values()].sort((a, b) => a.day.localeCompare(b.day)), faults, text: told.join("\n") };
}
