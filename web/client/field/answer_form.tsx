/** The answer to a task: photo, result, words, and what follows from it; kept until the server has accepted it. */
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { CaseDetail, CaseItem, Effect } from "../shared/api";
import { exact } from "../shared/format";
import { t, word } from "../shared/language";
import { ChoiceField, TextField } from "../shared/parts/fields";
import { PictureInput } from "../shared/parts/picture_input";
import { Banner, Loading } from "../shared/parts/states";
import { type AnswerVerb, keyOf, type Lack, lacks, readAnswer, refusedAnswer, sendAnswer, verbOf } from "./answers";
import { unstored } from "./outbox/items";
import type { AnswerDraft } from "./outbox/kinds";
import { RefusalWords } from "./outbox/refusal";
import { during, handOver, useWriting, write, writePictures, type Writing } from "./outbox/writing";
import { go } from "./route";

type Item = CaseItem & Partial<Pick<CaseDetail, "effects">>;

const OUTCOMES = { verify: ["confirmed", "unfounded"], check: ["passed", "failed"] } as const;

/** What the answer does, with the limits where the server has said them. */
function effectWords(item: Item, verb: AnswerVerb, outcome: string): string {
  const said: Effect | undefined = item.effects?.[verb];
  const effect = said?.outcomes?.[outcome];
  const plain = word("tasks", `effect_${outcome}`);
  if (!effect) return plain;
  const clock = effect.clock ? t("tasks.effect_clock", { clock: word("clock", effect.clock.kind), due: exact(effect.clock.due_at) }) : "";
  return [plain, t("tasks.effect", { stage: word("stage", effect.to) }), clock].filter(Boolean).join(" ");
}

function photoFault(draft: AnswerDraft, found: Lack[], refusedPhotos: string[]): string | null {
  if (found.includes("photo_refused")) {
    const n = draft.pictures.findIndex((picture) => refusedPhotos.includes(picture.id)) + 1;
    return t("tasks.photo_again", { n });
  }
  return found.includes("photo") ? t("tasks.photo_needed") : null;
}

function textLabel(outcome: string): string {
  return t(outcome === "failed" ? "tasks.text_why" : outcome === "unfounded" ? "tasks.text_unfounded" : "tasks.text");
}

function Entering({ item, writing }: { item: Item; writing: Writing }) {
  const verb = verbOf(item);
  const before = refusedAnswer(item.no, verb);
  const refusedPhotos = before?.refusal?.photos ?? [];
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const [tried, setTried] = useState(false);
  const draft = writing.draft.value;
  const change = (part: Partial<AnswerDraft>): void => write(writing, () => part);
  useEffect(() => {
    if (before) form.current?.scrollIntoView({ block: "start" });
  }, []);
  const found = lacks(verb, draft, refusedPhotos);
  // a photo that was refused is said at once, what is still to be entered only after trying
  const shown = tried ? found : found.filter((lack) => lack === "photo_refused");
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (writing.busy.value) return;
    setTried(true);
    const waits = writing.jobs.size > 0; // for a photo that may be all that is lacking
    const sent = (waits || !found.length) && (await handOver(writing, (now) => lacks(verb, now, refusedPhotos).length > 0, (now) => sendAnswer(item, now)));
    if (sent) go("tasks");
    else requestAnimationFrame(() => form.current?.querySelector(".fault")?.scrollIntoView({ block: "center" }));
  };
  // the button is no part of the form's box: it stands at the screen's foot, however long what is asked
  return <>
    <form id={id} class="fields" ref={form} inert={writing.busy.value} onSubmit={(event) => void send(event)} noValidate>
      {unstored.value && <Banner kind="bad">{t("outbox.storage")}</Banner>}
      {before && <Banner kind="bad" testid="mending"><RefusalWords item={before} /></Banner>}
      <PictureInput camera pictures={draft.pictures} change={(edit) => writePictures(writing, edit)} during={(job) => during(writing, job)} label={t("tasks.photo")}
        fault={photoFault(draft, shown, refusedPhotos)} />
      <ChoiceField label={t(verb === "check" ? "tasks.check_ask" : "tasks.verify_ask")} name="outcome" value={draft.outcome}
        change={(outcome) => change({ outcome })} fault={shown.includes("outcome") ? t("tasks.outcome_needed") : null}
        options={OUTCOMES[verb].map((value) => ({ value, label: t(`outcome.${value}`) }))} />
      <TextField long label={textLabel(draft.outcome)} name="text" value={draft.text} change={(text) => change({ text })} most={2000}
        required={draft.outcome === "failed"} fault={shown.includes("text") ? t("tasks.text_needed") : null} />
      {draft.outcome && <p class="muted" role="status" data-testid="effect">{effectWords(item, verb, draft.outcome)}</p>}
    </form>
    <div class="footbar"><button form={id} class="button main" data-testid="answer" disabled={writing.busy.value}>{t("tasks.answer")}</button></div>
  </>;
}

export function AnswerForm({ item }: { item: Item }) {
  const verb = verbOf(item);
  const writing = useWriting(keyOf(item.no, verb), () => readAnswer(item.no, verb));
  return writing ? <Entering key={writing.key} item={item} writing={writing} /> : <Loading />;
}
