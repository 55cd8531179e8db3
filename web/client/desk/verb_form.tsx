/** A verb's form beneath its button: the effect first, then the fields; what is typed is kept whatever happens. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseDetail, Verb } from "../shared/api";
import { exact } from "../shared/format";
import { type Fault, post, Problem } from "../shared/http";
import { t, word } from "../shared/language";
import { dropDraft, keepDraft, readDraft } from "../shared/drafts";
import { Banner, why } from "../shared/parts/states";
import { useFormError } from "../shared/parts/form_error";
import { type Picture, sendPicture } from "../shared/pictures";
import { refresh, refreshCounts } from "./cases";
import { changed, done, openVerb, refreshCase, takeAnswer } from "./opened";
import { VerbInput } from "./verb_inputs";
import { bodyOf, effectOf, type Entered, fieldsOf, FORMS, missing, NOTHING, stageWithoutLimit } from "./verbs";

/** What the verb will do, said before it is done. */
function EffectWords({ item, verb, entered }: { item: CaseDetail; verb: Verb; entered: Entered }) {
  const effect = effectOf(item, verb, entered);
  if (!effect) {
    const stage = stageWithoutLimit(item, verb);
    const words = stage && `${t("effect.to", { stage: word("stage", stage) })} ${t(entered.condition_id ? "effect.by_condition" : "effect.choose_condition")}`;
    return words ? <p class="effect" data-testid="effect">{words}</p> : null;
  }
  const to = effect.to === item.stage ? t("effect.same") : t("effect.to", { stage: word("stage", effect.to) });
  const ended = ["closed", "rejected", "cancelled"].includes(effect.to);
  const goesOn = effect.clock?.kind === item.clock?.kind && effect.clock?.due_at === item.clock?.due_at;
  const clock = effect.clock
    ? t(goesOn ? "effect.clock_on" : "effect.clock", { clock: word("clock", effect.clock.kind), due: exact(effect.clock.due_at) })
    : ended && effect.to !== item.stage ? t("effect.no_clock") : "";
  return <p class="effect" data-testid="effect">{to}{clock && ` ${clock}`}</p>;
}

function Changed() {
  if (!changed.value.length) return null;
  return (
    <Banner kind="warn" testid="changed">
      <p>{t("detail.changed")}</p>
      <ul>{changed.value.map((one, index) => <li key={index}>{t("detail.diff", { ...one })}</li>)}</ul>
    </Banner>
  );
}

/** Photos live as long as the page: too large for the session's storage. */
const pictureDrafts = new Map<string, Picture[]>();

/** What was entered for this verb of this case, kept across closing, switching cases and reloading. */
function useEntered(name: string, item: CaseDetail, verb: Verb) {
  const first = (): Entered => {
    const kept = readDraft<Entered>(name) ?? NOTHING;
    const department = verb === "dispatch" && !kept.department ? (item.suggested_department?.code ?? "") : kept.department;
    const only = item.conditions.length === 1 ? String(item.conditions[0]!.id) : "";
    return { ...kept, department, condition_id: kept.condition_id || (verb === "file" ? only : "") };
  };
  const [entered, setEntered] = useState<Entered>(first);
  const [pictures, setPictures] = useState<Picture[]>(pictureDrafts.get(name) ?? []);
  return {
    entered,
    pictures,
    change(part: Partial<Entered>): void {
      const next = { ...entered, ...part };
      setEntered(next);
      keepDraft(name, next);
    },
    changePictures(taken: Picture[]): void {
      setPictures(taken);
      pictureDrafts.set(name, taken);
    },
    forget(): void {
      dropDraft(name);
      pictureDrafts.delete(name);
    },
  };
}

function faultOf(kind: string, faults: Fault[], empty: string[]): string | null {
  const found = faults.filter((fault) => fault.field === kind || fault.field.startsWith(`${kind}.`));
  if (found.length) return found.map((fault) => fault.message).join(" ");
  return empty.includes(kind) ? t("form.required") : null;
}

export function VerbFormBox({ item, verb, gone }: { item: CaseDetail; verb: Verb; gone: boolean }) {
  const form = useRef<HTMLFormElement>(null);
  const kept = useEntered(`verb:${item.no}:${verb}`, item, verb);
  const [busy, setBusy] = useState("");
  const [error, setError] = useFormError();
  const [tried, setTried] = useState(false);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("input, textarea, select, button.main")?.focus();
  }, []);
  const empty = missing(verb, item, kept.entered, kept.pictures.length);
  const faults = error instanceof Problem ? error.faults : [];
  const stale = error instanceof Problem && error.name === "stale-version";

  const send = async (): Promise<void> => {
    for (const [index, picture] of kept.pictures.entries()) {
      setBusy(t("form.upload", { n: index + 1, all: kept.pictures.length }));
      if (!picture.sent) await sendPicture(picture);
      picture.sent = true;
    }
    setBusy(t("form.busy"));
    const body = bodyOf(verb, item, kept.entered, kept.pictures.map((picture) => picture.id));
    const answer = await post<CaseDetail>(`cases/${item.no}/verbs/${verb}`, body);
    kept.forget();
    done.value = { no: item.no, words: t("form.done", { verb: word("verb", verb), no: item.no }) };
    await takeAnswer(answer);
    await Promise.allSettled([refresh(), refreshCounts()]);
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (empty.length) return;
    setError(null);
    try {
      await send();
    } catch (failure) {
      setError(failure);
      if (failure instanceof Problem && failure.status === 409) await refreshCase().catch(() => undefined);
    } finally {
      setBusy("");
    }
  };
  const shownFaults = faults.filter((fault) => !fieldsOf(verb, item, kept.entered).some(({ kind }) => fault.field.startsWith(kind)));
  return (
    <form class="fields verbform" ref={form} onSubmit={(event) => void submit(event)} noValidate aria-label={word("verb", verb)} data-testid={`form-${verb}`}>
      <Changed />
      {error ? (
        <Banner kind="bad" testid="verb-error">
          <p>{stale ? t("detail.stale") : why(error)}</p>
          {shownFaults.map((fault) => <p key={fault.field}>{fault.message}</p>)}
        </Banner>
      ) : null}
      {!gone && <EffectWords item={item} verb={verb} entered={kept.entered} />}
      {fieldsOf(verb, item, kept.entered).map((field) => (
        <VerbInput key={field.kind} field={field} verb={verb} item={item} entered={kept.entered} change={kept.change} pictures={kept.pictures}
          changePictures={kept.changePictures} fault={faultOf(field.kind, faults, tried ? empty : [])} />
      ))}
      <div class="buttons">
        <button class={`button ${FORMS[verb].danger ? "danger" : "main"}`} disabled={busy !== "" || gone} data-testid="submit">{busy || word("verb", verb)}</button>
        <button type="button" class="button" onClick={() => (openVerb.value = null)}>{t("act.cancel")}</button>
      </div>
    </form>
  );
}
