/** The period: this month, 30 days, this year, or two days of choice. */
import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../shared/http";
import { t } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { days, PERIODS, show, shown } from "./place";

/** The two days as typed; they are asked for when both are there and in order. */
function Days({ first, last }: { first: string; last: string }) {
  const [typed, setTyped] = useState({ from: first, to: last });
  useEffect(() => setTyped({ from: first, to: last }), [first, last]);
  const change = (part: { from?: string; to?: string }): void => {
    const next = { ...typed, ...part };
    setTyped(next);
    if (next.from && next.to && next.from <= next.to) show({ period: "custom", ...next });
  };
  const fault = typed.from && typed.to && typed.to < typed.from ? t("lead.period_order") : null;
  return (
    <div class="pair">
      <TextField label={t("lead.from")} name="from" type="date" value={typed.from} change={(from) => change({ from })} />
      <TextField label={t("lead.to")} name="to" type="date" value={typed.to} fault={fault} change={(to) => change({ to })} />
    </div>
  );
}

export function PeriodBar() {
  const { period, from, to } = shown.value;
  const [first, last] = days(period, serverNow(), from, to);
  return (
    <div class="period">
      <div class="buttons" role="group" aria-label={t("lead.period")}>
        {PERIODS.map((name) => (
          <button key={name} type="button" class={`button ${period === name ? "chosen" : ""}`} aria-pressed={period === name} data-testid={`period-${name}`}
            onClick={() => show({ period: name, ...(name === "custom" && { from: first, to: last }) })}>
            {t(`lead.${name}`)}
          </button>
        ))}
      </div>
      {period === "custom" && <Days first={first} last={last} />}
    </div>
  );
}
