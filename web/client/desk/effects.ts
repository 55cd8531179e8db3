/** What a verb will do, in words, before it is done. */
import type { CaseDetail, Effect, Verb } from "../shared/api";
import { limitWords } from "../shared/case/words";
import { exact } from "../shared/format";
import { t, word } from "../shared/language";
import { trialWords } from "./trial";
import { isSecondary, isUnmerge, requestFor, stepLimit, type Entered, type Stance } from "./verbs";

const ENDED = ["closed", "rejected", "cancelled"];

/** The outcome that will be found: named by the person, or following from how they stand to the case. */
export function outcomeOf(verb: Verb, item: CaseDetail, { outcome }: Pick<Entered, "outcome">, stance: Stance): string {
  if (stance.part) return "part";
  if (verb === "finish") return item.step === 1 && item.then ? "step" : "";
  if (verb === "cancel" || verb === "force_close") return stance.asks ? "asked" : outcome === "denied" ? "denied" : "";
  return outcome;
}

/** What the verb would do, for the outcome or the filing condition chosen; null while that cannot be said. */
export function effectOf(item: CaseDetail, verb: Verb, { outcome, condition_id }: Pick<Entered, "outcome" | "condition_id">): Effect | null {
  const found = item.effects[verb];
  if (!found) return null;
  if (found.outcomes && outcome) return found.outcomes[outcome] ?? null;
  if (found.outcomes && ["verify", "check"].includes(verb)) return null;
  if (verb !== "file") return found;
  return condition_id ? (found.conditions ? (found.conditions[condition_id] ?? null) : found) : null;
}

/** The stage that a filing leads to whatever the condition; its limit follows from the condition. */
export function stageWithoutLimit(item: CaseDetail, verb: Verb): Effect["to"] | null {
  return verb === "file" ? (item.effects[verb]?.to ?? null) : null;
}

function stageAndClock(item: CaseDetail, effect: Effect): string {
  const to = effect.to === item.stage ? t("effect.same") : t("effect.to", { stage: word("stage", effect.to) });
  const goesOn = effect.clock?.kind === item.clock?.kind && effect.clock?.due_at === item.clock?.due_at;
  const clock = effect.clock
    ? t(goesOn ? "effect.clock_on" : "effect.clock", { clock: word("clock", effect.clock.kind), due: exact(effect.clock.due_at) })
    : ENDED.includes(effect.to) && effect.to !== item.stage ? t("effect.no_clock") : "";
  return `${to}${clock && ` ${clock}`}`;
}

/** The new deadline where the server foretold it for so many units, else how much is added to which. */
function extended(item: CaseDetail, verb: Verb, entered: Entered): string {
  const step = stepLimit(item);
  if (!step) return "";
  const asked = requestFor("decide_extension", item)?.data.limit;
  const limit = Number(entered.limit) || (verb === "decide_extension" && asked) || step.limit;
  const was = exact(item.handle_due_at ?? item.clock?.due_at);
  const due = item.effects[verb]?.limits?.[String(limit)];
  const change = due
    ? t("effect.extend", { was, due: exact(due) })
    : t("effect.extend_by", { was, limit: limitWords({ limit, unit: step.unit }) });
  return verb === "decide_extension" ? `${change} ${t("effect.endorse")}` : `${t("effect.asks")} ${t("effect.if_granted", { change })}`;
}

function suspended(verb: Verb, item: CaseDetail, entered: Entered): string {
  const day = entered.resume_on || (verb === "decide_suspension" ? requestFor(verb, item)?.data.resume_on : "");
  if (!day) return verb === "decide_suspension" ? t("effect.suspend_pick") : `${t("effect.asks")} ${t("effect.suspend_pick")}`;
  const change = t("effect.suspend", { day });
  return verb === "decide_suspension" ? `${change} ${t("effect.endorse")}` : `${t("effect.asks")} ${t("effect.if_granted", { change })}`;
}

function decided(verb: Verb, item: CaseDetail, entered: Entered): string | null {
  if (entered.outcome === "denied") return t("effect.denied");
  if (entered.outcome !== "granted") return null;
  if (verb === "decide_extension") return extended(item, verb, entered);
  if (verb === "decide_suspension") return suspended(verb, item, entered);
  return `${t("effect.excuse")} ${t("effect.endorse")}`;
}

function partly(verb: Verb): string {
  return t(verb === "finish" ? "effect.part" : verb === "refuse" ? "effect.part_refuse" : "effect.part_sign");
}

function merged(item: CaseDetail, entered: Entered): string {
  const stage = word("stage", item.effects["merge"]?.to ?? item.stage);
  if (isUnmerge("merge", item)) return t("effect.unmerge", { no: item.merged_into ?? "", stage });
  return entered.into.trim() ? t("effect.merge", { no: entered.into.trim(), stage }) : t("effect.merge_pick");
}

function moved(verb: Verb, item: CaseDetail): string {
  const to = item.effects[verb]?.outcomes?.["moved"]?.to;
  const pick = t(verb === "relocate" ? "effect.pick_place" : "effect.pick_category");
  return `${pick} ${to && to !== item.stage ? t("effect.may_move", { stage: word("stage", to) }) : t(item.filed_at ? "effect.recount" : "effect.reroute")}`;
}

/** Words of the verbs whose effect is more than a stage and a clock. */
function special(verb: Verb, item: CaseDetail, entered: Entered, stance: Stance): string | null | undefined {
  switch (verb) {
    case "request_extension":
      return extended(item, verb, entered);
    case "request_suspension":
      return suspended(verb, item, entered);
    case "decide_extension":
    case "decide_suspension":
    case "decide_appeal":
      return decided(verb, item, entered);
    case "appeal":
      return t("effect.appeal");
    case "resume":
      return t("effect.resume");
    case "supervise":
      return t("effect.order", { centre: item.centre.name });
    case "reply_supervision":
      return t("effect.reply");
    case "merge":
      return merged(item, entered);
    case "recategorise":
    case "relocate":
      return moved(verb, item);
    case "cancel":
    case "force_close":
      if (stance.asks) return t(verb === "cancel" ? "effect.cancel_ask" : "effect.force_ask");
      return entered.outcome === "denied" ? t("effect.denied") : undefined;
    default:
      return stance.part ? partly(verb) : undefined;
  }
}

/** The centre one level up, by the case's place. */
export function centreAbove({ line, centre }: Pick<CaseDetail, "line" | "centre">): string {
  const at = line.findIndex((cell) => cell.code === centre.code);
  return line[at - 1]?.name ?? "";
}

/** What stands beside stage and clock. */
function besides(verb: Verb, item: CaseDetail, entered: Entered): string {
  if (verb === "finish" && item.effects[verb]?.to === "handled") return t("effect.handle_stopped");
  if (verb === "dispatch" && entered.assist) return t("effect.assist", { n: entered.assist.split(",").length });
  if (verb === "refuse" && item.refused_count >= 1) return t("effect.dispute", { n: item.refused_count + 1 });
  return "";
}

/** What the verb will do; null while that cannot be said. `after`: the case as the server says it would be. */
export function effectWords(item: CaseDetail, verb: Verb, entered: Entered, stance: Stance, after: CaseDetail | null = null): string | null {
  return allWords(item, verb, entered, stance, after)?.replace(/。 /g, "。") ?? null;
}

function allWords(item: CaseDetail, verb: Verb, entered: Entered, stance: Stance, after: CaseDetail | null): string | null {
  if (after) return [trialWords(item, after), besides(verb, item, entered)].filter(Boolean).join(" ");
  const told = special(verb, item, entered, stance);
  if (told !== undefined) return told;
  if (isSecondary(verb, item)) return t("effect.unit");
  const outcome = outcomeOf(verb, item, entered, stance);
  const effect = effectOf(item, verb, { ...entered, outcome });
  if (!effect) {
    const stage = stageWithoutLimit(item, verb);
    return stage && `${t("effect.to", { stage: word("stage", stage) })} ${t(entered.condition_id ? "effect.by_condition" : "effect.choose_condition")}`;
  }
  if (outcome === "step" && effect.clock) return t("effect.step", { due: exact(effect.clock.due_at) });
  const up = verb === "pass_up" ? centreAbove(item) : "";
  return [up && t("effect.up", { centre: up }), stageAndClock(item, effect), besides(verb, item, entered)].filter(Boolean).join(" ");
}
