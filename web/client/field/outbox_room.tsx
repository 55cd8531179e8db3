/** The outbox's bar and room, by the names that older parts of this page use; they lie in `outbox/`. */
export { OutboxBar } from "./outbox/bar";
export { OutboxRoom } from "./outbox/room";
export { itemTitle } from "./outbox/words";
