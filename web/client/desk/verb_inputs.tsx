/** The input of one verb field. */
import type { CaseDetail, Condition, Verb } from "../shared/api";
import { conditionWords, departmentName, limitWords } from "../shared/case/words";
import { findCategory } from "../shared/catalogue";
import { either, t } from "../shared/language";
import { ChoiceField, SelectField, TextField } from "../shared/parts/fields";
import { PictureInput } from "../shared/parts/picture_input";
import type { Picture } from "../shared/pictures";
import { CategoryInput } from "./category_input";
import { type Entered, OUTCOMES, photosNeeded, REASONS, type VerbField } from "./verbs";

interface Props {
  field: VerbField;
  verb: Verb;
  item: CaseDetail;
  entered: Entered;
  change: (part: Partial<Entered>) => void;
  pictures: Picture[];
  changePictures: (pictures: Picture[]) => void;
  fault: string | null;
}

function conditionsFor(item: CaseDetail, entered: Entered): Condition[] {
  return item.category ? item.conditions : (findCategory(entered.category_code)?.conditions ?? []);
}

function ConditionInput({ item, entered, change, fault }: Props) {
  const conditions = conditionsFor(item, entered);
  if (!conditions.length) return item.category || entered.category_code ? <p class="fault">{t("form.no_condition")}</p> : null;
  return (
    <ChoiceField label={t("form.condition")} name="condition_id" value={entered.condition_id} fault={fault}
      change={(value) => change({ condition_id: value })}
      options={conditions.map((condition) => ({
        value: String(condition.id),
        label: conditionWords(condition),
        detail: <>{t("form.condition_line", { limit: limitWords(condition), n: condition.photos_after })}<br />{t("detail.closing")}: {either(condition.closing_zh, condition.closing_en)}</>,
      }))} />
  );
}

function DepartmentInput({ item, entered, change, fault }: Props) {
  const suggested = item.suggested_department;
  const known = item.departments.some((department) => department.code === suggested?.code);
  const all = suggested && !known ? [suggested, ...item.departments] : item.departments;
  const name = suggested ? departmentName(suggested) : t("case.centre_itself");
  return (
    <>
      <SelectField label={t("form.department")} name="department" value={entered.department} fault={fault}
        change={(value) => change({ department: value })}
        options={[["", t("case.centre_itself")], ...all.map((department) => [department.code, departmentName(department)] as const)]} />
      <p class="caption">{t("form.suggested", { name })}</p>
    </>
  );
}

function PhotosInput({ verb, item, entered, pictures, changePictures, fault }: Props) {
  const n = photosNeeded(verb, item, entered.outcome);
  return <PictureInput pictures={pictures} change={changePictures} fault={fault} label={`${t("form.photos")}${n ? ` · ${t("form.photos_need", { n })}` : ""}`} />;
}

export function VerbInput(props: Props) {
  const { field, verb, entered, change, fault } = props;
  switch (field.kind) {
    case "condition_id":
      return <ConditionInput {...props} />;
    case "department":
      return <DepartmentInput {...props} />;
    case "photos":
      return <PhotosInput {...props} />;
    case "category_code":
      return <CategoryInput value={entered.category_code} fault={fault} change={(code) => change({ category_code: code, condition_id: "" })} />;
    case "outcome":
      return (
        <ChoiceField label={t("form.outcome")} name="outcome" value={entered.outcome} fault={fault} change={(outcome) => change({ outcome })}
          options={(OUTCOMES[verb] ?? []).map((value) => ({ value, label: t(`outcome.${value}`) }))} />
      );
    case "reason_code":
      return (
        <ChoiceField label={t("form.reason_code")} name="reason_code" value={entered.reason_code} fault={fault} change={(code) => change({ reason_code: code })}
          options={REASONS.map((value) => ({ value, label: t(`reason.${value}`) }))} />
      );
    case "note":
      return <TextField long label={t("form.note")} name="note" value={entered.note} fault={fault} most={2000} change={(note) => change({ note })} />;
    case "text":
      return (
        <TextField long label={t(field.required ? "form.text" : "form.text_optional")} name="text" value={entered.text} fault={fault} most={2000}
          change={(text) => change({ text })} />
      );
    case "reason":
      return (
        <TextField long label={field.required ? t("form.reason") : t("form.text_optional")} name="reason" value={entered.reason} fault={fault} most={2000}
          change={(reason) => change({ reason })} />
      );
  }
}
