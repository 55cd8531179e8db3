/** One row of rungs as a table: its fields, what each rung does in words, and what is wrong beside the field. */
import { length } from "../shared/format";
import { t, word } from "../shared/language";
import { type Deed, deedOf, type Faulty, firesAt, LEVELS_UP, MOST, type TypedRung } from "./rungs";
import { TableBox } from "./table_box";

export const NAMES = ["warn", "warn_2", "urge", "supervise_1", "supervise_2", "supervise_3", "supervise_4", "supervise_5"] as const;

const DEED_KEYS: Record<Deed, "ladder.does_warn" | "ladder.does_urge" | "ladder.does_order" | "ladder.does_city"> = {
  warn: "ladder.does_warn", urge: "ladder.does_urge", order: "ladder.does_order", city: "ladder.does_city",
};

function deedWords(rung: TypedRung): string {
  const deed = deedOf(rung);
  return t(deed === "order" && rung.levels_up === 2 ? "ladder.does_order_2" : DEED_KEYS[deed]);
}

/** When it fires, as a rule and on a limit of so many minutes. */
function whenWords(rung: TypedRung, limit: number): string {
  const at = firesAt(rung, limit);
  return at === null ? "—" : t("ladder.fires", { at: length(at) });
}

interface RowProps {
  table: string;
  row: number;
  rung: TypedRung;
  faults: Faulty[];
  limit: number;
  names: readonly string[];
  change: (rung: TypedRung) => void;
  remove: (() => void) | null;
}

function Row({ table, row, rung, faults, limit, names, change, remove }: RowProps) {
  const id = `${table}-${row}`;
  const of = (field: Faulty["field"]): string => faults.filter((fault) => fault.field === field).map((fault) => t(`ladder.fault_${fault.code}`)).join(" ");
  const marks = (field: Faulty["field"]) => (of(field) ? { "aria-invalid": true, "aria-describedby": `${id}-${field}-fault` } as const : {});
  const fault = (field: Faulty["field"]) => (of(field) ? <p class="fault" id={`${id}-${field}-fault`}>{of(field)}</p> : null);
  const n = row + 1;
  return (
    <tr data-testid={`rung-${id}`}>
      <th scope="row" class="number">{n}</th>
      <td class="field" data-label={t("ladder.name")}>
        <select value={rung.name} aria-label={t("ladder.name_n", { n })} onChange={(event) => change({ ...rung, name: event.currentTarget.value })} {...marks("name")}>
          {names.map((name) => <option key={name} value={name}>{word("rung", name)}</option>)}
        </select>
        {fault("name")}
      </td>
      <td class="field" data-label={t("ladder.share")}>
        <span class="unit"><input class="input narrow" inputMode="decimal" value={rung.share} aria-label={t("ladder.share_n", { n })} onInput={(event) => change({ ...rung, share: event.currentTarget.value })} {...marks("share")} /> %</span>
        {fault("share")}
      </td>
      <td class="field" data-label={t("ladder.plus")}>
        <span class="unit">+ <input class="input narrow" inputMode="numeric" value={rung.plus} aria-label={t("ladder.plus_n", { n })} onInput={(event) => change({ ...rung, plus: event.currentTarget.value })} {...marks("plus")} /> {t("ladder.minutes")}</span>
        {fault("plus")}
      </td>
      <td class="field" data-label={t("ladder.to")}>
        <select value={String(rung.levels_up)} aria-label={t("ladder.to_n", { n })} onChange={(event) => change({ ...rung, levels_up: Number(event.currentTarget.value) })} {...marks("levels_up")}>
          {LEVELS_UP.map((levels) => <option key={levels} value={String(levels)}>{t(`ladder.to_${levels}`)}</option>)}
        </select>
        {fault("levels_up")}
      </td>
      <td class="wrap does"><p>{deedWords(rung)}</p><p class="caption">{whenWords(rung, limit)}</p></td>
      <td>{remove && <button type="button" class="button small" onClick={remove} aria-label={t("ladder.remove_n", { n })}>{t("act.remove")}</button>}</td>
    </tr>
  );
}

interface Props {
  name: string;
  rungs: TypedRung[];
  faults: Faulty[];
  limit: number;
  change: (rungs: TypedRung[]) => void;
}

export function RungTable({ name, rungs, faults, limit, change }: Props) {
  const names = [...new Set([...NAMES, ...rungs.map((rung) => rung.name)])];
  const free = names.find((one) => !rungs.some((rung) => rung.name === one));
  const add = (): void => {
    const last = rungs.at(-1);
    const plus = Number(last?.plus) || 0;
    const share = (Number(last?.share) || 80) + (plus ? 0 : 50);
    change([...rungs, { name: free ?? names.at(-1)!, share: String(share), plus: String(plus && plus + 60), levels_up: last?.levels_up ?? 0 }]);
  };
  const table = faults.filter((fault) => fault.row < 0);
  return (
    <>
      <TableBox label={t(`ladder.${name}` as "ladder.ordinary")}>
        <table class="table top rungs" aria-labelledby={`ladder-${name}`}>
          <thead>
            <tr>
              <th scope="col" class="number">{t("ladder.position")}</th><th scope="col">{t("ladder.name")}</th><th scope="col">{t("ladder.share")}</th><th scope="col">{t("ladder.plus")}</th>
              <th scope="col">{t("ladder.to")}</th><th scope="col">{t("ladder.does")}</th><th scope="col"><span class="hidden">{t("dep.actions")}</span></th>
            </tr>
          </thead>
          <tbody>
            {rungs.map((rung, row) => (
              <Row key={row} table={name} row={row} rung={rung} limit={limit} names={names} faults={faults.filter((fault) => fault.row === row)}
                change={(next) => change(rungs.map((one, n) => (n === row ? next : one)))}
                remove={rungs.length > 1 ? () => change(rungs.filter((_, n) => n !== row)) : null} />
            ))}
          </tbody>
        </table>
      </TableBox>
      {table.map((fault) => <p class="fault" key={fault.code} role="alert">{t(`ladder.fault_${fault.code}`)}</p>)}
      {rungs.length < MOST && free && <div class="buttons"><button type="button" class="button" onClick={add} data-testid={`add-rung-${name}`}>{t("ladder.add")}</button></div>}
    </>
  );
}
