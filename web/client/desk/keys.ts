/** The keyboard of the desk: j/k move in the list, Enter opens (a link does so by itself), letters begin verbs. */
import type { Verb } from "../shared/api";
import { closeVerb } from "./focus";
import { detail, openVerb } from "./opened";
import { acting, PATROL, view } from "./place";
import { clearSelection, closeBulk, extend, selected, toggle } from "./selection";
import { answersRequest, startVerb } from "./verb_buttons";
import { FORMS } from "./verbs";

function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.type === "checkbox") return false;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-row]")];
}

/** Moves to the row below or above; `selecting` takes both rows into the selection. */
export function step(by: 1 | -1, selecting = false): void {
  const all = rows();
  const focused = all.indexOf(document.activeElement as HTMLElement);
  const current = focused >= 0 ? focused : all.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = all[Math.min(all.length - 1, Math.max(0, current + by))];
  const [from, to] = [all[current]?.dataset["no"], next?.dataset["no"]];
  if (selecting && from && to) extend(from, to);
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export function verbOfKey(key: string, allowed: readonly Verb[]): Verb | null {
  return allowed.find((verb) => FORMS[verb]?.key === key) ?? null;
}

/** Escape goes back one step: the open form, the form for many, the selection. */
function escape(): void {
  if (acting.value) closeBulk();
  else if (openVerb.value) closeVerb();
  else if (selected.value.size) clearSelection();
}

function inList(event: KeyboardEvent): boolean {
  const row = event.target instanceof HTMLElement && event.target.matches("[data-row]") ? event.target : null;
  if (event.key === " " && row?.dataset["no"]) toggle(row.dataset["no"]);
  else if (["j", "k", "J", "K"].includes(event.key)) step(event.key.toLowerCase() === "j" ? 1 : -1, event.shiftKey);
  else return false;
  return true;
}

export function onKey(event: KeyboardEvent): void {
  if (view.value === PATROL || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") return escape();
  if (typing(event.target)) return;
  if (inList(event)) return event.preventDefault();
  const item = acting.value ? null : detail.value;
  const verb = verbOfKey(event.key, item?.allowed_verbs ?? []);
  if (item && verb) {
    event.preventDefault();
    startVerb(verb, answersRequest(verb, item) ? "granted" : "");
  }
}
