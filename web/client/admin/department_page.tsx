/** One department: names, units, duties, and retiring it. */
import { useState } from "preact/hooks";
import { call, post } from "../shared/http";
import { exact } from "../shared/format";
import { either, t } from "../shared/language";
import { TextField } from "../shared/parts/fields";
import type { DepartmentItem } from "./api";
import { useDraft } from "./asking";
import { DepartmentForm } from "./department_form";
import { Duties } from "./duties";
import { useSending } from "./sending";
import { Done, faultOn, Refused } from "./told";

interface Props {
  item: DepartmentItem;
  load: () => Promise<void>;
}

function Rename({ item, load }: Props) {
  const [typed, change, forget] = useDraft(`admin:rename:${item.code}`, { name: item.name, name_en: item.name_en });
  const [told, setTold] = useState("");
  const sending = useSending();
  const changed = typed.name.trim() !== item.name || typed.name_en.trim() !== item.name_en;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const name = typed.name.trim();
    await sending.send(async () => {
      await call("PATCH", `departments/${encodeURIComponent(item.code)}`, { body: { name, name_en: typed.name_en.trim() } });
      await load();
      forget();
      setTold(t("dep.renamed", { name }));
    });
  };
  return (
    <form class="fields" onSubmit={(event) => void submit(event)} noValidate aria-label={t("dep.rename")} data-testid="rename-form">
      <Refused error={sending.error} fields={["name", "name_en"]} />
      <div class="row">
        <TextField label={t("dep.name_zh")} name="name" value={typed.name} most={120} change={(name) => change({ ...typed, name })} fault={faultOn(sending.error, "name")} />
        <TextField label={t("dep.name_en")} name="name_en" value={typed.name_en} most={120} change={(name_en) => change({ ...typed, name_en })} fault={faultOn(sending.error, "name_en")} />
        <button class="button" disabled={!changed || !typed.name.trim() || !typed.name_en.trim() || sending.busy}>{t("dep.rename")}</button>
      </div>
      <Done words={told} />
    </form>
  );
}

/** Retiring says its effect and asks once more: it cannot be taken back here. */
function Retire({ item, load }: Props) {
  const [asked, setAsked] = useState(false);
  const sending = useSending();
  const retire = async (): Promise<void> => {
    await sending.send(async () => {
      await post(`departments/${encodeURIComponent(item.code)}/retire`, {});
      await load();
    });
  };
  if (!asked) return <button type="button" class="button danger" onClick={() => setAsked(true)} data-testid="retire">{t("dep.retire")}</button>;
  return (
    <div class="fields inset">
      <p class="effect">{t("dep.retire_effect", { name: either(item.name, item.name_en) })}</p>
      <Refused error={sending.error} />
      <div class="buttons">
        <button type="button" class="button danger" disabled={sending.busy} onClick={() => void retire()} data-testid="retire-sure">{t("dep.retire_sure")}</button>
        <button type="button" class="button" onClick={() => setAsked(false)}>{t("act.cancel")}</button>
      </div>
    </div>
  );
}

export function DepartmentPage({ item, load }: Props) {
  const [adding, setAdding] = useState(false);
  if (item.retired_at) {
    return <div class="fields"><p>{t("dep.retired_at", { at: exact(item.retired_at) })}</p><Duties item={item} load={load} /></div>;
  }
  return (
    <div class="fields">
      <Rename item={item} load={load} />
      <Duties item={item} load={load} />
      {adding && (
        <DepartmentForm name={`admin:unit:${item.code}`} centre={{ code: item.centre.code, name: item.centre.name }} parent={item.code} done={load} close={() => setAdding(false)} />
      )}
      <div class="buttons">
        {!adding && item.parent === null && <button type="button" class="button" onClick={() => setAdding(true)}>{t("dep.add_unit")}</button>}
        <Retire item={item} load={load} />
      </div>
    </div>
  );
}
