/** The bar that says what waits, and the room where it can be looked at, sent, mended or discarded. */
import { useState } from "preact/hooks";
import { categories, findCategory } from "../shared/catalogue";
import { categoryName } from "../shared/case/words";
import { brief, count } from "../shared/format";
import { online, signedOut } from "../shared/http";
import { t } from "../shared/language";
import { Banner, Empty } from "../shared/parts/states";
import type { Kept } from "./outbox";
import { mendReport } from "./report_draft";
import { go } from "./route";
import { discard, flush, refused, sending, unstored, waiting } from "./sending";

function barText(): string | null {
  const n = count(waiting.value.length);
  if (refused.value.length) return t("outbox.refused", { n: count(refused.value.length) });
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
      <a class={`outbar ${refused.value.length ? "bad" : ""}`} href="#/outbox" data-testid="outbox-bar">
        {text ?? t("outbox.offline", { n: 0 })}
      </a>
    </div>
  );
}

function title(item: Kept): string {
  if (item.answer) return `${t("outbox.item_answer")} · ${item.answer.title}`;
  const category = categories.value.length ? findCategory(item.report?.category_code) : undefined;
  return `${t("outbox.item_report")} · ${category ? categoryName(category) : (item.report?.description ?? "").slice(0, 30) || t("case.no_category")}`;
}

async function mend(item: Kept): Promise<void> {
  if (item.answer) return go("tasks", item.answer.no);
  await mendReport(item);
  go("report");
}

function Item({ item }: { item: Kept }) {
  const [sure, setSure] = useState(false);
  return (
    <li class="panel kept" data-testid="kept" data-state={item.state}>
      <p class="strong">{title(item)}</p>
      <p class="caption">{brief(item.made_at)} · {t("outbox.photos", { n: item.pictures.length })}</p>
      {item.refusal && (
        <Banner kind="bad">
          <p>{item.refusal.text}</p>
          {item.refusal.faults.map((fault) => <p key={fault.field}>{fault.message}</p>)}
        </Banner>
      )}
      <div class="buttons">
        {item.state === "refused" && <button type="button" class="button main" onClick={() => void mend(item)}>{t("outbox.mend")}</button>}
        <button type="button" class="button danger" onClick={() => (sure ? void discard(item.id) : setSure(true))}>
          {t(sure ? "outbox.drop_sure" : "outbox.drop")}
        </button>
      </div>
    </li>
  );
}

export function OutboxRoom() {
  const all = [...refused.value, ...waiting.value];
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
