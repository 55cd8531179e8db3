/** The list on the desk: asked by view and filters, refreshed without moving what one has in hand. */
import { signal } from "@preact/signals";
import type { CaseItem } from "../shared/api";
import { fetchCases, PAGE } from "../shared/case/data";
import { get } from "../shared/http";
import { filters, PATROL, view } from "./place";

const MOST = 200;

export const items = signal<CaseItem[]>([]);
export const next = signal<string | null>(null);
export const listState = signal<"asking" | "there" | "failed">("asking");
export const listError = signal<unknown>(null);
export const counts = signal<Record<string, number>>({});

let asked = "";

function askedByView(): Record<string, string | boolean> {
  const name = view.value;
  if (name === "all") return {};
  return name === "open" || name === "mine" ? { [name]: true } : { queue: name };
}

export function listQuery(): Record<string, string | boolean> {
  const { q, category, stage, source } = filters.value;
  return {
    ...askedByView(),
    sort: view.value === "all" ? "-reported_at" : "burns",
    ...(q.trim() && { q: q.trim() }),
    ...(category && { category }),
    ...(stage && { stage }),
    ...(source && { source }),
  };
}

/** Asks anew; the same question keeps its length (up to 200 rows) and its rows till the answer is there. */
export async function refresh(): Promise<void> {
  if (view.value === PATROL) return;
  const query = listQuery();
  const question = JSON.stringify(query);
  const same = question === asked;
  if (!same) {
    asked = question;
    listState.value = "asking";
    items.value = [];
    next.value = null;
  }
  const length = same ? Math.min(MOST, Math.max(PAGE, items.value.length)) : PAGE;
  try {
    const page = await fetchCases(query, null, length);
    if (asked !== question) return;
    const tail = same ? items.value.slice(length) : [];
    const fresh = new Set(page.items.map((item) => item.no));
    items.value = [...page.items, ...tail.filter((item) => !fresh.has(item.no))];
    if (!tail.length) next.value = page.next;
    listState.value = "there";
    listError.value = null;
  } catch (error) {
    if (asked !== question) return;
    listError.value = error;
    if (listState.value !== "there") listState.value = "failed";
  }
}

export async function loadMore(): Promise<void> {
  if (!next.value) return;
  const question = asked;
  try {
    const page = await fetchCases(listQuery(), next.value);
    if (asked !== question) return;
    const known = new Set(items.value.map((item) => item.no));
    items.value = [...items.value, ...page.items.filter((item) => !known.has(item.no))];
    next.value = page.next;
    listError.value = null;
  } catch (error) {
    listError.value = error;
  }
}

/** How many cases stand in each view. */
export async function refreshCounts(): Promise<void> {
  counts.value = await get<Record<string, number>>("cases/queues");
}
