/** Asking for cases: one, its story, a page of a list. */
import type { CaseDetail, CaseItem, Page, StoryEvent } from "../api";
import { get, type Ask } from "../http";

export const PAGE = 50;

export function fetchCase(no: string): Promise<CaseDetail> {
  return get<CaseDetail>(`cases/${encodeURIComponent(no)}`);
}

/** The whole story, newest first; a story is short, so all its pages are fetched. */
export async function fetchStory(no: string): Promise<StoryEvent[]> {
  const events: StoryEvent[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<StoryEvent> = await get(`cases/${encodeURIComponent(no)}/events`, { limit: 200, cursor });
    events.push(...page.items);
    cursor = page.next;
  } while (cursor && events.length < 2_000);
  return events.sort((a, b) => b.id - a.id);
}

export function fetchCases(query: NonNullable<Ask["query"]>, cursor: string | null = null, limit = PAGE) {
  return get<Page<CaseItem>>("cases", { ...query, limit, cursor });
}
