/** The category catalogue, fetched once a page and kept for times without a connection. */
import { signal } from "@preact/signals";
import type { Category } from "./api";
import { get } from "./http";
import { either } from "./language";

const KEPT = "wangge_categories";
const RECENT = "wangge_recent_categories";

export const categories = signal<Category[]>([]);
export const recentCodes = signal<string[]>([]);

export async function loadCategories(): Promise<void> {
  recentCodes.value = JSON.parse(localStorage.getItem(RECENT) ?? "[]") as string[];
  const text = localStorage.getItem(KEPT);
  if (text && !categories.value.length) categories.value = JSON.parse(text) as Category[];
  try {
    const answer = await get<{ items: Category[] }>("categories");
    categories.value = answer.items;
    localStorage.setItem(KEPT, JSON.stringify(answer.items));
  } catch (error) {
    if (!categories.value.length) throw error;
  }
}

export function findCategory(code: string | null | undefined): Category | undefined {
  return categories.value.find((category) => category.code === code);
}

export function rememberCategory(code: string): void {
  recentCodes.value = [code, ...recentCodes.value.filter((other) => other !== code)].slice(0, 6);
  localStorage.setItem(RECENT, JSON.stringify(recentCodes.value));
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

/** Those whose name in either language or code holds every word of `query`; names that begin with it first. */
export function searchCategories(query: string, most = 30): Category[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const text = (category: Category): string => `${category.code} ${category.zh} ${category.en}`.toLowerCase();
  const rank = (category: Category): number =>
    category.zh.startsWith(words[0]!) || category.en.toLowerCase().startsWith(words[0]!) || category.code === words[0] ? 0 : 1;
  return categories.value
    .filter((category) => words.every((part) => text(category).includes(part)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, most);
}
