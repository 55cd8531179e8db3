/** The input of one verb field. */
import type { CaseDetail, Condition, Verb } from "../shared/api";
import { conditionWords, departmentName, limitWords } from "../shared/case/words";
import { findCategory } from "../shared/catalogue";
import { either, t, word } from "../shared/language";
import { ChoiceField, SelectField, TextField } from "../shared/parts/fields";
import { PictureInput } from "../shared/parts/picture_input";
import type { ChangePictures, Picture } from "../shared/pictures";
import { AssistInput } from "./assist_input";
import { CategoryInput } from "./category_input";
import { LimitInput, OrderInput, ReplyLimitInput, ResumeInput } from "./decision_inputs";
import { MergeInput } from "./merge_input";
import { PlaceInput } from "./place_input";
import { type Entered, isUnmerge, OUTCOMES, photosNeeded, REASONS, type Stance, type VerbField } from "./verbs";

export interface InputProps {
  field: VerbField;
  verb: Verb;
  item: CaseDetail;
  stance: Stance;
  entered: Entered;
  change: (part: Partial<Entered>) => void;
  pictures: Picture[];
  changePictures: ChangePictures;
  fault: string | null;
  /** One form for many cases. */
  many?: boolean;
}

/** What an empty choice of department means: each case's own suggestion, in a form for many. */
export const EACH_ITS_OWN = "*";

function conditionsFor(verb: Verb, item: CaseDetail, entered: Entered): Condition[] {
  const chosen = findCategory(entered.category_code)?.conditions ?? [];
  return verb === "recategorise" || !item.category ? chosen : item.conditions;
}

function ConditionInput({ verb, item, entered, change, fault }: InputProps) {
  const conditions = conditionsFor(verb, item, entered);
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

function DepartmentInput({ item, entered, change, fault, many }: InputProps) {
  const suggested = item.suggested_department;
  const known = item.departments.some((department) => department.code === suggested?.code);
  const all = suggested && !known ? [suggested, ...item.departments] : item.departments;
  const name = suggested ? departmentName(suggested) : t("case.centre_itself");
  const first: (readonly [string, string])[] = many ? [[EACH_ITS_OWN, t("bulk.each_department")]] : [];
  return (
    <>
      <SelectField label={t("form.department")} name="department" value={entered.department} fault={fault}
        change={(value) => change({ department: value })}
        options={[...first, ["", t("case.centre_itself")], ...all.map((department) => [department.code, departmentName(department)] as const)]} />
      {!many && <p class="caption">{t("form.suggested", { name })}</p>}
    </>
  );
}

function UnitInput({ item, entered, change, fault }: InputProps) {
  return (
    <SelectField label={t("form.unit")} name="unit" value={entered.unit} fault={fault} change={(unit) => change({ unit })}
      options={[["", t("form.unit_none")], ...item.units.map((unit) => [unit.code, departmentName(unit)] as const)]} />
  );
}

function PhotosInput({ verb, item, entered, pictures, changePictures, fault }: InputProps) {
  const n = photosNeeded(verb, item, entered.outcome);
  return <PictureInput pictures={pictures} change={changePictures} fault={fault} label={`${t("form.photos")}${n ? ` · ${t("form.photos_need", { n })}` : ""}`} />;
}

function reasonLabel(verb: Verb, item: CaseDetail, { outcome }: Entered, required: boolean): string {
  if (verb.startsWith("request_") || verb === "appeal") return t("form.ask_reason");
  if (outcome === "denied") return t("form.deny_reason");
  if (isUnmerge(verb, item) || required) return t("form.reason");
  if (outcome === "granted") return t("form.note");
  return t(REASONS[verb] ? "form.reason_optional" : "form.text_optional");
}

function textLabel(verb: Verb, required: boolean): string {
  if (verb === "supervise") return t("form.order_text");
  if (verb === "reply_supervision") return t("form.reply");
  return t(required ? "form.text" : "form.text_optional");
}

const CODE_LABELS = { reject: "form.reason_code", refuse: "form.refuse_code", pass_up: "form.pass_code" } as const;

export function VerbInput(props: InputProps) {
  const { field, verb, item, entered, change, fault } = props;
  switch (field.kind) {
    case "condition_id":
      return <ConditionInput {...props} />;
    case "department":
      return <DepartmentInput {...props} />;
    case "unit":
      return <UnitInput {...props} />;
    case "assist":
      return <AssistInput {...props} />;
    case "photos":
      return <PhotosInput {...props} />;
    case "limit":
      return <LimitInput {...props} />;
    case "resume_on":
      return <ResumeInput {...props} />;
    case "reply_minutes":
      return <ReplyLimitInput {...props} />;
    case "order_id":
      return <OrderInput {...props} />;
    case "into":
      return <MergeInput {...props} />;
    case "place":
      return <PlaceInput {...props} />;
    case "category_code":
      return (
        <CategoryInput value={entered.category_code} fault={fault} change={(code) => change({ category_code: code, condition_id: "" })}
          {...(verb === "recategorise" && { label: t("form.new_category") })} />
      );
    case "outcome":
      return (
        <ChoiceField label={t(verb.startsWith("decide_") || verb === "cancel" || verb === "force_close" ? "form.decision" : "form.outcome")} name="outcome"
          value={entered.outcome} fault={fault} change={(outcome) => change({ outcome })}
          options={(OUTCOMES[verb] ?? []).map((value) => ({ value, label: t(`outcome.${value}`) }))} />
      );
    case "reason_code":
      return (
        <ChoiceField label={t(CODE_LABELS[verb as keyof typeof CODE_LABELS])} name="reason_code" value={entered.reason_code} fault={fault}
          change={(code) => change({ reason_code: code })} options={(REASONS[verb] ?? []).map((value) => ({ value, label: word("reason", value) }))} />
      );
    case "note":
      return <TextField long label={t("form.note")} name="note" value={entered.note} fault={fault} most={2000} change={(note) => change({ note })} />;
    case "text":
      return <TextField long label={textLabel(verb, field.required)} name="text" value={entered.text} fault={fault} most={2000} change={(text) => change({ text })} />;
    case "reason":
      return (
        <TextField long label={reasonLabel(verb, item, entered, field.required)} name="reason" value={entered.reason} fault={fault} most={2000}
          change={(reason) => change({ reason })} />
      );
  }
}
