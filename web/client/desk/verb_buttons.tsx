/** What can be done to the case in hand: the next step first, what is seldom done behind "more". */
import type { CaseDetail, Verb } from "../shared/api";
import { t, word } from "../shared/language";
import { Banner } from "../shared/parts/states";
import { session } from "../shared/session";
import { hasDraft } from "./entered";
import { openVerb, preset } from "./opened";
import { stanceOf } from "./stance";
import { VerbFormBox } from "./verb_form";
import { verbName } from "./verb_words";
import { DECIDES, FORMS, requestFor } from "./verbs";

/** What may be done at any time, beside the work. */
export const ASIDE: Verb[] = ["pass_up", "urge", "supervise", "note"];
const SELDOM: Verb[] = ["recategorise", "relocate", "pass_up", "urge", "supervise", "cancel", "force_close"];

export function startVerb(verb: Verb | null, outcome = ""): void {
  preset.value = outcome;
  openVerb.value = verb;
}

function VerbButton({ verb, item, first }: { verb: Verb; item: CaseDetail; first: boolean }) {
  const form = FORMS[verb];
  const open = openVerb.value === verb;
  return (
    <button type="button" class={`button ${first ? "main" : ""} ${form.danger ? "danger" : ""} ${open && !first ? "chosen" : ""}`} aria-expanded={open}
      aria-keyshortcuts={form.key} data-verb={verb} data-testid={`verb-${verb}`} onClick={() => startVerb(open ? null : verb)}>
      {verbName(verb, item, stanceOf(verb, item, session.value?.roles ?? []))} {!first && <kbd aria-hidden="true">{form.key}</kbd>}
      {!open && hasDraft(verb, item) && <span class="mark draft">{t("form.draft")}</span>}
    </button>
  );
}

/** Verbs that answer an open request stand with the request. */
export function answersRequest(verb: Verb, item: CaseDetail): boolean {
  return Object.values(DECIDES).includes(verb) && requestFor(verb, item) !== undefined && item.allowed_verbs.includes(verb)
    && !stanceOf(verb, item, session.value?.roles ?? []).asks;
}

/** The next step of the work first, what ends or returns a case after it, what may always be done last. */
export function inOrder(verbs: Verb[], main: Verb | undefined): Verb[] {
  const rank = (verb: Verb): number => (verb === main ? 0 : ASIDE.includes(verb) ? 3 : FORMS[verb].danger ? 2 : 1);
  return [...verbs].sort((a, b) => rank(a) - rank(b));
}

/** Next steps of the work: the first that is possible is the one offered. */
const MAIN: Verb[] = ["accept", "file", "dispatch", "sign", "finish", "resume", "send_check", "close", "verify", "check", "reply_supervision"];

export function Verbs({ item }: { item: CaseDetail }) {
  const known = item.allowed_verbs.filter((verb) => verb in FORMS && !answersRequest(verb, item));
  const work = known.filter((verb) => !ASIDE.includes(verb) && !FORMS[verb].danger);
  const main = MAIN.find((verb) => work.includes(verb));
  const order = inOrder(known, main);
  const seldom = order.filter((verb) => SELDOM.includes(verb) && verb !== main);
  const shown = order.filter((verb) => !seldom.includes(verb));
  const verb = openVerb.value && !answersRequest(openVerb.value, item) ? openVerb.value : null;
  const gone = verb && !known.includes(verb) ? verb : null;
  return (
    <section aria-label={t("detail.verbs")} class="verbs">
      <div class="buttons">{shown.map((one) => <VerbButton key={one} verb={one} item={item} first={one === main} />)}</div>
      {seldom.length > 0 && (
        <details class="seldom" open={verb !== null && seldom.includes(verb)}>
          <summary data-testid="more-verbs">{t("detail.more_verbs")}</summary>
          <div class="buttons">{seldom.map((one) => <VerbButton key={one} verb={one} item={item} first={false} />)}</div>
        </details>
      )}
      {known.length === item.allowed_verbs.length && known.every((one) => one === "note") && <p class="caption">{t("detail.no_verbs")}</p>}
      {gone && <Banner kind="warn">{t("form.gone", { verb: word("verb", gone) })}</Banner>}
      {verb && <VerbFormBox item={item} verb={verb} key={`${item.no}-${verb}`} gone={gone !== null} />}
    </section>
  );
}
