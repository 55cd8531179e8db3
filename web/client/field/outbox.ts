/** What the inspector sends, kept in IndexedDB until the server has answered: nothing is lost without a connection. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ReportAnswer, ReportBody } from "../shared/api";
import type { Fault } from "../shared/http";
import type { Picture } from "../shared/pictures";

export interface Refusal {
  name: string;
  text: string;
  faults: Fault[];
  photos?: string[];
}

export interface Kept {
  /** The report's uuid, or one made for the answer. */
  id: string;
  kind: "report" | "answer";
  person: number;
  made_at: string;
  pictures: Picture[];
  state: "waiting" | "refused" | "sent";
  attempts: number;
  /** Why the server refused, in its words, and the photos it could not take. */
  refusal: Refusal | null;
  report: ReportBody | null;
  answer: { no: string; verb: "verify" | "check"; fields: Record<string, unknown>; version: number; title: string } | null;
  receipt: ReportAnswer | null;
}

export interface Draft {
  id: string;
  pictures: Picture[];
  spot: { lon: number; lat: number; accuracy_m: number | null; by_hand: boolean } | null;
  category_code: string | null;
  category_later: boolean;
  description: string;
  observed_at: string;
  step: 1 | 2 | 3;
}

/** An answer being written to a task, with its photos. */
export interface AnswerDraft {
  outcome: string;
  text: string;
  pictures: Picture[];
}

interface Schema extends DBSchema {
  outbox: { key: string; value: Kept };
  drafts: { key: string; value: Draft };
  answers: { key: string; value: AnswerDraft };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("wangge-field", 2, {
    upgrade(db, before) {
      if (before < 1) {
        db.createObjectStore("outbox", { keyPath: "id" });
        db.createObjectStore("drafts");
      }
      db.createObjectStore("answers");
    },
    // another tab of a newer page wants to upgrade: let it
    blocking: (_, __, event) => {
      (event.target as IDBDatabase).close();
      opened = null;
    },
  });
  return opened;
}

export async function readOutbox(): Promise<Kept[]> {
  const all = await (await database()).getAll("outbox");
  return all.sort((a, b) => a.made_at.localeCompare(b.made_at));
}

export async function keep(item: Kept): Promise<void> {
  await (await database()).put("outbox", item);
}

export async function drop(id: string): Promise<void> {
  await (await database()).delete("outbox", id);
}

export async function readReportDraft(): Promise<Draft | null> {
  return (await (await database()).get("drafts", "report")) ?? null;
}

export async function keepReportDraft(draft: Draft): Promise<void> {
  await (await database()).put("drafts", draft, "report");
}

export async function dropReportDraft(): Promise<void> {
  await (await database()).delete("drafts", "report");
}

/** Beside the database, for browsers that allow no storage. */
const answersHere = new Map<string, AnswerDraft>();

export function answerKey(person: number, no: string, verb: string): string {
  return `${person}:${no}:${verb}`;
}

export async function readAnswerDraft(key: string): Promise<AnswerDraft | null> {
  return answersHere.get(key) ?? (await (await database()).get("answers", key)) ?? null;
}

export async function keepAnswerDraft(key: string, draft: AnswerDraft): Promise<void> {
  answersHere.set(key, draft);
  await (await database()).put("answers", draft, key);
}

export async function dropAnswerDraft(key: string): Promise<void> {
  answersHere.delete(key);
  await (await database()).delete("answers", key);
}

/** For tests: closes and forgets the open database. */
export async function closeOutbox(): Promise<void> {
  (await opened)?.close();
  opened = null;
  answersHere.clear();
}
