/** One small month: each day says what it is by colour, mark and name; special days stand in words beneath. */
import { t, word } from "../shared/language";
import { type Month, type ShownDay, type Span, specialSpans, weekdayOf } from "./year_days";

interface Props {
  month: Month;
  days: Map<string, ShownDay>;
  now: string;
  /** The day in the tab order. */
  current: string;
  onDay: (day: string) => void;
}

function dayWords(day: string, shown: ShownDay | undefined, past: boolean): string {
  const parts = [day, t(`weekday.${weekdayOf(day)}` as "weekday.0"), shown?.kind ? word("day", shown.kind) : t("day.none"), shown?.name];
  if (shown?.provisional) parts.push(t("day.provisional"));
  if (shown?.changed) parts.push(t("day.changed"));
  if (past) parts.push(t("day.past"));
  return parts.filter(Boolean).join(" · ");
}

function Day({ day, shown, past, current, onDay }: { day: string; shown: ShownDay | undefined; past: boolean; current: boolean; onDay: (day: string) => void }) {
  const kind = shown?.kind ?? "none";
  const words = dayWords(day, shown, past);
  const number = Number(day.slice(8));
  const mark = kind === "holiday" || kind === "makeup" ? t(`day.mark_${kind}`) : "";
  const classes = ["daybox", `day-${kind}`, shown?.provisional && "provisional", shown?.changed && "changed", past && "past"].filter(Boolean).join(" ");
  return (
    <button type="button" class={classes} data-day={day} data-kind={kind} title={words} aria-label={`${number}${mark} ${words}`} aria-disabled={past} tabIndex={current ? 0 : -1} onClick={() => onDay(day)}>
      <span>{number}</span>
      {mark && <span class="daymark" aria-hidden="true">{mark}</span>}
    </button>
  );
}

function spanWords(span: Span): string {
  const from = Number(span.from.slice(8));
  const to = Number(span.to.slice(8));
  return `${from === to ? from : `${from}–${to}`} ${span.name || word("day", span.kind)}${span.kind === "makeup" && span.name ? ` (${t("day.mark_makeup")})` : ""}`;
}

export function MonthGrid({ month, days, now, current, onDay }: Props) {
  const spans = specialSpans(month.days.map((day) => days.get(day)));
  const name = t(`month.${month.month}` as "month.1");
  return (
    <section class="month" aria-label={name}>
      <h3>{name}</h3>
      <div class="week" aria-hidden="true">{Array.from({ length: 7 }, (_, index) => <span key={index}>{t(`weekday_short.${index}` as "weekday_short.0")}</span>)}</div>
      <div class="week">
        {Array.from({ length: month.blanks }, (_, index) => <span key={`blank-${index}`} />)}
        {month.days.map((day) => <Day key={day} day={day} shown={days.get(day)} past={day < now} current={day === current} onDay={onDay} />)}
      </div>
      <p class="caption names">{spans.map(spanWords).join(" · ")}</p>
    </section>
  );
}
