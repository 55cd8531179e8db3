/** The few numbers on top, each against its target, each opening its cases. */
import type { Statistics } from "../shared/api";
import { length, percent } from "../shared/format";
import { t, word } from "../shared/language";
import { figure, OpenNumber, Share } from "./figures";

const RATES = [
  { rate: "ontime_handle_rate", part: "ontime_handled_num", whole: "need_handle_num" },
  { rate: "ontime_close_rate", part: "ontime_closed_num", whole: "need_close_num" },
] as const;

function RateTile({ answer, rate, part, whole }: { answer: Statistics } & (typeof RATES)[number]) {
  const target = answer.targets[rate];
  const where = answer.cell?.name ?? "";
  return (
    <li class="tile panel" data-testid={`rate-${rate}`}>
      <h2>{word("rate", rate)}</h2>
      <p class="value"><Share value={answer.rates[rate]} target={target} /></p>
      <p class="caption">
        <OpenNumber measure={part} value={figure(answer.totals, part)} cell={null} where={where} /> /{" "}
        <OpenNumber measure={whole} value={figure(answer.totals, whole)} cell={null} where={where} />
        {target !== undefined && ` · ${t("lead.target", { share: percent(target) })}`}
      </p>
    </li>
  );
}

function CountTile({ answer, measure, hint, alarm = false }: { answer: Statistics; measure: string; hint: string; alarm?: boolean }) {
  const value = figure(answer.totals, measure);
  return (
    <li class="tile panel">
      <h2>{word("measure", measure)}</h2>
      <p class="value">
        <OpenNumber measure={measure} value={value} cell={null} where={answer.cell?.name ?? ""} kind={alarm && value ? "red" : ""} />
        {alarm && value ? <span class="red" aria-hidden="true"> ■</span> : null}
      </p>
      <p class="caption">{hint}</p>
    </li>
  );
}

export function Numbers({ answer }: { answer: Statistics }) {
  const median = figure(answer.totals, "median_handle_minutes");
  return (
    <ul class="numbers" aria-live="polite">
      {RATES.map((one) => <RateTile key={one.rate} answer={answer} {...one} />)}
      <CountTile answer={answer} measure="overdue_open_num" hint={t("lead.overdue_hint")} alarm />
      <CountTile answer={answer} measure="open_num" hint={t("lead.open_hint")} />
      {figure(answer.totals, "excused_num") ? <CountTile answer={answer} measure="excused_num" hint={t("lead.excused_hint")} /> : null}
      <CountTile answer={answer} measure="report_num" hint={median === null ? "" : `${t("lead.median")} ${length(median)}`} />
    </ul>
  );
}
