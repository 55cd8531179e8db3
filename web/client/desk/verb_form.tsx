/** A verb's form beneath its button: the effect first, then the fields; what is typed is kept whatever happens. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseDetail, Verb } from "../shared/api";
import { exact } from "../shared/format";
import { post, Problem, serverNow, Unreachable } from "../shared/http";
import { t, word } from "../shared/language";
import { Banner, why } from "../shared/parts/states";
import { useFormError } from "../shared/parts/form_error";
import { type Picture, sendPicture } from "../shared/pictures";
import { session } from "../shared/session";
import { refresh, refreshCounts } from "./cases";
import { suspensionDays } from "./days";
import { OrderAnswered } from "./decision_inputs";
import { effectWords } from "./effects";
import { draftName, faultOf, filled, isFaultOf, useEntered } from "./entered";
import { closeVerb, focusBack, focusFault } from "./focus";
import { changed, done, preset, refreshCase, takeAnswer } from "./opened";
import { stanceOf } from "./stance";
import { useTrial } from "./trial";
import { VerbInput } from "./verb_inputs";
import { submitName, verbName } from "./verb_words";
import { bodyOf, fieldsOf, missing, wrong } from "./verb_fields";
import { FORMS, requestFor } from "./verbs";

function Changed() {
  if (!changed.value.length) return null;
  return (
    <Banner kind="warn" testid="changed">
      <p>{t("detail.changed")}</p>
      <ul>{changed.value.map((one, index) => <li key={index}>{t("detail.diff", { ...one })}</li>)}</ul>
    </Banner>
  );
}

/** Until when a department may return the case. */
function RefuseWindow({ item }: { item: CaseDetail }) {
  const until = item.handlings.find((turn) => turn.round === item.round && turn.state === "open")?.refuse_until;
  if (!until) return null;
  const over = Date.parse(until) < serverNow().getTime();
  return <p class={over ? "fault" : "caption"} data-testid="refuse-window">{t(over ? "form.refuse_over" : "form.refuse_left", { due: exact(until) })}</p>;
}

async function upload(pictures: Picture[], tell: (words: string) => void): Promise<void> {
  for (const [index, picture] of pictures.entries()) {
    tell(t("form.upload", { n: index + 1, all: pictures.length }));
    if (!picture.sent) await sendPicture(picture);
    picture.sent = true;
  }
}

export function VerbFormBox({ item, verb, gone }: { item: CaseDetail; verb: Verb; gone: boolean }) {
  const form = useRef<HTMLFormElement>(null);
  const kept = useEntered(draftName(verb, item.no), (was) => ({ ...filled(verb, item, was), ...(preset.value && { outcome: preset.value }) }));
  const { entered, pictures } = kept;
  const stance = stanceOf(verb, item, session.value?.roles ?? []);
  const [busy, setBusy] = useState("");
  const [error, setError] = useFormError();
  const [tried, setTried] = useState(false);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("input:not([type=radio]), input:checked, textarea, select, input, button.main")?.focus();
  }, []);
  useEffect(() => {
    if (preset.value && preset.value !== entered.outcome) kept.change({ outcome: preset.value });
  }, [preset.value]);
  const days = suspensionDays();
  const empty = missing(verb, item, entered, pictures.length, stance);
  const bad = wrong(verb, item, entered, days.today, days.last, stance);
  const faults = error instanceof Problem ? error.faults : [];
  const stale = error instanceof Problem && error.name === "stale-version";

  const send = async (): Promise<void> => {
    await upload(pictures, setBusy);
    setBusy(t("form.busy"));
    const body = bodyOf(verb, item, entered, pictures.map((picture) => picture.id), stance);
    const answer = await post<CaseDetail>(`cases/${item.no}/verbs/${verb}`, body);
    kept.forget();
    done.value = { no: item.no, words: t("form.done", { verb: verbName(verb, item, stance), no: item.no }) };
    await takeAnswer(answer, item);
    focusBack(null);
    await Promise.allSettled([refresh(), refreshCounts()]);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (empty.length || bad.length) return focusFault(form.current);
    setError(null);
    try {
      await send();
    } catch (failure) {
      setError(failure);
      focusFault(form.current);
      if (failure instanceof Problem && failure.status === 409) await refreshCase().catch(() => undefined);
    } finally {
      setBusy("");
    }
  };
  // with a request the buttons beside it are the choice
  const fields = fieldsOf(verb, item, entered, stance).filter(({ kind }) => !(kind === "outcome" && preset.value && requestFor(verb, item)));
  const shownFaults = faults.filter((fault) => !fields.some(({ kind }) => isFaultOf(kind, fault)));
  const after = useTrial(verb, item, entered, stance, gone || bad.length > 0);
  const effect = gone || bad.length ? null : effectWords(item, verb, entered, stance, after);
  const danger = FORMS[verb].danger || entered.outcome === "denied";
  return (
    <form class="fields verbform" ref={form} onSubmit={(event) => void submit(event)} noValidate aria-label={word("verb", verb)} data-testid={`form-${verb}`}>
      <Changed />
      {error ? (
        <Banner kind="bad" testid="verb-error">
          <p>{stale ? t("detail.stale") : error instanceof Unreachable ? t("form.not_done") : why(error)}</p>
          {shownFaults.map((fault) => <p key={fault.field}>{fault.message}</p>)}
        </Banner>
      ) : null}
      {effect && <p class="effect" data-testid="effect" aria-live="polite">{effect}</p>}
      {verb === "refuse" && <RefuseWindow item={item} />}
      {verb === "reply_supervision" && <OrderAnswered item={item} stance={stance} />}
      {fields.map((field) => (
        <VerbInput key={field.kind} field={field} verb={verb} item={item} stance={stance} entered={entered} change={kept.change} pictures={pictures}
          changePictures={kept.changePictures} fault={faultOf(field.kind, faults, tried ? empty : [])} />
      ))}
      <div class="buttons">
        <button class={`button ${danger ? "danger" : "main"}`} disabled={busy !== "" || gone} data-testid="submit">{busy || submitName(verb, item, stance, entered.outcome)}</button>
        <button type="button" class="button" onClick={closeVerb}>{t("act.cancel")}</button>
      </div>
    </form>
  );
}
