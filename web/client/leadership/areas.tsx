/** The table of areas: each number opens its cases, the name opens the area; columns sort. */
import { useState } from "preact/hooks";
import type { Statistics, StatisticsRow } from "../shared/api";
import { either, t, word } from "../shared/language";
import { Empty } from "../shared/parts/states";
import { figure, OpenNumber, Share } from "./figures";
import { below } from "./levels";

const COUNTS = ["report_num", "file_num", "open_num", "overdue_open_num"] as const;
const COLUMNS = [...COUNTS, "ontime_handle_rate", "closed_num", "ontime_close_rate"] as const;
type Column = (typeof COLUMNS)[number];

interface Order {
  column: Column | "name";
  down: boolean;
}

function isRate(column: string): column is "ontime_handle_rate" | "ontime_close_rate" {
  return column.endsWith("_rate");
}

function sorted(items: StatisticsRow[], { column, down }: Order): StatisticsRow[] {
  const sign = down ? -1 : 1;
  return [...items].sort((a, b) => {
    if (column === "name") return sign * String(a.key).localeCompare(String(b.key));
    return sign * ((figure(a, column) ?? -1) - (figure(b, column) ?? -1)) || String(a.key).localeCompare(String(b.key));
  });
}

function columnWords(column: Column | "name"): string {
  if (column === "name") return t("lead.where");
  return isRate(column) ? word("rate", column) : word("measure", column);
}

function Head({ order, change }: { order: Order; change: (order: Order) => void }) {
  return (
    <thead>
      <tr>
        {(["name", ...COLUMNS] as const).map((column) => {
          const on = order.column === column;
          return (
            <th key={column} scope="col" class={column === "name" ? "" : "number"} aria-sort={on ? (order.down ? "descending" : "ascending") : undefined}>
              <button type="button" class="sort" title={t("lead.sort")} onClick={() => change({ column, down: on ? !order.down : column !== "name" })}>
                {columnWords(column)}<span aria-hidden="true">{on ? (order.down ? " ↓" : " ↑") : ""}</span>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function Row({ row, answer, enter }: { row: StatisticsRow; answer: Statistics; enter: (code: string) => void }) {
  const name = row.key === null ? t("lead.unknown") : either(row.name, row.name_en);
  return (
    <tr data-testid={`area-${row.key}`}>
      <th scope="row">
        {row.key && row.level && row.level !== "village"
          ? <button type="button" class="link" aria-label={t("lead.down", { name })} onClick={() => enter(row.key as string)}>{name}</button>
          : name}
      </th>
      {COLUMNS.map((column) => (
        <td key={column} class="number">
          {isRate(column)
            ? <Share short value={figure(row, column)} target={answer.targets[column]} />
            : row.key === null
              ? figure(row, column)
              : <OpenNumber measure={column} value={figure(row, column)} cell={row.key} where={name} kind={column === "overdue_open_num" && figure(row, column) ? "red" : ""} />}
        </td>
      ))}
    </tr>
  );
}

export function Areas({ answer, enter }: { answer: Statistics; enter: (code: string) => void }) {
  const [order, setOrder] = useState<Order>({ column: "overdue_open_num", down: true });
  if (answer.cell && !below(answer.cell.level)) return <Empty>{t("lead.lowest")}</Empty>;
  if (!figure(answer.totals, "report_num")) return <Empty>{t("lead.empty")}</Empty>;
  return (
    <div class="tablebox panel">
      <table class="areas" aria-label={t("lead.area")}>
        <Head order={order} change={setOrder} />
        <tbody>{sorted(answer.items, order).map((row) => <Row key={row.key} row={row} answer={answer} enter={enter} />)}</tbody>
      </table>
    </div>
  );
}
