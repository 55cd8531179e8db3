/** The case in hand: its detail and story, kept fresh; a change by somebody else is shown, not slipped in. */
import { signal } from "@preact/signals";
import type { CaseDetail, StoryEvent, Verb } from "../shared/api";
import { fetchCase, fetchStory } from "../shared/case/data";
import { Problem } from "../shared/http";
import { t } from "../shared/language";
import { sees } from "../shared/session";
import { dropClaim } from "./claims";
import { choose, chosen } from "./place";
import { type Difference, differences } from "./differences";

export const detail = signal<CaseDetail | null>(null);
export const story = signal<StoryEvent[]>([]);
export const detailError = signal<unknown>(null);
/** The verb whose form is open. */
export const openVerb = signal<Verb | null>(null);
/** The outcome with which it was opened: a request's "approve" or "deny". */
export const preset = signal("");
/** What somebody else changed while a form was open. */
export const changed = signal<Difference[]>([]);
/** Where a case went that the person does not see any more. */
export const sentAway = signal("");
/** What has just been done to which case. */
export const done = signal<{ no: string; words: string }>({ no: "", words: "" });

function sendAway({ no, centre }: CaseDetail): void {
  dropClaim(no);
  sentAway.value = t("detail.sent_away", { no, centre: centre.name });
  if (chosen.value !== no) return;
  detail.value = null;
  choose(null);
}

export async function openCase(no: string): Promise<void> {
  sentAway.value = "";
  if (detail.value?.no !== no) {
    detail.value = null;
    story.value = [];
    openVerb.value = null;
    preset.value = "";
    changed.value = [];
  }
  detailError.value = null;
  try {
    const [found, events] = await Promise.all([fetchCase(no), fetchStory(no)]);
    if (chosen.value !== no) return;
    detail.value = found;
    story.value = events;
  } catch (error) {
    if (chosen.value === no) detailError.value = error;
  }
}

/** Asks again; what differs is listed when a form is open, so that nobody acts on what was. */
export async function refreshCase(): Promise<void> {
  const before = detail.value;
  if (!before && chosen.value && detailError.value instanceof Problem && detailError.value.status === 401) return openCase(chosen.value);
  if (!before || chosen.value !== before.no) return;
  const found = await fetchCase(before.no);
  if (detail.value?.no !== before.no || detail.value.version > found.version) return;
  if (found.version !== detail.value.version) {
    if (openVerb.value) changed.value = [...changed.value, ...differences(detail.value, found)];
    story.value = await fetchStory(before.no);
  }
  detail.value = found;
}

/** The answer of a verb is the case as it is now; a case that went out of sight is shown no more, and that is said. */
export async function takeAnswer(found: CaseDetail, before: CaseDetail): Promise<void> {
  openVerb.value = null;
  changed.value = [];
  if (!sees(found.line) && sees(before.line)) return sendAway(found);
  if (chosen.value === found.no) {
    detail.value = found;
    story.value = await fetchStory(found.no);
  }
}
