/** Handling rounds (who leads, who assists, which unit), the two limits, and supervision orders with their reply clocks. */
import type { CaseDetail, Handling, Order } from "../api";
import { brief, exact } from "../format";
import { serverNow } from "../http";
import { either, t, word } from "../language";
import { Light } from "../parts/light";
import { departmentName, limitWords } from "./words";

function part(turn: Handling, joint: boolean): string {
  const name = departmentName(turn.department) || t("case.centre_itself");
  const unit = turn.unit ? ` › ${departmentName(turn.unit)}` : "";
  return joint || turn.lead === false ? `${t(turn.lead === false ? "detail.assist" : "detail.lead")} ${name}${unit}` : `${name}${unit}`;
}

function end(turn: Handling): string {
  if (turn.ended_at) return turn.on_time === null ? brief(turn.ended_at) : t(turn.on_time ? "detail.stopped_ontime" : "detail.stopped_late");
  return t("detail.due", { due: brief(turn.due_at) });
}

function Round({ turn, joint, first }: { turn: Handling; joint: boolean; first: boolean }) {
  const waiting = turn.state === "open" && !turn.signed_at;
  return (
    <tr data-lead={turn.lead === false ? "no" : "yes"}>
      <th scope="row">{first ? t("case.round", { n: turn.round }) : <span class="hidden">{t("case.round", { n: turn.round })}</span>}</th>
      <td>{part(turn, joint)}</td>
      <td>
        {waiting ? t("handling.waiting") : word("handling", turn.state)}
        {waiting && turn.refuse_until && <p class="caption">{t("detail.refuse_until", { due: brief(turn.refuse_until) })}</p>}
        {turn.text ? <p class="caption">{turn.text}</p> : null}
      </td>
      <td title={exact(turn.dispatched_at)}>{brief(turn.dispatched_at)}</td>
      <td class={turn.on_time === false ? "red" : ""}>{end(turn)}</td>
    </tr>
  );
}

export function Rounds({ item }: { item: CaseDetail }) {
  if (!item.handlings.length) return null;
  const joint = new Set(item.handlings.filter((turn) => turn.lead === false).map((turn) => turn.round));
  return (
    <section aria-labelledby="rounds-title">
      <h2 id="rounds-title">{t("detail.handlings")}{item.rework_count > 0 ? ` · ${t("detail.rework", { n: item.rework_count })}` : ""}</h2>
      <table data-testid="rounds">
        <tbody>
          {item.handlings.map((turn, index) => (
            <Round key={`${turn.round}-${index}`} turn={turn} joint={joint.has(turn.round)} first={item.handlings[index - 1]?.round !== turn.round} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A condition with two limits in a row: which of them runs. */
export function Steps({ item }: { item: CaseDetail }) {
  if (!item.then || !item.condition) return null;
  const second = item.step > 1;
  const handled = item.handled_at !== null || item.ended_at !== null;
  const steps = [
    { title: "detail.step_one", condition: item.condition, state: second ? "detail.step_done" : handled ? "detail.step_done" : "detail.step_now" },
    { title: "detail.step_two", condition: item.then, state: !second ? "detail.step_later" : handled ? "detail.step_done" : "detail.step_now" },
  ] as const;
  return (
    <section aria-labelledby="steps-title">
      <h2 id="steps-title">{t("detail.steps")}</h2>
      <ol class="steps" data-testid="steps" data-step={item.step}>
        {steps.map(({ title, condition, state }) => (
          <li key={title} class={state === "detail.step_now" ? "now" : ""}>
            <strong>{t(title)}</strong> · {limitWords(condition)} · {t(state)}
            <p class="caption">{either(condition.closing_zh, condition.closing_en)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How long there is to answer, counted by the order's own clock. */
function ReplyClock({ order }: { order: Order }) {
  const clock = order.open ? order.clock : null;
  if (!clock) return null;
  return <Light long item={{ light: clock.light, left_minutes: clock.left_minutes, clock: { kind: "reply", due_at: clock.due_at, yellow_at: clock.yellow_at, paused: clock.state === "paused" } }} />;
}

function OrderLine({ order }: { order: Order }) {
  const late = order.open && !order.replied_at && Date.parse(order.reply_due_at) < serverNow().getTime();
  return (
    <li data-kind={order.kind} data-open={order.open ? "yes" : "no"}>
      <p>
        <strong>{order.centre.name}</strong> · {order.rung === "order" ? word("order", order.kind) : word("rung", order.rung)} · <span title={exact(order.issued_at)}>{brief(order.issued_at)}</span>
        {order.issued_by && <span class="muted"> · {t("detail.order_by", { name: order.issued_by })}</span>}
        {" "}<ReplyClock order={order} />
        {order.red_card && <> <span class="mark red">{t("case.red_card")}</span></>}
      </p>
      {order.text && <p>{order.text}</p>}
      <p class={`caption ${late ? "red" : ""}`}>
        {order.replied_at ? `${t("detail.order_replied")} ${order.replied_by ?? ""} ${brief(order.replied_at)}` : order.closed_at ? t("detail.order_closed", { at: brief(order.closed_at) }) : t("detail.order_reply_due", { due: exact(order.reply_due_at) })}
        {late ? ` · ${t("detail.order_unanswered")}` : order.open ? ` · ${t("detail.order_open")}` : ""}
      </p>
      {order.reply && <p class="reason">{order.reply}</p>}
    </li>
  );
}

export function Orders({ item }: { item: CaseDetail }) {
  if (!item.orders.length) return null;
  return (
    <section aria-labelledby="orders-title">
      <h2 id="orders-title">{t("detail.orders")}</h2>
      <ul class="orders" data-testid="orders">
        {item.orders.map((order) => <OrderLine key={order.id} order={order} />)}
      </ul>
    </section>
  );
}
