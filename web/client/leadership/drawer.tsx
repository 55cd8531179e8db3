/** The cases behind a number, as many as the number said; each opens its story. */
import { ArrowLeft } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { CaseItem, Page, Statistics } from "../shared/api";
import { Marks } from "../shared/case/facts";
import { PAGE } from "../shared/case/data";
import { categoryName, placeName } from "../shared/case/words";
import { brief, count, exact, seconds } from "../shared/format";
import { get, serverNow } from "../shared/http";
import { either, t, word } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { Light } from "../shared/parts/light";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { figure } from "./figures";
import { OneCase } from "./one_case";
import { type Opened, show, shown } from "./place";

interface Counted extends Page<CaseItem> {
  count?: number | null;
}

/** How many cases the list had, and when. */
interface Listed {
  count: number;
  at: Date;
}

/** The number's own question, from the statistics' answer: so list and number count the same. */
function questionOf(answer: Statistics, opened: Opened): string {
  const row = opened.cell ? answer.items.find((item) => item.key === opened.cell) : null;
  return row?.query ?? answer.query;
}

/** The list, and at the same time the numbers anew (`reload`): so both are of the same moment. */
function useCases({ answer, opened, reload, listed }: CasesProps) {
  const [items, setItems] = useState<CaseItem[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const ask = (cursor: string | null, count = false): Promise<Counted> => {
    const query = Object.fromEntries(new URLSearchParams(questionOf(answer, opened)));
    return get<Counted>("cases", { ...query, measure: opened.measure, sort: "-reported_at", limit: PAGE, cursor, ...(count && { count }) });
  };
  const load = (): void => {
    setItems(null);
    setError(null);
    listed(null);
    void reload();
    ask(null, true).then((page) => {
      setItems(page.items);
      setNext(page.next);
      listed({ count: page.count ?? page.items.length, at: serverNow() });
    }, setError);
  };
  const more = async (): Promise<void> => {
    await ask(next).then((page) => (setItems([...(items ?? []), ...page.items]), setNext(page.next)), setError);
  };
  useEffect(load, [opened.measure, opened.cell, questionOf(answer, opened)]);
  return { items, next, error, load, more };
}

interface CasesProps {
  answer: Statistics;
  opened: Opened;
  total: number | null;
  reload: () => Promise<void>;
  listed: (found: Listed | null) => void;
}

function Cases(props: CasesProps) {
  const { opened, total } = props;
  const { items, next, error, load, more } = useCases(props);
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

export function Drawer({ answer, reload }: { answer: Statistics; reload: () => Promise<void> }) {
  const box = useRef<HTMLDialogElement>(null);
  const [listed, setListed] = useState<Listed | null>(null);
  const opened = shown.value.opened;
  useEffect(() => {
    if (!box.current?.open) box.current?.showModal();
  }, []);
  if (!opened) return null;
  const row = opened.cell ? answer.items.find((item) => item.key === opened.cell) : null;
  const unknown = opened.cell !== null && !row;
  const where = row ? either(row.name, row.name_en) : unknown ? (opened.cell ?? "") : (answer.cell?.name ?? "");
  const number = unknown ? null : figure(row ?? answer.totals, opened.measure);
  const total = listed?.count ?? number;
  return (
    <dialog class="drawer" ref={box} onClose={() => show({ opened: null })} aria-labelledby="drawer-title" data-testid="drawer">
      <header>
        {opened.no && (
          <button type="button" class="button" onClick={() => show({ opened: { ...opened, no: null } })}><Icon of={ArrowLeft} />{t("lead.back_list")}</button>
        )}
        <h2 id="drawer-title">{t("lead.drawer", { what: word("measure", opened.measure), where })}</h2>
        {!unknown && <span class="strong" data-testid="drawer-count">{t(total === 1 ? "lead.case" : "lead.cases", { n: count(total) })}</span>}
        <button type="button" class="button" onClick={() => box.current?.close()} data-testid="drawer-close">{t("act.close")}</button>
      </header>
      {listed && number !== null && listed.count !== number && !opened.no && (
        <p class="caption" role="status" data-testid="drawer-moments">
          {t("lead.moments", { n: count(number), numbers: seconds(answer.as_of), list: seconds(listed.at) })}
        </p>
      )}
      {unknown ? <Empty>{t("lead.no_cell", { code: opened.cell ?? "" })}</Empty>
        : opened.no ? <OneCase no={opened.no} key={opened.no} />
          : <Cases answer={answer} opened={opened} total={total} reload={reload} listed={setListed} />}
    </dialog>
  );
}
