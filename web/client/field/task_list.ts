/** The inspector's tasks: what waits for verification or check, also as last seen without a connection. */
import { signal } from "@preact/signals";
import type { CaseItem, Light } from "../shared/api";
import { fetchCases } from "../shared/case/data";
import { metresBetween } from "../shared/format";
import { session } from "../shared/session";
import { position } from "./position";
import { outbox } from "./sending";

export const tasks = signal<CaseItem[] | null>(null);

const KEPT = "wangge_tasks";

export async function loadTasks(): Promise<void> {
  const person = session.value?.person.id ?? 0;
  try {
    const page = await fetchCases({ stage: "verifying,checking", mine: true, sort: "burns" }, null, 100);
    tasks.value = page.items;
    localStorage.setItem(KEPT, JSON.stringify({ person, items: page.items }));
  } catch (error) {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as { person: number; items: CaseItem[] } | null;
    if (kept?.person !== person) throw error;
    tasks.value ??= kept.items;
  }
}

export function metresTo(item: CaseItem): number | null {
  return item.point && position.value ? metresBetween(position.value, item.point) : null;
}

const RANK: Record<Light, number> = { red: 0, yellow: 1, green: 2, paused: 3, none: 4 };

/** Burning ones first, among equals the nearest, without a position the soonest. */
export function inOrder(items: CaseItem[]): CaseItem[] {
  return [...items].sort((a, b) => {
    const byLight = RANK[a.light] - RANK[b.light];
    const byWay = (metresTo(a) ?? 0) - (metresTo(b) ?? 0);
    return byLight || byWay || (a.left_minutes ?? 0) - (b.left_minutes ?? 0);
  });
}

/** Whether an answer to this task waits on the phone. */
export function isAnswered(no: string): boolean {
  return outbox.value.some((item) => item.answer?.no === no && item.state === "waiting");
}
