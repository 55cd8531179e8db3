/** The bar that says what waits, and the room where it can be looked at, sent, mended or discarded. */
import { useState } from "preact/hooks";
import { categories, findCategory } from "../shared/catalogue";
import { categoryName } from "../shared/case/words";
import { brief, count } from "../shared/format";
import { online, signedOut } from "../shared/http";
import { t, word } from "../shared/language";
import { Thumb } from "../shared/parts/picture_input";
import { Banner, Empty } from "../shared/parts/states";
import type { Kept } from "./outbox";
import { RefusalWords } from "./refusal";
import { mendReport } from "./report_draft";
import { Retake } from "./retake";
import { go } from "./route";
import { discard, flush, lacking, refused, sending, unstored, waiting } from "./sending";

function barText(): string | null {
  const n = count(waiting.value.length);
  const toMend = refused.value.length + lacking.value.length;
  if (toMend) return t("outbox.refused", { n: count(toMend) });
  if (!waiting.value.length) return null;
  if (!online.value) return t("outbox.offline", { n });
  return t(sending.value ? "outbox.sending" : "outbox.waiting", { n });
}

export function OutboxBar() {
  const text = barText();
  const offline = !online.value && !text;
  if (!text && !offline) return null;
  return (
    <div role="status">
      <a class={`outbar ${refused.value.length + lacking.value.length ? "bad" : ""}`} href="#/outbox" data-testid="outbox-bar">
        {text ?? t("outbox.offline", { n: 0 })}
      </a>
    </div>
  );
}

export function itemTitle(item: Kept): string {
  if (item.answer) return `${t("outbox.item_answer")} · ${item.answer.title}`;
  const category = categories.value.length ? findCategory(item.report?.category_code) : undefined;
  return `${t("outbox.item_report")} · ${category ? categoryName(category) : (item.report?.description ?? "").slice(0, 30) || t("case.no_category")}`;
}

/** Opens the form with all that was entered; false where another report would be lost by it. */
async function mend(item: Kept): Promise<boolean> {
  if (item.answer) return (go("tasks", item.answer.no), true);
  if (!(await mendReport(item))) return false;
  go("report");
  return true;
}

function Verbs({ item }: { item: Kept }) {
  const [sure, setSure] = useState(false);
  const [blocked, setBlocked] = useState(false);
  const lacks = item.state === "sent";
  return (
    <>
      {blocked && (
        <Banner kind="warn" testid="draft-first">
          <p>{t("outbox.draft_first")}</p>
          <a class="button" href="#/report">{t("outbox.draft_open")}</a>
        </Banner>
      )}
      <div class="buttons">
        {item.state === "refused" && (
          <button type="button" class="button main" data-testid="mend" onClick={() => void mend(item).then((opened) => setBlocked(!opened))}>{t("outbox.mend")}</button>
        )}
        {lacks && item.receipt && <a class="button" href={`#/mine/${item.receipt.case.no}`}>{t("act.open")}</a>}
        {lacks ? <button type="button" class="button" onClick={() => void discard(item.id)}>{t("outbox.dismiss")}</button> : (
          <button type="button" class="button danger" onClick={() => (sure ? void discard(item.id) : setSure(true))}>
            {t(sure ? "outbox.drop_sure" : "outbox.drop")}
          </button>
        )}
      </div>
    </>
  );
}

function Item({ item }: { item: Kept }) {
  const { text } = item.answer?.fields ?? {};
  const words = item.report?.description || (typeof text === "string" ? text : "");
  return (
    <li class="panel kept" data-testid="kept" data-state={item.state}>
      <p class="strong">{itemTitle(item)}</p>
      <p class="caption">{brief(item.made_at)} · {t("outbox.photos", { n: item.report?.photos?.length ?? item.pictures.length })}</p>
      {typeof item.answer?.fields["outcome"] === "string" && <p>{word("outcome", item.answer.fields["outcome"])}</p>}
      {words && <p class="words">{words}</p>}
      {item.pictures.length > 0 && <ul class="photos">{item.pictures.map((picture, index) => <Thumb key={picture.id} picture={picture} n={index + 1} />)}</ul>}
      {item.refusal && <Banner kind="bad"><RefusalWords item={item} /></Banner>}
      <Retake item={item} />
      <Verbs item={item} />
    </li>
  );
}

export function OutboxRoom() {
  const all = [...refused.value, ...lacking.value, ...waiting.value];
  return (
    <section class="stack">
      <h1>{t("outbox.title")}</h1>
      {unstored.value && <Banner kind="bad">{t("outbox.storage")}</Banner>}
      {signedOut.value && <Banner kind="warn">{t("outbox.signin")}</Banner>}
      {waiting.value.length > 0 && <p class="muted">{t("outbox.kept")}</p>}
      {waiting.value.length > 0 && (
        <button type="button" class="button main" disabled={sending.value} onClick={() => void flush()} data-testid="send-now">
          {sending.value ? t("outbox.sending", { n: waiting.value.length }) : t("outbox.send")}
        </button>
      )}
      {all.length ? <ul class="stack">{all.map((item) => <Item key={item.id} item={item} />)}</ul> : <Empty>{t("outbox.empty")}</Empty>}
    </section>
  );
}
