/** Each verb's key and fields: what the form asks for (the server checks again). */
import type { CaseDetail, Verb } from "../shared/api";
import { openRequests, type CaseRequest, type RequestKind } from "../shared/case/turns";

export type FieldKind =
  | "note" | "text" | "reason" | "reason_code" | "category_code" | "condition_id" | "department" | "unit" | "assist" | "photos" | "outcome"
  | "limit" | "resume_on" | "reply_minutes" | "order_id" | "into" | "place";

export interface VerbField {
  kind: FieldKind;
  required: boolean;
}

interface VerbForm {
  key: string;
  fields: readonly FieldKind[];
  danger?: boolean;
}

const DECISION: readonly FieldKind[] = ["outcome", "reason"];

export const FORMS: Record<Verb, VerbForm> = {
  self_handle: { key: "w", fields: ["photos", "text"] },
  send_verify: { key: "v", fields: ["note"] },
  verify: { key: "y", fields: ["outcome", "photos", "text"] },
  accept: { key: "a", fields: ["category_code", "note"] },
  reject: { key: "x", fields: ["reason_code", "reason", "note"], danger: true },
  file: { key: "f", fields: ["category_code", "condition_id", "note"] },
  send_back: { key: "b", fields: ["reason"], danger: true },
  dispatch: { key: "d", fields: ["department", "unit", "assist", "note"] },
  sign: { key: "s", fields: ["note"] },
  refuse: { key: "r", fields: ["reason_code", "reason"], danger: true },
  finish: { key: "e", fields: ["photos", "text"] },
  request_extension: { key: "t", fields: ["limit", "reason"] },
  decide_extension: { key: "T", fields: ["outcome", "limit", "reason"] },
  request_suspension: { key: "g", fields: ["resume_on", "reason"] },
  decide_suspension: { key: "G", fields: ["outcome", "resume_on", "reason"] },
  resume: { key: "i", fields: ["note"] },
  send_check: { key: "c", fields: ["note"] },
  check: { key: "h", fields: ["outcome", "photos", "text"] },
  close: { key: "l", fields: ["note"] },
  force_close: { key: "F", fields: DECISION, danger: true },
  cancel: { key: "z", fields: DECISION, danger: true },
  reopen: { key: "o", fields: ["condition_id", "reason"], danger: true },
  merge: { key: "m", fields: ["into", "reason"] },
  recategorise: { key: "C", fields: ["category_code", "condition_id", "reason"] },
  relocate: { key: "L", fields: ["place", "reason"] },
  pass_up: { key: "p", fields: ["reason_code", "reason"] },
  urge: { key: "u", fields: ["text"] },
  supervise: { key: "U", fields: ["text", "reply_minutes"] },
  reply_supervision: { key: "A", fields: ["order_id", "text"] },
  appeal: { key: "q", fields: ["reason", "photos"] },
  decide_appeal: { key: "Q", fields: DECISION },
  note: { key: "n", fields: ["text"] },
};

export const REASONS: Partial<Record<Verb, readonly string[]>> = {
  reject: ["duplicate", "no_problem", "already_handled", "out_of_scope", "out_of_area", "unclear", "other"],
  refuse: ["not_my_duty", "wrong_place", "wrong_category", "no_means", "other"],
  pass_up: ["cannot_solve", "not_my_duty", "overdue", "other"],
};

const YES_NO = ["granted", "denied"] as const;
export const OUTCOMES: Partial<Record<Verb, readonly ("confirmed" | "unfounded" | "passed" | "failed" | "granted" | "denied")[]>> = {
  verify: ["confirmed", "unfounded"],
  check: ["passed", "failed"],
  decide_extension: YES_NO,
  decide_suspension: YES_NO,
  decide_appeal: YES_NO,
  cancel: YES_NO,
  force_close: YES_NO,
};

/** The verb that answers a request. */
export const DECIDES: Record<RequestKind, Verb> = {
  extension: "decide_extension", suspension: "decide_suspension", appeal: "decide_appeal", cancel: "cancel", force_close: "force_close",
};

/** The open request that the verb would answer. */
export function requestFor(verb: Verb, item: CaseDetail): CaseRequest | undefined {
  return openRequests(item).find((request) => DECIDES[request.kind] === verb);
}

/** What has been entered, by the field's name. */
export interface Entered {
  note: string;
  text: string;
  reason: string;
  reason_code: string;
  category_code: string;
  condition_id: string;
  department: string;
  unit: string;
  /** Codes with commas between. */
  assist: string;
  outcome: string;
  limit: string;
  resume_on: string;
  reply_minutes: string;
  order_id: string;
  into: string;
  lon: string;
  lat: string;
  address: string;
}

export const NOTHING: Entered = {
  note: "", text: "", reason: "", reason_code: "", category_code: "", condition_id: "", department: "", unit: "", assist: "", outcome: "",
  limit: "", resume_on: "", reply_minutes: "", order_id: "", into: "", lon: "", lat: "", address: "",
};

/** How the person stands to the case, where a verb means different things to different people. */
export interface Stance {
  /** It asks for an approval instead of doing it. */
  asks: boolean;
  /** The person's department only assists. */
  part: boolean;
  /** Open orders: all are addressed to the centre that answers for the case. */
  orders: number[];
}

/** A merged case's verb is its undoing. */
export function isUnmerge(verb: Verb, item: CaseDetail): boolean {
  return verb === "merge" && ["rejected", "cancelled"].includes(item.stage);
}

/** The department gives its case to a unit below it. */
export function isSecondary(verb: Verb, item: CaseDetail): boolean {
  return verb === "dispatch" && item.stage === "handling";
}

/** The limit that an extension adds to: of the step that is running. */
export function stepLimit(item: CaseDetail): { limit: number; unit: NonNullable<CaseDetail["condition"]>["unit"] } | null {
  return item.step > 1 && item.then ? item.then : item.condition;
}

/** How many photos the verb asks for. */
export function photosNeeded(verb: Verb, item: CaseDetail, outcome: string): number {
  if (verb === "verify") return outcome === "unfounded" ? 0 : 1;
  if (verb === "finish") return item.condition?.photos_after ?? 1;
  return verb === "check" || verb === "self_handle" ? 1 : 0;
}
