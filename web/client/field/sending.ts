/** Sends what waits in the outbox: on load, online, visible again, by timer and by button; one sending at a time. */
import { computed, signal } from "@preact/signals";
import type { CaseDetail, ReportAnswer } from "../shared/api";
import { get, post, Problem, put, signedOut, Unreachable } from "../shared/http";
import { type Picture, sendPicture } from "../shared/pictures";
import { session } from "../shared/session";
import { answerKey, drop, dropAnswerDraft, type Kept, keep, readOutbox } from "./outbox";

const EVERY_SECONDS = 20;
const RECEIPTS_KEPT_MS = 24 * 3600 * 1000;

export const outbox = signal<Kept[]>([]);
export const sending = signal(false);
/** The browser allows no storage (private mode): items live only in this page. */
export const unstored = signal(false);
/** Grows with each item that arrived, so that lists fetch anew. */
export const arrived = signal(0);

const own = (item: Kept): boolean => item.person === session.value?.person.id;
export const waiting = computed(() => outbox.value.filter((item) => item.state === "waiting" && own(item)));
export const refused = computed(() => outbox.value.filter((item) => item.state === "refused" && own(item)));
/** Arrived, but without photos that the server could not take: they can be taken again. */
export const lacking = computed(() => outbox.value.filter((item) => item.state === "sent" && item.refusal?.photos?.length && own(item)));

function show(item: Kept): void {
  const others = outbox.value.filter((other) => other.id !== item.id);
  outbox.value = [...others, item].sort((a, b) => a.made_at.localeCompare(b.made_at));
}

async function store(item: Kept): Promise<void> {
  show(item);
  try {
    await keep(item);
  } catch {
    unstored.value = true;
  }
}

/** Puts an item in (or back in) and tries to send it. */
export async function enqueue(item: Kept): Promise<void> {
  await store(item);
  void flush();
}

/** The answer has arrived, or its writer gave it up: only now may what was typed go. */
async function forgetAnswer(item: Kept): Promise<void> {
  if (!item.answer) return;
  await dropAnswerDraft(answerKey(item.person, item.answer.no, item.answer.verb)).catch(() => (unstored.value = true));
}

export async function discard(id: string): Promise<void> {
  const item = outbox.value.find((each) => each.id === id);
  outbox.value = outbox.value.filter((each) => each.id !== id);
  if (item) await forgetAnswer(item);
  await drop(id).catch(() => (unstored.value = true));
}

/** Whether the server did the verb although its answer never came: then our photos hang on the case. */
async function doneBefore(item: Kept): Promise<boolean> {
  if (!item.answer || item.attempts < 2 || !item.pictures.length) return false;
  const found = await get<CaseDetail>(`cases/${item.answer.no}`);
  const there = new Set(found.photos.filter((photo) => photo.kind !== "report").map((photo) => photo.id));
  return item.pictures.every((picture) => there.has(picture.id));
}

/** Worth trying again by itself; any other problem stays one until a person mends it. */
function passes(problem: Problem): boolean {
  return problem.status === 401 || problem.status === 429 || problem.status >= 500;
}

async function sendPictures(item: Kept): Promise<void> {
  for (const picture of item.pictures.filter((each) => !each.sent)) {
    await sendPicture(picture);
    picture.sent = true;
    await store({ ...item });
  }
}

/** A report that has arrived stays so: a photo that the server cannot read is noted, not sent for ever. */
async function sendLatePictures(item: Kept): Promise<void> {
  try {
    await sendPictures(item);
  } catch (error) {
    if (!(error instanceof Problem) || passes(error)) throw error;
    const bad = item.pictures.find((picture) => !picture.sent);
    const photos = [...(item.refusal?.photos ?? []), ...(bad ? [bad.id] : [])];
    item.refusal = { name: error.name, text: error.message, faults: error.faults, photos };
    item.pictures = item.pictures.filter((picture) => picture !== bad);
    await sendLatePictures(item);
  }
}

async function sendReport(item: Kept): Promise<void> {
  // the report first: the centre's clock should start before large photos have made their way
  item.receipt ??= await put<ReportAnswer>(`reports/${item.id}`, item.report);
  await store({ ...item });
  await sendLatePictures(item);
}

async function sendAnswer(item: Kept): Promise<void> {
  if (!item.answer) return;
  await sendPictures(item);
  const { no, verb, fields, version } = item.answer;
  const photos = item.pictures.map((picture) => picture.id);
  try {
    await post(`cases/${no}/verbs/${verb}`, { ...fields, photos, version });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409 && (await doneBefore(item)))) throw error;
  }
}

/** True: go on with the next. False: no connection or no session, try all later. */
async function sendOne(item: Kept): Promise<boolean> {
  item.attempts += 1;
  try {
    await (item.kind === "report" ? sendReport(item) : sendAnswer(item));
  } catch (error) {
    if (error instanceof Unreachable) return (await store({ ...item }), false);
    if (!(error instanceof Problem)) throw error;
    const later = passes(error);
    if (!later) {
      item.state = "refused";
      // an answer's photos go before it: the first that has not arrived is the refused one
      const bad = item.kind === "answer" ? item.pictures.find((picture) => !picture.sent) : undefined;
      item.refusal = { name: error.name, text: error.message, faults: error.faults, ...(bad && { photos: [bad.id] }) };
    }
    await store({ ...item });
    return !later || error.status >= 500;
  }
  item.state = "sent";
  item.pictures = [];
  await store({ ...item });
  await forgetAnswer(item);
  arrived.value += 1;
  return true;
}

/** Sends another photo in place of one that the server could not take. */
export async function retake(item: Kept, photo: string, picture: Picture): Promise<void> {
  const photos = (item.refusal?.photos ?? []).filter((id) => id !== photo);
  const refusal = item.refusal && photos.length ? { ...item.refusal, photos } : null;
  await enqueue({ ...item, pictures: [...item.pictures, { ...picture, id: photo, sent: false }], refusal, state: "waiting" });
}

export async function flush(): Promise<void> {
  if (sending.value || !session.value || signedOut.value) return;
  sending.value = true;
  try {
    for (const item of [...waiting.value]) if (!(await sendOne({ ...item }))) break;
  } finally {
    sending.value = false;
  }
}

async function load(): Promise<void> {
  try {
    const all = await readOutbox();
    const old = Date.now() - RECEIPTS_KEPT_MS;
    const done = all.filter((item) => item.state === "sent" && !item.refusal?.photos?.length && Date.parse(item.made_at) < old);
    await Promise.all(done.map((item) => drop(item.id)));
    outbox.value = all.filter((item) => !done.includes(item));
  } catch {
    unstored.value = true;
  }
}

/** Loads the outbox and keeps sending; returns what stops it. */
export function startSending(): () => void {
  const again = (): void => void (document.visibilityState === "visible" && flush());
  void load().then(flush);
  const timer = setInterval(again, EVERY_SECONDS * 1000);
  const whenSignedIn = signedOut.subscribe((out) => void (!out && flush()));
  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", again);
  return () => {
    clearInterval(timer);
    whenSignedIn();
    window.removeEventListener("online", again);
    document.removeEventListener("visibilitychange", again);
  };
}
