/** My reports with their stage, one of them with its story, and my account. */
import { useRef, useState } from "preact/hooks";
import type { CaseItem } from "../shared/api";
import { fetchCases } from "../shared/case/data";
import { CaseHead, Facts, Place, Why } from "../shared/case/facts";
import { Photos } from "../shared/case/photos";
import { Story } from "../shared/case/story";
import { useCase } from "../shared/case/use_case";
import { categoryName } from "../shared/case/words";
import { brief, count, exact } from "../shared/format";
import { online } from "../shared/http";
import { t, word } from "../shared/language";
import { Banner, Empty, Failure, Loading, why } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import { session } from "../shared/session";
import { Account } from "./account";
import { Missing } from "./missing";
import { itemTitle } from "./outbox_room";
import { arrived, refused, waiting } from "./sending";

const KEPT = "wangge_mine";

interface KeptList {
  person: number;
  at: string;
  items: CaseItem[];
}

/** The list as it was fetched last, for times without a connection. */
function readKept(): KeptList | null {
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as KeptList | null;
  return kept?.person === session.value?.person.id ? kept : null;
}

function keepList(items: CaseItem[]): string {
  const at = new Date().toISOString();
  try {
    localStorage.setItem(KEPT, JSON.stringify({ person: session.value?.person.id ?? 0, at, items }));
  } catch {
    // storage is full or forbidden: then there is no list offline, which the page says
  }
  return at;
}

function Row({ item }: { item: CaseItem }) {
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
function Offline({ since }: { since: string | null }) {
  const n = waiting.value.length + refused.value.length;
  return (
    <Banner kind="warn" testid="offline">
      <p>{since ? t("mine.last", { time: brief(since) }) : t("mine.unavailable")}</p>
      {n > 0 && <a class="button" href="#/outbox">{t("mine.to_outbox", { n: count(n) })}</a>}
    </Banner>
  );
}

export function Mine() {
  const kept = useRef(readKept());
  const [items, setItems] = useState<CaseItem[]>(kept.current?.items ?? []);
  const [since, setSince] = useState<string | null>(kept.current?.at ?? null);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<"asking" | "there" | "failed">("asking");
  const [error, setError] = useState<unknown>(null);
  const load = async (): Promise<void> => {
    try {
      const page = await fetchCases({ reporter: "me", sort: "-reported_at" });
      // what was shown from before is another list: begin anew, else keep what "more" has fetched
      const longer = state === "there" && items.length > page.items.length;
      setItems(longer ? [...page.items, ...items.slice(page.items.length)] : page.items);
      if (!longer) setNext(page.next);
      setSince(keepList(page.items));
      setError(null);
      setState("there");
    } catch (failure) {
      setError(failure);
      setState((now) => (now === "asking" ? "failed" : now));
    }
  };
  const more = async (): Promise<void> => {
    const asked = fetchCases({ reporter: "me", sort: "-reported_at" }, next);
    await asked.then((page) => (setItems([...items, ...page.items]), setNext(page.next)), setError);
  };
  usePolling(load, 30, arrived.value);
  const offline = !online.value;
  return (
    <div class="stack">
      <Account />
      <h1>{t("mine.title")}</h1>
      {offline && <Offline since={since} />}
      {!offline && error !== null && (items.length ? <Banner kind="warn">{why(error)}</Banner> : <Failure error={error} retry={() => void load()} />)}
      {!offline && state === "asking" && !items.length && <Loading />}
      <Pending />
      {state === "there" && !items.length && <Empty>{t("mine.empty")}</Empty>}
      {items.length > 0 && <ul class="rows">{items.map((item) => <Row key={item.no} item={item} />)}</ul>}
      {next && <button type="button" class="button" onClick={() => void more()}>{t("act.more")}</button>}
    </div>
  );
}

export function MineCase({ no }: { no: string }) {
  const { item, events, error, load } = useCase(no);
  if (error) return <Missing error={error} retry={load} />;
  if (!item) return <Loading />;
  return (
    <article class="case">
      <CaseHead item={item} level={1} />
      <Photos photos={item.photos} none={t("detail.no_before")} />
      <Why item={item} />
      <Facts item={item} />
      <Place item={item} />
      <Story events={events} />
    </article>
  );
}
