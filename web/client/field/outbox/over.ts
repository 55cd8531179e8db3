/** Refused answers that nobody can mend: their case went elsewhere meanwhile. */
import type { Line, Refused } from "./exchange";
import type { Kept, Refusal } from "./kinds";
import { isTheCase } from "./receipts";

const ASKED_IN = { verify: "verifying", check: "checking" } as const;
const CHANGED = ["wrong-stage", "stale-version"];

/** The stage that the case is in now; null: the server does not tell. */
async function stageNow(line: Line, no: string, error: Refused): Promise<string | null> {
  if (typeof error.body["stage"] === "string") return error.body["stage"];
  const { body } = await line.send({ method: "GET", path: `cases/${no}` }, (found) => isTheCase(found, no) && typeof found["stage"] === "string");
  return body["stage"] as string;
}

/** The refusal with what became of the case, as far as it can be known. */
export async function withFate(line: Line, { answer }: Pick<Kept, "answer">, error: Refused): Promise<Refusal> {
  const { refusal } = error;
  const barred = refusal.name.startsWith("not-allowed");
  if (!answer || refusal.photos?.length || !(barred || [404, 409].includes(error.status))) return refusal;
  if (error.status === 404) return { ...refusal, over: true };
  const stage = await stageNow(line, answer.no, error).catch(() => null);
  const elsewhere = stage !== null && stage !== ASKED_IN[answer.verb];
  return { ...refusal, over: barred || elsewhere, ...(elsewhere && { stage }) };
}

/** Whether the answer is not needed any more. */
export function isOver({ refusal, state }: Pick<Kept, "refusal" | "state">): boolean {
  return state === "refused" && refusal?.over === true;
}

/** Whether it can only be done again on the case as it is now: sent as it is it is refused each time. */
export function isOld({ refusal, state }: Pick<Kept, "refusal" | "state">): boolean {
  return state === "refused" && CHANGED.includes(refusal?.name ?? "");
}
