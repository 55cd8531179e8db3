/** The working calendars: what is missing on top, then the calendars with the years that they cover; one opened below. */
import { useState } from "preact/hooks";
import { count } from "../shared/format";
import { post } from "../shared/http";
import { t } from "../shared/language";
import { SelectField, TextField } from "../shared/parts/fields";
import { Banner, Empty, Failure, Loading } from "../shared/parts/states";
import type { CalendarItem, Calendars, CalendarWarning, CalendarYear } from "./api";
import { type Asked, useAsked, useDraft } from "./asking";
import { calendarName } from "./calendar_name";
import { CalendarPage } from "./calendar_page";
import { addressOf, go, place } from "./place";
import { useSending } from "./sending";
import { Done, faultOn, Refused } from "./told";
import { TableBox } from "./table_box";

function warningWords({ name, year, missing, provisional }: CalendarWarning): string {
  if (missing) return t("cal.warn_missing", { name: calendarName(name), year });
  return t("cal.warn_provisional", { name: calendarName(name), year, n: provisional });
}

export function Warnings({ warnings }: { warnings: readonly CalendarWarning[] }) {
  if (!warnings.length) return null;
  return (
    <Banner kind="warn" testid="calendar-warnings">
      <ul class="warnings">
        {warnings.map((one) => (
          <li key={`${one.calendar_id}-${one.year}`}>
            <span>▲ {warningWords(one)}</span>{" "}
            <button type="button" class="button" onClick={() => go({ part: "calendars", calendar: one.calendar_id, tab: "import", year: one.year })}>{t("cal.import_now")}</button>
          </li>
        ))}
      </ul>
    </Banner>
  );
}

/** Whole decreed years as one span; those with guesses or gaps by themselves. */
export function yearSpans(years: readonly CalendarYear[]): { from: number; to: number; state: "whole" | "provisional" | "gaps"; provisional: number }[] {
  const spans: ReturnType<typeof yearSpans> = [];
  for (const { year, complete, provisional } of [...years].sort((a, b) => a.year - b.year)) {
    const state = !complete ? "gaps" : provisional ? "provisional" : "whole";
    const last = spans.at(-1);
    if (state === "whole" && last?.state === "whole" && last.to === year - 1) last.to = year;
    else spans.push({ from: year, to: year, state, provisional });
  }
  return spans;
}

function Years({ years }: { years: readonly CalendarYear[] }) {
  return (
    <ul class="chips">
      {yearSpans(years).map((span) => (
        <li key={span.from} class={span.state === "whole" ? "mark" : span.state === "gaps" ? "mark red" : "mark amber"}>
          {span.from === span.to ? span.from : `${span.from}–${span.to}`}
          {span.state === "provisional" && ` ▲ ${t("cal.provisional_n", { n: count(span.provisional) })}`}
          {span.state === "gaps" && ` ■ ${t("cal.gaps")}`}
        </li>
      ))}
    </ul>
  );
}

function List({ items }: { items: readonly CalendarItem[] }) {
  return (
    <TableBox label={t("admin.calendars")}>
      <table class="table" aria-label={t("admin.calendars")} data-testid="calendars">
        <thead>
          <tr>
            <th scope="col">{t("cal.name")}</th><th scope="col">{t("cal.years")}</th><th scope="col" class="number">{t("cal.centres")}</th>
            <th scope="col" class="number">{t("cal.departments")}</th><th scope="col" class="number">{t("cal.version")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <a href={addressOf({ ...place.value, calendar: one.id, tab: "days" })} data-testid={`calendar-${one.id}`}
                  onClick={(event) => (event.preventDefault(), go({ calendar: one.id, tab: "days", year: null }))}>{calendarName(one.name)}</a>
              </th>
              <td class="wrap"><Years years={one.years} /></td>
              <td class="number">{count(one.centres)}</td>
              <td class="number">{count(one.departments)}</td>
              <td class="number">{one.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

function CopyForm({ items, load }: { items: readonly CalendarItem[]; load: () => Promise<void> }) {
  const empty = { name: "", of: String(items[0]?.id ?? "") };
  const [typed, change, forget] = useDraft("admin:copy", empty);
  const [told, setTold] = useState("");
  const [missing, setMissing] = useState(false);
  const sending = useSending();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTold("");
    setMissing(!typed.name.trim());
    if (!typed.name.trim()) return;
    const name = typed.name.trim();
    await sending.send(async () => {
      await post("calendars", { name, copy_of: Number(typed.of || empty.of) });
      forget();
      setTold(t("cal.copied", { name }));
      await load();
    });
  };
  return (
    <form class="panel fields" onSubmit={(event) => void submit(event)} noValidate aria-labelledby="copy-title" data-testid="copy-form">
      <h2 id="copy-title">{t("cal.copy_title")}</h2>
      <p class="caption">{t("cal.copy_hint")}</p>
      <Refused error={sending.error} fields={["name", "copy_of"]} />
      <div class="row">
        <TextField label={t("cal.new_name")} name="name" value={typed.name} most={80} change={(name) => change({ ...typed, name })}
          fault={missing && !typed.name.trim() ? t("form.required") : faultOn(sending.error, "name")} />
        <SelectField label={t("cal.copy_of")} name="copy_of" value={typed.of || empty.of} change={(of) => change({ ...typed, of })}
          options={items.map((one) => [String(one.id), calendarName(one.name)] as const)} fault={faultOn(sending.error, "copy_of")} />
        <button class="button" disabled={sending.busy} data-testid="copy">{t("cal.copy")}</button>
      </div>
      <Done words={told} />
    </form>
  );
}

function Overview({ answer, load }: { answer: Calendars; load: () => Promise<void> }) {
  return (
    <>
      <section class="panel" aria-labelledby="calendars-title">
        <h2 id="calendars-title">{t("admin.calendars")}</h2>
        {answer.items.length ? <List items={answer.items} /> : <Empty>{t("cal.empty")}</Empty>}
      </section>
      {answer.items.length > 0 && <CopyForm items={answer.items} load={load} />}
    </>
  );
}

export function CalendarsPart() {
  const { answer, error, load }: Asked<Calendars> = useAsked<Calendars>("calendars");
  if (error && !answer) return <Failure error={error} retry={() => void load()} />;
  if (!answer) return <Loading />;
  const { calendar } = place.value;
  const opened = answer.items.find((one) => one.id === calendar);
  return (
    <>
      <Warnings warnings={answer.warnings} />
      {calendar === null && <Overview answer={answer} load={load} />}
      {calendar !== null && !opened && (
        <Empty action={<button type="button" class="button" onClick={() => go({ calendar: null })}>{t("cal.back")}</button>}>{t("cal.unknown", { id: calendar })}</Empty>
      )}
      {opened && <CalendarPage key={opened.id} calendar={opened} reload={load} />}
    </>
  );
}
