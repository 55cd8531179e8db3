/** Which part of the page is shown and what is open in it, kept in the address: back button and links find it again. */
import { signal } from "@preact/signals";

export const PARTS = ["calendars", "ladder", "departments", "outgoing", "people"] as const;
export type Part = (typeof PARTS)[number];
export const TABS = ["days", "import", "shifts", "users", "history"] as const;
export type Tab = (typeof TABS)[number];

export interface Place {
  part: Part;
  calendar: number | null;
  tab: Tab;
  year: number | null;
  /** The centre whose departments are shown. */
  centre: string | null;
  department: string | null;
}

const oneOf = <T extends string>(known: readonly T[], value: string | null): T => known.find((one) => one === value) ?? known[0]!;

function whole(value: string | null): number | null {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : null;
}

export function parse(search: string): Place {
  const query = new URLSearchParams(search);
  return {
    part: oneOf(PARTS, query.get("part")),
    calendar: whole(query.get("calendar")),
    tab: oneOf(TABS, query.get("tab")),
    year: whole(query.get("year")),
    centre: query.get("centre"),
    department: query.get("department"),
  };
}

/** Only what the part shows stands in its address. */
export function addressOf(place: Place): string {
  const query = new URLSearchParams({ part: place.part });
  if (place.part === "calendars" && place.calendar !== null) {
    query.set("calendar", String(place.calendar));
    if (place.tab !== "days") query.set("tab", place.tab);
    if (place.year !== null) query.set("year", String(place.year));
  }
  if (place.part === "departments") {
    if (place.centre) query.set("centre", place.centre);
    if (place.department) query.set("department", place.department);
  }
  return `/admin?${query}`;
}

export const place = signal<Place>(parse(typeof location === "undefined" ? "" : location.search));

export function go(part: Partial<Place>): void {
  place.value = { ...place.value, ...part };
  history.pushState(null, "", addressOf(place.value));
}

if (typeof window !== "undefined") window.addEventListener("popstate", () => (place.value = parse(location.search)));
