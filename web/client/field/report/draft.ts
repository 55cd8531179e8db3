/** The report being written, and the others put aside: each kept on the phone with its photos from the first one on. */
import { effect, signal, untracked } from "@preact/signals";
import { rememberCategory } from "../../shared/catalogue";
import { factsOf } from "../../shared/exif";
import { newId } from "../../shared/ids";
import { PictureRefused, readPicture, shrink } from "../../shared/pictures";
import { session } from "../../shared/session";
import { dropDraft, keepDraft, listDrafts, readDraft, whenElsewhere } from "../outbox/drafts";
import { madeAt, stamp } from "../outbox/clock";
import { enqueue, outbox, PutBefore, unstored } from "../outbox/items";
import type { Heads } from "../outbox/kinds";
import { asForm, blank, bodyOf, isBlank, keptForm, lacks, MOST_PHOTOS, type ReportForm, type Side } from "./form";
import { currentId, isMine, me, noteCurrent } from "./own";

function fresh(): ReportForm {
  return blank(newId(), me());
}

export const draft = signal<ReportForm>(fresh());
/** The others, the last changed first; without their photos. */
export const aside = signal<Heads<ReportForm>[]>([]);
/** The outbox id of the report just sent, whose receipt is shown. */
export const lastSent = signal<string | null>(null);
/** It goes into the outbox just now: what is typed meanwhile would be in neither. */
export const handing = signal(false);
/** The drafts whose chosen photos are still being read or made smaller. */
export const taking = signal<ReadonlySet<string>>(new Set());
/** Files chosen last that are no photos, and stand nowhere; and how many were more than a report takes. */
export const notTaken = signal<PictureRefused[]>([]);
export const tooMany = signal(0);

let waiting: ReportForm | null = null;
let keeping: Promise<void> | null = null;

async function keepAll(): Promise<void> {
  for (let next = waiting; next; next = waiting) {
    waiting = null;
    try {
      await (isBlank(next) ? dropDraft(next.id) : keepDraft(next));
      unstored.value = false;
    } catch {
      unstored.value = true;
    }
  }
  keeping = null;
}

/** Writes the draft; while one writing is under way the next holds all that came meanwhile. */
function keep(form: ReportForm): Promise<void> {
  waiting = form;
  keeping ??= keepAll();
  return keeping;
}

export async function listAside(): Promise<void> {
  try {
    const mine = await listDrafts<ReportForm>(me() ?? 0);
    aside.value = mine.filter(({ id }) => id !== draft.value.id);
  } catch {
    unstored.value = true;
  }
}

/** Shows a form and remembers that it is the one being written. */
function show(form: ReportForm): void {
  if (form.id !== draft.value.id) [notTaken.value, tooMany.value] = [[], 0];
  draft.value = form;
  noteCurrent(isBlank(form) ? null : form.id);
}

/** Nothing entered, and no photo on its way into it. */
const isUnused = (): boolean => isBlank(draft.value) && !taking.value.has(draft.value.id);

/** What was being written when the page was left; another person's stays theirs. */
export async function loadDraft(): Promise<void> {
  const id = currentId();
  try {
    const kept = id && isUnused() ? await readDraft(id) : null;
    if (kept && isMine(kept) && isUnused()) show(asForm(kept));
  } catch {
    unstored.value = true;
  }
  await listAside();
}

type Edit = Partial<ReportForm> | ((form: ReportForm) => Partial<ReportForm>);

function edited(form: ReportForm, edit: Edit): ReportForm {
  const part = typeof edit === "function" ? edit(form) : edit;
  // whoever began it: what comes late goes on being theirs
  const next = { ...form, ...part, person: form.person ?? me(), changed_at: new Date().toISOString() };
  // the moment of discovery is that of the first photo
  if (!next.stamp && next.pictures.length) next.stamp = stamp();
  return next;
}

/** Where what comes too late for a report goes: one that was thrown away has no place for it, one that was sent another draft. */
const left = new Map<string, string | null>();
/** Who has chosen photos for a draft. */
const owners = new Map<string, number | null>();

/** Not the one shown any more: into the phone's store, and never into the one that is shown instead. */
async function changeAside(id: string, edit: Edit): Promise<void> {
  const to = left.has(id) ? left.get(id) : id;
  if (!to) return;
  const kept = await readDraft(to).catch(() => null);
  const next = edited(asForm(kept ?? blank(to, owners.get(id))), edit);
  if (!isBlank(next)) await keepDraft(next).catch(() => (unstored.value = true));
  await listAside();
}

/** Changes the form; it stands in the phone's store when this resolves. With `id`: that draft, whichever is shown by now. */
export async function change(edit: Edit, id = draft.value.id): Promise<void> {
  if (id !== draft.value.id || (handing.value && typeof edit === "function")) return changeAside(id, edit);
  if (handing.value) return undefined;
  const before = draft.value;
  const next = edited(before, edit);
  // nothing entered yet: the one to go on with stays the one that was noted
  if (isBlank(before) && isBlank(next)) return void (draft.value = next);
  show(next);
  return keep(next);
}

const jobs = new Map<string, Set<Promise<unknown>>>();

function during(id: string, job: Promise<unknown>): void {
  const mine = jobs.get(id) ?? new Set();
  jobs.set(id, mine.add(job));
  taking.value = new Set(jobs.keys());
  const end = (): void => {
    mine.delete(job);
    if (!mine.size) jobs.delete(id);
    taking.value = new Set(jobs.keys());
  };
  job.then(end, end);
}

/** When all photos chosen for the draft are in it and it is kept. False: another one is being written by then. */
export async function settled(): Promise<boolean> {
  const { id } = draft.value;
  for (;;) {
    const running = jobs.get(id);
    if (running) await Promise.allSettled(running);
    else if (keeping) await keeping;
    else return draft.value.id === id;
  }
}

/** Puts the present one aside, where it can be found again, and opens another or a fresh one. */
async function swap(next: ReportForm): Promise<void> {
  lastSent.value = null;
  left.delete(next.id);
  show(next);
  await listAside();
}

export async function setAside(): Promise<void> {
  if (await settled()) await swap(fresh());
}

/** One that was put aside, or a refused report that the outbox has given back. False: it is not there any more. */
export async function openDraft(id: string): Promise<boolean> {
  if (!(await settled())) return false;
  const before = draft.value.id;
  const kept = await readDraft(id);
  if (kept && !isMine(kept)) return false;
  // what was typed while it was read is kept as it stands
  if (kept && (await settled()) && draft.value.id === before) await swap(asForm(kept));
  return kept !== null;
}

/** Away with it, and with what is still on its way into it. */
export async function discardDraft(id = draft.value.id): Promise<void> {
  left.set(id, null);
  if (id === draft.value.id) show(fresh());
  await Promise.allSettled(jobs.get(id) ?? []);
  await keeping;
  await dropDraft(id).catch(() => (unstored.value = true));
  await listAside();
}

async function takeOne(id: string, file: File, side: Side): Promise<void> {
  const taken = await readPicture(file);
  const { lon, lat } = factsOf(taken.bytes, taken.type);
  // as it came first, for the page may end while it is made smaller
  await change(({ pictures, after }) => (pictures.length >= MOST_PHOTOS ? {} : {
    pictures: [...pictures, taken],
    ...(side === "after" && { after: [...after, taken.id] }),
    ...(lon !== null && lat !== null && { photo_spot: { lon, lat } }),
  }), id);
  try {
    const smaller = await shrink(taken, file.name);
    if (smaller !== taken) await change(({ pictures }) => ({ pictures: pictures.map((other) => (other.id === taken.id ? smaller : other)) }), id);
  } catch (error) {
    if (error instanceof PictureRefused) await change(({ pictures, after }) => ({ pictures: pictures.filter((other) => other.id !== taken.id), after: after.filter((other) => other !== taken.id) }), id);
    throw error;
  }
}

async function takeAll(id: string, files: File[], side: Side): Promise<PictureRefused[]> {
  const refused: PictureRefused[] = [];
  for (const file of files) {
    if (left.get(id) === null) break;
    if (id === draft.value.id && draft.value.pictures.length >= MOST_PHOTOS) {
      tooMany.value += 1;
      continue;
    }
    try {
      await takeOne(id, file, side);
    } catch (error) {
      if (!(error instanceof PictureRefused)) throw error;
      refused.push(error);
    }
  }
  if (id === draft.value.id) notTaken.value = refused;
  return refused;
}

/** Takes the photos in, one by one, into the draft for which they were chosen; answers with those that are none. */
export function addPhotos(files: File[], side: Side, id = draft.value.id): Promise<PictureRefused[]> {
  if (id === draft.value.id) [notTaken.value, tooMany.value] = [[], 0];
  if (!owners.has(id)) owners.set(id, me());
  const job = takeAll(id, files, side);
  during(id, job);
  return job;
}

/** Into the outbox; where another tab has sent it, what stands here goes on as a draft of its own. */
async function enter(form: ReportForm): Promise<void> {
  const taken = form.stamp ?? stamp();
  const report = bodyOf(form, form.observed_at || madeAt(taken));
  try {
    await enqueue({ id: form.id, kind: "report", pictures: form.pictures, report, stamp: taken, form: keptForm(form), from: { store: "drafts", key: form.id } });
  } catch (error) {
    if (!(error instanceof PutBefore)) throw error;
    const there = outbox.value.find(({ id }) => id === form.id)?.report;
    const same = there?.description === report.description && there.category_code === report.category_code && String(there.photos) === String(report.photos);
    if (same) return dropDraft(form.id);
    const renamed = new Map(form.pictures.map(({ id }) => [id, newId()]));
    await keepDraft({
      ...form, id: left.get(form.id)!, refusal: null, pictures: form.pictures.map((picture) => ({ ...picture, id: renamed.get(picture.id)!, sent: false })),
      after: form.after.map((id) => renamed.get(id) ?? id),
    });
    await dropDraft(form.id);
  }
}

/** Into the outbox, and a fresh draft; the receipt follows when the server has answered. False: it is not to be sent as it is now. */
export async function sendDraft(): Promise<boolean> {
  if (!session.value || handing.value || !(await settled()) || handing.value || !session.value || !isMine(draft.value) || lacks(draft.value).length) return false;
  const form = draft.value;
  handing.value = true;
  left.set(form.id, newId());
  try {
    if (form.category_code && !form.category_later) rememberCategory(form.category_code);
    await enter(form);
    lastSent.value = form.id;
    show(fresh());
  } catch (error) {
    left.delete(form.id);
    throw error;
  } finally {
    handing.value = false;
  }
  await listAside();
  return true;
}

/** Another tab has written the draft that is shown here: it is taken over. Or has sent it, or thrown it away: then another one begins. */
async function takeOver(id: string): Promise<void> {
  await keeping;
  const before = draft.value;
  if (before.id !== id || handing.value) return listAside();
  const kept = await readDraft<ReportForm>(id).catch(() => before);
  if (draft.value === before && !keeping && !handing.value && kept?.changed_at !== before.changed_at) {
    if (!kept) left.set(id, newId());
    show(kept ? asForm(kept) : fresh());
  }
  await listAside();
}

/** Somebody else has signed in: what is shown here stays in the store, for the one whose it is. */
effect(() => {
  if (!session.value) return;
  untracked(() => {
    if (isMine(draft.value)) return;
    draft.value = fresh();
    [aside.value, lastSent.value, notTaken.value, tooMany.value] = [[], null, [], 0];
    void loadDraft();
  });
});

whenElsewhere((store, key) => void (store === "drafts" && takeOver(key)));
