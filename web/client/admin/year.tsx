/** A year as twelve small months: choose what a day becomes, then click days; nothing is saved before the preview. */
import { useRef, useState } from "preact/hooks";
import { day as today } from "../shared/format";
import { serverNow } from "../shared/http";
import { t, word } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { Failure, Loading } from "../shared/parts/states";
import type { CalendarDay, DayChange, DayKind, YearDays } from "./api";
import { useAsked, useDraft } from "./asking";
import type { CalendarProps } from "./calendar_page";
import { Changing } from "./changing";
import { MonthGrid } from "./month";
import { go, place } from "./place";
import { addDays, KINDS, monthsOf, named, paint, shownDays, stepOf, weekdayOf } from "./year_days";

interface Brush {
  kind: DayKind;
  name: string;
}

function YearBar({ year, years }: { year: number; years: CalendarProps["calendar"]["years"] }) {
  const known = years.find((one) => one.year === year);
  return (
    <div class="bar">
      <div class="buttons" role="group" aria-label={t("cal.year")}>
        <button type="button" class="button" onClick={() => go({ year: year - 1 })} aria-label={t("cal.year_before", { year: year - 1 })}>←</button>
        <span class="big year" data-testid="year">{year}</span>
        <button type="button" class="button" onClick={() => go({ year: year + 1 })} aria-label={t("cal.year_after", { year: year + 1 })}>→</button>
      </div>
      {!known && <span class="mark red">■ {t("cal.year_missing")}</span>}
      {known && !known.complete && <span class="mark red">■ {t("cal.gaps")}</span>}
      {known && known.provisional > 0 && <span class="mark amber">▲ {t("cal.provisional_n", { n: known.provisional })}</span>}
    </div>
  );
}

function BrushBox({ brush, change }: { brush: Brush; change: (brush: Brush) => void }) {
  const takesName = brush.kind === "holiday" || brush.kind === "makeup";
  return (
    <fieldset class="brush field">
      <legend>{t("year.brush")}</legend>
      <div class="row">
        <div class="kinds">
          {KINDS.map((kind) => (
            <label class={`choice day-${kind}`} key={kind}>
              <input type="radio" name="kind" value={kind} checked={brush.kind === kind} onChange={() => change({ ...brush, kind })} data-testid={`brush-${kind}`} />
              <span><span class="swatch" aria-hidden="true">{t(`day.mark_${kind}`)}</span> {word("day", kind)}</span>
            </label>
          ))}
        </div>
        {takesName && <TextField label={t("year.name")} name="day-name" value={brush.name} most={80} placeholder={t("year.name_hint")} change={(name) => change({ ...brush, name })} />}
      </div>
    </fieldset>
  );
}

function Pending({ changes, drop, clear }: { changes: readonly DayChange[]; drop: (day: string) => void; clear: () => void }) {
  if (!changes.length) return null;
  return (
    <div class="pending" data-testid="pending" id="pending">
      <p class="strong">{t("year.pending", { n: changes.length })}</p>
      <ul class="chips">
        {changes.map((one) => (
          <li key={one.day}>
            <button type="button" class="button small" onClick={() => drop(one.day)} aria-label={t("year.drop", { day: one.day })}>
              {one.day} · {word("day", one.kind)}{one.name && ` ${one.name}`} <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
        <li><button type="button" class="button small plain" onClick={clear}>{t("year.clear")}</button></li>
      </ul>
    </div>
  );
}

export function YearTab({ calendar, reload }: CalendarProps) {
  const now = today(serverNow());
  const year = place.value.year ?? Number(now.slice(0, 4));
  const { answer, error, load } = useAsked<YearDays>(`calendars/${calendar.id}/days`, { year });
  const [changes, change, forget] = useDraft<DayChange[]>(`admin:days:${calendar.id}`, []);
  const [brush, setBrush] = useState<Brush>({ kind: "holiday", name: "" });
  const applied = async (): Promise<void> => {
    await Promise.all([reload(), load()]);
  };
  const kept = new Map<string, CalendarDay>((answer?.days ?? []).map((one) => [one.day, one]));
  const [told, setTold] = useState("");
  const onDay = (day: string): void => {
    const weekday = brush.kind === "makeup" && weekdayOf(day) < 5;
    setTold(day < now ? t("year.past", { day }) : weekday ? t("year.makeup_weekend", { day }) : "");
    if (day >= now && !weekday) change(paint(changes, kept.get(day), { day, kind: brush.kind, name: named(brush.kind, brush.name) }));
  };
  return (
    <div class="stack">
      <YearBar year={year} years={calendar.years} />
      <p class="caption">{t("year.how")} <span class="provisional">{t("day.provisional")}</span> · <span class="legend changed">{t("day.changed")}</span></p>
      <BrushBox brush={brush} change={setBrush} />
      <p class="fault" role="status">{told}</p>
      <Pending changes={changes} drop={(day) => change(changes.filter((one) => one.day !== day))} clear={forget} />
      <Changing calendar={calendar} change={changes.length ? { days: changes } : null} applied={applied} done={forget} />
      {error && !answer ? <Failure error={error} retry={() => void load()} /> : null}
      {!answer && !error && <Loading />}
      {answer && <Months year={year} days={shownDays(answer.days, changes)} now={now} onDay={onDay} />}
      {changes.length > 0 && (
        <div class="buttons savebar sticky">
          <a class="button" href="#pending">↑ {t("year.pending", { n: changes.length })}</a>
        </div>
      )}
    </div>
  );
}

interface MonthsProps {
  year: number;
  days: ReturnType<typeof shownDays>;
  now: string;
  onDay: (day: string) => void;
}

/** One place in the tab order for all days; arrows go from day to day. */
function Months({ year, days, now, onDay }: MonthsProps) {
  const grid = useRef<HTMLDivElement>(null);
  const begin = now.startsWith(String(year)) ? now : `${year}-01-01`;
  const [focused, setFocused] = useState(begin);
  const current = focused.startsWith(String(year)) ? focused : begin;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = stepOf(event.key);
    if (step === null) return;
    const to = addDays(current, step);
    event.preventDefault();
    if (!to.startsWith(String(year))) return;
    setFocused(to);
    grid.current?.querySelector<HTMLElement>(`[data-day="${to}"]`)?.focus();
  };
  return (
    <div class="months" ref={grid} onKeyDown={onKeyDown} data-testid="months">
      {monthsOf(year).map((month) => (
        <MonthGrid key={month.month} month={month} days={days} now={now} current={current}
          onDay={(day) => (setFocused(day), onDay(day))} />
      ))}
    </div>
  );
}
