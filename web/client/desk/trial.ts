/** What the server says a verb would do: asked with what is entered, a moment after the last change; nothing is kept. */
import { useEffect, useState } from "preact/hooks";
import type { CaseClock, CaseDetail, Department, Verb } from "../shared/api";
import { departmentName, limitWords } from "../shared/case/words";
import { exact, left } from "../shared/format";
import { call } from "../shared/http";
import { t, word } from "../shared/language";
import { bodyOf, missing } from "./verb_fields";
import { type Entered, type FieldKind, isSecondary, type Stance } from "./verbs";

const PAUSE_MS = 400;
/** Verbs after which another may be responsible, or the handling clock stands otherwise. */
const TRIED: Verb[] = ["pass_up", "relocate", "recategorise", "dispatch", "refuse"];
/** Words change nothing of what would be: they need not be there yet. */
const WORDS: FieldKind[] = ["reason", "note", "text"];
const ANY_WORDS = "…";

function question(verb: Verb, item: CaseDetail, entered: Entered, stance: Stance): string | null {
  if (!TRIED.includes(verb) || stance.part || isSecondary(verb, item)) return null;
  if (missing(verb, item, entered, 0, stance).some((kind) => !WORDS.includes(kind))) return null;
  return JSON.stringify(bodyOf(verb, item, { ...entered, reason: ANY_WORDS, note: "", text: "" }, [], stance));
}

/** The case as it would be; null while that cannot be said. */
export function useTrial(verb: Verb, item: CaseDetail, entered: Entered, stance: Stance, gone: boolean): CaseDetail | null {
  const asked = gone ? null : question(verb, item, entered, stance);
  const [found, setFound] = useState<{ asked: string; after: CaseDetail } | null>(null);
  useEffect(() => {
    if (!asked) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call<CaseDetail>("POST", `cases/${item.no}/verbs/${verb}`, { query: { dry_run: true }, body: JSON.parse(asked), signal: stop.signal })
        .then((after) => setFound({ asked, after }), () => setFound(null)); // what is wrong with it is told when it is sent
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked]);
  return found && found.asked === asked ? found.after : null;
}

function handleClock({ clocks }: CaseDetail): CaseClock | undefined {
  return clocks.filter((clock) => clock.kind === "handle").at(-1);
}

/** How the handling clock would stand, against how it stands. */
function handling(before: CaseDetail, after: CaseDetail): string {
  const [was, now] = [handleClock(before), handleClock(after)];
  if (!now) return after.condition && after.condition.id !== before.condition?.id ? t("effect.limit_later", { limit: limitWords(after.condition) }) : "";
  const due = exact(now.due_at);
  if (!was || was.started_at !== now.started_at) return now.state === "running" ? t("effect.clock", { clock: word("clock", "handle"), due }) : "";
  if (was.state !== now.state) return t(`effect.handle_${now.state}`, { due, left: left(now.left_minutes) });
  if (now.state === "stopped") return "";
  if (was.due_at !== now.due_at) return t("effect.handle_moves", { was: exact(was.due_at), due });
  return t("effect.handle_same", { due });
}

function other(before: CaseDetail, after: CaseDetail): string {
  const now = after.clock;
  if (!now || now.kind === "handle" || (now.kind === before.clock?.kind && now.due_at === before.clock.due_at)) return "";
  return t("effect.clock", { clock: word("clock", now.kind), due: exact(now.due_at) });
}

/** Who handles it, or who is suggested to. */
function department(before: CaseDetail, after: CaseDetail): string {
  const lead = after.handlings.filter((turn) => turn.lead && turn.state === "open").at(-1)?.department as Department | null | undefined;
  if (after.department) return after.department.code === before.department?.code ? "" : t("effect.department", { name: departmentName(lead ?? after.department) });
  if (after.stage === "dispatched") return t("effect.department", { name: after.centre.name });
  if (after.stage === before.stage && after.centre.code === before.centre.code && after.suggested_department?.code === before.suggested_department?.code) return "";
  if (["pending_dispatch", "pending_filing", "reported", "verifying"].includes(after.stage) && after.suggested_department)
    return t("effect.suggested", { name: departmentName(after.suggested_department) });
  return "";
}

/** The case as it would be in words: stage, responsible centre, department, clocks. */
export function trialWords(before: CaseDetail, after: CaseDetail): string {
  return [
    after.stage === before.stage ? t("effect.same") : t("effect.to", { stage: word("stage", after.stage) }),
    after.centre.code === before.centre.code ? "" : t("effect.centre", { name: after.centre.name }),
    department(before, after), handling(before, after), other(before, after),
  ].filter(Boolean).join(" ");
}
