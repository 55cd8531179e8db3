/** The bulletin of red cards (红牌通报): which cases climbed to the city's order, where, and whether they were answered. */
import { Printer } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import type { components } from "../shared/api-types";
import { brief, count, exact, length } from "../shared/format";
import { get, signedOut } from "../shared/http";
import { either, t, word } from "../shared/language";
import { Icon } from "../shared/parts/icon";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { Placed } from "./crumbs";
import { OneCase } from "./one_case";
import { question, show, shown } from "./place";

type Answer = components["schemas"]["BulletinAnswer"];
type Card = components["schemas"]["Card"];
type CardOrder = components["schemas"]["CardOrder"];

function useBulletin() {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const asked = question.value;
  const query = JSON.parse(asked) as { from: string; to: string; cell: string | null };
  const load = async (): Promise<void> => {
    try {
      const found = await get<Answer>("bulletin", { ...query, limit: 100 });
      if (question.value === asked) (setAnswer(found), setError(null));
    } catch (failure) {
      if (question.value === asked) setError(failure);
    }
  };
  const more = async (): Promise<void> => {
    if (!answer?.next) return;
    await get<Answer>("bulletin", { ...query, limit: 100, cursor: answer.next }).then((page) => setAnswer({ ...answer, items: [...answer.items, ...page.items], next: page.next }), setError);
  };
  useEffect(() => {
    setAnswer(null);
    void load();
  }, [asked, signedOut.value]);
  return { answer, error, load, more };
}

/** Orders of a case in words: who issued it when, and whether it was answered. */
export function OrderWords({ order, ended }: { order: CardOrder; ended: boolean }) {
  const closed = ended || order.closed_at !== null;
  return (
    <li>
      {order.centre.name} <time class="muted" title={exact(order.issued_at)}>{brief(order.issued_at)}</time> ·{" "}
      {order.replied_at
        ? <span title={exact(order.replied_at)}>● {t("bul.answered", { at: brief(order.replied_at) })}</span>
        : closed ? <span class="muted">○ {t("bul.closed")}</span> : <span class="red">■ {t("bul.unanswered")}</span>}
    </li>
  );
}

/** How long handling went over its limit; a card that another clock gave says that handling did not. */
function Over({ card }: { card: Card }) {
  if (card.overdue_minutes) return <span class="red">{t("time.over", { length: length(card.overdue_minutes) })}</span>;
  return <span class="muted">{t(card.overdue_minutes === 0 ? "bul.not_over" : "bul.no_limit")}</span>;
}

function Row({ card }: { card: Card }) {
  const place = card.line.slice(1).map((cell) => cell.name).join(" › ");
  return (
    <tr data-no={card.no}>
      <th scope="row">
        <button type="button" class="link" onClick={() => show({ card: card.no })}>{card.category ? either(card.category.name, card.category.name_en) : t("case.no_category")}</button>
        <div class="caption">{card.no}</div>
      </th>
      <td class="wrap" data-label={t("lead.where")}>{place || t("case.unlocated")}</td>
      <td class="wrap" data-label={t("bul.who")}>{card.centre.name}<div class="caption">{card.department ? either(card.department.name, card.department.name_en) : ""}</div></td>
      <td data-label={t("bul.raised")}><time title={exact(card.raised_at)}>{brief(card.raised_at)}</time></td>
      <td data-label={t("bul.over")}>
        <Over card={card} />
        <div class="caption">{card.ended_at ? t("bul.ended", { at: brief(card.ended_at) }) : word("stage", card.stage)}</div>
      </td>
      <td class="wrap" data-label={t("bul.orders")}><ul>{card.orders.map((order) => <OrderWords key={`${order.centre.code} ${order.issued_at}`} order={order} ended={card.ended_at !== null} />)}</ul></td>
    </tr>
  );
}

function Cards({ answer, more }: { answer: Answer; more: () => Promise<void> }) {
  if (!answer.items.length) return <Empty>{t("bul.empty")}</Empty>;
  return (
    <>
      <div class="tablebox panel" role="group" aria-label={t("bul.title")} tabIndex={0}>
        <table class="areas cards" aria-label={t("bul.title")} data-testid="bulletin">
          <thead>
            <tr>
              <th scope="col">{t("bul.case")}</th><th scope="col">{t("lead.where")}</th><th scope="col">{t("bul.who")}</th>
              <th scope="col">{t("bul.raised")}</th><th scope="col">{t("bul.over")}</th><th scope="col">{t("bul.orders")}</th>
            </tr>
          </thead>
          <tbody>{answer.items.map((card) => <Row key={card.no} card={card} />)}</tbody>
        </table>
      </div>
      <p class="more">
        <span class="caption">{t("list.loaded", { n: `${count(answer.items.length)} / ${count(answer.total)}` })}</span>
        {answer.next && <button type="button" class="button noprint" onClick={() => void more()}>{t("bul.more")}</button>}
      </p>
    </>
  );
}

function AreaList({ areas }: { areas: Answer["areas"] }) {
  const named = [...areas].filter((area) => area.red_cards).sort((a, b) => b.red_cards - a.red_cards || a.code.localeCompare(b.code));
  if (!named.length) return null;
  return (
    <section class="panel" aria-labelledby="bul-areas">
      <h2 id="bul-areas">{t("bul.areas")}</h2>
      <ul class="cardareas">
        {named.map((area) => (
          <li key={area.code}><button type="button" class="link" onClick={() => show({ cell: area.code })}>{area.name}</button> <button type="button" class="link strong" aria-label={t("bul.area_cards", { area: area.name, n: count(area.red_cards) })} onClick={() => show({ cell: area.code })}>{count(area.red_cards)}</button></li>
        ))}
      </ul>
      <p class="caption">{t("bul.areas_without", { n: count(areas.length - named.length) })}</p>
    </section>
  );
}

function CardDrawer({ no }: { no: string }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!box.current?.open) box.current?.showModal();
  }, []);
  return (
    <dialog class="drawer" ref={box} onClose={() => show({ card: null })} aria-labelledby="card-title" data-testid="drawer">
      <header>
        <h2 id="card-title">{t("bul.card")}</h2>
        <button type="button" class="button" onClick={() => box.current?.close()} data-testid="drawer-close">{t("act.close")}</button>
      </header>
      <OneCase no={no} key={no} />
    </dialog>
  );
}

export function Bulletin() {
  const { answer, error, load, more } = useBulletin();
  const { from, to } = JSON.parse(question.value) as { from: string; to: string };
  if (error && !answer) return <Failure error={error} retry={() => void load()} />;
  return (
    <>
      <div class="bar">
        <Placed />
        <p class="strong" role="status" data-testid="bulletin-total">
          {answer ? t("bul.total", { n: count(answer.total), from, to }) : t("app.loading")}
        </p>
        {answer && <span class="caption">{t("lead.as_of", { time: exact(answer.as_of) })} · {t("bul.by_raised")}</span>}
        <button type="button" class="button noprint" onClick={() => print()}><Icon of={Printer} />{t("bul.print")}</button>
      </div>
      {!answer && <Loading />}
      {answer && <AreaList areas={answer.areas} />}
      {answer && <Cards answer={answer} more={more} />}
      {shown.value.card && <CardDrawer no={shown.value.card} />}
    </>
  );
}
