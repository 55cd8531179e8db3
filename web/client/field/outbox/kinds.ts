/** What the phone keeps: items that wait to be sent, what is being written, receipts. Shapes only. */
import type { ReportAnswer, ReportBody } from "../../shared/api";
import type { Fault } from "../../shared/http";
import type { Picture } from "../../shared/pictures";
import type { Stamp } from "./moment";
import type { State } from "./states";

export type Kind = "report" | "answer" | "clock_in" | "clock_out" | "roll_call";

/** Why the server refused, in its words, and the photos it could not take. */
export interface Refusal {
  name: string;
  text: string;
  faults: Fault[];
  photos?: string[];
  /** Of an answer to a task: its case went elsewhere, so that it is not needed any more; and where that is. */
  over?: boolean;
  stage?: string;
}

/** A photo of an item, without its bytes: these lie in the store `photos` under its id. */
export interface KeptPicture {
  id: string;
  type: string;
  /** The server has it whole. */
  sent: boolean;
  size: number;
  /** Of our bytes; null until computed, or where the browser cannot. */
  sha256: string | null;
  /** As the server names it. */
  server_sha256: string | null;
  /** A part has been on its way: ask the server where to go on. */
  tried: boolean;
}

export interface TaskAnswer {
  no: string;
  verb: "verify" | "check";
  fields: Record<string, unknown>;
  version: number;
  title: string;
}

/** A shift's beginning or end (`target`: the shift's uuid), or the answer to a roll call (`target`: its id). */
export interface Duty {
  target: string;
  body: Record<string, unknown>;
  title?: string;
}

export interface Kept {
  /** The report's uuid, or one made for the answer. */
  id: string;
  kind: Kind;
  person: number;
  person_name: string;
  /** When it was captured, corrected as far as the clock's error was known then; and what the phone's clock showed. */
  made_at: string;
  device_at: string;
  stamp: Stamp;
  /** Among items of one millisecond. */
  turn: number;
  pictures: KeptPicture[];
  state: State;
  attempts: number;
  /** A request has left and no answer said what became of it: the server may have it. */
  uncertain: boolean;
  /** The moments in the body are final: the same uuid must carry the same body each time. */
  final: boolean;
  /** Failures of this item alone in a row, and not before when it is tried again. */
  failures: number;
  after: number;
  /** By the phone's clock: until then it waits here for what may still be added to it; nobody sends it, however asked. */
  hold?: number;
  /** What went wrong last, for the person: a status, "half" or "none". */
  trouble: string | null;
  refusal: Refusal | null;
  report: ReportBody | null;
  answer: TaskAnswer | null;
  duty: Duty | null;
  receipt: ReportAnswer | null;
  sent_at: string | null;
  received_at: string | null;
  /** The form as it was when it was sent, so that it can be opened again. */
  form: Record<string, unknown> | null;
}

/** What `enqueue` takes; it adds who, when and the state. */
export interface Fresh {
  id: string;
  kind: Kind;
  pictures: Picture[];
  report?: ReportBody;
  answer?: TaskAnswer;
  duty?: Duty;
  /** When it was captured (`stamp()` of clock.ts at the first photo); now, if left out. */
  stamp?: Stamp;
  /** What the form looks like (without pictures), for opening it again. */
  form?: Record<string, unknown>;
  /** What was being written and is now in the outbox: it goes from there in the same transaction. */
  from?: { store: "drafts" | "answers"; key: string };
  /** See `Kept`; `complete` ends it. */
  hold?: number;
}

/** A report being written. A form adds its own fields. */
export interface Draft {
  id: string;
  /** Null: written before anybody was asked for. */
  person: number | null;
  changed_at: string;
  pictures: Picture[];
  /** Where the server refused it before: why. */
  refusal?: Refusal | null;
}

/** An answer being written to a task, with its photos. */
export interface AnswerDraft {
  outcome: string;
  text: string;
  pictures: Picture[];
}

/** The same without the photos' bytes. */
export type Heads<T extends { pictures: Picture[] }> = Omit<T, "pictures"> & { pictures: Omit<T["pictures"][number], "bytes">[] };

/** What the server has confirmed; kept until the person clears it. */
export interface Receipt {
  /** The item's uuid. */
  id: string;
  kind: Kind;
  person: number;
  person_name: string;
  /** The case's number, where there is one. */
  no: string | null;
  title: string;
  made_at: string;
  device_at: string;
  sent_at: string;
  /** By the server's clock. */
  received_at: string | null;
  photos: { id: string; bytes: number; sha256: string | null; server_sha256: string | null; same: boolean | null }[];
}

/** A point of one's way that waits to be sent. */
export interface TrackPoint {
  person: number;
  /** Milliseconds since 1970, by the server's clock as far as it is known. */
  at: number;
  lon: number;
  lat: number;
  accuracy_m: number | null;
}
