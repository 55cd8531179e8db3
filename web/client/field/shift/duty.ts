/** On duty or off: what the server knows, and on top of it what still waits on this phone. */
import { computed, signal } from "@preact/signals";
import { serverNow } from "../../shared/http";
import { newId } from "../../shared/ids";
import { session } from "../../shared/session";
import { type Fix, locateMe, type Patience, position } from "../position";
import { answerKey } from "../outbox/drafts";
import { complete, enqueue, outbox, PutBefore } from "../outbox/items";
import type { AnswerDraft, Kept } from "../outbox/kinds";
import { rollCalls, synced } from "../sync";
import type { RollCall, State } from "../sync_shapes";

export interface Duty {
  id: string;
  started_at: string;
  /** The server has not heard of it yet. */
  pending: boolean;
}

type Known = Pick<State, "now" | "shift"> | null;
type Item = Pick<Kept, "kind" | "state" | "made_at" | "received_at" | "duty" | "person">;

/** What the server could not have told in its last answer: not there yet, or arrived after it. */
function isNews(item: Item, known: Known): boolean {
  if (item.state === "refused" || item.state === "draft") return false;
  return item.state !== "accepted" || !known || (item.received_at ?? item.made_at) > known.now;
}

/** The shift after all that was tapped on this phone. Pure. */
export function dutyOf(known: Known, items: readonly Item[], person: number): Duty | null {
  let duty: Duty | null = known?.shift ? { ...known.shift, pending: false } : null;
  for (const item of items) {
    if (item.person !== person || !item.duty || !isNews(item, known)) continue;
    if (item.kind === "clock_in") duty = { id: item.duty.target, started_at: item.made_at, pending: item.state !== "accepted" };
    else if (item.kind === "clock_out" && duty?.id === item.duty.target) duty = null;
  }
  return duty;
}

const me = (): number => session.value?.person.id ?? 0;

export const duty = computed(() => dutyOf(synced.value, outbox.value, me()));

/** A beginning or an end that the server has not heard of: tracks wait for it, or they would be refused as off duty. */
export const dutyWaits = computed(() => outbox.value.some((item) => item.person === me() && (item.kind === "clock_in" || item.kind === "clock_out")
  && (item.state === "waiting" || item.state === "sending")));

/** The roll calls that this person has not answered on this phone, the most urgent first. */
export function unanswered(calls: readonly RollCall[], items: readonly Item[], person: number): RollCall[] {
  const done = new Set(items.filter((item) => item.kind === "roll_call" && item.person === person && item.state !== "refused").map((item) => item.duty?.target));
  return calls.filter((call) => !done.has(String(call.id))).sort((a, b) => a.answer_by.localeCompare(b.answer_by));
}

export const waitingCalls = computed(() => unanswered(rollCalls.value, outbox.value, me()));

const FRESH_MS = 2 * 60_000;

/** Where the phone is, as the API takes it; an old position is none. */
export function pointOf(fix: Fix | null, now = Date.now()): Record<string, unknown> | null {
  if (!fix || now - fix.at > FRESH_MS) return null;
  return { lon: fix.lon, lat: fix.lat, crs: "wgs84", accuracy_m: fix.accuracy_m };
}

async function enter(kind: "clock_in" | "clock_out", target: string, body: Record<string, unknown>): Promise<void> {
  await enqueue({ id: newId(), kind, pictures: [], duty: { target, body } });
}

let entering = false;

/** A second tap, before the first is on the phone, does nothing. */
async function once(work: () => Promise<void>): Promise<void> {
  if (entering) return;
  entering = true;
  try {
    await work();
  } catch (error) {
    // in another tab, or by an earlier tap
    if (!(error instanceof PutBefore)) throw error;
  } finally {
    entering = false;
  }
}

/** Saved first; the position of this moment goes with it, where there is one, and nobody waits for it. */
export function clockIn(): Promise<void> {
  if (duty.value) return Promise.resolve();
  return once(() => enter("clock_in", newId(), { started_at: serverNow().toISOString(), point: pointOf(position.value) }));
}

export function clockOut(): Promise<void> {
  const id = duty.value?.id;
  if (!id) return Promise.resolve();
  return once(() => enter("clock_out", id, { ended_at: serverNow().toISOString(), point: pointOf(position.value) }));
}

/** Where the answer to a roll call is kept while it is written. */
export function callKey({ id }: Pick<RollCall, "id">): string {
  return answerKey(me(), String(id), "roll_call");
}

/** The answer to this roll call that the server has refused. */
export function refusedCall({ id }: Pick<RollCall, "id">): Kept | undefined {
  return outbox.value.find((item) => item.kind === "roll_call" && item.state === "refused" && item.person === me() && item.duty?.target === String(id));
}

const TOLD_MS = 10 * 60_000;
/** Receipts that the person has read. */
export const read = signal<ReadonlySet<string>>(new Set());

/** Answers to roll calls whose receipt is shown: those still on this phone only, and for ten minutes those delivered. */
export function receipts(items: readonly Kept[], person: number, now = Date.now()): Kept[] {
  return items.filter((item) => item.kind === "roll_call" && item.person === person && !read.value.has(item.id)
    && (item.state === "waiting" || item.state === "sending" || (item.state === "accepted" && now - item.stamp.device_ms < TOLD_MS)));
}

export const answered = computed(() => receipts(outbox.value, me()));

/** So good that nobody waits for a better one. */
const GOOD: Patience = { fix_seconds: 8, fix_metres: 50, poor_metres: 200 };
const NOW_MS = 10_000;

/**
 * On the phone at once, with the position known last, so that nothing can undo the answer any more. A fresh position
 * is added when it comes within 8 seconds; the answer leaves then, or without it: one without is better than none.
 */
export async function answerCall(call: RollCall, { pictures, text }: Pick<AnswerDraft, "pictures" | "text">): Promise<void> {
  const known = position.value;
  const good = known !== null && Date.now() - known.at < NOW_MS && known.accuracy_m <= GOOD.fix_metres;
  const id = refusedCall(call)?.id ?? newId();
  await enqueue({
    id, kind: "roll_call", pictures: pictures.slice(0, 1), from: { store: "answers", key: callKey(call) },
    duty: { target: String(call.id), title: call.centre.name, body: { answered_at: serverNow().toISOString(), point: pointOf(known), text: text.trim() } },
    ...(!good && { hold: Date.now() + (GOOD.fix_seconds + 1) * 1000 }),
  });
  if (!good) void locateMe(GOOD).then((fix) => ({ point: pointOf(fix) ?? pointOf(position.value) }), () => ({})).then((more) => complete(id, more));
}
