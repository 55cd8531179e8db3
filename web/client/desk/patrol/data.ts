/** What the patrol's page asks for and sends. */
import type { Centre, Page } from "../../shared/api";
import { length } from "../../shared/format";
import { get, post, put } from "../../shared/http";
import { t } from "../../shared/language";
import { session } from "../../shared/session";

export interface Named {
  id: number;
  name: string;
}

export interface OnDuty {
  shift: string;
  person: Named;
  centre: Centre;
  since: string;
  seen: { at: string; age_seconds: number; lon: number; lat: number; accuracy_m: number | null } | null;
  duty_areas: { code: string; name: string }[];
  alarm: { kind: "outside" | "idle"; started_at: string } | null;
  roll_call: { id: number; answer_by: string } | null;
}

export interface Patrol {
  now: string;
  tracks: boolean;
  items: OnDuty[];
  more: boolean;
}

export type AnswerState = "waiting" | "answered" | "late" | "missed";

export interface RollCall {
  id: number;
  centre: Centre;
  called_by: Named;
  called_at: string;
  answer_by: string;
  photo_wanted: boolean;
  text: string;
  counts: Record<AnswerState | "asked", number>;
}

export interface Answer {
  person: Named;
  state: AnswerState;
  answered_at: string | null;
  received_at: string | null;
  device_at: string | null;
  point: { lon: number; lat: number } | null;
  away_m: number | null;
  photo: string | null;
  photo_named: boolean;
  text: string;
}

export type RollCallWhole = RollCall & { answers: Answer[] };

export interface Calling {
  centre_code: string;
  /** Left out: all who are on duty on its ground. */
  people?: number[];
  minutes: number;
  photo_wanted: boolean;
  text: string;
}

/** From where somebody has answered a roll call, to be shown on the map. */
export interface Place {
  name: string;
  at: string;
  state: AnswerState;
  lon: number;
  lat: number;
}

export function placeOf({ person, answered_at, state, point }: Answer): Place | null {
  return point && answered_at ? { name: person.name, at: answered_at, state, lon: point.lon, lat: point.lat } : null;
}

export interface DutyArea {
  code: string;
  name: string;
  centre: { code: string; name: string };
  polygon: { coordinates: number[][][][] };
  people: Named[];
}

export type Inspector = Named & { on_duty: boolean };

/** Longer than this nothing was heard of somebody: that is worth a look. */
export const SILENT_SECONDS = 600;
const PAGE = 200;

export const readPatrol = (): Promise<Patrol> => get<Patrol>("patrol");
export const readCalls = (): Promise<Page<RollCall>> => get<Page<RollCall>>("roll-calls", { limit: 8 });
export const readCall = (id: number): Promise<RollCallWhole> => get<RollCallWhole>(`roll-calls/${id}`);
export const callRoll = (call: Calling): Promise<RollCallWhole> => post<RollCallWhole>("roll-calls", call);
export const givePeople = (code: string, people: number[]): Promise<DutyArea> => put<DutyArea>(`duty-areas/${encodeURIComponent(code)}/people`, { people });

async function every<T>(path: string): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await get<Page<T>>(path, { limit: PAGE, cursor });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return found;
}

export const readAreas = (): Promise<DutyArea[]> => every<DutyArea>("duty-areas");
export const readInspectors = (): Promise<Inspector[]> => every<Inspector>("patrol/inspectors");

/** The centres whose patrol the person leads, each once. */
export function ledCentres(): Centre[] {
  const seats = session.value?.roles.filter((seat) => seat.role === "shift_lead" || seat.role === "admin" || (seat.role === "leader" && !seat.department)) ?? [];
  return [...new Map(seats.map((seat) => [seat.centre.code, seat.centre])).values()];
}

/** What light somebody stands in: an alarm, silent for long, heard of. Where no tracks are kept nobody is heard of. */
export function lightOf(one: OnDuty, tracks: boolean): "red" | "yellow" | "green" {
  if (one.alarm) return "red";
  return tracks && (!one.seen || one.seen.age_seconds > SILENT_SECONDS) ? "yellow" : "green";
}

function minutesTo(now: string, since: string): number {
  return Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / 60_000));
}

/** All that the light says, and that a roll call waits; `fine` only where the light is green. */
export function stateWords(one: OnDuty, { now, tracks }: Pick<Patrol, "now" | "tracks">): string {
  const silent = lightOf(one, tracks) === "yellow" &&
    (one.seen ? t("patrol.state_silent", { length: length(Math.floor(one.seen.age_seconds / 60)) }) : t("patrol.seen_never"));
  const alarm = one.alarm && t(`alarm.${one.alarm.kind}`, { length: length(minutesTo(now, one.alarm.started_at)) });
  return [alarm, silent, one.roll_call && t("alarm.call")].filter(Boolean).join(" · ") || t("patrol.state_fine");
}
