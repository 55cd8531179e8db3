/** One item to the server: its body, its photos, its receipt. What fails is thrown, and the sender judges it. */
import type { ReportAnswer } from "../../shared/api";
import { Later, type Line, type Means, Refused, SignIn, type Store } from "./exchange";
import type { Duty, Kept, KeptPicture, Receipt, Refusal } from "./kinds";
import { type ClockState, momentOf, STILL } from "./moment";
import { isAnswerTo, isTheCase } from "./receipts";
import { type Event, next, type State } from "./states";
import { upload, type Way } from "./upload";

/** Which field of the body is the moment of capture. */
const MOMENT = { report: "observed_at", answer: "captured_at", clock_in: "started_at", clock_out: "ended_at", roll_call: "answered_at" } as const;

export interface Run {
  line: Line;
  means: Means;
  way: Way;
}

/** The item with the state that follows; null where the table has none. */
export function after(item: Kept, event: Event, part: Partial<Kept> = {}): Kept | null {
  const state = next(item.state, event);
  return state && state !== "gone" ? { ...item, ...part, state: state satisfies State } : null;
}

export async function change(run: Pick<Run, "means">, item: Kept, edit: (item: Kept) => Kept | null, also?: Parameters<Store["change"]>[2]): Promise<Kept> {
  const changed = await run.means.store.change(item.id, edit, also);
  if (!changed) throw new Gone();
  run.means.told?.({ what: "changed", item: changed });
  return changed;
}

/** The person has taken it back meanwhile. */
export class Gone extends Error {}

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
  const moments = { [MOMENT[item.kind]]: made_at, device_at: item.device_at };
  return {
    ...item, made_at, final: true,
    report: item.report && { ...item.report, ...moments },
    answer: item.answer && { ...item.answer, fields: { ...item.answer.fields, ...moments } },
    duty: item.duty && { ...item.duty, body: { ...item.duty.body, ...moments } },
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


/** Whether the server did the verb although its answer never came: our photos, or our moment, are in the case. */
async function doneBefore(run: Run, item: Kept): Promise<boolean> {
  if (!item.answer) return false;
  const { no, verb, fields } = item.answer;
  if (item.pictures.length) {
    const { body } = await run.line.send({ method: "GET", path: `cases/${no}` }, (found) => isTheCase(found, no) && Array.isArray(found["photos"]));
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
    const { body, date } = await run.line.send(request(current), isAnswerTo(current));
    return await change(run, current, (kept) => ({
      ...kept, uncertain: false, receipt: kept.report ? (body as unknown as ReportAnswer) : kept.receipt, received_at: date === null ? null : new Date(date).toISOString(),
    }));
  } catch (error) {
    // refused at the door: it is as it was before
    if (error instanceof SignIn || (error instanceof Later && error.trouble === "429")) await change(run, current, (kept) => ({ ...kept, uncertain: before }));
    // also at the first attempt: a browser by itself sends once more what a broken connection has swallowed
    if (error instanceof Refused && [404, 409].includes(error.status) && (await doneBefore(run, current).catch(orNot))) {
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

export async function sendItem(run: Run, item: Kept): Promise<void> {
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
