/** The roll call (点名): who asks, how long there is to answer, and the answer with position and photo; saved first. */
import "../room_texts";
import { useEffect, useState } from "preact/hooks";
import { brief } from "../../shared/format";
import { serverNow } from "../../shared/http";
import { t } from "../../shared/language";
import { TextField } from "../../shared/parts/fields";
import { PictureInput } from "../../shared/parts/picture_input";
import { readAnswerDraft } from "../outbox/drafts";
import { unstored } from "../outbox/items";
import type { AnswerDraft } from "../outbox/kinds";
import { during, handOver, useWriting, write, writePictures, type Writing } from "../outbox/writing";
import { type Fix, locateMe, position } from "../position";
import type { RollCall } from "../sync_shapes";
import { answerCall, callKey, waitingCalls } from "./duty";

/** `剩 4:05`, after it `超 0:12`. */
export function countdown(until: string, now: number): { late: boolean; text: string } {
  const seconds = Math.round((Date.parse(until) - now) / 1000);
  const whole = Math.abs(seconds);
  const hours = Math.floor(whole / 3600);
  const clock = `${hours ? `${hours}:` : ""}${String(Math.floor((whole % 3600) / 60)).padStart(hours ? 2 : 1, "0")}:${String(whole % 60).padStart(2, "0")}`;
  return { late: seconds < 0, text: t(seconds < 0 ? "time.over" : "time.left", { length: clock }) };
}

function useSeconds(): number {
  const [now, setNow] = useState(() => serverNow().getTime());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow().getTime()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A fresh position if it comes soon, else the last known: an answer without one is better than none. */
function whereNow(): Promise<Fix | null> {
  return locateMe({ fix_seconds: 8, fix_metres: 50, poor_metres: 200 }).catch(() => position.value);
}

function Answering({ call, writing }: { call: RollCall; writing: Writing }) {
  const [tried, setTried] = useState(false);
  const { pictures, text } = writing.draft.value;
  const busy = writing.busy.value;
  const lacks = (now: AnswerDraft): boolean => call.photo_wanted && !now.pictures.length;
  const answer = async (): Promise<void> => {
    setTried(true);
    if (!writing.jobs.size && lacks(writing.draft.value)) return;
    let fix: Fix | null = null;
    await handOver(writing, lacks, (now) => answerCall(call, now, fix), async () => (fix = await whereNow()));
  };
  return (
    <>
      {call.photo_wanted && (
        <PictureInput camera pictures={pictures} change={(edit) => writePictures(writing, (before) => edit(before).slice(-1))} during={(job) => during(writing, job)}
          label={t("myshift.call_photo")} testid="roll-call-photo" fault={tried && !pictures.length ? t("myshift.call_photo_needed") : null} />
      )}
      <TextField label={t("myshift.call_text")} value={text} change={(words) => write(writing, () => ({ text: words }))} most={500} name={`roll-call-${call.id}`} />
      <button type="button" class={`button ${call.photo_wanted && !pictures.length ? "" : "main"}`} data-testid="roll-call-answer" disabled={busy} onClick={() => void answer()}>
        {t(busy ? "myshift.call_locating" : "myshift.call_answer")}
      </button>
    </>
  );
}

const NOTHING: AnswerDraft = { outcome: "", text: "", pictures: [] };

/** What was written before, also before the page was left. */
function kept(call: RollCall): Promise<AnswerDraft> {
  return readAnswerDraft(callKey(call)).then((draft) => draft ?? NOTHING, () => ((unstored.value = true), NOTHING));
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

export function RollCalls() {
  const now = useSeconds();
  return <>{waitingCalls.value.map((call) => <Call key={call.id} call={call} now={now} />)}</>;
}
