/** The keyboard of the desk: j/k move in the list, Enter opens (a link does so by itself), letters begin verbs. */
import type { Verb } from "../shared/api";
import { detail, openVerb } from "./opened";
import { FORMS } from "./verbs";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")];
}

export function step(by: 1 | -1): void {
  const all = rows();
  const focused = all.indexOf(document.activeElement as HTMLElement);
  const current = focused >= 0 ? focused : all.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = all[Math.min(all.length - 1, Math.max(0, current + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export function verbOfKey(key: string, allowed: readonly Verb[]): Verb | null {
  return allowed.find((verb) => FORMS[verb]?.key === key) ?? null;
}

export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && openVerb.value) {
    openVerb.value = null;
    return;
  }
  if (typing(event.target)) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    return step(event.key === "j" ? 1 : -1);
  }
  const verb = verbOfKey(event.key, detail.value?.allowed_verbs ?? []);
  if (verb) {
    event.preventDefault();
    openVerb.value = verb;
  }
}
