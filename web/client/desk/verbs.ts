/** Each verb's key and fields: what the form asks for (the server checks again). */
import type { CaseDetail, Effect, Verb } from "../shared/api";

export type FieldKind = "note" | "text" | "reason" | "reason_code" | "category_code" | "condition_id" | "department" | "photos" | "outcome";

export interface VerbField {
  kind: FieldKind;
  required: boolean;
}

interface VerbForm {
  key: string;
  fields: readonly FieldKind[];
  danger?: boolean;
}

export const FORMS: Record<Verb, VerbForm> = {
  self_handle: { key: "w", fields: ["photos", "text"] },
  send_verify: { key: "v", fields: ["note"] },
  verify: { key: "y", fields: ["outcome", "photos", "text"] },
  accept: { key: "a", fields: ["category_code", "note"] },
  reject: { key: "x", fields: ["reason_code", "reason", "note"], danger: true },
  file: { key: "f", fields: ["category_code", "condition_id", "note"] },
  send_back: { key: "b", fields: ["reason"], danger: true },
  dispatch: { key: "d", fields: ["department", "note"] },
  sign: { key: "s", fields: ["note"] },
  refuse: { key: "r", fields: ["reason"], danger: true },
  finish: { key: "e", fields: ["photos", "text"] },
  send_check: { key: "c", fields: ["note"] },
  check: { key: "h", fields: ["outcome", "photos", "text"] },
  close: { key: "l", fields: ["note"] },
  cancel: { key: "z", fields: ["reason"], danger: true },
  reopen: { key: "o", fields: ["reason"], danger: true },
  pass_up: { key: "p", fields: ["reason"] },
  urge: { key: "u", fields: ["text"] },
  note: { key: "n", fields: ["text"] },
};

export const REASONS = ["duplicate", "no_problem", "already_handled", "out_of_scope", "out_of_area", "unclear", "other"] as const;
export const OUTCOMES: Partial<Record<Verb, readonly ("confirmed" | "unfounded" | "passed" | "failed")[]>> = {
  verify: ["confirmed", "unfounded"],
  check: ["passed", "failed"],
};

/** What has been entered, by the field's name. */
export interface Entered {
  note: string;
  text: string;
  reason: string;
  reason_code: string;
  category_code: string;
  condition_id: string;
  department: string;
  outcome: string;
}

export const NOTHING: Entered = {
  note: "", text: "", reason: "", reason_code: "", category_code: "", condition_id: "", department: "", outcome: "",
};

/** How many photos the verb asks for. */
export function photosNeeded(verb: Verb, item: CaseDetail, outcome: string): number {
  if (verb === "verify") return outcome === "unfounded" ? 0 : 1;
  if (verb === "finish") return item.condition?.photos_after ?? 1;
  return verb === "check" || verb === "self_handle" ? 1 : 0;
}

/** Which fields the form shows, and which must be filled. */
export function fieldsOf(verb: Verb, item: CaseDetail, entered: Entered): VerbField[] {
  const shown = FORMS[verb].fields.filter((kind) => kind !== "category_code" || !item.category);
  return shown.map((kind) => ({ kind, required: isRequired(kind, verb, item, entered) }));
}

function isRequired(kind: FieldKind, verb: Verb, item: CaseDetail, entered: Entered): boolean {
  switch (kind) {
    case "reason":
      return verb !== "reject";
    case "text":
      return verb === "note" || (verb === "check" && entered.outcome === "failed");
    case "photos":
      return photosNeeded(verb, item, entered.outcome) > 0;
    case "note":
    case "department":
      return false;
    default:
      return true;
  }
}

/** Names of the required fields that are still empty. */
export function missing(verb: Verb, item: CaseDetail, entered: Entered, photos: number): FieldKind[] {
  return fieldsOf(verb, item, entered)
    .filter(({ required }) => required)
    .filter(({ kind }) => (kind === "photos" ? photos < photosNeeded(verb, item, entered.outcome) : !entered[kind].trim()))
    .map(({ kind }) => kind);
}

/** The body that the API takes; `department` "" is the centre itself. */
export function bodyOf(verb: Verb, item: CaseDetail, entered: Entered, photos: string[]): Record<string, unknown> {
  const body: Record<string, unknown> = { version: item.version };
  for (const { kind } of fieldsOf(verb, item, entered)) {
    if (kind === "photos") body["photos"] = photos;
    else if (kind === "condition_id") body[kind] = Number(entered.condition_id);
    else if (kind === "department") body[kind] = entered.department || null;
    else if (entered[kind].trim()) body[kind] = entered[kind].trim();
  }
  return body;
}

/** What the verb would do, for the outcome or the filing condition chosen; null while that cannot be said. */
export function effectOf(item: CaseDetail, verb: Verb, { outcome, condition_id }: Pick<Entered, "outcome" | "condition_id">): Effect | null {
  const found = item.effects[verb];
  if (!found) return null;
  if (found.outcomes) return found.outcomes[outcome] ?? null;
  if (verb !== "file") return found;
  return condition_id ? (found.conditions ? (found.conditions[condition_id] ?? null) : found) : null;
}

/** The stage that a filing leads to whatever the condition; its limit follows from the condition. */
export function stageWithoutLimit(item: CaseDetail, verb: Verb): Effect["to"] | null {
  return verb === "file" ? (item.effects[verb]?.to ?? null) : null;
}
