/** A change of a calendar: first which deadlines would move, then the change, then how far the recount has come. */
import { useEffect, useState } from "preact/hooks";
import { count, exact } from "../shared/format";
import { get, post, Problem } from "../shared/http";
import { t, word } from "../shared/language";
import type { CalendarChange, CalendarEdit, CalendarItem, MovedClock, Page, Preview } from "./api";
import { useSending } from "./sending";
import { isStale, Refused } from "./told";
import { weekdayOf } from "./year_days";
import { TableBox } from "./table_box";

const ASK_MS = 1000;

function Moved({ items, moved }: { items: readonly MovedClock[]; moved: number }) {
  if (!items.length) return null;
  return (
    <>
      <TableBox label={t("pre.cases")} short>
        <table class="table" aria-label={t("pre.cases")} data-testid="moved-cases">
          <thead><tr><th scope="col">{t("pre.case")}</th><th scope="col">{t("pre.clock")}</th><th scope="col">{t("pre.was_due")}</th><th scope="col">{t("pre.new_due")}</th><th scope="col">{t("pre.way")}</th></tr></thead>
          <tbody>
            {items.map((item) => {
              const earlier = Date.parse(item.new_due_at) < Date.parse(item.due_at);
              return (
                <tr key={`${item.no} ${item.kind}`}>
                  <th scope="row"><a href={`/desk?view=all&case=${encodeURIComponent(item.no)}`} target="_blank" rel="noopener">{item.no}</a></th>
                  <td>{word("clock", item.kind)}</td>
                  <td>{exact(item.due_at)}</td>
                  <td class="strong">{exact(item.new_due_at)}</td>
                  <td class={earlier ? "red" : ""}>{t(earlier ? "pre.earlier_one" : "pre.later_one")}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableBox>
      {moved > items.length && <p class="caption">{t("pre.first_of", { n: count(items.length), all: count(moved) })}</p>}
    </>
  );
}

function kindWords(kind: string | null): string {
  return kind ? word("day", kind) : t("day.none");
}

function ChangedDays({ changed }: { changed: Preview["changed"] }) {
  if (!changed.length) return null;
  return (
    <details open={changed.length <= 12}>
      <summary>{t("pre.days", { n: count(changed.length) })}</summary>
      <ul class="columns" data-testid="changed-days">
        {changed.map((one) => (
          <li key={one.day}>
            {one.day} {t(`weekday.${weekdayOf(one.day)}` as "weekday.0")} · <span class="muted">{kindWords(one.was)} →</span> <strong>{kindWords(one.kind)}</strong>{one.name && ` ${one.name}`}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** How far the recount of open deadlines has come; asks until it is done. */
export function Recount({ calendarId, edit, all }: { calendarId: number; edit: CalendarEdit; all: number }) {
  const [now, setNow] = useState(edit);
  useEffect(() => {
    if (now.done_at) return undefined;
    const timer = setTimeout(() => {
      get<Page<CalendarEdit>>(`calendars/${calendarId}/edits`, { limit: 50 }).then(
        (page) => setNow({ ...(page.items.find((one) => one.id === edit.id) ?? now) }),
        () => setNow({ ...now }),
      );
    }, ASK_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <div class="recount" role="status" data-testid="recount" data-done={now.done_at ? "yes" : "no"}>
      {now.done_at
        ? <p><span class="green" aria-hidden="true">● </span>{t("pre.recounted", { moved: count(now.moved), at: exact(now.done_at) })}</p>
        : <><p>{t("pre.recounting", { moved: count(now.moved), clocks: count(now.clocks), all: count(Math.max(all, now.clocks)) })}</p><progress aria-label={t("pre.recount")} max={Math.max(1, all, now.clocks)} value={now.clocks} /></>}
    </div>
  );
}

interface Props {
  calendar: CalendarItem;
  /** Null: nothing is to be changed yet. */
  change: CalendarChange | null;
  /** The days that a pasted notice names; others that change are filled by the days of the week. */
  named?: readonly string[];
  /** The fields that show their own faults. */
  fields?: readonly string[];
  refused?: (error: unknown) => void;
  /** Asks for the calendar anew. */
  applied: () => Promise<void>;
  /** The change was taken: what was entered is needed no more. */
  done: () => void;
}

interface Looked {
  of: string;
  preview: Preview;
}

export function Changing({ calendar, change, named, fields = [], refused, applied, done }: Props) {
  const [looked, setLooked] = useState<Looked | null>(null);
  const [made, setMade] = useState<{ edit: CalendarEdit; all: number } | null>(null);
  const sending = useSending();
  const body = JSON.stringify(change);
  useEffect(() => refused?.(sending.error), [sending.error]);
  const preview = looked && looked.of === body ? looked.preview : null;
  const path = `calendars/${calendar.id}`;
  const look = async (version: number): Promise<void> => {
    setMade(null);
    await sending.send(async () => setLooked({ of: body, preview: await post<Preview>(`${path}/preview`, { version, ...change }) }));
  };
  const apply = async (): Promise<void> => {
    if (!preview) return;
    await sending.send(async () => {
      try {
        const answer = await post<{ edit: CalendarEdit }>(`${path}/edits`, { version: preview.version, ...change });
        setMade({ edit: answer.edit, all: preview.clocks });
        setLooked(null);
        done();
        await applied();
      } catch (failure) {
        // somebody was faster: what is known of the calendar is asked anew, what was entered stays
        if (failure instanceof Problem && failure.status === 409) {
          setLooked(null);
          await applied().catch(() => undefined);
        }
        throw failure;
      }
    });
  };
  return (
    <div class="changing">
      <Refused error={sending.error} fields={fields} stale={t("pre.stale")} />
      {change && !preview && (
        <div class="buttons">
          <button type="button" class="button main" disabled={sending.busy} onClick={() => void look(calendar.version)} data-testid="preview">
            {t(sending.busy ? "pre.looking" : isStale(sending.error) ? "pre.again" : "pre.look")}
          </button>
          <span class="caption">{t("pre.hint")}</span>
        </div>
      )}
      {preview && <PreviewBox preview={preview} filled={named ? preview.changed.filter((one) => !named.includes(one.day)).length : 0} busy={sending.busy} apply={() => void apply()} leave={() => setLooked(null)} />}
      {made && <Recount key={made.edit.id} calendarId={calendar.id} {...made} />}
    </div>
  );
}

function PreviewBox({ preview, filled, busy, apply, leave }: { preview: Preview; filled: number; busy: boolean; apply: () => void; leave: () => void }) {
  const { changed, clocks, moved, earlier, later, items } = preview;
  return (
    <section class="panel preview fields" aria-labelledby="preview-title" data-testid="preview-box">
      <h3 id="preview-title">{t("pre.title")}</h3>
      <p class="effect" role="status" data-testid="preview-effect">
        {moved
          ? t("pre.effect", { clocks: count(clocks), moved: count(moved), earlier: count(earlier), later: count(later) })
          : t("pre.no_effect", { clocks: count(clocks) })}
      </p>
      {filled > 0 && <p class="banner warn">{t("pre.filled", { n: count(filled) })}</p>}
      <ChangedDays changed={changed} />
      <Moved items={items} moved={moved} />
      <p class="caption">{t("pre.closed_stay")}</p>
      <div class="buttons">
        <button type="button" class="button main" disabled={busy} onClick={apply} data-testid="apply">
          {busy ? t("form.busy") : moved ? t("pre.apply_moving", { n: count(moved) }) : t("pre.apply")}
        </button>
        <button type="button" class="button" onClick={leave}>{t("act.cancel")}</button>
      </div>
    </section>
  );
}
