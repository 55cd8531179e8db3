/** What a verb is called here: some mean another thing to who may only ask, or the second time. */
import type { CaseDetail, Verb } from "../shared/api";
import { t, word } from "../shared/language";
import { isSecondary, isUnmerge, type Stance } from "./verbs";

export function verbName(verb: Verb, item: CaseDetail, stance: Stance): string {
  if (stance.asks && verb === "cancel") return t("act.cancel_asks");
  if (stance.asks && verb === "force_close") return t("act.force_close_asks");
  if (isSecondary(verb, item)) return t("act.unit");
  if (isUnmerge(verb, item)) return t("form.unmerge");
  return word("verb", verb);
}

/** What stands on the button that sends. */
export function submitName(verb: Verb, item: CaseDetail, stance: Stance, outcome: string): string {
  if (outcome === "granted") return t("act.submit_grant");
  if (outcome === "denied") return t("act.submit_deny");
  return verbName(verb, item, stance);
}
