/** What an event carries that a reader wants, as (label, value) in the reader's language. */
import type { StoryEvent, Unit } from "../api";
import { findCategory } from "../catalogue";
import { exact } from "../format";
import { either, isEnglish, word } from "../language";
import { categoryName, limitWords } from "./words";

type Data = StoryEvent["data"];
type Tell = (value: unknown, data: Data) => string;

function named(value: unknown): string {
  const data = value as Record<string, string | null>;
  return either(data["zh"] ?? data["name"], data["en"] ?? data["name_en"]) || (data["code"] ?? "");
}

const of = (prefix: string): Tell => (value) => word(prefix, String(value));
const joined = (one: (value: unknown) => string): Tell => (value) => (Array.isArray(value) ? value.map(one).join(isEnglish() ? ", " : "、") : "");
const spot = (value: unknown): string => {
  const { lon, lat } = (value ?? {}) as { lon?: number; lat?: number };
  return lon === undefined || lat === undefined ? "" : `${lon.toFixed(6)}, ${lat.toFixed(6)}`;
};

/** By the field's name, in the order in which they are told; what is a string or a named thing needs no telling. */
const TOLD: Record<string, Tell | null> = {
  category_code: (value) => categoryName(findCategory(String(value)) ?? null) || String(value),
  reason_code: of("reason"),
  reason: null,
  note: null,
  text: null,
  department: null,
  unit: (value) => (typeof value === "object" && value ? named(value) : ""),
  assist: joined(named),
  condition: null,
  limit: (value, data) => (typeof data["unit"] === "string" ? limitWords({ limit: Number(value), unit: data["unit"] as Unit }) : ""),
  resume_on: null,
  into: null,
  was: null,
  duplicate: null,
  place: (value) => spot((value as Record<string, unknown>)["to"]),
  from_centre: null,
  to_centre: null,
  awaits: of("approver"),
  lapsed: joined((value) => word("request", String(value))),
  rung: of("rung"),
  clock: of("clock"),
  level: of("level"),
  centre: null,
  reply_due_at: (value) => exact(String(value)),
  close_type: of("close_type"),
  captured_at: (value) => exact(String(value)),
  device_at: (value, data) => (value === data["captured_at"] ? "" : exact(String(value))),
};

function plain(name: string, data: Data): string {
  const value = data[name];
  if (value === null || value === undefined || value === "") return "";
  const tell = TOLD[name];
  if (tell) return tell(value, data);
  return typeof value === "object" ? named(value) : String(value);
}

/** The parts of an event's data that a reader wants, as (label, value). */
export function eventFacts(event: Pick<StoryEvent, "data">): [string, string][] {
  return Object.keys(TOLD)
    .map((name): [string, string] => [word("data", name), plain(name, event.data)])
    .filter(([, value]) => value !== "");
}
