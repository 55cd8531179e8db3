/** One calendar: its days, the import, its shifts, who works by it, and what was changed. */
import { t } from "../shared/language";
import { calendarName } from "./calendar_name";
import type { CalendarItem } from "./api";
import { CalendarUsers } from "./calendar_users";
import { History } from "./history";
import { ImportTab } from "./importing";
import { go, place, TABS } from "./place";
import { ShiftsTab } from "./shifts_tab";
import { YearTab } from "./year";

export interface CalendarProps {
  calendar: CalendarItem;
  /** Asks for the calendars anew. */
  reload: () => Promise<void>;
}

export function CalendarPage(props: CalendarProps) {
  const { calendar } = props;
  const { tab } = place.value;
  return (
    <section aria-labelledby="calendar-title" class="stack" data-testid="calendar">
      <header class="heading">
        <button type="button" class="button" onClick={() => go({ calendar: null })} data-testid="calendars-back">{t("cal.back")}</button>
        <h2 id="calendar-title" class="big">{calendarName(calendar.name)}</h2>
        <span class="caption">{t("cal.head", { zone: calendar.zone, version: calendar.version })}</span>
      </header>
      <div class="buttons tabs" role="group" aria-label={t("cal.tabs")}>
        {TABS.map((one) => (
          <button key={one} type="button" class={`button ${tab === one ? "chosen" : ""}`} aria-pressed={tab === one} data-testid={`tab-${one}`} onClick={() => go({ tab: one })}>
            {t(`cal.tab_${one}`)}
          </button>
        ))}
      </div>
      {tab === "days" && <YearTab {...props} />}
      {tab === "import" && <ImportTab {...props} />}
      {tab === "shifts" && <ShiftsTab {...props} />}
      {tab === "users" && <CalendarUsers {...props} />}
      {tab === "history" && <History of={`calendars/${calendar.id}`} />}
    </section>
  );
}
