/** The list of my tasks: time left big, with its light, and how far; nearest or soonest first. */
import { useEffect, useState } from "preact/hooks";
import { categoryName } from "../shared/case/words";
import { brief, count, distance } from "../shared/format";
import { online } from "../shared/http";
import { t } from "../shared/language";
import { Light } from "../shared/parts/light";
import { Banner, Empty, Loading } from "../shared/parts/states";
import { Missing } from "./missing";
import { DutyCards } from "./shift/cards";
import { syncing, synced, syncNow, tasks } from "./sync";
import type { Task } from "./sync_shapes";
import { gone, inOrder, isAnswered, metresTo, order, orderBy, type Order, timedNow } from "./task_list";

const ORDERS: readonly Order[] = ["nearest", "due"];

/** Draws anew each half minute: time runs, also without a connection. */
function useMinutes(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
}

function TaskRow({ item }: { item: Task }) {
  const metres = metresTo(item);
  return (
    <li>
      <a class="row" href={`#/tasks/${item.no}`} data-testid="task" data-no={item.no}>
        <span class="first">
          <span class="strong">{categoryName(item.category)}</span>
          <span class="kind">{t(item.stage === "checking" ? "tasks.check" : "tasks.verify")}</span>
        </span>
        <span class="second">
          <Light item={item} long />
          <span class="muted">{metres === null ? "" : distance(metres)}</span>
        </span>
        {item.description && <span class="said">{item.description}</span>}
        <span class="caption">{isAnswered(item.no) ? t("tasks.answered") : item.address || item.line.at(-1)?.name}</span>
      </a>
    </li>
  );
}

function OrderSwitch() {
  return (
    <div class="buttons segments" role="group" aria-label={t("tasks.order")}>
      {ORDERS.map((by) => (
        <button key={by} type="button" class={`button ${order.value === by ? "chosen" : ""}`} aria-pressed={order.value === by}
          data-testid={`order-${by}`} onClick={() => orderBy(by)}>{t(`tasks.order_${by}`)}</button>
      ))}
    </div>
  );
}

/** Tasks that somebody else has done, or that were taken back: told once, so that nobody walks there for nothing. */
function Gone() {
  if (!gone.value.length) return null;
  return (
    <Banner testid="tasks-gone">
      <p>{t("tasks.gone_n", { n: count(gone.value.length) })}</p>
      <ul>
        {gone.value.map((task) => <li key={task.no}>{[categoryName(task.category), task.address || task.line.at(-1)?.name, task.no].filter(Boolean).join(" · ")}</li>)}
      </ul>
      <button type="button" class="button" onClick={() => (gone.value = [])}>{t("tasks.gone_read")}</button>
    </Banner>
  );
}

function List({ items }: { items: Task[] }) {
  if (!items.length) return <Empty>{t(online.value ? "tasks.empty" : "tasks.empty_offline")}</Empty>;
  const sorted = inOrder(items.map(timedNow));
  // what is answered and only waits to be sent needs nobody's way any more
  const shown = [...sorted.filter((item) => !isAnswered(item.no)), ...sorted.filter((item) => isAnswered(item.no))];
  return (
    <>
      {items.length > 1 && <OrderSwitch />}
      <ul class="rows" aria-live="polite">{shown.map((item) => <TaskRow key={item.no} item={item} />)}</ul>
    </>
  );
}

export function Tasks() {
  useMinutes();
  const state = synced.value;
  const items = tasks.value;
  return (
    <>
      <h1 class="hidden">{t("field.tasks")}</h1>
      <DutyCards />
      {!online.value && state && <Banner kind="warn" testid="offline">{t("tasks.as_of", { time: brief(state.now) })}</Banner>}
      <Gone />
      {items ? <List items={items} /> : syncing.value ? <Loading /> : <Missing error={null} retry={() => void syncNow()} />}
    </>
  );
}
