/** The report being written, and the others put aside: each kept on the phone with its photos from the first one on. */
import { signal } from "@preact/signals";
import { rememberCategory } from "../../shared/catalogue";
import { factsOf } from "../../shared/exif";
import { newId } from "../../shared/ids";
import { type Picture, PictureRefused, readPicture, shrink } from "../../shared/pictures";
import { session } from "../../shared/session";
import { dropDraft, keepDraft, listDrafts, readDraft } from "../outbox/drafts";
import { madeAt, stamp } from "../outbox/clock";
import { enqueue, unstored } from "../outbox/items";
import type { Heads } from "../outbox/kinds";
import { asForm, blank, bodyOf, isBlank, keptForm, MOST_PHOTOS, type ReportForm, type Side } from "./form";

const CURRENT = "wangge_draft";

function fresh(): ReportForm {
  return blank(newId(), session.value?.person.id ?? null);
}

export const draft = signal<ReportForm>(fresh());
/** The others, the last changed first; without their photos. */
export const aside = signal<Heads<ReportForm>[]>([]);
/** The outbox id of the report just sent, whose receipt is shown. */
export const lastSent = signal<string | null>(null);

/** Which draft a page opened anew goes on with: the camera may have cost the page its life. */
function noteCurrent(id: string | null): void {
  try {
    if (id) localStorage.setItem(CURRENT, id);
    else localStorage.removeItem(CURRENT);
  } catch {
    // forbidden: then the draft stands among those put aside
  }
}

function currentId(): string | null {
  try {
    return localStorage.getItem(CURRENT);
  } catch {
    return null;
  }
}

let waiting: ReportForm | null = null;
let keeping: Promise<void> | null = null;

async function keepAll(): Promise<void> {
  for (let next = waiting; next; next = waiting) {
    waiting = null;
    try {
      await keepDraft(next);
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
    const mine = await listDrafts<ReportForm>(session.value?.person.id ?? 0);
    aside.value = mine.filter(({ id }) => id !== draft.value.id);
  } catch {
    unstored.value = true;
  }
}

/** Shows a form and remembers that it is the one being written. */
function show(form: ReportForm): void {
  draft.value = form;
  noteCurrent(isBlank(form) ? null : form.id);
}

/** What was being written when the page was left. */
export async function loadDraft(): Promise<void> {
  const id = currentId();
  try {
    const kept = id && isBlank(draft.value) ? await readDraft(id) : null;
    if (kept && isBlank(draft.value)) show(asForm(kept));
  } catch {
    unstored.value = true;
  }
  await listAside();
}

/** Changes the form; it stands in the phone's store when this resolves. */
export function change(part: Partial<ReportForm>): Promise<void> {
  const next = { ...draft.value, ...part, person: session.value?.person.id ?? null, changed_at: new Date().toISOString() };
  // the moment of discovery is that of the first photo
  if (!next.stamp && next.pictures.length) next.stamp = stamp();
  show(next);
  return isBlank(next) ? Promise.resolve() : keep(next);
}

/** Puts the present one aside, where it can be found again, and opens another or a fresh one. */
async function swap(next: ReportForm): Promise<void> {
  await keeping;
  lastSent.value = null;
  show(next);
  await listAside();
}

export function setAside(): Promise<void> {
  return swap(fresh());
}

/** One that was put aside, or a refused report that the outbox has given back. False: it is not there any more. */
export async function openDraft(id: string): Promise<boolean> {
  const kept = await readDraft(id);
  if (kept) await swap(asForm(kept));
  return kept !== null;
}

async function drop(id: string): Promise<void> {
  await keeping;
  await dropDraft(id).catch(() => (unstored.value = true));
}

export async function discardDraft(id = draft.value.id): Promise<void> {
  if (id === draft.value.id) show(fresh());
  await drop(id);
  await listAside();
}

/** Photos are still being made smaller. */
let shrinking: Promise<unknown> = Promise.resolve();

function replace(picture: Picture): Promise<void> {
  const { pictures } = draft.value;
  if (!pictures.some(({ id }) => id === picture.id)) return Promise.resolve();
  return change({ pictures: pictures.map((other) => (other.id === picture.id ? picture : other)) });
}

async function addPhoto(file: File, side: Side): Promise<void> {
  const taken = await readPicture(file);
  const { lon, lat } = factsOf(taken.bytes, taken.type);
  const { pictures, after } = draft.value;
  // as it came first, for the page may end while it is made smaller
  await change({
    pictures: [...pictures, taken],
    ...(side === "after" && { after: [...after, taken.id] }),
    ...(lon !== null && lat !== null && { photo_spot: { lon, lat } }),
  });
  const smaller = shrink(taken, file.name).then(
    (picture) => (picture === taken ? undefined : replace(picture)),
    (error: unknown) => {
      void change({ pictures: draft.value.pictures.filter(({ id }) => id !== taken.id) });
      throw error;
    },
  );
  shrinking = Promise.allSettled([shrinking, smaller]);
  await smaller;
}

/** Takes the photos in, one by one; answers with those that are none. */
export async function addPhotos(files: File[], side: Side): Promise<PictureRefused[]> {
  const refused: PictureRefused[] = [];
  for (const file of files.slice(0, MOST_PHOTOS - draft.value.pictures.length)) {
    try {
      await addPhoto(file, side);
    } catch (error) {
      if (!(error instanceof PictureRefused)) throw error;
      refused.push(error);
    }
  }
  return refused;
}

/** Into the outbox, and a fresh draft; the receipt follows when the server has answered. */
export async function sendDraft(): Promise<void> {
  if (!session.value) return;
  await shrinking;
  await keeping;
  const form = draft.value;
  const taken = form.stamp ?? stamp();
  if (form.category_code && !form.category_later) rememberCategory(form.category_code);
  await enqueue({
    id: form.id, kind: "report", pictures: form.pictures, report: bodyOf(form, form.observed_at || madeAt(taken)), stamp: taken,
    form: keptForm(form), from: { store: "drafts", key: form.id },
  });
  lastSent.value = form.id;
  show(fresh());
  await listAside();
}
