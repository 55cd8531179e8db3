/**
 * An answer being written, to a task or to a roll call: one for each key, whichever component shows it. It is kept at
 * each step, with photos as they came and again when they are smaller, and it is handed over once.
 */
import { type Signal, signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Picture } from "../../shared/pictures";
import { session } from "../../shared/session";
import { keepAnswerDraft, readAnswerDraft, whenElsewhere } from "./drafts";
import { PutBefore, unstored } from "./items";
import type { AnswerDraft } from "./kinds";

export interface Writing {
  key: string;
  draft: Signal<AnswerDraft>;
  /** It is being handed over; a second tap does nothing. */
  busy: Signal<boolean>;
  /** Photos that are being read or made smaller. */
  jobs: Set<Promise<unknown>>;
  shown: number;
  /** It is in the outbox, or going there: nothing may be written any more. */
  gone: boolean;
}

const opened = new Map<string, Writing>();

function forget(writing: Writing): void {
  if (!writing.shown && !writing.jobs.size && opened.get(writing.key) === writing) opened.delete(writing.key);
}

/** As it stands; what was kept is read where nothing here shows it yet. */
export async function openWriting(key: string, kept: () => Promise<AnswerDraft>): Promise<Writing> {
  const draft = opened.has(key) ? null : await kept();
  const writing = opened.get(key) ?? { key, draft: signal(draft!), busy: signal(false), jobs: new Set(), shown: 0, gone: false };
  opened.set(key, writing);
  writing.shown += 1;
  return writing;
}

export function closeWriting(writing: Writing): void {
  writing.shown -= 1;
  forget(writing);
}

export function write(writing: Writing, edit: (before: AnswerDraft) => Partial<AnswerDraft>): void {
  if (writing.gone) return;
  const draft = { ...writing.draft.value, ...edit(writing.draft.value) };
  writing.draft.value = draft;
  keepAnswerDraft(writing.key, draft).catch(() => (unstored.value = true));
}

export function writePictures(writing: Writing, edit: (before: Picture[]) => Picture[]): void {
  write(writing, ({ pictures }) => ({ pictures: edit(pictures) }));
}

export function during(writing: Writing, job: Promise<unknown>): void {
  writing.jobs.add(job);
  const end = (): void => {
    writing.jobs.delete(job);
    forget(writing);
  };
  job.then(end, end);
}

/** Hands it over as it stands when all its photos are in, unless it lacks something then; once, however often it is tapped. */
export async function handOver(writing: Writing, lacks: (draft: AnswerDraft) => boolean, send: (draft: AnswerDraft) => Promise<unknown>,
  before: () => Promise<unknown> = () => Promise.resolve()): Promise<boolean> {
  if (writing.busy.value || writing.gone) return false;
  writing.busy.value = true;
  try {
    await before();
    while (writing.jobs.size) await Promise.allSettled(writing.jobs);
    // somebody else has signed in meanwhile: it stays theirs who have written it
    if (!writing.key.startsWith(`${session.value?.person.id}:`) || lacks(writing.draft.value)) return false;
    writing.gone = true;
    // in another tab it has gone before
    await send(writing.draft.value).catch((error: unknown) => (error instanceof PutBefore ? undefined : Promise.reject(error)));
    opened.delete(writing.key);
    return true;
  } catch (error) {
    writing.gone = false;
    throw error;
  } finally {
    writing.busy.value = false;
  }
}

/** Another tab has written it, or sent it. */
async function takeOver(key: string): Promise<void> {
  const writing = opened.get(key);
  const before = writing?.draft.value;
  const kept = writing && (await readAnswerDraft(key).catch(() => null));
  if (writing && kept && !writing.gone && writing.draft.value === before) writing.draft.value = kept;
}

whenElsewhere((store, key) => void (store === "answers" && takeOver(key)));

export function useWriting(key: string, kept: () => Promise<AnswerDraft>): Writing | null {
  const [writing, setWriting] = useState<Writing | null>(null);
  useEffect(() => {
    let mine: Writing | null = null;
    let here = true;
    void openWriting(key, kept).then((found) => {
      if (!here) return closeWriting(found);
      mine = found;
      setWriting(found);
    });
    return () => {
      here = false;
      if (mine) closeWriting(mine);
      setWriting(null);
    };
  }, [key]);
  return writing;
}
