/** The answer to a task while it is written: kept with its photos, and from there into the outbox in one step. */
import type { CaseItem } from "../shared/api";
import { categoryName } from "../shared/case/words";
import { newId } from "../shared/ids";
import { session } from "../shared/session";
import { answerKey, readAnswerDraft, withBytes } from "./outbox/drafts";
import { enqueue, outbox, unstored } from "./outbox/items";
import type { AnswerDraft, Kept } from "./outbox/kinds";

export type AnswerVerb = "verify" | "check";
export type Lack = "outcome" | "photo" | "photo_refused" | "text";

export function verbOf(item: Pick<CaseItem, "stage">): AnswerVerb {
  return item.stage === "checking" ? "check" : "verify";
}

export function keyOf(no: string, verb: AnswerVerb): string {
  return answerKey(session.value?.person.id ?? 0, no, verb);
}

/** The answer to this task that the server has refused. */
export function refusedAnswer(no: string, verb: AnswerVerb): Kept | undefined {
  return outbox.value.find((kept) => kept.state === "refused" && kept.answer?.no === no && kept.answer.verb === verb
    && kept.person === session.value?.person.id);
}

async function enteredOf(kept: Kept): Promise<AnswerDraft> {
  const { outcome, text } = kept.answer?.fields ?? {};
  return { outcome: String(outcome ?? ""), text: String(text ?? ""), pictures: await withBytes(kept.pictures) };
}

/** All that was entered before: as it was being written, else as the refused answer carried it. */
export async function readAnswer(no: string, verb: AnswerVerb): Promise<AnswerDraft> {
  const before = refusedAnswer(no, verb);
  const draft = await readAnswerDraft(keyOf(no, verb)).catch(() => ((unstored.value = true), null));
  return draft ?? (before ? await enteredOf(before) : { outcome: "", text: "", pictures: [] });
}

/** What the server would refuse the answer for. */
export function lacks(verb: AnswerVerb, draft: AnswerDraft, refusedPhotos: string[] = []): Lack[] {
  const found: Lack[] = [];
  const needsPhoto = verb === "check" || draft.outcome !== "unfounded";
  if (needsPhoto && !draft.pictures.length) found.push("photo");
  if (draft.pictures.some((picture) => refusedPhotos.includes(picture.id))) found.push("photo_refused");
  if (!draft.outcome) found.push("outcome");
  if (draft.outcome === "failed" && !draft.text.trim()) found.push("text");
  return found;
}

/** Into the outbox; when it was answered counts, not when it arrives. */
export async function sendAnswer(item: Pick<CaseItem, "no" | "stage" | "version" | "category">, draft: AnswerDraft): Promise<void> {
  const verb = verbOf(item);
  const text = draft.text.trim();
  await enqueue({
    id: refusedAnswer(item.no, verb)?.id ?? newId(), kind: "answer", pictures: draft.pictures, from: { store: "answers", key: keyOf(item.no, verb) },
    answer: { no: item.no, verb, version: item.version, title: categoryName(item.category), fields: { outcome: draft.outcome, ...(text && { text }) } },
  });
}
