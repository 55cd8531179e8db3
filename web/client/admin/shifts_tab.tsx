/** When a working day begins and ends: the schedules by the day from which they are valid, and a new one. */
import { useState } from "preact/hooks";
import { day as today, length } from "../shared/format";
import { serverNow } from "../shared/http";
import { t } from "../shared/language";
import { Fault, TextField } from "../shared/parts/fields";
import type { Schedule, ShiftTimes } from "./api";
import { useDraft } from "./asking";
import type { CalendarProps } from "./calendar_page";
import { Changing } from "./changing";
import { faultOf, inOrder, isOverMidnight, minutesOf, scheduleOf } from "./shifts";
import { faultOn } from "./told";
import { TableBox } from "./table_box";

const EMPTY: Schedule = { valid_from: "", shifts: [["08:00", "12:00"], ["14:00", "18:00"]] };

export function shiftWords([from, to]: ShiftTimes): string {
  return `${from}–${to}${isOverMidnight([from, to]) ? ` (${t("shift.next_day")})` : ""}`;
}

function Kept({ schedules, now, drop }: { schedules: readonly Schedule[]; now: string; drop: (valid_from: string) => void }) {
  const valid = scheduleOf(schedules, now);
  return (
    <TableBox label={t("cal.tab_shifts")}>
      <table class="table" aria-label={t("cal.tab_shifts")} data-testid="schedules">
        <thead><tr><th scope="col">{t("shift.valid_from")}</th><th scope="col">{t("shift.shifts")}</th><th scope="col" class="number">{t("shift.a_day")}</th><th scope="col">{t("shift.state")}</th><th scope="col"><span class="hidden">{t("dep.actions")}</span></th></tr></thead>
        <tbody>
          {[...schedules].sort((a, b) => b.valid_from.localeCompare(a.valid_from)).map((one) => (
            <tr key={one.valid_from}>
              <th scope="row">{one.valid_from}</th>
              <td class="wrap">{one.shifts.map(shiftWords).join(" · ")}</td>
              <td class="number">{length(minutesOf(one.shifts) ?? 0)}</td>
              <td>{one === valid ? <span class="green">● {t("shift.valid")}</span> : one.valid_from > now ? t("shift.future") : <span class="muted">{t("shift.over")}</span>}</td>
              <td>{one.valid_from > now && <button type="button" class="button small" onClick={() => drop(one.valid_from)}>{t("shift.drop")}</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

function ShiftRow({ shift, index, change, remove }: { shift: ShiftTimes; index: number; change: (shift: ShiftTimes) => void; remove: (() => void) | null }) {
  return (
    <li class="shift">
      <input class="input time" inputMode="numeric" maxLength={5} placeholder="08:00" autoComplete="off" value={shift[0]} aria-label={t("shift.from_n", { n: index + 1 })} name={`from-${index}`} onInput={(event) => change([event.currentTarget.value, shift[1]])} />
      <span aria-hidden="true">–</span>
      <input class="input time" inputMode="numeric" maxLength={5} placeholder="08:00" autoComplete="off" value={shift[1]} aria-label={t("shift.to_n", { n: index + 1 })} name={`to-${index}`} onInput={(event) => change([shift[0], event.currentTarget.value])} />
      {isOverMidnight(shift) && <span class="caption">{t("shift.next_day")}</span>}
      {remove && <button type="button" class="button" onClick={remove} aria-label={t("shift.remove_n", { n: index + 1 })}>{t("act.remove")}</button>}
    </li>
  );
}

export function ShiftsTab({ calendar, reload }: CalendarProps) {
  const now = today(serverNow());
  const [typed, change, forget] = useDraft<Schedule>(`admin:shifts:${calendar.id}`, EMPTY);
  const [error, setError] = useState<unknown>(null);
  const [dropped, setDropped] = useState("");
  const fault = faultOf(typed, now);
  const faultWords = (field: "valid_from" | "shifts"): string | null =>
    faultOn(error, `schedules.0.${field}`) ?? (field === "shifts" ? faultOn(error, "schedules") : null) ?? (fault?.field === field && !(fault.code === "day" && !typed.valid_from) ? t(`shift.fault_${fault.code}`) : null);
  const setShift = (index: number, shift: ShiftTimes): void => change({ ...typed, shifts: typed.shifts.map((one, n) => (n === index ? shift : one)) });
  const total = minutesOf(typed.shifts);
  return (
    <div class="stack">
      <section class="panel fields">
        <Kept schedules={calendar.schedules} now={now} drop={setDropped} />
        {dropped && <p class="effect">{t("shift.dropped", { day: dropped })} <button type="button" class="button small" onClick={() => setDropped("")}>{t("act.cancel")}</button></p>}
        <Changing calendar={calendar} change={dropped ? { schedules: [{ valid_from: dropped, shifts: [] }] } : null} applied={reload} done={() => setDropped("")} />
      </section>
      <section class="panel fields" aria-labelledby="shift-title">
        <h3 id="shift-title">{t("shift.new")}</h3>
        <p class="caption">{t("shift.hint")}</p>
        <TextField label={t("shift.valid_from")} name="valid_from" type="date" value={typed.valid_from} fault={faultWords("valid_from")} change={(valid_from) => change({ ...typed, valid_from })} />
        <div class="field">
          <span class="label" id="shifts-label">{t("shift.shifts")}</span>
          <ul class="shifts" aria-labelledby="shifts-label">
            {typed.shifts.map((shift, index) => (
              <ShiftRow key={index} shift={shift} index={index} change={(next) => setShift(index, next)}
                remove={typed.shifts.length > 1 ? () => change({ ...typed, shifts: typed.shifts.filter((_, n) => n !== index) }) : null} />
            ))}
          </ul>
          <Fault id="shifts-fault" text={faultWords("shifts")} />
          <div class="buttons">
            <button type="button" class="button" onClick={() => change({ ...typed, shifts: [...typed.shifts, ["", ""]] })}>{t("shift.add")}</button>
            <button type="button" class="button plain" onClick={() => change({ ...typed, shifts: [["08:00", "20:00"], ["20:00", "08:00"]] })}>{t("shift.duty")}</button>
            {total !== null && <span class="caption">{t("shift.total", { length: length(total) })}</span>}
          </div>
        </div>
        <Changing calendar={calendar} change={fault ? null : { schedules: [inOrder(typed)] }} fields={["schedules"]} refused={setError} applied={reload} done={forget} />
      </section>
    </div>
  );
}
