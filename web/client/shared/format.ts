/** Times, lengths and counts as people read them; the city's zone, whatever the device says. */
import { isEnglish, t } from "./language";

const ZONE = "Asia/Shanghai";
const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  hourCycle: "h23",
});
const counts = new Intl.NumberFormat("en-US");

function split(moment: string | Date): Record<string, string> {
  const date = typeof moment === "string" ? new Date(moment) : moment;
  return Object.fromEntries(parts.formatToParts(date).map((part) => [part.type, part.value]));
}

/** `2026-11-22 09:12` */
export function exact(moment: string | Date | null | undefined): string {
  if (!moment) return "—";
  const at = split(moment);
  return `${at["year"]}-${at["month"]}-${at["day"]} ${at["hour"]}:${at["minute"]}`;
}

/** For lists: `11月22日 09:12`, in English `11-22 09:12`. */
export function brief(moment: string | Date | null | undefined): string {
  if (!moment) return "—";
  const at = split(moment);
  const day = isEnglish() ? `${at["month"]}-${at["day"]}` : `${Number(at["month"])}月${Number(at["day"])}日`;
  return `${day} ${at["hour"]}:${at["minute"]}`;
}

/** `09:12:45`, in the city's zone: to tell two moments of the same minute apart. */
export function seconds(moment: string | Date): string {
  return new Date(moment).toLocaleTimeString("en-GB", { timeZone: ZONE, hourCycle: "h23" });
}

/** `2026-11-22`, in the city's zone. */
export function day(moment: string | Date): string {
  const at = split(moment);
  return `${at["year"]}-${at["month"]}-${at["day"]}`;
}

/** `1 小时 20 分` / `1 h 20 min`; working minutes stay hours, for a day has no fixed length here. */
export function length(minutes: number): string {
  const whole = Math.abs(Math.round(minutes));
  const hours = Math.floor(whole / 60);
  const rest = whole % 60;
  if (!hours) return t("time.minutes", { m: rest });
  if (!rest || hours >= 100) return t("time.hours", { h: count(hours) });
  return t("time.hours_minutes", { h: hours, m: rest });
}

/** What is left or over: `剩 1 小时 20 分`, `超 42 分`. */
export function left(minutes: number): string {
  return t(minutes < 0 ? "time.over" : "time.left", { length: length(minutes) });
}

/** For dense lists: `3:05`, over `-0:42`; from 100 hours on without minutes, `-119 小时`. */
export function clock(minutes: number): string {
  const whole = Math.abs(Math.trunc(minutes));
  const hours = Math.floor(whole / 60);
  const words = hours >= 100 ? t("time.hours", { h: count(hours) }) : `${hours}:${String(whole % 60).padStart(2, "0")}`;
  return `${minutes < 0 ? "-" : ""}${words}`;
}

export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? "—" : counts.format(n);
}

/** `93.4 %` of a share 0 … 1; `—` when there is nothing to divide by. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "—" : `${(share * 100).toFixed(1)} %`;
}

/** Metres between two WGS-84 points, good to 0.5 % over a city. */
export function metresBetween(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const radians = Math.PI / 180;
  const x = (b.lon - a.lon) * radians * Math.cos(((a.lat + b.lat) / 2) * radians);
  const y = (b.lat - a.lat) * radians;
  return Math.hypot(x, y) * 6_371_000;
}
