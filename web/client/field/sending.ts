/** Sending, by the names that older parts of this page use; it lies in `outbox/`. */
export { arrived, discard, enqueue, flush, lacking, outbox, refused, retake, sending, startSending, unstored, waiting } from "./outbox/items";
