/**
 * Sends what waits, oldest first, each once: the uuid makes a second time harmless. Pure, for page and service worker.
 *
 * A report goes before its photos (the centre's clock should start), an answer after them (it names them). Before a
 * request leaves, the store says that it did: after a crash nobody takes for unsent what the server may have.
 * Without an answer all stop and try later; an item that alone fails three times lets the others pass.
 */
import { after, change, Gone, type Run, sendItem } from "./deliver";
import { Later, Line, type Means, Overtaken, Refused, SignIn } from "./exchange";
import type { Kept } from "./kinds";
import { withFate } from "./over";
import { PART_BYTES } from "./upload";

export interface Outcome {
  /** `done`: nothing waits that could go; `later`: at `until` again; `sign_in`: nobody is signed in; `busy`: another one sends. */
  end: "done" | "later" | "sign_in" | "busy";
  until: number | null;
  sent: number;
  /** Under whose session; null: nobody was asked for. */
  person: number | null;
}

/** Kept under `pause`, so that tabs and service worker wait together. */
export interface Pause {
  until: number;
  failures: number;
  /** The server asked for it (Retry-After): nobody may shorten it. */
  asked: boolean;
  part: number;
}

const NO_PAUSE: Pause = { until: 0, failures: 0, asked: false, part: PART_BYTES };
const FIRST_MS = 5_000;
const LONGEST_MS = 5 * 60_000;
/** Longer waits come from a phone's clock that was set back, or from a server that errs. */
const MOST_ASKED_MS = 3600_000;
const ALONE = 3;
/** No item is held longer, whatever became of the page that held it or of the phone's clock. */
export const LONGEST_HOLD_MS = 15_000;

/** Whether it is too early; a moment further away than `most` is none. */
export function isEarly(until: number, now: number, most: number): boolean {
  return until > now && until <= now + most;
}

/** 5 s, 10 s, … 5 min, a quarter more or less, so that phones don't come back all at once. */
export function backOff(failures: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1)) * (0.75 + random() / 2);
}

/** Puts the item where it belongs after what happened. True: the others may go on. */
async function settle(run: Run, item: Kept, error: unknown): Promise<boolean> {
  if (error instanceof Gone) return true;
  if (error instanceof Refused) {
    const certain = error.refusal.name !== "report-differs" && [400, 409, 413, 422].includes(error.status);
    const refusal = await withFate(run.line, item, error);
    await change(run, item, (kept) => after(kept, "refuse", { refusal, uncertain: kept.uncertain && !certain, failures: 0 }));
    return true;
  }
  if (!(error instanceof Later)) {
    await run.means.store.change(item.id, (kept) => after(kept, error instanceof SignIn ? "sign_in" : "interrupt"));
    throw error;
  }
  const alone = error.alone || (error.trouble === "none" && (await run.line.answers()));
  const failures = item.failures + (alone ? 1 : 0);
  const aside = failures >= ALONE;
  const later = aside ? run.means.now() + Math.max(backOff(failures, run.means.random), (error.retryAfter ?? 0) * 1000) : 0;
  await change(run, item, (kept) => after(kept, "later", { failures, after: later, trouble: error.trouble }));
  return aside;
}

async function pauseFor(run: Run, before: Pause, error: Later): Promise<number> {
  // who taps again and again does not make the phone wait longer
  const failures = Math.max(1, before.failures + (run.means.forced ? 0 : 1));
  const ms = error.retryAfter === null ? backOff(failures, run.means.random) : Math.min(error.retryAfter * 1000, MOST_ASKED_MS);
  const until = run.means.now() + ms;
  await run.means.store.put("pause", { until, failures, asked: error.retryAfter !== null, part: run.way.part } satisfies Pause);
  return until;
}

const waits = (item: Kept): boolean => item.state === "waiting" || item.state === "sending";

/** The next that may go, oldest first; not one that was tried in this run, nor another person's. */
async function nextItem(run: Run, tried: Set<string>): Promise<Kept | null> {
  const { means, line } = run;
  const all = await means.store.items();
  const mine = all.filter((each) => waits(each) && each.person === line.person?.id);
  // a shift ends after it has begun
  const begins = new Set(mine.filter((each) => each.kind === "clock_in").map((each) => each.duty?.target));
  const held = (each: Kept): boolean => (each.kind === "clock_out" && begins.has(each.duty?.target)) || isEarly(each.hold ?? 0, means.now(), LONGEST_HOLD_MS);
  const item = mine.find((each) => !tried.has(each.id) && !held(each) && (means.forced || !isEarly(each.after, means.now(), MOST_ASKED_MS)));
  if (!item) return null;
  tried.add(item.id);
  // the page that sent it has died: only one sends at a time
  return item.state === "sending" ? change(run, item, (kept) => after(kept, "interrupt")) : item;
}

async function goThrough(run: Run, pause: Pause): Promise<Outcome> {
  const tried = new Set<string>();
  let sent = 0;
  let failed = pause;
  for (let item = await nextItem(run, tried); item; item = await nextItem(run, tried)) {
    try {
      await sendItem(run, item);
      sent += 1;
      if (failed.failures) await run.means.store.put("pause", (failed = { ...NO_PAUSE, part: run.way.part }));
    } catch (error) {
      if (!(await settle(run, item, error))) return { end: "later", until: await pauseFor(run, failed, error as Later), sent, person: run.line.person?.id ?? null };
    }
  }
  const aside = (await run.means.store.items()).filter((item) => item.state === "waiting" && item.person === run.line.person?.id);
  if (!aside.length) return { end: "done", until: null, sent, person: run.line.person?.id ?? null };
  return { end: "later", until: Math.min(...aside.map((item) => Math.max(item.after, item.hold ?? 0))), sent, person: run.line.person?.id ?? null };
}

/** Sends all that may go now. The caller sees to it that only one does so at a time (`alone.ts`). */
export async function sendAll(means: Means): Promise<Outcome> {
  const pause = (await means.store.get<Pause>("pause")) ?? NO_PAUSE;
  const ended = (end: Outcome["end"], until: number | null = null, person: number | null = null): Outcome => ({ end, until, sent: 0, person });
  if (!(await means.store.items()).some(waits)) return ended("done");
  if (isEarly(pause.until, means.now(), MOST_ASKED_MS) && (pause.asked || !means.forced)) return ended("later", pause.until);
  const run: Run = { line: new Line(means), means, way: { part: pause.part, whole: false } };
  try {
    await run.line.signOn();
    return await goThrough(run, pause);
  } catch (error) {
    const person = run.line.person?.id ?? null;
    if (error instanceof Overtaken) return ended("busy", null, person);
    if (error instanceof SignIn) return ended("sign_in", null, person);
    if (!(error instanceof Later) && !(error instanceof Refused)) throw error;
    const later = error instanceof Later ? error : new Later(String(error.status), false);
    return ended("later", await pauseFor(run, pause, later), person);
  }
}
