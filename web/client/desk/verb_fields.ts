/** Which fields a verb's form shows and needs, what is still missing, and the body that is sent. */
import type { CaseDetail, Verb } from "../shared/api";
import { FORMS, isSecondary, isUnmerge, photosNeeded, requestFor, stepLimit, type Entered, type FieldKind, type Stance, type VerbField } from "./verbs";

export const PLAIN: Stance = { asks: false, part: false, orders: [] };
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DECIDING: Verb[] = ["decide_extension", "decide_suspension", "decide_appeal", "cancel", "force_close"];

/** What the API calls a field. */
const NAMES: Partial<Record<FieldKind, readonly string[]>> = { unit: ["department"], place: ["point", "address"] };

export function namesOf(kind: FieldKind): readonly string[] {
  return NAMES[kind] ?? [kind];
}

/** Which fields the form shows, and which must be filled. */
export function fieldsOf(verb: Verb, item: CaseDetail, entered: Entered, stance: Stance = PLAIN): VerbField[] {
  return FORMS[verb].fields
    .filter((kind) => isShown(kind, verb, item, entered, stance))
    .map((kind) => ({ kind, required: isRequired(kind, verb, item, entered, stance) }));
}

function isShown(kind: FieldKind, verb: Verb, item: CaseDetail, entered: Entered, stance: Stance): boolean {
  switch (kind) {
    case "category_code":
      return verb === "recategorise" || !item.category;
    case "condition_id":
      return verb === "reopen" ? !item.condition : verb === "file" || item.filed_at !== null;
    case "department":
    case "assist":
      return !isSecondary(verb, item);
    case "unit":
      return isSecondary(verb, item);
    case "into":
      return !isUnmerge(verb, item);
    case "order_id":
      return stance.orders.length > 1;
    case "outcome":
      return verb === "cancel" || verb === "force_close" ? !stance.asks && requestFor(verb, item) !== undefined : true;
    case "limit":
    case "resume_on":
      return verb.startsWith("request_") || entered.outcome === "granted";
    case "photos":
      return !(verb === "finish" && stance.part) || photosNeeded(verb, item, entered.outcome) > 0;
    default:
      return true;
  }
}

function isRequired(kind: FieldKind, verb: Verb, item: CaseDetail, entered: Entered, stance: Stance): boolean {
  switch (kind) {
    case "reason":
      return needsReason(verb, item, entered, stance);
    case "text":
      return ["note", "supervise", "reply_supervision"].includes(verb) || (verb === "check" && entered.outcome === "failed");
    case "photos":
      return photosNeeded(verb, item, entered.outcome) > 0;
    case "resume_on":
      return verb === "request_suspension";
    case "note":
    case "department":
    case "unit":
    case "assist":
    case "limit":
    case "reply_minutes":
      return false;
    default:
      return true;
  }
}

function needsReason(verb: Verb, item: CaseDetail, entered: Entered, stance: Stance): boolean {
  if (["reject", "refuse", "pass_up"].includes(verb)) return entered.reason_code === "other";
  if (verb === "merge") return isUnmerge(verb, item);
  const answers = DECIDING.includes(verb) && !stance.asks && requestFor(verb, item) !== undefined;
  return answers || verb.startsWith("decide_") ? entered.outcome === "denied" : true;
}

/** The point entered; null while it is none. */
export function pointOf({ lon, lat }: Pick<Entered, "lon" | "lat">): { lon: number; lat: number; crs: "wgs84" } | null {
  if (!lon.trim() || !lat.trim()) return null;
  const point = { lon: Number(lon), lat: Number(lat), crs: "wgs84" as const };
  return Math.abs(point.lon) <= 180 && Math.abs(point.lat) <= 90 ? point : null;
}

function isFilled(kind: FieldKind, verb: Verb, item: CaseDetail, entered: Entered, photos: number): boolean {
  if (kind === "photos") return photos >= photosNeeded(verb, item, entered.outcome);
  if (kind === "place") return pointOf(entered) !== null;
  return entered[kind].trim() !== "";
}

/** Names of the required fields that are still empty. */
export function missing(verb: Verb, item: CaseDetail, entered: Entered, photos: number, stance: Stance = PLAIN): FieldKind[] {
  return fieldsOf(verb, item, entered, stance)
    .filter(({ kind, required }) => required && !isFilled(kind, verb, item, entered, photos))
    .map(({ kind }) => kind);
}

/** How much more time may be asked for, or granted: not more than was asked for. */
export function mostLimit(verb: Verb, item: CaseDetail): number {
  const asked = verb === "decide_extension" ? requestFor(verb, item)?.data.limit : undefined;
  return asked ?? stepLimit(item)?.limit ?? 0;
}

/** Fields that are filled but can't be right, seen without the server. */
export function wrong(verb: Verb, item: CaseDetail, entered: Entered, today: string, last: string, stance: Stance = PLAIN): FieldKind[] {
  const shown = fieldsOf(verb, item, entered, stance).map(({ kind }) => kind);
  const most = mostLimit(verb, item);
  const limit = Number(entered.limit);
  const bad: FieldKind[] = [];
  if (shown.includes("limit") && entered.limit.trim() && !(Number.isInteger(limit) && limit >= 1 && limit <= most)) bad.push("limit");
  const day = entered.resume_on;
  if (shown.includes("resume_on") && day && !(DAY.test(day) && day > today && day <= last)) bad.push("resume_on");
  return bad;
}

/** The body that the API takes; `department` "" is the centre itself. */
export function bodyOf(verb: Verb, item: CaseDetail, entered: Entered, photos: string[], stance: Stance = PLAIN): Record<string, unknown> {
  const body: Record<string, unknown> = { version: item.version };
  for (const { kind } of fieldsOf(verb, item, entered, stance)) Object.assign(body, partOf(kind, entered, photos));
  if (isUnmerge(verb, item)) body["into"] = null;
  return body;
}

function partOf(kind: FieldKind, entered: Entered, photos: string[]): Record<string, unknown> {
  switch (kind) {
    case "photos":
      return photos.length ? { photos } : {};
    case "condition_id":
    case "limit":
    case "order_id":
    case "reply_minutes":
      return entered[kind].trim() ? { [kind]: Number(entered[kind]) } : {};
    case "department":
      return { department: entered.department || null };
    case "unit":
      return { department: entered.unit || null };
    case "assist":
      return entered.assist ? { assist: entered.assist.split(",") } : {};
    case "place":
      return { point: pointOf(entered), ...(entered.address.trim() && { address: entered.address.trim() }) };
    default:
      return entered[kind].trim() ? { [kind]: entered[kind].trim() } : {};
  }
}
