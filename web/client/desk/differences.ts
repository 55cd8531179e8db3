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
