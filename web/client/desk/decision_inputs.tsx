/** Inputs of requests and decisions: how much more time, until which day, yes or no. */
import { limitWords } from "../shared/case/words";
import { t, word } from "../shared/language";
import { Fault, TextField } from "../shared/parts/fields";
import { exact } from "../shared/format";
import { useId } from "preact/hooks";
import { suspensionDays } from "./days";
import { mostLimit, wrong } from "./verb_fields";
import { requestFor, stepLimit } from "./verbs";
import type { InputProps } from "./verb_inputs";

function isWrong(props: InputProps, kind: "limit" | "resume_on"): boolean {
  const { today, last } = suspensionDays();
  return wrong(props.verb, props.item, props.entered, today, last, props.stance).includes(kind);
}

export function LimitInput(props: InputProps) {
  const step = stepLimit(props.item);
  const id = useId();
  if (!step) return null;
  const granting = props.verb === "decide_extension";
  const asked = granting ? requestFor(props.verb, props.item)?.data.limit : undefined;
  const unit = word("unit_name", step.unit);
  const most = mostLimit(props.verb, props.item);
  const fault = props.fault ?? (isWrong(props, "limit") ? t("form.limit_bad", { most }) : null);
  return (
    <div class="field">
      <label for={id}>{t(granting ? "form.limit_grant" : "form.limit", { unit })}</label>
      <input id={id} type="number" name="limit" min={1} max={most} step={1} inputMode="numeric" placeholder={String(most)}
        value={props.entered.limit} aria-describedby={`${fault ? `${id}-fault ` : ""}${id}-hint`} aria-invalid={fault ? true : undefined}
        onInput={(event) => props.change({ limit: event.currentTarget.value })} />
      <p class="caption" id={`${id}-hint`}>
        {asked ? `${t("form.limit_asked", { limit: limitWords({ limit: asked, unit: step.unit }) })} · ` : ""}
        {t("form.limit_hint", { most })}
      </p>
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}

export function ResumeInput(props: InputProps) {
  const id = useId();
  const { first, last } = suspensionDays();
  const asked = props.verb === "decide_suspension" ? requestFor(props.verb, props.item)?.data.resume_on : undefined;
  const fault = props.fault ?? (isWrong(props, "resume_on") ? t("form.resume_bad", { from: first, to: last }) : null);
  return (
    <div class="field">
      <label for={id}>{t("form.resume_on")}</label>
      <input id={id} type="date" name="resume_on" min={first} max={last} value={props.entered.resume_on || (asked ?? "")} aria-describedby={`${fault ? `${id}-fault ` : ""}${id}-hint`}
        aria-invalid={fault ? true : undefined} onInput={(event) => props.change({ resume_on: event.currentTarget.value })} />
      <p class="caption" id={`${id}-hint`}>{t("form.resume_hint", { from: first, to: last })}</p>
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}

const HOURS = [1, 2, 4, 8, 16, 24, 40];

export function ReplyLimitInput({ entered, change, fault }: InputProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("form.reply_limit")}</label>
      <select id={id} name="reply_minutes" value={entered.reply_minutes} onChange={(event) => change({ reply_minutes: event.currentTarget.value })}>
        <option value="">{t("form.reply_default")}</option>
        {HOURS.map((n) => <option key={n} value={String(n * 60)}>{t(n === 1 ? "form.reply_hour" : "form.reply_hours", { n })}</option>)}
      </select>
      <Fault id={`${id}-fault`} text={fault} />
    </div>
  );
}

export function OrderInput({ item, stance, entered, change, fault }: InputProps) {
  const orders = item.orders.filter((order) => stance.orders.includes(order.id));
  return (
    <fieldset class="field">
      <legend>{t("form.order")}</legend>
      <div class="choices">
        {orders.map((order) => (
          <label class="choice" key={order.id}>
            <input type="radio" name="order_id" value={order.id} checked={entered.order_id === String(order.id)} onChange={() => change({ order_id: String(order.id) })} />
            <span>
              {order.centre.name} · {order.rung === "order" ? word("order", order.kind) : word("rung", order.rung)}{order.text ? ` · ${order.text}` : ""}
              <span class="caption"><br />{t("detail.order_reply_due", { due: exact(order.reply_due_at) })}</span>
            </span>
          </label>
        ))}
      </div>
      <Fault id="order-fault" text={fault} />
    </fieldset>
  );
}

/** The order that will be answered, when there is only one: what was demanded and until when. */
export function OrderAnswered({ item, stance }: Pick<InputProps, "item" | "stance">) {
  const order = stance.orders.length === 1 ? item.orders.find((one) => one.id === stance.orders[0]) : undefined;
  if (!order) return null;
  return (
    <blockquote class="asked">
      <p><strong>{order.centre.name}</strong>{order.text ? `:${order.text}` : ""}</p>
      <p class="caption">{t("detail.order_reply_due", { due: exact(order.reply_due_at) })}</p>
    </blockquote>
  );
}

export function AddressInput({ entered, change, faults }: { entered: InputProps["entered"]; change: InputProps["change"]; faults: string | null }) {
  return <TextField label={t("form.address")} name="address" value={entered.address} most={500} fault={faults} placeholder={t("new.address_hint")} change={(address) => change({ address })} />;
}
