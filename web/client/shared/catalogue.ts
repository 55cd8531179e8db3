/** The category catalogue, fetched once a page and kept for times without a connection; searching it, and what a person uses. */
import { signal } from "@preact/signals";
import type { Category } from "./api";
import { get } from "./http";
import { either } from "./language";
import { session } from "./session";

const KEPT = "wangge_categories";
const RECENT = "wangge_recent_categories";
const MOST_RECENT = 6;

interface Used {
  /** The last used first. */
  recent: string[];
  /** How often each was used on this phone. */
  times: Record<string, number>;
}

export const categories = signal<Category[]>([]);
export const used = signal<Used>({ recent: [], times: {} });

/** Phones are shared: each person has their own. */
const usedKey = (): string => `${RECENT}:${session.value?.person.id ?? 0}`;

function kept<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as T | null;
  } catch {
    return null; // forbidden or spoilt: then nothing is remembered
  }
}

function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden: the page works without
  }
}

/** What this person has used on this phone. */
export function loadUsed(): void {
  used.value = kept<Used>(usedKey()) ?? { recent: [], times: {} };
}

export async function loadCategories(): Promise<void> {
  loadUsed();
  if (!categories.value.length) categories.value = kept<Category[]>(KEPT) ?? [];
  try {
    const answer = await get<{ items: Category[] }>("categories");
    categories.value = answer.items;
    keep(KEPT, answer.items);
  } catch (error) {
    if (!categories.value.length) throw error;
  }
}

export function findCategory(code: string | null | undefined): Category | undefined {
  return categories.value.find((category) => category.code === code);
}

export function rememberCategory(code: string): void {
  const { recent, times } = used.value;
  used.value = {
    recent: [code, ...recent.filter((other) => other !== code)].slice(0, MOST_RECENT),
    times: { ...times, [code]: (times[code] ?? 0) + 1 },
  };
  keep(usedKey(), used.value);
}

/** What to offer first: the last used, then the most used here, then the most reported before (on another phone). */
export function likelyCodes({ recent, times }: Used, reported: readonly string[], most: number): string[] {
  const before: Record<string, number> = {};
  for (const code of reported) before[code] = (before[code] ?? 0) + 1;
  const byCount = (counts: Record<string, number>): string[] => Object.keys(counts).sort((a, b) => counts[b]! - counts[a]! || a.localeCompare(b));
  return [...new Set([...recent, ...byCount(times), ...byCount(before)])].slice(0, most);
}

export interface LargeClass {
  code: string;
  name: string;
  kind: Category["kind"];
}

/** The large classes (大类), events first: they are reported most. */
export function largeClasses(): LargeClass[] {
  const found = new Map<string, LargeClass>();
  for (const category of categories.value) {
    if (!found.has(category.class_code)) {
      found.set(category.class_code, { code: category.class_code, kind: category.kind, name: either(category.class_zh, category.class_en) });
    }
  }
  return [...found.values()].sort((a, b) => (a.kind === b.kind ? a.code.localeCompare(b.code) : a.kind === "event" ? -1 : 1));
}

/** Whether the letters are how the syllables from `at` on begin: `gsjg`, `gongsjg` and `gongshui` all are 供水井盖. */
function spelt(syllables: string[], at: number, letters: string): boolean {
  if (!letters) return true;
  const syllable = syllables[at];
  if (syllable === undefined) return false;
  for (let n = Math.min(syllable.length, letters.length); n > 0; n--) {
    if (syllable.startsWith(letters.slice(0, n)) && spelt(syllables, at + 1, letters.slice(n))) return true;
  }
  return false;
}

interface Readable {
  category: Category;
  zh: string;
  en: string;
  syllables: string[];
}

let read: { of: Category[]; items: Readable[] } = { of: [], items: [] };

/** Made ready once a catalogue, so that each letter typed finds at once. */
function readable(): Readable[] {
  if (read.of !== categories.value) {
    const items = categories.value.map((category) => ({
      category, zh: category.zh.toLowerCase(), en: category.en.toLowerCase(), syllables: (category.pinyin ?? "").split(" "),
    }));
    read = { of: categories.value, items };
  }
  return read.items;
}

/** Everyday words come with the first search, so that the page starts without them; what is found then is drawn anew. */
const everyday = signal<((typed: string) => string[]) | null>(null);

export async function learnEveryday(): Promise<void> {
  everyday.value ??= await import("./everyday").then((found) => found.namesFor, () => null);
}

/** How well one word fits: 0 begins with it, 1 holds it, 2 holds what the catalogue says for it, null not at all. */
function fit({ category, zh, en, syllables }: Readable, word: string, meant: string[]): number | null {
  if (zh.startsWith(word) || en.startsWith(word) || category.code === word || spelt(syllables, 0, word)) return 0;
  if (zh.includes(word) || en.includes(word) || category.code.startsWith(word)) return 1;
  if (syllables.some((_, at) => spelt(syllables, at, word))) return 1;
  return meant.some((name) => en.includes(name)) ? 2 : null;
}

/**
 * Those whose name in either language, in pinyin (whole or initials) or code holds every word of `query`,
 * or what the catalogue says for an everyday word of English; names that begin with it first, and what the person uses before what they don't.
 */
export function searchCategories(query: string, most = 30): Category[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  if (!everyday.value) void learnEveryday();
  const found = fitting(words);
  // `pot hole`, `street lamp`: two words that people also write as one
  const hits = found.length || words.length === 1 ? found : fitting([words.join("")]);
  return hits.sort((a, b) => a.rank - b.rank).slice(0, most).map(({ category }) => category);
}

function fitting(words: string[]): { category: Category; rank: number }[] {
  const found: { category: Category; rank: number }[] = [];
  const meant = words.map((part) => everyday.value?.(part) ?? []);
  for (const item of readable()) {
    const fits = words.map((part, at) => fit(item, part, meant[at]!));
    if (fits.includes(null)) continue;
    found.push({ category: item.category, rank: fits[0]! * 1000 - Math.min(999, used.value.times[item.category.code] ?? 0) });
  }
  return found;
}
