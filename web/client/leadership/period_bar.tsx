/** The period: this month, 30 days, this year, or two days of choice. */
import { serverNow } from "../shared/http";
import { t } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { days, PERIODS, show, shown } from "./place";

export function PeriodBar() {
  const { period, from, to } = shown.value;
  const [first, last] = days(period, serverNow(), from, to);
  const change = (part: { from?: string; to?: string }): void => {
    const next = { from: first, to: last, ...part };
    // a period that ends before it begins is one day long
    if (next.from && next.to) show({ period: "custom", ...next, ...(next.to < next.from && (part.from ? { to: next.from } : { from: next.to })) });
  };
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
      {period === "custom" && (
        <div class="pair">
          <TextField label={t("lead.from")} name="from" type="date" value={first} change={(value) => change({ from: value })} />
          <TextField label={t("lead.to")} name="to" type="date" value={last} change={(value) => change({ to: value })} />
        </div>
      )}
    </div>
  );
}
