/** Why the server refused, by the names that older parts of this page use; it lies in `outbox/`. */
export { fieldWords, photoNumber, RefusalWords } from "./outbox/refusal";
