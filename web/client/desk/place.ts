/** Where on the desk one is, kept in the address, so that the back button and a link find it again. */
import { signal } from "@preact/signals";

export const VIEWS = [
  "mine", "decisions", "accept", "verify", "file", "dispatch", "sign", "handle", "check", "close", "soon", "overdue", "supervised", "suspended", "disputed", "open", "all",
] as const;
/** Not a list of cases: who is on duty. */
export const PATROL = "patrol";
export type View = (typeof VIEWS)[number] | typeof PATROL;

export interface Filters {
  q: string;
  category: string;
  stage: string;
  source: string;
}

export const NO_FILTERS: Filters = { q: "", category: "", stage: "", source: "" };

function read() {
  const query = new URLSearchParams(typeof location === "undefined" ? "" : location.search);
  const view = query.get("view") as View | null;
  return {
    view: view && (view === PATROL || VIEWS.includes(view)) ? view : null,
    chosen: query.get("case"),
    filters: {
      q: query.get("q") ?? "", category: query.get("category") ?? "",
      stage: query.get("stage") ?? "", source: query.get("source") ?? "",
    },
  };
}

const first = read();
export const view = signal<View>(first.view ?? "open");
const viewGiven = first.view !== null;
export const filters = signal<Filters>(first.filters);
export const chosen = signal<string | null>(first.chosen);

/** The form for all selected cases is open in the place of the detail. */
export const acting = signal(false);

function address(): string {
  const query = new URLSearchParams({ view: view.value });
  for (const [name, value] of Object.entries(filters.value)) if (value) query.set(name, value);
  if (chosen.value) query.set("case", chosen.value);
  return `${location.pathname}?${query}`;
}

/** Where somebody begins who came without a view; the address says so, for the back button. */
export function beginAt(begin: View): void {
  if (viewGiven) return;
  view.value = begin;
  history.replaceState(null, "", address());
}

export function goView(next: View): void {
  view.value = next;
  history.pushState(null, "", address());
}

export function choose(no: string | null): void {
  acting.value = false;
  if (chosen.value === no) return;
  chosen.value = no;
  history.pushState(null, "", address());
}

export function filter(part: Partial<Filters>): void {
  filters.value = { ...filters.value, ...part };
  history.replaceState(null, "", address());
}

if (typeof window !== "undefined") {
  window.addEventListener("popstate", () => {
    const now = read();
    if (now.view) view.value = now.view;
    filters.value = now.filters;
    chosen.value = now.chosen;
  });
}
