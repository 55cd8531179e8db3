/** On duty or off: what the server knows, and on top of it what still waits on this phone. */
import { computed } from "@preact/signals";
import { serverNow } from "../../shared/http";
import { newId } from "../../shared/ids";
import type { Picture } from "../../shared/pictures";
import { session } from "../../shared/session";
import { type Fix, position } from "../position";
import { answerKey } from "../outbox/drafts";
import { enqueue, outbox, PutBefore } from "../outbox/items";
import type { AnswerDraft, Fresh, Kept } from "../outbox/kinds";
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

/** The roll calls that this phone has not answered, the most urgent first. */
export function unanswered(calls: readonly RollCall[], items: readonly Item[]): RollCall[] {
  const done = new Set(items.filter((item) => item.kind === "roll_call" && item.state !== "refused").map((item) => item.duty?.target));
  return calls.filter((call) => !done.has(String(call.id))).sort((a, b) => a.answer_by.localeCompare(b.answer_by));
}

export const waitingCalls = computed(() => unanswered(rollCalls.value, outbox.value));

const FRESH_MS = 2 * 60_000;

/** Where the phone is, as the API takes it; an old position is none. */
export function pointOf(fix: Fix | null, now = Date.now()): Record<string, unknown> | null {
  if (!fix || now - fix.at > FRESH_MS) return null;
  return { lon: fix.lon, lat: fix.lat, crs: "wgs84", accuracy_m: fix.accuracy_m };
}

async function enter(kind: "clock_in" | "clock_out" | "roll_call", target: string, body: Record<string, unknown>, more: Pick<Fresh, "from"> & { pictures?: Picture[]; title?: string } = {}): Promise<void> {
  const { pictures = [], title, from } = more;
  await enqueue({ id: newId(), kind, pictures, duty: { target, body, ...(title && { title }) }, ...(from && { from }) });
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

export async function answerCall(call: RollCall, { pictures, text }: Pick<AnswerDraft, "pictures" | "text">, fix: Fix | null): Promise<void> {
  const body = { answered_at: serverNow().toISOString(), point: pointOf(fix), text: text.trim() };
  await enter("roll_call", String(call.id), body, { pictures: pictures.slice(0, 1), title: call.centre.name, from: { store: "answers", key: callKey(call) } });
}
