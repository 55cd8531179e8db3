/** The report's place while it is written: looking for it, and which cell it falls in, also without a connection. */
import { effect, signal } from "@preact/signals";
import type { LineCell, Placement } from "../../shared/api";
import { get, Problem } from "../../shared/http";
import { look, type Looking } from "../position";
import { grid } from "../sync";
import { change, draft } from "./draft";
import type { Spot } from "./form";

export const looking = signal<Looking | null>(null);

export interface Falls {
  line: LineCell[];
  /** False: no cell covers the point. */
  inside: boolean;
  sure: boolean;
  /** Metres to the nearest cell, for a point outside. */
  away: number | null;
  /** In the server's words, where it says no. */
  problem: string | null;
  /** Only the phone has said so: its grid ends at the district. */
  guess: boolean;
}

/** Where the draft's point falls; null: nothing is known. */
export const falls = signal<Falls | null>(null);

let stop: (() => void) | null = null;

export function stopLooking(): void {
  stop?.();
  stop = null;
  if (looking.value?.state === "looking") looking.value = null;
}

/** Looks from now on; a pin set by hand meanwhile stays. */
export function startLooking(): void {
  stopLooking();
  const of = draft.value.id;
  stop = look((now) => {
    looking.value = now;
    if (draft.value.id !== of) return stopLooking();
    const { spot } = draft.value;
    const { best } = now;
    if (!best || spot?.by_hand || (spot?.lon === best.lon && spot.lat === best.lat && spot.accuracy_m === best.accuracy_m)) return;
    void change({ spot: { lon: best.lon, lat: best.lat, accuracy_m: best.accuracy_m, by_hand: false } });
  });
}

/** For a report that has no place yet, once; what was found or set stays. */
export function lookIfNeeded(): void {
  if (!draft.value.spot && looking.value?.state !== "looking") startLooking();
}

/** On the map, typed, or taken from elsewhere. */
export function setByHand(spot: { lon: number; lat: number }): void {
  stopLooking();
  looking.value = null;
  const round = (degrees: number): number => Math.round(degrees * 1e7) / 1e7;
  void change({ spot: { lon: round(spot.lon), lat: round(spot.lat), accuracy_m: null, by_hand: true } });
}

export function lookAgain(): void {
  void change({ spot: null });
  startLooking();
}

const locator = () => import("../../shared/ground/locate");

// fetched with the grid, before it is needed without a connection
effect(() => {
  if (grid.value) locator().catch(() => undefined);
});

/** As the phone's own grid has it; null: it has none. */
async function onPhone(spot: Spot): Promise<Falls | null> {
  if (!grid.value) return null;
  const { whereIs } = await locator();
  const found = whereIs(grid.value, spot, spot.by_hand ? null : spot.accuracy_m);
  const inside = found.method !== "outside";
  return { line: found.line, inside, sure: found.confidence === "high", away: inside ? null : found.distance_m, problem: null, guess: true };
}

function refused(problem: Problem): Falls | null {
  const away = problem.body["distance_m"];
  if (problem.status >= 500 || problem.status === 401 || problem.status === 429) return null;
  return { line: [], inside: false, sure: true, away: typeof away === "number" ? away : null, problem: problem.message, guess: false };
}

/** Says at once what the phone knows, then what the server says; returns what gives it up. */
export function judgePlace(spot: Spot | null): () => void {
  const giveUp = new AbortController();
  falls.value = null;
  if (!spot) return () => undefined;
  const say = (found: Falls | null): void => {
    if (found && !giveUp.signal.aborted && (!found.guess || !falls.value)) falls.value = found;
  };
  onPhone(spot).then(say, () => undefined); // the code for it may not be on the phone yet
  const query = { lon: spot.lon, lat: spot.lat, crs: "wgs84", accuracy_m: spot.by_hand ? null : spot.accuracy_m };
  get<Placement>("locate", query, giveUp.signal).then(
    (place) => say({ line: place.line, inside: true, sure: place.confidence === "high", away: null, problem: null, guess: false }),
    (error: unknown) => error instanceof Problem && say(refused(error)),
  );
  return () => giveUp.abort();
}

/** Without the city, which is the same for all. */
export function lineWords(line: LineCell[]): string {
  return line.slice(1).map((cell) => cell.name).join(" › ");
}
