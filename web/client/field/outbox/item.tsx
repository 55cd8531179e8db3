/** One item of the outbox: what it is, how far it has got in honest words, and what can be done with it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { brief, seconds } from "../../shared/format";
import { t, word } from "../../shared/language";
import { Thumb } from "../../shared/parts/picture_input";
import { Banner } from "../../shared/parts/states";
import type { Picture } from "../../shared/pictures";
import { openDraft } from "../report/draft";
import { go } from "../route";
import { withBytes } from "./drafts";
import { discard, edit, isEditable, isHeld, maybeDelivered, progress, sendAgain, unstored } from "./items";
import type { Kept } from "./kinds";
import { isOld, isOver } from "./over";
import { RefusalWords } from "./refusal";
import { Retake } from "./retake";
import { itemTitle } from "./words";

/** Photos only when looked at: forty reports with all their photos are more than a phone's memory likes. */
function Pictures({ item }: { item: Kept }) {
  const [shown, setShown] = useState<Picture[] | null>(null);
  const [open, setOpen] = useState(false);
  // what has arrived is no longer here
  const there = item.pictures.filter((picture) => !picture.sent || (!item.receipt && item.state !== "accepted"));
  useEffect(() => {
    if (open) withBytes(there).then(setShown, () => setShown([]));
  }, [open, there.length]);
  if (!there.length) return null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="link">{t("outbox.photos_show", { n: there.length })}</summary>
      {shown && <ul class="photos">{shown.map((picture, index) => <Thumb key={picture.id} picture={picture} n={index + 1} />)}</ul>}
    </details>
  );
}

function trouble(item: Kept): string | null {
  const { trouble: what } = item;
  if (!what) return null;
  const said = what === "none" || what === "half" ? word("outbox", `trouble_${what}`) : t("outbox.trouble_status", { status: what });
  return item.after > Date.now() ? `${said} ${t("outbox.again_at", { time: seconds(new Date(item.after)) })}` : said;
}

/** What is certain: on the phone, on its way, perhaps there, there. */
export function stateWords(item: Kept): string {
  const left = item.pictures.filter((picture) => !picture.sent).length;
  if (item.state === "sending") return t("outbox.is_sending", { percent: progress.value?.id === item.id ? progress.value.percent : 0 });
  if (item.state === "refused") return t(isOver(item) ? "outbox.is_over" : "outbox.is_refused");
  if (item.state === "accepted") return item.receipt ? t("outbox.is_accepted_no", { no: item.receipt.case.no }) : t("outbox.is_accepted");
  if (item.receipt) return t("outbox.is_partly", { no: item.receipt.case.no, n: left });
  if (isHeld(item.id)) return t("outbox.is_held");
  return t(item.uncertain ? "outbox.is_uncertain" : "outbox.is_waiting");
}

function Delete({ item }: { item: Kept }) {
  const [asked, setAsked] = useState(false);
  const question = useRef<HTMLDivElement>(null);
  useEffect(() => question.current?.focus(), [asked]);
  // of an answer they are all still here: it names them only when it goes itself
  const photos = item.pictures.filter((picture) => !picture.sent || !item.receipt).length;
  if (item.state === "sending") return null;
  if (!asked) return <button type="button" class="button danger" onClick={() => setAsked(true)} data-testid="kept-delete">{t("outbox.drop")}</button>;
  return (
    <div class="stack" role="alert" tabIndex={-1} ref={question}>
      <p class="strong">{item.receipt ? t("outbox.drop_photos", { n: photos, no: item.receipt.case.no }) : t(photos ? "outbox.drop_ask" : "outbox.drop_ask_words", { n: photos })}</p>
      {maybeDelivered(item) && <p>{t("outbox.drop_delivered")}</p>}
      <div class="buttons">
        <button type="button" class="button danger" onClick={() => void discard(item.id)} data-testid="kept-delete-sure">{t("outbox.drop_sure")}</button>
        <button type="button" class="button" onClick={() => setAsked(false)}>{t("act.cancel")}</button>
      </div>
    </div>
  );
}

/** Opens it where it was written; false: the server may have it meanwhile. */
async function reopen(item: Kept): Promise<boolean> {
  if (item.answer) return (go("tasks", item.answer.no), true);
  if (!(await edit(item.id)) || !(await openDraft(item.id))) return false;
  go("report");
  return true;
}

function Verbs({ item }: { item: Kept }) {
  const [late, setLate] = useState(false);
  const writable = item.kind === "report" || item.kind === "answer";
  const over = isOver(item);
  const editable = writable && !over && !isHeld(item.id) && isEditable(item) && (item.kind === "report" || item.state === "refused");
  const lacks = item.state === "accepted" && Boolean(item.refusal?.photos?.length);
  return (
    <>
      {writable && item.state !== "accepted" && maybeDelivered(item) && item.state !== "sending" && <p class="caption">{t("outbox.no_edit")}</p>}
      {late && <Banner kind="warn">{t("outbox.no_edit")}</Banner>}
      <div class="buttons">
        {editable && <button type="button" class={item.state === "refused" ? "button main" : "button"} onClick={() => void reopen(item).then((opened) => setLate(!opened), () => (unstored.value = true))} data-testid="kept-edit">{t("outbox.mend")}</button>}
        {over && <button type="button" class="button main" onClick={() => void discard(item.id)} data-testid="kept-read">{t("tasks.gone_read")}</button>}
        {item.state === "refused" && !over && !isOld(item) && <button type="button" class="button" onClick={() => void sendAgain(item.id)} data-testid="kept-send">{t("outbox.send_again")}</button>}
        {item.receipt && <a class="button" href={`#/mine/${item.receipt.case.no}`}>{t("act.open")}</a>}
        {item.state !== "accepted" && !over && <Delete item={item} />}
        {item.state === "accepted" && <button type="button" class="button" onClick={() => void discard(item.id)}>{t(lacks ? "outbox.dismiss" : "outbox.clear_one")}</button>}
      </div>
    </>
  );
}

export function Item({ item, foreign = false }: { item: Kept; foreign?: boolean }) {
  const { text, outcome } = item.answer?.fields ?? {};
  const words = item.report?.description || (typeof text === "string" ? text : "");
  const told = !foreign && item.state === "refused" && Boolean(item.refusal?.faults.length);
  const why = item.state === "waiting" ? trouble(item) : null;
  return (
    <li class="panel kept" data-testid="kept" data-state={item.state} data-kind={item.kind} data-id={item.id}>
      <p class="strong">{itemTitle(item)}</p>
      <p class="caption">{brief(item.made_at)}{item.pictures.length > 0 && ` · ${t("outbox.photos", { n: item.report?.photos?.length ?? item.pictures.length })}`}</p>
      {!told && <p data-testid="kept-state">{foreign ? t("outbox.is_others", { name: item.person_name || `#${item.person}` }) : stateWords(item)}</p>}
      {item.state === "sending" && <progress max={100} value={progress.value?.id === item.id ? progress.value.percent : 0} aria-label={stateWords(item)} />}
      {why && <p class="caption">{why}</p>}
      {!foreign && typeof outcome === "string" && <p>{word("outcome", outcome)}</p>}
      {!foreign && words && <p class="words">{words}</p>}
      {!foreign && <Pictures item={item} />}
      {!foreign && item.refusal && <Banner kind={isOver(item) ? "warn" : "bad"}><RefusalWords item={item} /></Banner>}
      {!foreign && <Retake item={item} />}
      {!foreign && <Verbs item={item} />}
    </li>
  );
}
