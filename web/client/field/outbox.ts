/** What the inspector sends, kept in IndexedDB until the server has answered: nothing is lost without a connection. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { ReportAnswer, ReportBody } from "../shared/api";
import type { Fault } from "../shared/http";
import type { Picture } from "../shared/pictures";

export interface Kept {
  /** The report's uuid, or one made for the answer. */
  id: string;
  kind: "report" | "answer";
  person: number;
  made_at: string;
  pictures: Picture[];
  state: "waiting" | "refused" | "sent";
  attempts: number;
  /** Why the server refused, in its words. */
  refusal: { name: string; text: string; faults: Fault[] } | null;
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

interface Schema extends DBSchema {
  outbox: { key: string; value: Kept };
  drafts: { key: string; value: Draft };
}

let opened: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("wangge-field", 1, {
    upgrade(db) {
      db.createObjectStore("outbox", { keyPath: "id" });
      db.createObjectStore("drafts");
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

/** For tests: closes and forgets the open database. */
export async function closeOutbox(): Promise<void> {
  (await opened)?.close();
  opened = null;
}
