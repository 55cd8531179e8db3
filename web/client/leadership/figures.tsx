/** A number that opens its cases. */
import type { StatisticsRow } from "../shared/api";
import { count, percent } from "../shared/format";
import { t, word } from "../shared/language";
import { show } from "./place";

/** `cell` null: the whole area shown. */
export function OpenNumber({ measure, value, cell, where, kind = "" }: { measure: string; value: number | null; cell: string | null; where: string; kind?: string }) {
  if (value === null) return <span>—</span>;
  const label = `${word("measure", measure)} · ${where}: ${count(value)}`;
  return (
    <button type="button" class={`link ${value === 0 ? "zero" : kind}`} data-testid={`${measure}${cell ? `-${cell}` : ""}`} aria-label={label}
      onClick={() => show({ opened: { measure, cell, no: null } })}>
      {count(value)}
    </button>
  );
}

/** A share against its target: the word stands beside the colour; a shorter one in tables. */
export function Share({ value, target, short = false }: { value: number | null | undefined; target: number | undefined; short?: boolean }) {
  const below = target !== undefined && value !== null && value !== undefined && value < target;
  return (
    <span class={below ? "red" : ""}>
      {percent(value)}
      {below && <> <span class="mark red" title={t("lead.target", { share: percent(target) })}>{t(short ? "lead.below_short" : "lead.below")}</span></>}
    </span>
  );
}

export function figure(row: StatisticsRow | Record<string, number | null>, name: string): number | null {
  const value = (row as Record<string, unknown>)[name];
  return typeof value === "number" ? value : null;
}
