/** Days of the city's calendar for date pickers. */
import { day } from "../shared/format";
import { serverNow } from "../shared/http";

const DAY_MS = 86_400_000;
const MOST_DAYS = 365;

export function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export interface Span {
  today: string;
  first: string;
  last: string;
}

/** From tomorrow to a year from today: a suspension may last so long. */
export function suspensionDays(today = day(serverNow())): Span {
  return { today, first: dayAfter(today, 1), last: dayAfter(today, MOST_DAYS) };
}
