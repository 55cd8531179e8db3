/** All that a shift needs, asked for in one request and kept on the phone: shown from there at once, also without a network. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { categories, loadUsed } from "../shared/catalogue";
import type { CompactGrid } from "../shared/ground/compact";
import { get, learnSkew, notOurs, serverNow } from "../shared/http";
import { session } from "../shared/session";
import { learnSkew as learnClock } from "./outbox/clock";
import { dropValue, keepValue, readValue } from "./store";
import { settings as reportSettings } from "./report/rules";
import type { Catalogue, Components, ComponentRow, FieldSettings, Phrase, Phrases, State, SyncAnswer } from "./sync_shapes";

export { clockSkew, deviceAt } from "../shared/http";

/** What the phone has of the server's answer, and when it was asked by the server's clock; null: nothing yet. */
export const synced = signal<(State & { person: number }) | null>(null);
export const phrases = signal<Phrase[]>([]);
export const grid = signal<CompactGrid | null>(null);
export const components = signal<ComponentRow[]>([]);
export const syncing = signal(false);

/** Until the server has said otherwise; as in config.toml. */
export const DEFAULTS: FieldSettings = {
  fix_seconds: 20, fix_metres: 20, poor_metres: 50, photo_side: 2048, photo_bytes: 20 * 1024 * 1024,
  track: { enabled: false, every_seconds: 20, batch: 500 }, fence: { enabled: false, metres: 100, minutes: 5 },
  push_key: null, basemap: null,
};
export const settings = computed(() => synced.value?.settings ?? DEFAULTS);
export const tasks = computed(() => synced.value?.tasks ?? null);
export const ownReports = computed(() => synced.value?.reports ?? []);
export const dutyAreas = computed(() => synced.value?.duty_areas ?? []);
export const rollCalls = computed(() => synced.value?.roll_calls ?? []);
export const shift = computed(() => synced.value?.shift ?? null);
export const unread = computed(() => synced.value?.unread ?? 0);

const EVERY_MS = 60_000;
const PARTS = ["state", "categories", "phrases", "grid", "components"] as const;
type Part = (typeof PARTS)[number];
/** Of the part of this name, what is held: its version. */
const held: { person: number; categories?: string; phrases?: string; grid?: string; components?: string } = { person: 0 };

const keyOf = (person: number, part: Part): string => `sync:${person}:${part}`;

/** Storage that is full or forbidden costs only the next start without a network. */
function keepPart(person: number, part: Part, value: unknown): Promise<void> {
  return keepValue(keyOf(person, part), value).catch(() => undefined);
}

function showState(person: number, state: State): void {
  synced.value = { ...state, person };
  const { fix_seconds, fix_metres, poor_metres, photo_side } = state.settings;
  reportSettings.value = { ...reportSettings.value, fix_seconds, fix_metres, poor_metres, photo_side };
}

function showCategories(part: Catalogue): void {
  held.categories = part.version;
  categories.value = part.items;
}

function showPhrases(part: Phrases): void {
  held.phrases = part.version;
  phrases.value = part.items;
}

function showGrid(part: CompactGrid): void {
  held.grid = part.version;
  grid.value = part;
}

function showComponents(part: Components): void {
  held.components = part.version;
  components.value = part.items;
}

/** Shows what the phone has kept of this person. */
export async function recallSync(person: number): Promise<void> {
  const [state, known, sentences, cells, parts] = await Promise.all(PARTS.map((part) => readValue(keyOf(person, part)).catch(() => undefined)));
  if (held.person === person) return; // an answer was quicker
  forget(person);
  if (state) showState(person, state as State);
  if (known) showCategories(known as Catalogue);
  if (sentences) showPhrases(sentences as Phrases);
  if (cells) showGrid(cells as CompactGrid);
  if (parts) showComponents(parts as Components);
}

/** Nothing of one person is shown to another. */
function forget(person: number): void {
  for (const key of ["categories", "phrases", "grid", "components"] as const) delete held[key];
  held.person = person;
  synced.value = null;
  [phrases.value, grid.value, components.value] = [[], null, []];
}

effect(() => {
  const person = session.value?.person.id;
  if (person && held.person && held.person !== person) untracked(() => forget(person));
});

/** What a full sign-out takes from the phone; the outbox stays. */
export async function dropSync(person: number): Promise<void> {
  forget(0);
  await Promise.all(PARTS.map((part) => dropValue(keyOf(person, part)).catch(() => undefined)));
}

/** Components after a further answer: new ones in place of old, gone ones out; where it is whole, of those before none. */
export function merged(before: ComponentRow[], more: { whole: boolean; items: ComponentRow[]; gone: string[] }): ComponentRow[] {
  const kept = new Map(more.whole ? [] : before.map((row) => [row[0], row]));
  more.gone.forEach((id) => kept.delete(id));
  more.items.forEach((row) => kept.set(row[0], row));
  return [...kept.values()];
}

/** The clock's error in milliseconds: the answer was written half-way between asking and hearing. */
export function skewOf(now: string, asked: number, heard: number): number {
  return Date.parse(now) - (asked + heard) / 2;
}

async function takeAnswer(person: number, answer: SyncAnswer): Promise<boolean> {
  const { categories: known, phrases: sentences, grid: cells, components: parts, person: _, server: __, ...state } = answer;
  showState(person, state);
  const keeping = [keepPart(person, "state", state)];
  if (known) {
    showCategories(known);
    keeping.push(keepPart(person, "categories", known));
  }
  if (sentences) {
    showPhrases(sentences);
    keeping.push(keepPart(person, "phrases", sentences));
  }
  if (cells) {
    showGrid(cells);
    keeping.push(keepPart(person, "grid", cells));
  }
  if (parts) {
    const now = { version: parts.version, items: merged(components.value, parts) };
    showComponents(now);
    keeping.push(keepPart(person, "components", now));
  }
  await Promise.all(keeping);
  return parts?.more ?? false;
}

async function ask(person: number): Promise<boolean> {
  const asked = Date.now();
  const { categories: known, phrases: sentences, grid: cells, components: parts } = held.person === person ? held : {};
  const answer = await get<SyncAnswer>("sync", { categories: known, phrases: sentences, grid: cells, components: parts });
  if (!answer.person || Number.isNaN(Date.parse(answer.now))) throw notOurs();
  if (session.value?.person.id !== person || answer.person.id !== person) return false;
  const heard = Date.now();
  if (heard - asked < 10_000) {
    learnSkew(skewOf(answer.now, asked, heard));
    learnClock(skewOf(answer.now, asked, heard));
  }
  if (held.person !== person) forget(person);
  return takeAnswer(person, answer);
}

let running: Promise<void> | null = null;
let again = false;

async function run(person: number): Promise<void> {
  syncing.value = true;
  try {
    do {
      again = false;
      // components come in parts: the first already shows all else
      while (await ask(person));
    } while (again);
  } catch {
    // offline, signed out, or the server is busy: what the phone has stands, `online` and `signedOut` tell
  } finally {
    syncing.value = false;
    running = null;
  }
}

/** Asks now; called while it is asking, it asks once more after. Never rejects: what was there before stays. */
export function syncNow(): Promise<void> {
  const person = session.value?.person.id;
  if (!person) return Promise.resolve();
  if (running) again = true;
  running ??= run(person);
  return running;
}

/** Minutes that the state is old, by the server's clock. */
export function ageMinutes(state: Pick<State, "now">): number {
  return Math.max(0, (serverNow().getTime() - Date.parse(state.now)) / 60_000);
}

/** Shows what is kept, asks, and goes on asking while somebody looks. Returns what stops it. */
export function startSync(): () => void {
  const person = session.value?.person.id;
  if (person) {
    loadUsed();
    void recallSync(person).then(syncNow);
  }
  const look = (): void => void (document.visibilityState === "visible" && syncNow());
  const timer = setInterval(look, EVERY_MS);
  window.addEventListener("online", look);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    window.removeEventListener("online", look);
    document.removeEventListener("visibilitychange", look);
  };
}
