/** One verb for many cases: what they have in common, the body that is sent, and the result for each. */
import { signal } from "@preact/signals";
import type { CaseDetail, CaseItem, Verb } from "../shared/api";
import { fetchCase } from "../shared/case/data";
import { call } from "../shared/http";
import type { Differing } from "./differences";
import { EACH_ITS_OWN } from "./verb_inputs";
import { bodyOf, PLAIN } from "./verb_fields";
import type { Entered, Stance } from "./verbs";

/** Verbs that need nothing of the single case: no photos, no place, no choice that fits only one. */
const FOR_MANY: readonly Verb[] = [
  "send_verify", "accept", "reject", "file", "send_back", "dispatch", "sign", "refuse", "request_extension", "decide_extension",
  "request_suspension", "decide_suspension", "resume", "send_check", "close", "cancel", "force_close", "merge", "pass_up", "urge", "supervise",
  "appeal", "decide_appeal", "reopen", "note",
];
const KINDS_MOST = 16;

export interface BulkResult {
  no: string;
  ok: boolean;
  stage?: string | null;
  version?: number | null;
  problem?: { type?: string; title?: string; detail?: string; errors?: { field: string; message: string }[]; differs?: Differing[] } | null;
}

export const results = signal<{ verb: Verb; items: BulkResult[] } | null>(null);

/** What decides on who may do what: cases that are alike in it allow the same verbs. */
export function kindOf(item: CaseItem): string {
  return [item.stage, item.centre.code, item.department?.code ?? "", item.category?.code ?? "-", item.awaits ?? "", item.joint ? "joint" : ""].join("|");
}

/** One case of each kind, the first in the list. */
export function samples(items: readonly CaseItem[]): CaseItem[] {
  const found = new Map<string, CaseItem>();
  for (const item of items) if (!found.has(kindOf(item))) found.set(kindOf(item), item);
  return [...found.values()];
}

export async function readSamples(items: readonly CaseItem[]): Promise<CaseDetail[]> {
  return Promise.all(samples(items).slice(0, KINDS_MOST).map((item) => fetchCase(item.no)));
}

/** Verbs that all of them allow; filing only for one category, because its conditions are that category's. */
export function commonVerbs(details: readonly CaseDetail[]): Verb[] {
  const [first, ...others] = details;
  if (!first) return [];
  const one = new Set(details.map((item) => item.category?.code)).size === 1 && first.category !== null;
  return first.allowed_verbs
    .filter((verb) => FOR_MANY.includes(verb) && others.every((item) => item.allowed_verbs.includes(verb)))
    .filter((verb) => one || !["file", "reopen"].includes(verb))
    .filter((verb) => verb !== "merge" || details.every((item) => !["rejected", "cancelled"].includes(item.stage)))
    .filter((verb) => verb !== "dispatch" || details.every((item) => item.stage === "pending_dispatch"));
}

/** A case that stands for all in the form: only what they have in common can be chosen. */
export function together(details: readonly CaseDetail[]): CaseDetail {
  const first = details[0]!;
  const common = first.departments.filter((department) => details.every((item) => item.departments.some((one) => one.code === department.code)));
  const alike = new Set(details.map((item) => `${item.condition?.limit} ${item.condition?.unit}`)).size === 1;
  return { ...first, no: "", departments: common, suggested_department: null, orders: [], ...(!alike && { condition: null, then: null }) };
}

/** The body for all: what is left out is each case's own. */
export function bulkBody(verb: Verb, all: CaseDetail, entered: Entered, cases: { no: string; version: number }[], stance: Stance = PLAIN): Record<string, unknown> {
  const { version: _, ...fields } = bodyOf(verb, all, entered, [], stance);
  if (fields["department"] === EACH_ITS_OWN) delete fields["department"];
  return { verb, cases, ...fields };
}

export async function doMany(body: Record<string, unknown>): Promise<BulkResult[]> {
  return (await call<{ items: BulkResult[] }>("POST", "cases:bulk", { body })).items;
}

/** Why it was not done, in one line. */
export function problemWords({ problem }: BulkResult): string {
  const faults = (problem?.errors ?? []).map((error) => error.message);
  return faults.length ? faults.join(" ") : (problem?.detail ?? problem?.title ?? "");
}
