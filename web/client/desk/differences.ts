/** What differs between the case as it was seen and as it is, in words. */
import type { CaseDetail } from "../shared/api";
import { categoryName, conditionWords, departmentName } from "../shared/case/words";
import { exact } from "../shared/format";
import { t, word } from "../shared/language";

export interface Difference {
  what: string;
  before: string;
  after: string;
}

function facts(item: CaseDetail): [string, string][] {
  return [
    [t("list.stage"), word("stage", item.stage)],
    [t("list.category"), categoryName(item.category)],
    [t("detail.condition"), item.condition ? conditionWords(item.condition) : "—"],
    [t("detail.centre"), item.centre.name],
    [t("detail.department"), departmentName(item.department) || "—"],
    [t("list.light"), item.clock ? exact(item.clock.due_at) : "—"],
    [t("detail.photos"), String(item.photos.length)],
    [t("detail.ended"), exact(item.ended_at)],
  ];
}

export function differences(before: CaseDetail, after: CaseDetail): Difference[] {
  const now = facts(after);
  return facts(before).flatMap(([what, old], index) => {
    const fresh = now[index]?.[1] ?? "";
    return old === fresh ? [] : [{ what, before: old, after: fresh }];
  });
}

/** A field that somebody else changed, as the API tells it: codes, ids, moments. */
export interface Differing {
  field: string;
  yours: unknown;
  now: unknown;
}

const NAMES = {
  stage: "list.stage", category_code: "list.category", condition_id: "detail.condition", centre_id: "detail.centre", department_id: "detail.department",
  unit_id: "detail.unit", due_at: "list.light", handle_due_at: "detail.handle_due", ended_at: "detail.ended", close_type: "detail.close_type", note: "verb.note",
} as const;

function valueWords(field: string, value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (field === "stage" || field === "close_type") return word(field, String(value));
  if (field.endsWith("_at")) return exact(String(value));
  return String(value);
}

/** What changed in words: what has a name and can be read with before and after, an id only as changed. */
export function changedWords(differs: readonly Differing[]): string[] {
  const shown = differs.filter(({ field }) => field in NAMES && !(field === "due_at" && differs.some((one) => one.field === "stage")));
  const words = shown.map(({ field, yours, now }) => {
    const what = t(NAMES[field as keyof typeof NAMES]);
    if (field.endsWith("_id")) return t("detail.diff_other", { what });
    return t("detail.diff", { what, before: valueWords(field, yours), after: valueWords(field, now) });
  });
  return words.length || !differs.length ? words : [t("detail.diff_small")];
}
