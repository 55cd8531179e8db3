/** Where the keyboard goes on: to the button that opened a form, to the case's heading, to the first field that is wrong. */
import type { Verb } from "../shared/api";
import { openVerb, preset } from "./opened";

/** After a change of the page it takes so long until it is drawn. */
const DRAWN_MS = 50;

function shownOrFold(found: HTMLElement | null): HTMLElement | null {
  const fold = found?.closest("details");
  return fold && !fold.open ? fold.querySelector("summary") : found;
}

/** After a form is closed or sent: `verb`'s button, else the case's heading. */
export function focusBack(verb: Verb | null): void {
  setTimeout(() => {
    const button = verb && shownOrFold(document.querySelector<HTMLElement>(`[data-verb="${verb}"]`));
    (button ?? document.querySelector<HTMLElement>("[data-testid=case-title], [data-testid=sent-away]"))?.focus();
  }, DRAWN_MS);
}

/** Puts the open form away; the keyboard is where it was opened. */
export function closeVerb(): void {
  const verb = openVerb.value;
  preset.value = "";
  openVerb.value = null;
  focusBack(verb);
}

/** After sending was refused: the first field with a fault beneath. */
export function focusFault(form: HTMLElement | null): void {
  setTimeout(() => {
    const field = form?.querySelector(".field .fault")?.closest(".field");
    field?.querySelector<HTMLElement>("input, textarea, select, button")?.focus();
  }, DRAWN_MS);
}
