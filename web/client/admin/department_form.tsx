/** A new department, or a new unit of one. */
import { useEffect, useState } from "preact/hooks";
import { post } from "../shared/http";
import { t } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import { useDraft } from "./asking";
import { type Choice, findCells, SearchPick } from "./search_pick";
import { useSending } from "./sending";
import { faultOn, Refused } from "./told";

interface Typed {
  code: string;
  name: string;
  name_en: string;
  centre: Choice | null;
}

interface Props {
  /** Under which the draft is kept. */
  name: string;
  centre: Choice | null;
  /** The code of the department that the new one is a unit of. */
  parent: string | null;
  done: () => Promise<void>;
  close: () => void;
}

const FIELDS = ["code", "name", "name_en", "centre", "parent"] as const;

export function DepartmentForm({ name, centre, parent, done, close }: Props) {
  const [typed, change, forget] = useDraft<Typed>(name, { code: "", name: "", name_en: "", centre });
  const [tried, setTried] = useState(false);
  const sending = useSending();
  useEffect(() => {
    if (centre && !typed.centre) change({ ...typed, centre });
  }, [centre?.code]);
  const missing = (value: string | Choice | null): string | null => (tried && !(typeof value === "string" ? value.trim() : value) ? t("form.required") : null);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (!typed.code.trim() || !typed.name.trim() || !typed.name_en.trim() || !typed.centre) return;
    await sending.send(async () => {
      await post("departments", {
        code: typed.code.trim(), name: typed.name.trim(), name_en: typed.name_en.trim(), centre: typed.centre!.code, ...(parent !== null && { parent }),
      });
      forget();
      close();
      await done();
    });
  };
  return (
    <form class="fields inset" onSubmit={(event) => void submit(event)} noValidate aria-label={t(parent ? "dep.add_unit" : "dep.add")} data-testid="department-form">
      <Refused error={sending.error} fields={FIELDS} />
      <div class="row">
        <TextField label={t("dep.code")} name="code" value={typed.code} most={40} placeholder={t("dep.code_hint")} change={(code) => change({ ...typed, code })} fault={missing(typed.code) ?? faultOn(sending.error, "code")} />
        <TextField label={t("dep.name_zh")} name="name" value={typed.name} most={120} change={(zh) => change({ ...typed, name: zh })} fault={missing(typed.name) ?? faultOn(sending.error, "name")} />
        <TextField label={t("dep.name_en")} name="name_en" value={typed.name_en} most={120} change={(name_en) => change({ ...typed, name_en })} fault={missing(typed.name_en) ?? faultOn(sending.error, "name_en")} />
      </div>
      {!parent && (
        <SearchPick label={t("dep.at_centre")} name="department-centre" placeholder={t("users.search")} value={typed.centre} change={(choice) => change({ ...typed, centre: choice })}
          find={findCells} fault={missing(typed.centre) ?? faultOn(sending.error, "centre")} />
      )}
      <div class="buttons">
        <button class="button main" disabled={sending.busy} data-testid="save-department">{t(sending.busy ? "form.busy" : parent ? "dep.add_unit" : "dep.add")}</button>
        <button type="button" class="button" onClick={close}>{t("act.cancel")}</button>
      </div>
    </form>
  );
}
