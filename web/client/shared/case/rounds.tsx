/** Handling rounds and supervision orders of a case. */
import type { CaseDetail } from "../api";
import { brief, exact } from "../format";
import { t, word } from "../language";
import { departmentName } from "./words";

export function Rounds({ item }: { item: CaseDetail }) {
  if (!item.handlings.length) return null;
  return (
    <section aria-labelledby="rounds-title">
      <h2 id="rounds-title">{t("detail.handlings")}</h2>
      <table>
        <tbody>
          {item.handlings.map((handling) => (
            <tr key={handling.round}>
              <th scope="row">{t("case.round", { n: handling.round })}</th>
              <td>{departmentName(handling.department) || t("case.centre_itself")}</td>
              <td>{word("handling", handling.state)}{handling.text ? <p class="caption">{handling.text}</p> : null}</td>
              <td title={exact(handling.dispatched_at)}>{brief(handling.dispatched_at)}</td>
              <td class={handling.on_time === false ? "red" : ""}>
                {handling.ended_at ? t(handling.on_time === false ? "detail.stopped_late" : "detail.stopped_ontime") : t("detail.due", { due: brief(handling.due_at) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Orders({ item }: { item: CaseDetail }) {
  if (!item.orders.length) return null;
  return (
    <section aria-labelledby="orders-title">
      <h2 id="orders-title">{t("detail.orders")}</h2>
      <ul data-testid="orders">
        {item.orders.map((order) => (
          <li key={`${order.centre.code}-${order.issued_at}`}>
            <strong>{order.centre.name}</strong> · {word("rung", order.rung)} · {brief(order.issued_at)}
            {order.red_card && <> <span class="mark red">{t("case.red_card")}</span></>}
            <p class="caption">
              {order.replied_at ? `${t("detail.order_replied")} ${brief(order.replied_at)}` : t("detail.order_reply_due", { due: brief(order.reply_due_at) })}
              {order.open ? ` · ${t("detail.order_open")}` : ""}
            </p>
            {order.reply && <p>{order.reply}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
