/** Words for what a case carries as data. */
import type { CaseCategory, CaseItem, Condition, Department, Level, LineCell } from "../api";
import { either, isEnglish, t, word } from "../language";

type Named = Pick<Department, "name" | "name_en"> & { centre?: string | null };

export function categoryName(category: CaseCategory | null): string {
  return category ? either(category.zh, category.en) : t("case.no_category");
}

/** With its centre where that is told: departments of all centres are called alike. */
export function departmentName(department: Named | null): string {
  return department ? [either(department.name, department.name_en), department.centre].filter(Boolean).join(" · ") : "";
}

export function cellName(line: LineCell[], level: Level): string {
  return line.find((cell) => cell.level === level)?.name ?? "";
}

/** Where a list shows a case: its street, else the deepest cell known. */
export function placeName(item: Pick<CaseItem, "line" | "point">): string {
  if (!item.point) return t("case.unlocated");
  return cellName(item.line, "street") || (item.line.at(-1)?.name ?? "");
}

export function limitWords(condition: Pick<Condition, "limit" | "unit">): string {
  return word(condition.limit === 1 ? "unit_one" : "unit", condition.unit, { n: condition.limit });
}

export function conditionWords(condition: Condition): string {
  return either(condition.zh, condition.en);
}

/** Sentences in which the server tells the days of a deadline; the page has a table of them (reckoning.tsx). */
const DAYS = /(?:计时|不计|暂停):[^。]*。|(?:Counted|Not counted|Paused): [^.]*\.\s?/g;

/** The server's reason in the reader's language, one line a rule. */
export function whyWords(why: { words?: { zh: string | string[]; en: string | string[] } } | null): string {
  const words = why?.words?.[isEnglish() ? "en" : "zh"];
  return (Array.isArray(words) ? words.join("\n") : (words ?? "")).replace(DAYS, "").trim();
}
