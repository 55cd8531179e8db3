/** Taking a photo again, by the name that older parts of this page use; it lies in `outbox/`. */
export { Retake } from "./outbox/retake";
