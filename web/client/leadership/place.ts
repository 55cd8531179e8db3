/** Period, area and opened number, kept in the address: a link shows the same page. */
import { computed, signal } from "@preact/signals";
import { day } from "../shared/format";
import { serverNow } from "../shared/http";

export const PERIODS = ["month", "days30", "year", "custom"] as const;
export type Period = (typeof PERIODS)[number];

export const PAGES = ["numbers", "bulletin"] as const;
export type PageName = (typeof PAGES)[number];

export interface Opened {
  measure: string;
  cell: string | null;
  /** The one case whose story is read. */
  no: string | null;
}

export interface Shown {
  page: PageName;
  period: Period;
  from: string;
  to: string;
  cell: string | null;
  opened: Opened | null;
  /** The case of the bulletin that is read. */
  card: string | null;
}

/** First and last day of a period, both included, in the city's zone. */
export function days(period: Period, now: Date, from = "", to = ""): [from: string, to: string] {
  const today = day(now);
  if (period === "month") return [`${today.slice(0, 7)}-01`, today];
  if (period === "year") return [`${today.slice(0, 4)}-01-01`, today];
  if (period === "days30") return [day(new Date(now.getTime() - 29 * 86_400_000)), today];
  return [from || `${today.slice(0, 7)}-01`, to || today];
}

export function parse(search: string): Shown {
  const query = new URLSearchParams(search);
  const period = (query.get("period") ?? "days30") as Period;
  const measure = query.get("measure");
  return {
    page: query.get("page") === "bulletin" ? "bulletin" : "numbers",
    period: PERIODS.includes(period) ? period : "days30",
    from: query.get("from") ?? "",
    to: query.get("to") ?? "",
    cell: query.get("cell"),
    opened: measure ? { measure, cell: query.get("in"), no: query.get("case") } : null,
    card: query.get("card"),
  };
}

export const shown = signal<Shown>(parse(typeof location === "undefined" ? "" : location.search));
/** Redraws follow what is asked, not the drawer that lies over it. */
export const question = computed(() => {
  const { period, from, to, cell } = shown.value;
  const [first, last] = days(period, serverNow(), from, to);
  return JSON.stringify({ from: first, to: last, cell });
});

export function address({ page, period, from, to, cell, opened, card }: Shown): string {
  const query = new URLSearchParams({ ...(page === "bulletin" && { page }), period });
  if (period === "custom") {
    if (from) query.set("from", from);
    if (to) query.set("to", to);
  }
  if (cell) query.set("cell", cell);
  if (page === "bulletin") {
    if (card) query.set("card", card);
  } else if (opened) {
    query.set("measure", opened.measure);
    if (opened.cell) query.set("in", opened.cell);
    if (opened.no) query.set("case", opened.no);
  }
  return `/leadership?${query}`;
}

export function show(part: Partial<Shown>): void {
  shown.value = { ...shown.value, ...part };
  history.pushState(null, "", address(shown.value));
}

if (typeof window !== "undefined") window.addEventListener("popstate", () => (shown.value = parse(location.search)));
