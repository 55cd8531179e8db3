/**
 * When something was captured, on a phone whose clock may be wrong.
 *
 * Each capture is stamped with what the phone's clock showed and with the clock's error (`skew`: server minus phone),
 * if an answer of the server has told it since the page was opened. If not, the moment is corrected when it is sent,
 * by the error learnt then. That is right only if the phone's clock was not set meanwhile, so this is watched too:
 *
 * - `moved`: by how much the clock was seen to be set while a page was open. Every few seconds the phone's clock is
 *   compared with `performance.now()`, which nobody can set. A jump back is always a setting; a jump forward is one
 *   only while the page was in sight all the time, for a sleeping phone stops `performance.now()` too.
 * - `gaps`: how often a page was opened at an earlier time than it was left: the clock was set back, nobody knows by
 *   how much. Then the error known last before the capture counts, not the one learnt afterwards.
 *
 * The sum stands in the store under `clock`, so that pages, tabs and the service worker agree. What no phone can
 * know: that its clock was set forward while no page was open.
 */

export interface Stamp {
  /** What the phone's clock showed, in milliseconds. */
  device_ms: number;
  /** The error known from this page's own answers; null: no answer yet. */
  skew: number | null;
  /** The error known from an earlier page. */
  guess: number | null;
  moved: number;
  gaps: number;
}

export interface ClockState {
  moved: number;
  gaps: number;
  /** The error learnt last, and what the phone showed then or later. */
  skew: number | null;
  seen_ms: number;
}

export const STILL: ClockState = { moved: 0, gaps: 0, skew: null, seen_ms: 0 };
/** Smaller differences are the Date header's second and slow lines. */
export const NOTABLE_MS = 2_000;

/** What of a jump between the phone's clock and one that cannot be set is a setting; the rest is sleep. */
export function judge(jump: number, wasInSight: boolean): number {
  return jump < -NOTABLE_MS || (jump > NOTABLE_MS && wasInSight) ? jump : 0;
}

/** The best known moment of a capture, never after now by the server's clock. */
export function momentOf(of: Stamp, now: { device_ms: number; skew: number | null; moved: number; gaps: number }): Date {
  const later = now.skew === null ? null : now.skew + now.moved - of.moved;
  const told = of.gaps === now.gaps ? (later ?? of.guess) : (of.guess ?? later);
  const moment = of.device_ms + (of.skew ?? told ?? 0);
  return new Date(Math.min(moment, now.device_ms + (now.skew ?? 0)));
}
