/** What was changed in a calendar, by whom, and how many open deadlines moved. */
import { count, exact } from "../shared/format";
import { t, word } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import type { CalendarEdit, CalendarItem, ShiftTimes } from "./api";
import { usePages } from "./asking";
import { shiftWords } from "./shifts_tab";
import { MoreButton } from "./told";

interface Became {
  days: { day: string; kind: string; name: string }[];
  schedules: { valid_from: string; shifts: ShiftTimes[] }[];
}

/** The change as it is kept: rows `[day, kind, name]` and `[valid_from, shifts]`, or objects of these. */
export function becameOf(change: CalendarEdit["change"]): Became {
  const days = (change.days ?? []).map((one) => (Array.isArray(one)
    ? { day: String(one[0]), kind: String(one[1]), name: String(one[2] ?? "") }
    : (one as Became["days"][number])));
  const schedules = (change.schedules ?? []).map((one) => (Array.isArray(one)
    ? { valid_from: String(one[0]), shifts: one[1] as ShiftTimes[] }
    : (one as Became["schedules"][number])));
  return { days, schedules };
}

export function personName(person: CalendarEdit["person"]): string {
  return person === null ? t("event.system") : typeof person === "string" ? person : person.name;
}

function What({ change }: { change: CalendarEdit["change"] }) {
  const { days, schedules } = becameOf(change);
  return (
    <>
      {schedules.map((one) => <p key={one.valid_from}>{t("history.schedule", { day: one.valid_from })} {one.shifts.map(shiftWords).join(" · ")}</p>)}
      {days.length > 0 && days.length <= 3 && <p>{days.map((one) => `${one.day} ${word("day", one.kind)}${one.name ? ` ${one.name}` : ""}`).join(" · ")}</p>}
      {days.length > 3 && (
        <details>
          <summary>{t("history.days", { n: count(days.length), from: days[0]!.day, to: days.at(-1)!.day })}</summary>
          <ul class="columns">{days.map((one) => <li key={one.day}>{one.day} {word("day", one.kind)} {one.name}</li>)}</ul>
        </details>
      )}
    </>
  );
}

export function History({ calendar }: { calendar: CalendarItem }) {
  const edits = usePages<CalendarEdit>(`calendars/${calendar.id}/edits`);
  const waiting = edits.items?.some((one) => !one.done_at) ?? false;
  usePolling(async () => {
    if (waiting) await edits.load();
  }, 2, waiting);
  if (edits.error && !edits.items) return <Failure error={edits.error} retry={() => void edits.load()} />;
  if (!edits.items) return <Loading />;
  if (!edits.items.length) return <Empty>{t("history.empty")}</Empty>;
  return (
    <section class="panel">
      <div class="tablebox">
        <table class="table top" aria-label={t("cal.tab_history")} data-testid="edits">
          <thead><tr><th scope="col">{t("history.at")}</th><th scope="col">{t("history.person")}</th><th scope="col">{t("history.what")}</th><th scope="col">{t("history.moved")}</th></tr></thead>
          <tbody>
            {edits.items.map((edit) => (
              <tr key={edit.id}>
                <th scope="row">{exact(edit.at)}<br /><span class="caption">{t("history.version", { n: edit.version })}</span></th>
                <td>{personName(edit.person)}</td>
                <td class="wrap"><What change={edit.change} /></td>
                <td class="wrap">
                  {edit.done_at ? t("history.done", { moved: count(edit.moved), at: exact(edit.done_at) }) : <span role="status">{t("pre.recounting", { moved: count(edit.moved), clocks: count(edit.clocks) })}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <MoreButton next={edits.next} more={edits.more} />
    </section>
  );
}
