/** Who works by this calendar: a centre, or single departments of one that do not follow their centre. */
import { useState } from "preact/hooks";
import { count } from "../shared/format";
import { put } from "../shared/http";
import { either, t } from "../shared/language";
import { Empty, Failure, Loading } from "../shared/parts/states";
import { calendarName } from "./calendar_name";
import type { DepartmentItem } from "./api";
import { usePages } from "./asking";
import type { CalendarProps } from "./calendar_page";
import { type Choice, findCells, SearchPick } from "./search_pick";
import { useSending } from "./sending";
import { Done, MoreButton, Refused } from "./told";
import { TableBox } from "./table_box";

function Departments({ centre, calendar, reload }: CalendarProps & { centre: Choice }) {
  const found = usePages<DepartmentItem>("departments", { centre: centre.code, retired: false }, 100);
  const sending = useSending();
  const [told, setTold] = useState("");
  const give = async (department: DepartmentItem, calendar_id: number | null): Promise<void> => {
    const name = either(department.name, department.name_en);
    await sending.send(async () => {
      await put(`departments/${encodeURIComponent(department.code)}/calendar`, { calendar_id });
      setTold(t(calendar_id === null ? "users.follows" : "users.given", { name, calendar: calendarName(calendar.name) }));
      await Promise.all([found.load(), reload()]);
    });
  };
  if (found.error && !found.items) return <Failure error={found.error} retry={() => void found.load()} />;
  if (!found.items) return <Loading />;
  if (!found.items.length) return <Empty>{t("users.no_departments")}</Empty>;
  return (
    <>
      <Refused error={sending.error} />
      <Done words={told} />
      <TableBox label={t("admin.departments")}>
        <table class="table" aria-label={t("admin.departments")}>
          <thead><tr><th scope="col">{t("dep.name")}</th><th scope="col">{t("users.works_by")}</th><th scope="col"><span class="hidden">{t("dep.actions")}</span></th></tr></thead>
          <tbody>
            {found.items.map((one) => {
              const here = one.calendar_id === calendar.id;
              return (
                <tr key={one.code}>
                  <th scope="row">{either(one.name, one.name_en)} <span class="caption">{one.centre.name}</span></th>
                  <td>{here ? <strong>{calendarName(calendar.name)}</strong> : one.calendar_id === null ? t("users.centres") : t("users.other")}</td>
                  <td>
                    <button type="button" class="button small" disabled={sending.busy} onClick={() => void give(one, here ? null : calendar.id)} data-testid={`give-${one.code}`}>
                      {t(here ? "users.take_back" : "users.use")}
                    </button>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </TableBox>
      <MoreButton next={found.next} more={found.more} />
    </>
  );
}

export function CalendarUsers({ calendar, reload }: CalendarProps) {
  const [centre, setCentre] = useState<Choice | null>(null);
  const [told, setTold] = useState("");
  const sending = useSending();
  const give = async (chosen: Choice): Promise<void> => {
    await sending.send(async () => {
      await put(`centres/${encodeURIComponent(chosen.code)}/calendar`, { calendar_id: calendar.id });
      setTold(t("users.given", { name: chosen.name, calendar: calendarName(calendar.name) }));
      await reload();
    });
  };
  return (
    <section class="panel fields" aria-labelledby="users-title">
      <h3 id="users-title">{t("users.title")}</h3>
      <p>{t("users.now", { centres: count(calendar.centres), departments: count(calendar.departments) })}</p>
      <p class="caption">{t("users.hint")}</p>
      <SearchPick label={t("users.centre")} name="centre" placeholder={t("users.search")} value={centre} change={(choice) => (setCentre(choice), setTold(""))} find={findCells} />
      <Refused error={sending.error} />
      {centre && (
        <>
          <div class="buttons">
            <button type="button" class="button main" disabled={sending.busy} onClick={() => void give(centre)} data-testid="give-centre">
              {t("users.use_centre", { name: centre.name, calendar: calendarName(calendar.name) })}
            </button>
          </div>
          <Done words={told} />
          <h4>{t("users.departments", { name: centre.name })}</h4>
          <Departments key={centre.code} centre={centre} calendar={calendar} reload={reload} />
        </>
      )}
    </section>
  );
}
