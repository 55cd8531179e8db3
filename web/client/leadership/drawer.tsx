/** The cases behind a number, as many as the number said; each opens its story. */
import { ArrowLeft } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseDetail, CaseItem, Page, Statistics, StoryEvent } from "../shared/api";
import { CaseHead, Clocks, Facts, Marks, Place, Why } from "../shared/case/facts";
import { fetchCase, fetchStory, PAGE } from "../shared/case/data";
import { PhotoSides } from "../shared/case/photos";
import { Orders, Rounds } from "../shared/case/rounds";
import { Story } from "../shared/case/story";
import { categoryName, placeName } from "../shared/case/words";
import { brief, count, exact } from "../shared/format";
import { get } from "../shared/http";
import { either, t, word } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { Light } from "../shared/parts/light";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { figure } from "./figures";
import { type Opened, show, shown } from "./place";

interface Counted extends Page<CaseItem> {
  count?: number;
}

/** The number's own question, from the statistics' answer: so list and number count the same. */
function questionOf(answer: Statistics, opened: Opened): string {
  const row = opened.cell ? answer.items.find((item) => item.key === opened.cell) : null;
  return row?.query ?? answer.query;
}

function useCases(answer: Statistics, opened: Opened) {
  const [items, setItems] = useState<CaseItem[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = (cursor: string | null): Promise<Counted> => {
    const query = Object.fromEntries(new URLSearchParams(questionOf(answer, opened)));
    return get<Counted>("cases", { ...query, measure: opened.measure, sort: "-reported_at", limit: PAGE, cursor });
  };
  const load = (): void => {
    setItems(null);
    setError(null);
    ask(null).then((page) => (setItems(page.items), setNext(page.next)), setError);
  };
  const more = async (): Promise<void> => {
    await ask(next).then((page) => (setItems([...(items ?? []), ...page.items]), setNext(page.next)), setError);
  };
  useEffect(load, [opened.measure, opened.cell, questionOf(answer, opened)]);
  return { items, next, error, load, more };
}

function Cases({ answer, opened, total }: { answer: Statistics; opened: Opened; total: number | null }) {
  const { items, next, error, load, more } = useCases(answer, opened);
  if (error) return <Failure error={error} retry={load} />;
  if (!items) return <Loading />;
  if (!items.length) return <Empty>{t("lead.empty")}</Empty>;
  return (
    <>
      <ul class="drawerrows" data-testid="drawer-cases">
        {items.map((item) => (
          <li key={item.no}>
            <button type="button" class="drawerrow" data-no={item.no} onClick={() => show({ opened: { ...opened, no: item.no } })}>
              <span class="strong">{categoryName(item.category)}</span>
              <span>{word("stage", item.stage)}</span>
              <span class="muted">{placeName(item)} · <time title={exact(item.reported_at)}>{brief(item.reported_at)}</time></span>
              <span><Light item={item} /> <Marks item={item} /></span>
            </button>
          </li>
        ))}
      </ul>
      <p class="more">
        <span class="caption">{t("list.loaded", { n: `${count(items.length)} / ${count(total)}` })}</span>
        {next && <button type="button" class="button" onClick={() => void more()}>{t("act.more")}</button>}
      </p>
    </>
  );
}

function OneCase({ no }: { no: string }) {
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
    <article class="case" data-testid="drawer-case">
      <CaseHead item={item} />
      <PhotoSides photos={item.photos} />
      <Why item={item} />
      <Facts item={item} />
      <Orders item={item} />
      <Clocks clocks={item.clocks} />
      <Rounds item={item} />
      <Place item={item} />
      <Story events={events} />
    </article>
  );
}

export function Drawer({ answer }: { answer: Statistics }) {
  const box = useRef<HTMLDialogElement>(null);
  const opened = shown.value.opened;
  useEffect(() => {
    if (!box.current?.open) box.current?.showModal();
  }, []);
  if (!opened) return null;
  const row = opened.cell ? answer.items.find((item) => item.key === opened.cell) : null;
  const where = row ? either(row.name, row.name_en) : (answer.cell?.name ?? "");
  const total = figure(row ?? answer.totals, opened.measure);
  return (
    <dialog class="drawer" ref={box} onClose={() => show({ opened: null })} aria-labelledby="drawer-title" data-testid="drawer">
      <header>
        {opened.no && (
          <button type="button" class="button" onClick={() => show({ opened: { ...opened, no: null } })}><Icon of={ArrowLeft} />{t("lead.back_list")}</button>
        )}
        <h2 id="drawer-title">{t("lead.drawer", { what: word("measure", opened.measure), where })}</h2>
        <span class="strong" data-testid="drawer-count">{t("lead.cases", { n: count(total) })}</span>
        <button type="button" class="button" onClick={() => box.current?.close()} data-testid="drawer-close">{t("act.close")}</button>
      </header>
      {opened.no ? <OneCase no={opened.no} key={opened.no} /> : <Cases answer={answer} opened={opened} total={total} />}
    </dialog>
  );
}
