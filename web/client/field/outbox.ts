/** What the phone keeps, by the names that older parts of this page use; it lies in `store.ts` and `outbox/`. */
import type { Picture } from "../shared/pictures";
export type { AnswerDraft, Kept, Refusal } from "./outbox/kinds";
export { answerKey, dropAnswerDraft, keepAnswerDraft, readAnswerDraft } from "./outbox/drafts";

export interface Draft {
  id: string;
  person: number | null;
  changed_at: string;
  pictures: Picture[];
  spot: { lon: number; lat: number; accuracy_m: number | null; by_hand: boolean } | null;
  category_code: string | null;
  category_later: boolean;
  description: string;
  observed_at: string;
  step: 1 | 2 | 3;
}
