/** The outbox as the page sees it: signals, putting in, taking back, throwing away, and when sending is tried. */
import { computed, signal } from "@preact/signals";
import { clockSkew, learnSkew as noteSkew, online, signedOut } from "../../shared/http";
import { language } from "../../shared/language";
import type { Picture } from "../../shared/pictures";
import { session } from "../../shared/session";
import { keptPicture } from "../store_upgrade";
import { deviceAt, learnSkew, madeAt, stamp, watchClock } from "./clock";
import { leaveDraft } from "./drafts";
import type { News } from "./exchange";
import { formOf } from "./forms";
import type { Draft, Fresh, Heads, Kept } from "./kinds";
import { dropItem, everything, heldItem, holdsAny, isAtRisk, isHeld, keepItem, OnItsWay, PutBefore, storeHeld, sweep, takeBack } from "./queue";
import { runSending } from "./run";
import { isEditable, maybeDelivered, next } from "./states";
import { askToKeep, measure } from "./space";

const EVERY_MS = 20_000;
const RECEIPTS_KEPT_MS = 24 * 3600 * 1000;

export const outbox = signal<Kept[]>([]);
export const sending = signal(false);
/** How much of the item on its way has gone, by bytes. */
export const progress = signal<{ id: string; percent: number } | null>(null);
/** Something could not be stored on the phone: it lives only in this page. */
export const unstored = signal(false);
/** Grows with each item that arrived, so that lists fetch anew. */
export const arrived = signal(0);
/** When it is tried again by itself; null: not waiting for a moment. */
export const nextTry = signal<number | null>(null);

const own = (item: Kept): boolean => item.person === session.value?.person.id;
const pick = (wanted: (item: Kept) => boolean) => computed(() => outbox.value.filter(wanted));
export const waiting = pick((item) => (item.state === "waiting" || item.state === "sending") && own(item));
export const refused = pick((item) => item.state === "refused" && own(item));
/** Arrived, but without photos that the server could not take: they can be taken again. */
export const lacking = pick((item) => item.state === "accepted" && Boolean(item.refusal?.photos?.length) && own(item));
export const accepted = pick((item) => item.state === "accepted" && own(item));
/** Another person's of this phone: sent when they sign in. */
export const others = pick((item) => item.state !== "accepted" && !own(item));

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("wangge-outbox");
const tell = (news: News): void => channel?.postMessage(news);

const inOrder = (a: Kept, b: Kept): number => a.turn - b.turn || a.made_at.localeCompare(b.made_at);

function show(item: Kept): void {
  outbox.value = [...outbox.value.filter((other) => other.id !== item.id), item].sort(inOrder);
}

function remove(id: string): void {
  outbox.value = outbox.value.filter((each) => each.id !== id);
}

/** It is no longer in the outbox; other tabs hear of it. */
function leave(id: string): void {
  remove(id);
  tell({ what: "gone", id });
}

/** News of the sender, of this page or of another one. */
function hear(news: News): void {
  if (news.what === "changed") show(news.item);
  else if (news.what === "progress") progress.value = { id: news.id, percent: news.percent };
  else if (news.what === "gone") remove(news.id);
  else if (news.what === "silent") online.value = false;
  else if (news.what === "answered") {
    online.value = true;
    if (news.skew === null) return;
    learnSkew(news.skew);
    if (Math.abs(news.skew - clockSkew.value) > 2_500) noteSkew(news.skew);
  } else arrived.value += 1;
}

/**
 * Into the outbox and, as soon as possible, to the server. False: only in this page, for the phone has no room.
 * Throws PutBefore where it, or another answer to the same thing, is there already: then nothing is changed.
 */
export async function enqueue(fresh: Fresh): Promise<boolean> {
  const who = session.value?.person;
  if (!who) throw new Error("nobody is signed in");
  const made = fresh.stamp ?? stamp();
  const before = outbox.value.find((item) => item.id === fresh.id);
  const item: Kept = {
    id: fresh.id, kind: fresh.kind, person: who.id, person_name: who.name, stamp: made, made_at: madeAt(made), device_at: deviceAt(made),
    turn: 0, pictures: fresh.pictures.map(keptPicture), state: "waiting", attempts: 0, uncertain: before?.uncertain ?? false, final: false,
    failures: 0, after: 0, trouble: null, refusal: null, report: fresh.report ?? null, answer: fresh.answer ?? null, duty: fresh.duty ?? null,
    receipt: null, sent_at: null, received_at: null, form: fresh.form ?? null, ...(fresh.hold && { hold: fresh.hold }),
  };
  const stored = await put(item, fresh.pictures, fresh.from, true);
  if (fresh.from) leaveDraft(fresh.from.store, fresh.from.key);
  void askToKeep().then(measure);
  void flush({ forced: true });
  return stored;
}

async function put(item: Kept, pictures: readonly Picture[], from?: Fresh["from"], fresh = false): Promise<boolean> {
  try {
    const stored = await keepItem(item, pictures, from, fresh);
    show(stored);
    tell({ what: "changed", item: stored });
    return true;
  } catch (error) {
    if (error instanceof PutBefore) await load();
    if (error instanceof OnItsWay || error instanceof PutBefore) throw error;
    unstored.value = true;
    show(heldItem(item.id) ?? item);
    return false;
  }
}

/** Throws an item away with its photos; false: it is on its way just now. */
export async function discard(id: string): Promise<boolean> {
  const gone = await dropItem(id).catch(() => ((unstored.value = true), true));
  if (gone) leave(id);
  return gone;
}

export { isEditable, isHeld, maybeDelivered, PutBefore };

/** Opens a report again: it is a draft with its uuid from then on. Null: the server may have it, it can only be sent. */
export async function edit(id: string): Promise<Heads<Draft> | null> {
  let draft: Heads<Draft> | null = null;
  const taken = await takeBack(id, (item) => (draft = formOf(item)));
  if (!taken) return (await load(), null);
  leave(id);
  return draft;
}

/** Sends one that was refused once more as it is. */
export async function sendAgain(id: string): Promise<void> {
  const item = await everything.change(id, (kept) => {
    const state = next(kept.state, "send");
    return state && state !== "gone" ? { ...kept, state, refusal: kept.receipt ? kept.refusal : null, after: 0, failures: 0 } : null;
  });
  if (item) show(item);
  await flush({ forced: true });
}

/** What an item was held for has come, or will not come: it goes now, with what is added to its body. */
export async function complete(id: string, body: Record<string, unknown>): Promise<void> {
  const item = await everything.change(id, (kept) =>
    (kept.hold && kept.duty && !kept.final ? { ...kept, hold: 0, duty: { ...kept.duty, body: { ...kept.duty.body, ...body } } } : null));
  if (!item) return;
  show(item);
  tell({ what: "changed", item });
  await whenIdle();
  await flush({ forced: true });
}

/** When nothing is being sent. */
function whenIdle(): Promise<void> {
  return new Promise((done) => {
    const stop = sending.subscribe((now) => {
      if (now) return;
      queueMicrotask(() => stop());
      done();
    });
  });
}

/** When it is not on its way. */
function atRest(id: string): Promise<void> {
  return new Promise((done) => {
    const stop = outbox.subscribe((all) => {
      if (all.find((item) => item.id === id)?.state === "sending") return;
      queueMicrotask(() => stop());
      done();
    });
  });
}

let retaking: Promise<unknown> = Promise.resolve();

/** Sends another photo in place of one that the server could not take, under its id: the report names it. One after the other. */
export async function retake(id: string, photo: string, picture: Picture): Promise<void> {
  const stored = retaking.then(() => replace(id, photo, picture));
  retaking = stored.catch(() => undefined);
  await stored;
  await flush({ forced: true });
}

async function replace(id: string, photo: string, picture: Picture): Promise<void> {
  const taken = { ...picture, id: photo };
  for (let stored = false; !stored; ) {
    await atRest(id);
    // another photo of it may have been taken again since this one was asked for
    const item = (await everything.items()).find((each) => each.id === id);
    if (!item || next(item.state, "retake") === null) return load();
    const photos = (item.refusal?.photos ?? []).filter((each) => each !== photo);
    const again: Kept = {
      ...item, state: "waiting", refusal: item.refusal && photos.length ? { ...item.refusal, photos } : null, failures: 0, after: 0,
      pictures: [...item.pictures.filter((each) => each.id !== photo), { ...keptPicture(taken), sent: false }],
    };
    stored = await put(again, [taken]).then(() => true, (error: unknown) => (error instanceof OnItsWay ? load().then(() => false) : Promise.reject(error)));
  }
}

/** Tries to send all that waits. `forced`: don't wait for the back-off; `asked`: the person did, whatever the phone thinks of its network. */
export async function flush({ forced = false, asked = false } = {}): Promise<void> {
  if (sending.value || !session.value || signedOut.value || (!asked && navigator.onLine === false)) return;
  if (!waiting.value.length || (!forced && !asked && nextTry.value !== null && nextTry.value > Date.now())) return;
  sending.value = true;
  try {
    if (holdsAny() && (await storeHeld())) unstored.value = false;
    const told = (news: News): void => (hear(news), tell(news));
    const held = holdsAny();
    const { end, until, person } = await runSending({ language: language.value, store: everything, forced: forced || asked, told });
    nextTry.value = until;
    if (held && !isAtRisk()) unstored.value = false;
    // somebody else has signed in on this phone: what is shown here is not theirs to send
    if (end === "sign_in" || (person !== null && person !== session.value.person.id)) signedOut.value = true;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    unstored.value = true;
  } finally {
    sending.value = false;
    progress.value = null;
  }
  void measure();
  // what the store does not have cannot be sent
  if (nextTry.value === null && !signedOut.value && waiting.value.length) await load().catch(() => undefined);
  // what came in while we sent
  if (waiting.value.some((item) => !item.attempts) && nextTry.value === null && !signedOut.value) void flush();
}

/**
 * The browser has thrown the store away under the open page: what this page still shows goes into the new one, without
 * its photos' bytes. The report arrives, and says which photos are to be taken again. (In a store that is still the
 * same an item that is gone has been sent or thrown away by another tab: it numbers all that was ever put in.)
 */
async function rescue(): Promise<void> {
  const there = new Set((await everything.items()).map(({ id }) => id));
  const turn = (await everything.get<number>("turn")) ?? 0;
  const lost = outbox.value.filter((item) => item.state !== "accepted" && item.turn > turn && !there.has(item.id));
  for (const item of lost) await keepItem({ ...item, turn: 0, state: item.state === "sending" ? "waiting" : item.state }, []).catch(() => (unstored.value = true));
}

export async function load(): Promise<void> {
  await rescue().catch(() => (unstored.value = true));
  const all = await everything.items();
  const old = Date.now() - RECEIPTS_KEPT_MS;
  const done = all.filter((item) => item.state === "accepted" && !item.refusal?.photos?.length && Date.parse(item.made_at) < old);
  // the receipt stays in the log
  for (const item of done) await dropItem(item.id).catch(() => undefined);
  outbox.value = all.filter((item) => !done.includes(item));
}

/** Loads the outbox and keeps sending; returns what stops it. */
export function startSending(): () => void {
  const again = (): void => void (document.visibilityState === "visible" && flush());
  const back = (): void => void flush({ forced: true });
  const seen = (): void => void (document.visibilityState === "visible" && load().then(() => flush()));
  const elsewhere = ({ data }: MessageEvent<News>): void => hear(data);
  let stopClock = (): void => undefined;
  void watchClock().then((stop) => (stopClock = stop), () => undefined);
  void sweep().catch(() => (unstored.value = true)).then(load).then(back).then(measure);
  const timer = setInterval(again, EVERY_MS);
  // a wait of one second ends after one second
  let soon: ReturnType<typeof setTimeout> | undefined;
  const whenDue = nextTry.subscribe((at) => {
    clearTimeout(soon);
    if (at !== null && at - Date.now() < EVERY_MS) soon = setTimeout(again, Math.max(0, at - Date.now()) + 50);
  });
  const whenSignedIn = signedOut.subscribe((out) => void (!out && flush({ forced: true })));
  // any answer shows that the network is back
  const whenOnline = online.subscribe((now) => void (now && back()));
  channel?.addEventListener("message", elsewhere);
  window.addEventListener("online", back);
  document.addEventListener("visibilitychange", seen);
  return () => {
    clearInterval(timer);
    whenDue();
    clearTimeout(soon);
    whenSignedIn();
    whenOnline();
    stopClock();
    channel?.removeEventListener("message", elsewhere);
    window.removeEventListener("online", back);
    document.removeEventListener("visibilitychange", seen);
  };
}
