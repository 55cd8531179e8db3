/**
 * Whether an answer with a 2xx is really the server's to this very item. A portal, a cache or a proxy answers 200 as
 * well, with nothing, with a page or with another answer: such a one may never let go of what the phone keeps.
 */
import { isObject } from "./exchange";
import type { Kept } from "./kinds";

type Body = Record<string, unknown>;

const isMoment = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));

export function isTheCase(found: unknown, no: string): found is Body {
  return isObject(found) && found["no"] === no;
}

function isCase(found: unknown): found is Body {
  return isObject(found) && typeof found["no"] === "string" && found["no"] !== "" && typeof found["stage"] === "string" && typeof found["version"] === "number";
}

/** The verb has raised the version: an older answer about the same case says nothing of it. */
function isDone(body: Body, no: string, seen: number): boolean {
  return isCase(body) && isTheCase(body, no) && (body["version"] as number) > seen;
}

export function isAnswerTo(item: Kept): (body: Body) => boolean {
  const { report, answer, duty, kind } = item;
  if (report) return (body) => body["report_id"] === item.id && isCase(body["case"]);
  if (answer) return (body) => isDone(body, answer.no, answer.version);
  if (kind === "roll_call") return (body) => String(body["roll_call"]) === duty?.target && isMoment(body["answered_at"]) && isMoment(body["received_at"]);
  return (body) => body["id"] === duty?.target && isMoment(body[kind === "clock_in" ? "started_at" : "ended_at"]);
}

/** The whole photo has come: the answer names it, and the checksum of what came. */
export function isPhotoAnswer(body: Body, id: string): boolean {
  return body["photo_id"] === id && /^[0-9a-f]{64}$/.test(String(body["sha256"]));
}

export function isOffset(body: Body): boolean {
  return Number.isInteger(body["offset"]) && (body["offset"] as number) >= 0;
}
