/** How a deadline came about: which days counted, which were skipped and why, and the pauses; folded until asked for. */
import type { CaseDetail } from "../api";
import { brief, length } from "../format";
import { isEnglish, t, word } from "../language";

interface Run {
  from: string;
  to: string;
  minutes: number;
  skipped: "weekend" | "holiday" | "closed" | null;
  name: string;
}

interface Pause {
  from: string;
  to: string | null;
  reason: string;
}

function dayWords(date: string): string {
  const [, month, day] = date.split("-").map(Number);
  return isEnglish() ? date.slice(5) : `${month}月${day}日`;
}

function daysWords({ from, to }: Run): string {
  return from === to ? dayWords(from) : `${dayWords(from)} – ${dayWords(to)}`;
}

function countWords(run: Run): string {
  if (run.skipped) return `${t("detail.day_skipped")} · ${run.name || word("skipped", run.skipped)}`;
  return t(run.from === run.to ? "detail.day_counted" : "detail.days_counted", { length: length(run.minutes) });
}

export function Reckoning({ deadline }: { deadline: CaseDetail["why"]["deadline"] }) {
  const days = (deadline?.["days"] ?? []) as Run[];
  const pauses = (deadline?.["pauses"] ?? []) as Pause[];
  if (!days.length && !pauses.length) return null;
  return (
    <details data-testid="reckoning">
      <summary>{t("detail.days")}</summary>
      <table class="days">
        <tbody>
          {days.map((run) => (
            <tr key={run.from} class={run.skipped ? "muted" : ""}><td>{daysWords(run)}</td><td>{countWords(run)}</td></tr>
          ))}
          {pauses.map((pause) => (
            <tr key={pause.from} class="muted">
              <td>{brief(pause.from)} – {pause.to ? brief(pause.to) : ""}</td>
              <td>{t("clock_state.paused")} · {word("verb", pause.reason)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
