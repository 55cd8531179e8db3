/**
 * Sends what waits, oldest first, each once: the uuid makes a second time harmless. Pure, for page and service worker.
 *
 * A report goes before its photos (the centre's clock should start), an answer after them (it names them). Before a
 * request leaves, the store says that it did: after a crash nobody takes for unsent what the server may have.
 * Without an answer all stop and try later; an item that alone fails three times lets the others pass.
 */
import { type ClockState, momentOf, STILL } from "./moment";
import { isObject, Later, Line, type Means, Overtaken, Refused, SignIn, type Store } from "./exchange";
import type { Duty, Kept, KeptPicture, Receipt, Refusal } from "./kinds";
import { type Event, next, type State } from "./states";
import { type Way, PART_BYTES, upload } from "./upload";
import type { ReportAnswer } from "../../shared/api";

export interface Outcome {
  /** `done`: nothing waits that could go; `later`: at `until` again; `sign_in`: nobody is signed in; `busy`: another one sends. */
  end: "done" | "later" | "sign_in" | "busy";
  until: number | null;
  sent: number;
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
const ALONE = 3;
/** Which field of the body is the moment of capture. */
const MOMENT = { report: "observed_at", answer: "captured_at", clock_in: "started_at", clock_out: "ended_at", roll_call: "answered_at" } as const;

/** 5 s, 10 s, … 5 min, a quarter more or less, so that phones don't come back all at once. */
export function backOff(failures: number, random: () => number = Math.random): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1)) * (0.75 + random() / 2);
}

interface Run {
  line: Line;
  means: Means;
  way: Way;
}

/** The item with the state that follows; null where the table has none. */
export function after(item: Kept, event: Event, part: Partial<Kept> = {}): Kept | null {
  const state = next(item.state, event);
  return state && state !== "gone" ? { ...item, ...part, state: state satisfies State } : null;
}

async function change(run: Pick<Run, "means">, item: Kept, edit: (item: Kept) => Kept | null, also?: Parameters<Store["change"]>[2]): Promise<Kept> {
  const changed = await run.means.store.change(item.id, edit, also);
  if (!changed) throw new Gone();
  run.means.told?.({ what: "changed", item: changed });
  return changed;
}

/** The person has taken it back meanwhile. */
class Gone extends Error {}

const say = (run: Run, item: Kept, bytes: number): void => {
  const total = item.pictures.reduce((sum, picture) => sum + picture.size, 0);
  const before = item.pictures.reduce((sum, picture) => sum + (picture.sent ? picture.size : 0), 0);
  run.means.told?.({ what: "progress", id: item.id, percent: total ? Math.min(99, Math.floor(((before + bytes) * 100) / total)) : 0 });
};

/** Writes the moments for good, by the error of the phone's clock as it is known now. */
async function finish(run: Run, item: Kept): Promise<Kept> {
  if (item.final) return item;
  const clock = (await run.means.store.get<ClockState>("clock")) ?? STILL;
  const made_at = momentOf(item.stamp, { device_ms: run.means.now(), skew: run.line.skew, moved: clock.moved, gaps: clock.gaps }).toISOString();
  const moment = { [MOMENT[item.kind]]: made_at };
  return {
    ...item, made_at, final: true,
    report: item.report && { ...item.report, ...moment, device_at: item.device_at },
    answer: item.answer && { ...item.answer, fields: { ...item.answer.fields, ...moment } },
    duty: item.duty && { ...item.duty, body: { ...item.duty.body, ...moment } },
  };
}

function request(item: Kept): { method: "PUT" | "POST"; path: string; json: unknown } {
  if (item.report) return { method: "PUT", path: `reports/${item.id}`, json: item.report };
  if (item.answer) {
    const { no, verb, fields, version } = item.answer;
    return { method: "POST", path: `cases/${no}/verbs/${verb}`, json: { ...fields, photos: item.pictures.map((picture) => picture.id), version } };
  }
  const { target, body } = item.duty as Duty;
  if (item.kind === "clock_in") return { method: "PUT", path: `shifts/${target}`, json: body };
  const photo = item.pictures[0] && { photo: item.pictures[0].id };
  return item.kind === "clock_out"
    ? { method: "POST", path: `shifts/${target}/end`, json: body }
    : { method: "POST", path: `roll-calls/${target}/answer`, json: { ...body, ...photo } };
}

function isGood(item: Kept): (body: Record<string, unknown>) => boolean {
  if (!item.report) return () => true;
  return (body) => isObject(body["case"]) && typeof body["case"]["no"] === "string";
}

/** Whether the server did the verb although its answer never came: our photos, or our moment, are in the case. */
async function doneBefore(run: Run, item: Kept): Promise<boolean> {
  if (!item.answer) return false;
  const { no, verb, fields } = item.answer;
  if (item.pictures.length) {
    const { body } = await run.line.send({ method: "GET", path: `cases/${no}` }, (found) => Array.isArray(found["photos"]));
    const there = new Set((body["photos"] as { id: string; kind: string }[]).filter(({ kind }) => kind !== "report").map(({ id }) => id));
    return item.pictures.every((picture) => there.has(picture.id));
  }
  const { body } = await run.line.send({ method: "GET", path: `cases/${no}/events` }, (found) => Array.isArray(found["items"]));
  const ours = Date.parse(String(fields["captured_at"]));
  return (body["items"] as { verb: string; data?: Record<string, unknown> }[]).some((event) =>
    event.verb === verb && Date.parse(String(event.data?.["captured_at"])) === ours);
}

/** The request itself. The store says that it leaves before it does, and what came back at once. */
async function sendBody(run: Run, item: Kept): Promise<Kept> {
  const before = item.uncertain;
  const final = await finish(run, item);
  const current = await change(run, item, (kept) => ({ ...kept, ...final, state: kept.state, uncertain: true, sent_at: new Date(run.means.now() + (run.line.skew ?? 0)).toISOString() }));
  try {
    const { body, date } = await run.line.send(request(current), isGood(current));
    return await change(run, current, (kept) => ({
      ...kept, uncertain: false, receipt: kept.report ? (body as unknown as ReportAnswer) : kept.receipt, received_at: date === null ? null : new Date(date).toISOString(),
    }));
  } catch (error) {
    // refused at the door: it is as it was before
    if (error instanceof SignIn || (error instanceof Later && error.trouble === "429")) await change(run, current, (kept) => ({ ...kept, uncertain: before }));
    if (error instanceof Refused && before && [404, 409].includes(error.status) && (await doneBefore(run, current).catch(orNot))) {
      return change(run, current, (kept) => ({ ...kept, uncertain: false }));
    }
    throw error;
  }
}

/** What the server refuses to show cannot prove anything; without an answer it is asked again later. */
function orNot(error: unknown): false {
  if (error instanceof Refused) return false;
  throw error;
}

async function sendPicture(run: Run, item: Kept, picture: KeptPicture): Promise<Kept> {
  const bytes = await run.means.store.photo(picture.id);
  if (!bytes) throw new Refused(0, { name: "photo-lost", text: "", faults: [] }, {});
  const sha256 = picture.sha256 ?? (await run.means.hash?.(bytes)) ?? null;
  const note = (part: Partial<KeptPicture>) => (kept: Kept): Kept => ({ ...kept, pictures: kept.pictures.map((each) => (each.id === picture.id ? { ...each, ...part } : each)) });
  const current = await change(run, item, note({ sha256, tried: true }));
  const sent = await upload(run.line, { id: picture.id, type: picture.type, bytes, tried: picture.tried }, run.way, (at) => say(run, current, at));
  const same = !sha256 || sent.sha256 === sha256;
  // an answer may still be refused and written anew: then its photos are needed
  const dropped = same && current.receipt ? [picture.id] : [];
  return change(run, current, (kept) => {
    const noted = note({ sent: true, server_sha256: sent.sha256 })(kept);
    return same ? noted : { ...noted, refusal: lacking(noted, picture.id, { name: "photo-altered", text: "", faults: [] }) };
  }, { dropped });
}

function lacking(item: Kept, photo: string, refusal: Refusal): Refusal {
  return { ...refusal, photos: [...(item.refusal?.photos ?? []).filter((id) => id !== photo), photo] };
}

/** A report that has arrived stays so: a photo that the server cannot take is noted, the others go on. */
async function sendPictures(run: Run, item: Kept): Promise<Kept> {
  let current = item;
  for (const picture of item.pictures) {
    if (picture.sent || (current.receipt && current.refusal?.photos?.includes(picture.id))) continue;
    try {
      current = await sendPicture(run, current, picture);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (!item.report) throw new Refused(error.status, lacking({ ...current, refusal: null }, picture.id, error.refusal), error.body);
      current = await change(run, current, (kept) => ({ ...kept, refusal: lacking(kept, picture.id, error.refusal) }));
    }
  }
  return current;
}

export function receiptOf(item: Kept): Receipt {
  const { id, kind, person, person_name, made_at, device_at, sent_at, received_at } = item;
  return {
    id, kind, person, person_name, made_at, device_at, sent_at: sent_at ?? made_at, received_at,
    no: item.receipt?.case.no ?? item.answer?.no ?? null,
    title: item.report?.description || item.report?.category_code || item.answer?.title || item.duty?.title || "",
    photos: item.pictures.map((picture) => ({
      id: picture.id, bytes: picture.size, sha256: picture.sha256, server_sha256: picture.server_sha256,
      same: picture.sha256 && picture.server_sha256 ? picture.sha256 === picture.server_sha256 : null,
    })),
  };
}

async function sendItem(run: Run, item: Kept): Promise<void> {
  const started = await change(run, item, (kept) => after(kept, "start", { attempts: kept.attempts + 1, trouble: null }));
  say(run, started, 0);
  const first = started.report && !started.receipt ? await sendBody(run, started) : started;
  const second = await sendPictures(run, first);
  const last = second.report ? second : await sendBody(run, second);
  const bad = last.refusal?.photos ?? [];
  const dropped = last.pictures.map((picture) => picture.id).filter((id) => !bad.includes(id));
  const done = await change(run, last, (kept) => after(kept, "accept", { failures: 0, after: 0, form: null }), { receipt: receiptOf(last), dropped });
  run.means.told?.({ what: "accepted", item: done });
}

/** Puts the item where it belongs after what happened. True: the others may go on. */
async function settle(run: Run, item: Kept, error: unknown): Promise<boolean> {
  if (error instanceof Gone) return true;
  if (error instanceof Refused) {
    const certain = error.refusal.name !== "report-differs" && [400, 409, 413, 422].includes(error.status);
    await change(run, item, (kept) => after(kept, "refuse", { refusal: error.refusal, uncertain: kept.uncertain && !certain, failures: 0 }));
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
  const failures = before.failures + 1;
  const ms = error.retryAfter === null ? backOff(failures, run.means.random) : error.retryAfter * 1000;
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
  const held = (each: Kept): boolean => each.kind === "clock_out" && begins.has(each.duty?.target);
  const item = mine.find((each) => !tried.has(each.id) && !held(each) && (means.forced || each.after <= means.now()));
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
      if (!(await settle(run, item, error))) return { end: "later", until: await pauseFor(run, failed, error as Later), sent };
    }
  }
  const aside = (await run.means.store.items()).filter((item) => item.state === "waiting" && item.person === run.line.person?.id);
  if (!aside.length) return { end: "done", until: null, sent };
  return { end: "later", until: Math.min(...aside.map((item) => item.after)), sent };
}

/** Sends all that may go now. The caller sees to it that only one does so at a time (`alone.ts`). */
export async function sendAll(means: Means): Promise<Outcome> {
  const pause = (await means.store.get<Pause>("pause")) ?? NO_PAUSE;
  if (!(await means.store.items()).some(waits)) return { end: "done", until: null, sent: 0 };
  if (pause.until > means.now() && (pause.asked || !means.forced)) return { end: "later", until: pause.until, sent: 0 };
  const run: Run = { line: new Line(means), means, way: { part: pause.part, whole: false } };
  try {
    await run.line.signOn();
    return await goThrough(run, pause);
  } catch (error) {
    if (error instanceof Overtaken) return { end: "busy", until: null, sent: 0 };
    if (error instanceof SignIn) return { end: "sign_in", until: null, sent: 0 };
    if (error instanceof Refused) return { end: "later", until: await pauseFor(run, pause, new Later(String(error.status), false)), sent: 0 };
    if (error instanceof Later) return { end: "later", until: await pauseFor(run, pause, error), sent: 0 };
    throw error;
  }
}
