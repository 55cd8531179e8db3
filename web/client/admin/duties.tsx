/** What a department answers for: a large class or one category, on the ground of a cell. */
import { useState } from "preact/hooks";
import { findCategory, largeClasses, searchCategories } from "../shared/catalogue";
import { call, post } from "../shared/http";
import { either, t } from "../shared/language";
import { SelectField } from "../shared/parts/fields";
import type { DepartmentItem, Duty } from "./api";
import { useDraft } from "./asking";
import { type Choice, findCells, SearchPick } from "./search_pick";
import { useSending } from "./sending";
import { faultOn, Refused } from "./told";

interface Props {
  item: DepartmentItem;
  load: () => Promise<void>;
}

interface Typed {
  cell: Choice | null;
  by: "class" | "category" | "all";
  class_code: string;
  category: Choice | null;
}

/** What the duty covers, in words; a duty without class and category is for everything there. */
export function dutyWords(duty: Pick<Duty, "category_code" | "class_code">): string {
  if (duty.category_code) {
    const category = findCategory(duty.category_code);
    return `${category ? either(category.zh, category.en) : ""} ${duty.category_code}`.trim();
  }
  if (duty.class_code) {
    const group = largeClasses().find((one) => one.code === duty.class_code);
    return t("duty.class", { name: group?.name ?? "", code: duty.class_code });
  }
  return t("duty.all");
}

async function findCategories(query: string): Promise<Choice[]> {
  return searchCategories(query, 12).map((category) => ({
    code: category.code, name: either(category.zh, category.en), detail: `${category.code} · ${either(category.class_zh, category.class_en)}`,
  }));
}

function AddDuty({ item, load }: Props) {
  const empty: Typed = { cell: { code: item.centre.code, name: item.centre.name }, by: "class", class_code: "", category: null };
  const [typed, change, forget] = useDraft<Typed>(`admin:duty:${item.code}`, empty);
  const [tried, setTried] = useState(false);
  const sending = useSending();
  const what = { class: typed.class_code, category: typed.category?.code, all: "all" }[typed.by];
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (!typed.cell || !what) return;
    await sending.send(async () => {
      await post(`departments/${encodeURIComponent(item.code)}/duties`, { cell: typed.cell!.code, ...(typed.by !== "all" && { [`${typed.by}_code`]: what }) });
      forget();
      setTried(false);
      await load();
    });
  };
  const missing = tried && !what ? t("form.required") : null;
  return (
    <form class="fields inset" onSubmit={(event) => void submit(event)} noValidate aria-label={t("duty.add")} data-testid="duty-form">
      <Refused error={sending.error} fields={["cell", "category_code", "class_code"]} />
      <div class="row">
        <SelectField label={t("duty.by")} name="by" value={typed.by} change={(by) => change({ ...typed, by: by as Typed["by"] })} options={[["class", t("duty.by_class")], ["category", t("duty.by_category")], ["all", t("duty.all")]]} />
        {typed.by === "class" && (
            <SelectField label={t("duty.by_class")} name="class_code" value={typed.class_code} fault={missing ?? faultOn(sending.error, "class_code")} change={(class_code) => change({ ...typed, class_code })}
              options={[["", t("duty.choose")], ...largeClasses().map((group) => [group.code, `${group.name} ${group.code}`] as const)]} />
        )}
        {typed.by === "category" && (
          <SearchPick label={t("duty.by_category")} name="category_code" placeholder={t("new.category_search")} value={typed.category} change={(category) => change({ ...typed, category })} find={findCategories}
              fault={missing ?? faultOn(sending.error, "category_code")} />
        )}
        <SearchPick label={t("duty.cell")} name="cell" placeholder={t("users.search")} value={typed.cell} change={(cell) => change({ ...typed, cell })} find={findCells}
          fault={tried && !typed.cell ? t("form.required") : faultOn(sending.error, "cell")} />
      </div>
      <div class="buttons"><button class="button" disabled={sending.busy} data-testid="save-duty">{t("duty.add")}</button></div>
    </form>
  );
}

export function Duties({ item, load }: Props) {
  const sending = useSending();
  const remove = async (duty: Duty): Promise<void> => {
    await sending.send(async () => {
      await call("DELETE", `duties/${duty.id}`);
      await load();
    });
  };
  return (
    <section class="fields" aria-label={t("dep.duties")}>
      <h3>{t("duty.title")}</h3>
      <Refused error={sending.error} />
      {item.duties.length ? (
        <ul class="duties" data-testid="duties">
          {item.duties.map((duty) => (
            <li key={duty.id}>
              <span>{t("duty.line", { what: dutyWords(duty), cell: `${duty.cell.name} ${duty.cell.code}` })}</span>
              {!item.retired_at && (
                <button type="button" class="button small" disabled={sending.busy} onClick={() => void remove(duty)} aria-label={t("duty.remove", { what: dutyWords(duty), cell: duty.cell.name })}>{t("act.remove")}</button>
              )}
            </li>
          ))}
        </ul>
      ) : <p class="caption">{t("duty.none")}</p>}
      {!item.retired_at && <AddDuty item={item} load={load} />}
    </section>
  );
}
