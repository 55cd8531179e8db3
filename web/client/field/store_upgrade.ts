/** From older versions of the phone's store to the present one, without loss. */
import type { IDBPDatabase, IDBPTransaction } from "idb";
import type { ReportAnswer, ReportBody } from "../shared/api";
import type { Picture } from "../shared/pictures";
import type { AnswerDraft, Draft, Kept, KeptPicture, Refusal, TaskAnswer } from "./outbox/kinds";
import type { Schema, StoreName } from "./store";

type Upgrade = IDBPTransaction<Schema, StoreName[], "versionchange">;

/** An item as versions 1 and 2 kept it: photos within, `sent` for `accepted`. */
export interface OldItem {
  id: string;
  kind: "report" | "answer";
  person: number;
  made_at: string;
  pictures: Picture[];
  state: "waiting" | "refused" | "sent";
  attempts: number;
  refusal: Refusal | null;
  report: ReportBody | null;
  answer: TaskAnswer | null;
  receipt: ReportAnswer | null;
}

const STATE = { waiting: "waiting", refused: "refused", sent: "accepted" } as const;

export function keptPicture({ id, type, bytes, sent }: Picture): KeptPicture {
  return { id, type, sent, size: bytes.byteLength, sha256: null, server_sha256: null, tried: false };
}

/** Old items had their moment corrected when they were captured: it is final. */
export function fromOld(old: OldItem): Kept {
  const waits = old.state === "waiting";
  return {
    ...old, person_name: "", device_at: old.made_at, turn: 0, state: STATE[old.state], pictures: old.pictures.map(keptPicture),
    stamp: { device_ms: Date.parse(old.made_at), skew: 0, guess: null, moved: 0, gaps: 0 },
    uncertain: waits && old.attempts > 0 && !old.receipt, final: true, failures: 0, after: 0, trouble: null, duty: null,
    sent_at: null, received_at: null, form: null,
  };
}

async function moveItems(tx: Upgrade): Promise<void> {
  const photos = tx.objectStore("photos");
  for (let at = await tx.objectStore("outbox").openCursor(); at; at = await at.continue()) {
    const old = at.value as unknown as OldItem;
    for (const picture of old.pictures) await photos.put(picture.bytes, picture.id);
    await at.update(fromOld(old));
  }
}

async function moveDrafts(tx: Upgrade): Promise<void> {
  const [photos, drafts, answers] = [tx.objectStore("photos"), tx.objectStore("drafts"), tx.objectStore("answers")];
  const heads = async (pictures: Picture[]): Promise<Omit<Picture, "bytes">[]> => {
    for (const picture of pictures) await photos.put(picture.bytes, picture.id);
    return pictures.map(({ bytes: _, ...head }) => head);
  };
  const old = (await drafts.get("report")) as unknown as (Draft & { observed_at?: string }) | undefined;
  if (old) {
    const changed_at = old.observed_at || new Date(0).toISOString();
    await drafts.put({ ...old, person: null, changed_at, pictures: await heads(old.pictures) }, old.id);
    await drafts.delete("report");
  }
  // an answer in the outbox is being written no more, unless it was refused
  for (const { person, answer, state } of await tx.objectStore("outbox").getAll()) {
    if (answer && state !== "refused") await answers.delete(`${person}:${answer.no}:${answer.verb}`);
  }
  for (let at = await answers.openCursor(); at; at = await at.continue()) {
    const draft = at.value as unknown as AnswerDraft;
    await at.update({ ...draft, pictures: await heads(draft.pictures) });
  }
}

export async function upgrade(db: IDBPDatabase<Schema>, before: number, _: number | null, tx: Upgrade): Promise<void> {
  if (before < 1) {
    db.createObjectStore("outbox", { keyPath: "id" });
    db.createObjectStore("drafts");
  }
  if (before < 2) db.createObjectStore("answers");
  if (before < 3) {
    db.createObjectStore("photos");
    db.createObjectStore("kept");
    db.createObjectStore("log", { keyPath: "id" });
    db.createObjectStore("tracks", { keyPath: ["person", "at"] });
    await moveItems(tx);
    await moveDrafts(tx);
  }
}
