/** The form for all selected cases and the result for each; what was not done stays selected. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseDetail, CaseItem, Verb } from "../shared/api";
import { categoryName, placeName } from "../shared/case/words";
import { Problem, Unreachable } from "../shared/http";
import { isEnglish, t, word } from "../shared/language";
import { Banner, Failure, Loading, why } from "../shared/parts/states";
import { useFormError } from "../shared/parts/form_error";
import { session } from "../shared/session";
import { type BulkResult, bulkBody, commonVerbs, doMany, problemWords, readSamples, results, together } from "./bulk";
import { CaseLink } from "./case_link";
import { items, refresh, refreshCounts } from "./cases";
import { suspensionDays } from "./days";
import { changedWords } from "./differences";
import { faultOf, isFaultOf, useEntered } from "./entered";
import { focusFault } from "./focus";
import { refreshCase } from "./opened";
import { put, selected, toggle } from "./selection";
import { stanceOf } from "./stance";
import { inOrder } from "./verb_buttons";
import { fieldsOf, missing, wrong } from "./verb_fields";
import { EACH_ITS_OWN, VerbInput } from "./verb_inputs";
import { submitName, verbName } from "./verb_words";
import { FORMS } from "./verbs";

/** The selected rows as they were last seen: a refresh must not drop one from the hand. */
const seen = new Map<string, CaseItem>();

function chosenItems(): CaseItem[] {
  for (const item of items.value) seen.set(item.no, item);
  return [...selected.value].flatMap((no) => seen.get(no) ?? []);
}

function Result({ result }: { result: BulkResult }) {
  const item = seen.get(result.no);
  const changes = changedWords(result.problem?.differs ?? []);
  return (
    <li data-no={result.no} data-ok={result.ok ? "yes" : "no"}>
      <p>
        <span class={result.ok ? "good" : "red"}>{result.ok ? "✓" : "✕"} {t(result.ok ? "bulk.ok" : "bulk.bad")}</span> <CaseLink no={result.no} />
        {item && <span class="muted"> {categoryName(item.category)} · {placeName(item)}</span>}
        {result.ok && result.stage && <span class="caption"> {word("stage", result.stage)}</span>}
      </p>
      {!result.ok && <p class="caption red">{problemWords(result)}</p>}
      {changes.length > 0 && <p class="caption">{t("bulk.changed")}{changes.join(isEnglish() ? "; " : ";")}</p>}
      {!result.ok && (
        <label class="keep">
          <input type="checkbox" checked={selected.value.has(result.no)} aria-label={t("bulk.keep", { no: result.no })} onChange={() => toggle(result.no)} data-testid="keep" />
          <span class="caption" aria-hidden="true">{t("bulk.kept_short")}</span>
        </label>
      )}
    </li>
  );
}

/** Those not done first: they are what still needs somebody. */
function Results() {
  const told = results.value;
  if (!told) return null;
  const bad = told.items.filter((one) => !one.ok);
  const ok = told.items.filter((one) => one.ok);
  return (
    <section class="results" aria-label={word("verb", told.verb)} data-testid="bulk-results">
      <Banner kind={bad.length ? "warn" : "good"}>
        <p>{word("verb", told.verb)} · {t("bulk.results", { ok: ok.length, bad: bad.length })} {bad.length ? t("bulk.kept") : ""}</p>
      </Banner>
      <ul>{[...bad, ...ok].map((result) => <Result key={result.no} result={result} />)}</ul>
    </section>
  );
}

function BulkForm({ verb, all, count, then }: { verb: Verb; all: CaseDetail; count: number; then: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const kept = useEntered(`bulk:${verb}`, (was) => ({ ...was, department: was.department || EACH_ITS_OWN }));
  const { entered } = kept;
  const stance = stanceOf(verb, all, session.value?.roles ?? []);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useFormError();
  const [tried, setTried] = useState(false);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("input, textarea, select, button.main")?.focus();
  }, []);
  const days = suspensionDays();
  const fields = fieldsOf(verb, all, entered, stance).filter(({ kind }) => !["assist", "photos", "order_id"].includes(kind) && !(kind === "limit" && !all.condition));
  const shown = new Set(fields.map(({ kind }) => kind));
  const empty = missing(verb, all, entered, 0, stance).filter((kind) => shown.has(kind));
  const bad = wrong(verb, all, entered, days.today, days.last, stance).filter((kind) => shown.has(kind));
  const faults = error instanceof Problem ? error.faults : [];
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (empty.length || bad.length) return focusFault(form.current);
    setBusy(true);
    setError(null);
    try {
      const cases = chosenItems().map(({ no, version }) => ({ no, version }));
      const answer = await doMany(bulkBody(verb, all, entered, cases, stance));
      results.value = { verb, items: answer };
      if (answer.every((one) => one.ok)) kept.forget();
      put(answer.filter((one) => !one.ok).map((one) => one.no));
      then();
      await Promise.allSettled([refresh(), refreshCounts(), refreshCase()]);
    } catch (failure) {
      setError(failure);
      focusFault(form.current);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="fields verbform" ref={form} onSubmit={(event) => void submit(event)} noValidate aria-label={word("verb", verb)} data-testid={`bulk-form-${verb}`}>
      {error ? (
        <Banner kind="bad" testid="bulk-error">
          <p>{error instanceof Unreachable ? t("form.not_done") : why(error)}</p>
          {faults.filter((fault) => !fields.some(({ kind }) => isFaultOf(kind, fault))).map((fault) => <p key={fault.field}>{fault.message}</p>)}
        </Banner>
      ) : null}
      <p class="effect">{t(count === 1 ? "bulk.effect_one" : "bulk.effect", { n: count })}</p>
      {fields.map((field) => (
        <VerbInput key={field.kind} many field={field} verb={verb} item={all} stance={stance} entered={entered} change={kept.change} pictures={[]}
          changePictures={() => undefined} fault={faultOf(field.kind, faults, tried ? empty : [])} />
      ))}
      <div class="buttons">
        <button class={`button ${FORMS[verb].danger ? "danger" : "main"}`} disabled={busy} data-testid="bulk-submit">
          {busy ? t("form.busy") : `${submitName(verb, all, stance, entered.outcome)} · ${t("bulk.selected", { n: count })}`}
        </button>
        <button type="button" class="button" onClick={then}>{t("act.cancel")}</button>
      </div>
    </form>
  );
}

/** One case of each kind is read anew whenever other cases are selected. */
function useSamples(numbers: string) {
  const [details, setDetails] = useState<CaseDetail[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let gone = false;
    setError(null);
    readSamples(chosenItems()).then((found) => !gone && setDetails(found), (failure: unknown) => !gone && setError(failure));
    return () => void (gone = true);
  }, [numbers, again]);
  return { details, error, retry: () => setAgain(again + 1) };
}

export function BulkPanel() {
  const head = useRef<HTMLHeadingElement>(null);
  const [verb, setVerb] = useState<Verb | null>(null);
  const count = selected.value.size;
  const { details, error, retry } = useSamples([...selected.value].join(","));
  useEffect(() => head.current?.focus(), []);
  const verbs = details ? inOrder(commonVerbs(details), undefined) : [];
  const open = verb && verbs.includes(verb) ? verb : null;
  const seats = session.value?.roles ?? [];
  const all = details?.length ? together(details) : null;
  return (
    <article class="case bulk" data-testid="bulk">
      <h2 ref={head} tabIndex={-1}>{t(count === 1 ? "bulk.title_one" : "bulk.title", { n: count })}</h2>
      {error ? <Failure error={error} retry={retry} /> : null}
      {!details && !error && count > 0 && <Loading what={t("bulk.asking")} />}
      {all && count > 0 && (
        <section aria-label={t("bulk.verbs")} class="verbs">
          <div class="buttons">
            {verbs.map((one) => (
              <button type="button" key={one} class={`button ${FORMS[one].danger ? "danger" : ""} ${open === one ? "chosen" : ""}`} aria-expanded={open === one}
                data-testid={`bulk-${one}`} onClick={() => setVerb(open === one ? null : one)}>{verbName(one, all, stanceOf(one, all, seats))}</button>
            ))}
          </div>
          {!verbs.length && <p class="caption">{t("bulk.none")}</p>}
          {open && <BulkForm key={open} verb={open} all={all} count={count} then={() => setVerb(null)} />}
        </section>
      )}
      <Results />
    </article>
  );
}
