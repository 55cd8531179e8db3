/** This page's watch over the phone's clock (why and how: `moment.ts`). */
import { clockSkew } from "../../shared/http";
import { keepValue, readValue } from "../store";
import { type ClockState, judge, momentOf, NOTABLE_MS, type Stamp, STILL } from "./moment";

export type { Stamp };

const KEY = "clock";
const EVERY_MS = 5_000;

let state: ClockState = STILL;
let learnt: number | null = null;
let drift = 0;
let inSight = false;

/** Learnt from an answer: server minus phone. */
export function learnSkew(ms: number): void {
  learnt = Math.abs(ms) > NOTABLE_MS ? ms : 0;
  state = { ...state, skew: learnt };
}

/** Of this moment; to be kept with what is captured. */
export function stamp(device_ms = Date.now()): Stamp {
  look();
  return { device_ms, skew: learnt, guess: state.skew ?? clockSkew.value, moved: state.moved, gaps: state.gaps };
}

/** The moment as far as it is known on this page. */
export function madeAt(of: Stamp): string {
  return momentOf(of, { device_ms: Date.now(), skew: learnt, moved: state.moved, gaps: state.gaps }).toISOString();
}

/** What the phone's clock showed, as it is sent. */
export function deviceAt(of: Stamp): string {
  return new Date(of.device_ms).toISOString();
}

function look(): void {
  const now = Date.now() - performance.now();
  const by = drift ? judge(now - drift, inSight) : 0;
  drift = now;
  inSight = typeof document !== "undefined" && document.visibilityState === "visible";
  if (learnt !== null) learnt -= by;
  state = { ...state, moved: state.moved + by, skew: state.skew === null ? null : state.skew - by, seen_ms: Date.now() };
  if (by) void keepClock();
}

function keepClock(): Promise<void> {
  return keepValue(KEY, state).catch(() => undefined);
}

export async function readClock(): Promise<ClockState> {
  return (await readValue<ClockState>(KEY)) ?? STILL;
}

/** Watches the phone's clock while the page is open; returns what stops it. */
export async function watchClock(): Promise<() => void> {
  const before = await readClock().catch(() => STILL);
  const back = Date.now() < before.seen_ms - NOTABLE_MS;
  state = { ...before, gaps: before.gaps + (back ? 1 : 0), skew: learnt ?? before.skew };
  look();
  await keepClock();
  const turned = async (): Promise<void> => {
    const kept = document.visibilityState === "visible" ? await readClock().catch(() => state) : state;
    // another page has watched meanwhile, and has counted what this one would count again
    if (kept.moved !== state.moved) [state, drift] = [{ ...state, moved: kept.moved, gaps: kept.gaps }, 0];
    look();
    await keepClock();
  };
  const listen = (): void => void turned();
  const timer = setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", listen);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", listen);
  };
}

/** For tests. */
export function forgetClock(): void {
  [state, learnt, drift, inSight] = [STILL, null, 0, false];
}
