/** What was changed in a calendar or the ladder, by whom, and how many open deadlines moved. */
import { count, exact } from "../shared/format";
import { t, word } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { usePolling } from "../shared/polling";
import type { CalendarEdit } from "./api";
import { usePages } from "./asking";
import { shiftWords } from "./shifts_tab";
import { MoreButton } from "./told";
import { TableBox } from "./table_box";

function dayWords([day, kind, name]: [string, string, string]): string {
  return `${day} ${word("day", kind)}${name ? ` ${name}` : ""}`;
}

function What({ change }: { change: CalendarEdit["change"] }) {
  const { days = [], schedules = [], ladder = {} } = change;
  return (
    <>
      {Object.entries(ladder).map(([row, rungs]) => <p key={row}>{t("history.ladder", { row: word("ladder", row), n: rungs.length })}</p>)}
      {schedules.map(([day, shifts]) => <p key={day}>{shifts.length ? `${t("history.schedule", { day })} ${shifts.map(shiftWords).join(" · ")}` : t("history.dropped", { day })}</p>)}
      {days.length > 0 && days.length <= 3 && <p>{days.map(dayWords).join(" · ")}</p>}
      {days.length > 3 && (
        <details>
          <summary>{t("history.days", { n: count(days.length), from: days[0]![0], to: days.at(-1)![0] })}</summary>
          <ul class="columns">{days.map((one) => <li key={one[0]}>{dayWords(one)}</li>)}</ul>
        </details>
      )}
    </>
  );
}

/** `of`: what was changed, as the API addresses it; asked anew when `key` changes. */
export function History({ of }: { of: string }) {
  const edits = usePages<CalendarEdit>(`${of}/edits`);
  const waiting = edits.items?.some((one) => !one.done_at) ?? false;
  usePolling(async () => {
    if (waiting) await edits.load();
  }, 2, waiting);
  if (edits.error && !edits.items) return <Failure error={edits.error} retry={() => void edits.load()} />;
  if (!edits.items) return <Loading />;
  if (!edits.items.length) return <Empty>{t("history.empty")}</Empty>;
  return (
    <section class="panel">
      <TableBox label={t("cal.tab_history")}>
        <table class="table top" aria-label={t("cal.tab_history")} data-testid="edits">
          <thead><tr><th scope="col">{t("history.at")}</th><th scope="col">{t("history.person")}</th><th scope="col">{t("history.what")}</th><th scope="col">{t("history.moved")}</th></tr></thead>
          <tbody>
            {edits.items.map((edit) => (
              <tr key={edit.id}>
                <th scope="row">{exact(edit.at)}<br /><span class="caption">{t("history.version", { n: edit.version })}</span></th>
                <td>{edit.person ?? t("event.system")}</td>
                <td class="wrap"><What change={edit.change} /></td>
                <td class="wrap">
                  {edit.done_at ? t("history.done", { moved: count(edit.moved), at: exact(edit.done_at) }) : <span role="status">{t("history.recounting", { moved: count(edit.moved), clocks: count(edit.clocks) })}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      <MoreButton next={edits.next} more={edits.more} />
    </section>
  );
}
