/** The room of the outbox: what waits, what must be mended, what is being written, what has arrived. */
import { useEffect, useState } from "preact/hooks";
import { brief, count, seconds } from "../../shared/format";
import { online, signedOut } from "../../shared/http";
import { t } from "../../shared/language";
import { Banner, Empty } from "../../shared/parts/states";
import { session } from "../../shared/session";
import { openDraft } from "../report/draft";
import { go } from "../route";
import { listDrafts } from "./drafts";
import { Item } from "./item";
import { accepted, flush, lacking, nextTry, outbox, others, refused, sending, unstored, waiting } from "./items";
import type { Draft, Heads } from "./kinds";
import { Sent } from "./sent";
import { measure, space } from "./space";

/** Of those that have arrived; all of them stand in the log. */
const LATEST = 5;
const megabytes = (bytes: number): string => count(Math.max(0, Math.round(bytes / 1024 / 1024)));

/** What is short, and what makes room: sending does. */
export function SpaceWarning() {
  const now = space.value;
  if (!now?.low) return null;
  const left = waiting.value.flatMap((item) => item.pictures).filter((picture) => !picture.sent).reduce((sum, picture) => sum + picture.size, 0);
  return (
    <Banner kind="warn" testid="space-warning">
      <p>{t("outbox.space", { free: megabytes(now.quota - now.used) })}</p>
      <p>{t("outbox.space_do", { mb: megabytes(left) })}</p>
    </Banner>
  );
}

function Drafts() {
  const [drafts, setDrafts] = useState<Heads<Draft>[]>([]);
  const person = session.value?.person.id ?? 0;
  useEffect(() => void listDrafts(person).then(setDrafts, () => setDrafts([])), [person, outbox.value.length]);
  if (!drafts.length) return null;
  return (
    <section class="stack" data-testid="drafts">
      <h2>{t("outbox.drafts", { n: count(drafts.length) })}</h2>
      <ul class="rows">
        {drafts.map((draft) => (
          <li key={draft.id} data-testid="draft-item" data-id={draft.id}>
            <button type="button" class="row" onClick={() => void openDraft(draft.id).then(() => go("report"))}>
              <span class="first"><span class="strong">{t("outbox.item_report")}</span><span class="kind">{t("outbox.is_draft")}</span></span>
              <span class="caption">{brief(draft.changed_at)} · {t("outbox.photos", { n: draft.pictures.length })}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SendNow() {
  const until = nextTry.value !== null && nextTry.value > Date.now() ? seconds(new Date(nextTry.value)) : null;
  const n = count(waiting.value.length);
  return (
    <>
      <p class="muted" role="status">{!online.value ? t("outbox.kept") : until && !sending.value ? t("outbox.again_at", { time: until }) : t("outbox.kept_online")}</p>
      <button type="button" class="button main" disabled={sending.value} onClick={() => void flush({ asked: true })} data-testid="send-now">
        {sending.value ? t("outbox.sending", { n }) : t("outbox.send")}
      </button>
    </>
  );
}

export function OutboxRoom() {
  useEffect(() => void measure(), []);
  const bad = [...refused.value, ...lacking.value];
  const done = accepted.value.filter((item) => !lacking.value.includes(item));
  const nothing = !bad.length && !waiting.value.length;
  return (
    <section class="stack">
      <h1>{t("outbox.title")}</h1>
      {unstored.value && <Banner kind="bad" testid="unstored"><p>{t("outbox.storage")}</p><p>{t("outbox.storage_do")}</p></Banner>}
      <SpaceWarning />
      {signedOut.value && <Banner kind="warn" testid="signin-first">{t("outbox.signin")}</Banner>}
      {waiting.value.length > 0 && <SendNow />}
      {bad.length > 0 && <ul class="stack">{bad.map((item) => <Item key={item.id} item={item} />)}</ul>}
      {waiting.value.length > 0 && <ul class="stack">{waiting.value.map((item) => <Item key={item.id} item={item} />)}</ul>}
      {nothing && <Empty>{t("outbox.empty")}</Empty>}
      <Drafts />
      {others.value.length > 0 && (
        <section class="stack" data-testid="others">
          <h2>{t("outbox.others", { n: count(others.value.length) })}</h2>
          <ul class="stack">{others.value.map((item) => <Item key={item.id} item={item} foreign />)}</ul>
        </section>
      )}
      {done.length > 0 && (
        <section class="stack">
          <h2>{t("outbox.arrived", { n: count(done.length) })}</h2>
          <ul class="stack">{done.slice(-LATEST).reverse().map((item) => <Item key={item.id} item={item} />)}</ul>
        </section>
      )}
      <Sent />
    </section>
  );
}
