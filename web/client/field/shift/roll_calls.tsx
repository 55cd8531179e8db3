/** The roll call (点名): who asks, how long there is to answer, and the answer with position and photo; saved first. */
import "../room_texts";
import { useState } from "preact/hooks";
import { brief } from "../../shared/format";
import { t } from "../../shared/language";
import { TextField } from "../../shared/parts/fields";
import { PictureInput } from "../../shared/parts/picture_input";
import { readAnswerDraft, withBytes } from "../outbox/drafts";
import { unstored } from "../outbox/items";
import type { AnswerDraft, Kept } from "../outbox/kinds";
import { during, handOver, useWriting, write, writePictures, type Writing } from "../outbox/writing";
import type { RollCall } from "../sync_shapes";
import { countdown, useSeconds } from "./countdown";
import { answerCall, answered, callKey, read, refusedCall, waitingCalls } from "./duty";

function Answering({ call, writing }: { call: RollCall; writing: Writing }) {
  const [tried, setTried] = useState(false);
  const { pictures, text } = writing.draft.value;
  const busy = writing.busy.value;
  const lacks = (now: AnswerDraft): boolean => call.photo_wanted && !now.pictures.length;
  const answer = async (): Promise<void> => {
    setTried(true);
    if (!writing.jobs.size && lacks(writing.draft.value)) return;
    await handOver(writing, lacks, (now) => answerCall(call, now));
  };
  return (
    <>
      {call.photo_wanted && (
        <PictureInput camera pictures={pictures} change={(edit) => writePictures(writing, (before) => edit(before).slice(-1))} during={(job) => during(writing, job)}
          label={t("myshift.call_photo")} testid="roll-call-photo" fault={tried && !pictures.length ? t("myshift.call_photo_needed") : null} />
      )}
      <TextField label={t("myshift.call_text")} value={text} change={(words) => write(writing, () => ({ text: words }))} most={500} name={`roll-call-${call.id}`} />
      <button type="button" class={`button ${call.photo_wanted && !pictures.length ? "" : "main"}`} data-testid="roll-call-answer" disabled={busy} onClick={() => void answer()}>
        {t("myshift.call_answer")}
      </button>
    </>
  );
}

const NOTHING: AnswerDraft = { outcome: "", text: "", pictures: [] };

/** What was written before, also before the page was left; else what the refused answer carried. */
async function kept(call: RollCall): Promise<AnswerDraft> {
  try {
    const refused = refusedCall(call);
    const text = String(refused?.duty?.body["text"] ?? "");
    return (await readAnswerDraft(callKey(call))) ?? (refused ? { ...NOTHING, text, pictures: await withBytes(refused.pictures) } : NOTHING);
  } catch {
    unstored.value = true;
    return NOTHING;
  }
}

function Call({ call, now }: { call: RollCall; now: number }) {
  const writing = useWriting(callKey(call), () => kept(call));
  const { late, text: left } = countdown(call.answer_by, now);
  return (
    <section class="panel call" data-testid="roll-call" data-id={call.id} aria-label={t("myshift.call")}>
      <div class="first">
        <h2>{t("myshift.call_by", { centre: call.centre.name })}</h2>
        <span class={`light ${late ? "red" : "yellow"}`}><span class="shape" aria-hidden="true">{late ? "■" : "▲"}</span>{left}</span>
      </div>
      <p class="caption">{t("myshift.call_at", { time: brief(call.called_at) })}{late && ` ${t("myshift.call_late")}`}</p>
      {call.text && <p class="words">{call.text}</p>}
      {writing && <Answering call={call} writing={writing} />}
    </section>
  );
}

/** That it was answered, and how far the answer has got: kept on the phone is not delivered. */
function Receipt({ item }: { item: Kept }) {
  const there = item.state === "accepted";
  const waits = t((item.hold ?? 0) > Date.now() ? "myshift.call_locating" : "myshift.pending");
  return (
    <section class="panel call done" data-testid="roll-call-receipt" data-state={item.state} role="status">
      <p class="strong">{t("myshift.call_done", { centre: item.duty?.title ?? "", time: brief(item.made_at) })}</p>
      <p>
        <span class={`light ${there ? "green" : "paused"}`}><span class="shape" aria-hidden="true">{there ? "●" : "‖"}</span>
          {there ? t("myshift.call_delivered", { time: brief(item.received_at ?? item.made_at) }) : waits}</span>
      </p>
      <button type="button" class="button" onClick={() => (read.value = new Set([...read.value, item.id]))}>{t("tasks.gone_read")}</button>
    </section>
  );
}

export function RollCalls() {
  const now = useSeconds();
  return (
    <>
      {waitingCalls.value.map((call) => <Call key={call.id} call={call} now={now} />)}
      {answered.value.map((item) => <Receipt key={item.id} item={item} />)}
    </>
  );
}
