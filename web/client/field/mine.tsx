/** My reports with their stage, one of them with its story, and my account. */
import { useEffect, useState } from "preact/hooks";
import type { CaseDetail, CaseItem, StoryEvent } from "../shared/api";
import { fetchCase, fetchCases, fetchStory } from "../shared/case/data";
import { CaseHead, Facts, Place, Why } from "../shared/case/facts";
import { Photos } from "../shared/case/photos";
import { Story } from "../shared/case/story";
import { categoryName } from "../shared/case/words";
import { brief, exact } from "../shared/format";
import { t, word } from "../shared/language";
import { SignOutButton } from "../shared/parts/frame";
import { Banner, Empty, Failure, Loading, OfflineBanner, why } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import { session } from "../shared/session";
import { arrived } from "./sending";

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

function Account() {
  const who = session.value;
  return who ? (
    <section class="panel" aria-label={t("mine.account")}>
      <p class="strong">{who.person.name}</p>
      {who.roles.map((seat) => <p class="caption" key={`${seat.role}-${seat.centre.code}`}>{seat.centre.name} · {word("role", seat.role)}</p>)}
      <SignOutButton />
    </section>
  ) : null;
}

export function Mine() {
  const [items, setItems] = useState<CaseItem[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [state, setState] = useState<"asking" | "there" | "failed">("asking");
  const [error, setError] = useState<unknown>(null);
  const load = async (): Promise<void> => {
    try {
      const page = await fetchCases({ reporter: "me", sort: "-reported_at" });
      setItems((old) => [...page.items, ...old.slice(page.items.length)]);
      setNext((cursor) => (items.length > page.items.length ? cursor : page.next));
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
  return (
    <div class="stack">
      <Account />
      <h1>{t("mine.title")}</h1>
      <OfflineBanner />
      {state === "asking" && <Loading />}
      {state === "failed" && <Failure error={error} retry={() => void load()} />}
      {state === "there" && !items.length && <Empty>{t("mine.empty")}</Empty>}
      <ul class="rows">{items.map((item) => <Row key={item.no} item={item} />)}</ul>
      {state === "there" && error !== null && <Banner kind="warn">{why(error)}</Banner>}
      {next && <button type="button" class="button" onClick={() => void more()}>{t("act.more")}</button>}
    </div>
  );
}

export function MineCase({ no }: { no: string }) {
  const [item, setItem] = useState<CaseDetail | null>(null);
  const [events, setEvents] = useState<StoryEvent[]>([]);
  const [error, setError] = useState<unknown>(null);
  const load = (): void => {
    setError(null);
    Promise.all([fetchCase(no), fetchStory(no)]).then(([found, story]) => (setItem(found), setEvents(story)), setError);
  };
  useEffect(load, [no]);
  if (error) return <Failure error={error} retry={load} />;
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
