/** My reports with their stage, the way to what waits and what has arrived; my account and phone, folded. */
import "./room_texts";
import { useState } from "preact/hooks";
import type { CaseItem, Page } from "../shared/api";
import { fetchCases } from "../shared/case/data";
import { categoryName } from "../shared/case/words";
import { brief, count, exact } from "../shared/format";
import { online } from "../shared/http";
import { t, word } from "../shared/language";
import { Banner, Empty, Loading, why } from "../shared/parts/states";
import { session } from "../shared/session";
import { Account } from "./account";
import { Missing } from "./missing";
import { refused, waiting } from "./outbox/items";
import { itemTitle } from "./outbox/words";
import { Phone } from "./shift/phone";
import { ownReports, synced, syncing, syncNow } from "./sync";
import type { OwnReport } from "./sync_shapes";

function Row({ item }: { item: OwnReport }) {
  return (
    <li>
      <a class="row" href={`#/mine/${item.no}`} data-testid="mine" data-no={item.no}>
        <span class="first">
          <span class="strong">{categoryName(item.category)}</span>
          <span class="kind">{word("stage", item.stage)}</span>
        </span>
        <span class="caption">{item.no} · <time title={exact(item.reported_at)}>{brief(item.reported_at)}</time></span>
      </a>
    </li>
  );
}

/** Reports that are still on this phone: they stand above those that the centre has. */
function Pending() {
  const items = [...refused.value, ...waiting.value].filter((item) => item.report);
  if (!items.length) return null;
  return (
    <ul class="rows" data-testid="mine-waiting">
      {items.map((item) => (
        <li key={item.id}>
          <a class="row" href="#/outbox">
            <span class="first">
              <span class="strong">{itemTitle(item)}</span>
              <span class={item.state === "refused" ? "red" : "kind"}>{t(item.state === "refused" ? "mine.refused" : "mine.waiting")}</span>
            </span>
            <span class="caption">{brief(item.made_at)} · {t("outbox.photos", { n: item.report?.photos?.length ?? 0 })}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Without a connection: of when the list is, or that there is none. */
function Offline() {
  const since = synced.value?.now ?? null;
  return (
    <Banner kind="warn" testid="offline">
      <p>{since ? t("mine.last", { time: brief(since) }) : t("mine.unavailable")}</p>
    </Banner>
  );
}

const MOST = 50;

/** What lies behind the latest fifty, page by page. */
function useOlder(latest: readonly OwnReport[]) {
  const [older, setOlder] = useState<CaseItem[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [error, setError] = useState<unknown>(null);
  const page = (cursor: string | null): Promise<Page<CaseItem>> => fetchCases({ reporter: "me", sort: "-reported_at" }, cursor);
  const more = async (): Promise<void> => {
    setError(null);
    try {
      const first = next === undefined ? await page(null) : null;
      const found = first ? (first.next ? await page(first.next) : null) : await page(next!);
      const known = new Set([...latest, ...older].map((item) => item.no));
      setOlder([...older, ...[...(first?.items ?? []), ...(found?.items ?? [])].filter((item) => !known.has(item.no))]);
      setNext(found?.next ?? null);
    } catch (failure) {
      setError(failure);
    }
  };
  return { older, error, more, isMore: next === undefined ? latest.length >= MOST : next !== null };
}

function Reports() {
  const latest = ownReports.value;
  const { older, error, more, isMore } = useOlder(latest);
  if (!synced.value) return online.value ? (syncing.value ? <Loading /> : <Missing error={null} retry={() => void syncNow()} />) : null;
  if (!latest.length && !waiting.value.some((item) => item.report)) return <Empty>{t("mine.empty")}</Empty>;
  return (
    <>
      {latest.length > 0 && <ul class="rows">{[...latest, ...older].map((item) => <Row key={item.no} item={item} />)}</ul>}
      {error !== null && <Banner kind="warn">{why(error)}</Banner>}
      {isMore && <button type="button" class="button" onClick={() => void more()}>{t("act.more")}</button>}
    </>
  );
}

/** Always there: also when nothing waits, what has arrived can be looked up and saved. */
function OutboxDoor() {
  const n = waiting.value.length + refused.value.length;
  return (
    <a class="row" href="#/outbox" data-testid="to-outbox">
      <span class="first">
        <span class="strong">{t("mine.outbox")}</span>
        <span class="kind">{t(n ? "mine.outbox_n" : "mine.outbox_none", { n: count(n) })}</span>
      </span>
    </a>
  );
}

/** Looked at once in a while; folded, so that the reports stand on the first screen. */
function Rest() {
  return (
    <details class="group" data-testid="account-fold">
      <summary><span class="strong">{session.value?.person.name}</span><span class="caption">{t("mine.rest")}</span></summary>
      <div class="folded"><Account /><Phone /></div>
    </details>
  );
}

export function Mine() {
  return (
    <div class="stack">
      <Rest />
      <div class="rows"><OutboxDoor /></div>
      <h1>{t("mine.title")}</h1>
      {!online.value && <Offline />}
      <Pending />
      <Reports />
    </div>
  );
}
