/**
 * What an item of the outbox may become, as a table; whatever it does not name cannot happen.
 *
 * `sending` lasts while its requests are on their way. A page that dies there leaves it so: who sends next finds it
 * `interrupted` and waiting. Only `accepted` means that the server has it.
 */

export const STATES = ["draft", "waiting", "sending", "refused", "accepted"] as const;
export type State = (typeof STATES)[number];

export const EVENTS = [
  "send", // the person: let it go
  "start", // its turn: the first request leaves
  "accept", // the server has it, with its photos as far as it could take them
  "later", // no answer, half an answer, busy: once more by itself
  "sign_in", // the session is over: waits for its person
  "refuse", // the server said no: a person must mend it
  "interrupt", // the page died while it was on its way
  "edit", // the person: open it again
  "retake", // the person: another photo for one that the server could not take
  "discard", // the person: away with it, or its receipt
] as const;
export type Event = (typeof EVENTS)[number];

const TABLE: Record<State, Partial<Record<Event, State | "gone">>> = {
  draft: { send: "waiting", edit: "draft", discard: "gone" },
  waiting: { send: "waiting", start: "sending", edit: "draft", retake: "waiting", discard: "gone" },
  sending: { accept: "accepted", later: "waiting", sign_in: "waiting", refuse: "refused", interrupt: "waiting" },
  refused: { send: "waiting", edit: "draft", discard: "gone" },
  accepted: { retake: "waiting", discard: "gone" },
};

/** The state after `event`; null: it cannot happen there. */
export function next(state: State, event: Event): State | "gone" | null {
  return TABLE[state][event] ?? null;
}

interface Known {
  state: State;
  uncertain: boolean;
  receipt: unknown;
}

/** Whether the server has certainly not got it, so that it may be written anew under the same uuid. */
export function isEditable(item: Known): boolean {
  return next(item.state, "edit") !== null && !item.uncertain && !item.receipt;
}

/** Whether the server may have it although no answer says so. */
export function maybeDelivered(item: Known): boolean {
  return item.state !== "accepted" && (item.uncertain || item.state === "sending");
}
