/** The reader's language: a signal, so that switching redraws the words and keeps everything typed. */
import { signal } from "@preact/signals";
import { texts, type TextKey } from "./texts";

export type Language = "zh-CN" | "en";

const COOKIE = "wangge_lang";

function first(): Language {
  if (typeof document === "undefined") return "zh-CN";
  const kept = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(document.cookie)?.[1];
  const said = kept ?? document.body?.dataset["lang"] ?? document.documentElement.lang;
  return said?.startsWith("en") ? "en" : "zh-CN";
}

export const language = signal<Language>(first());

export function speak(next: Language): void {
  language.value = next;
  document.documentElement.lang = next;
  document.cookie = `${COOKIE}=${next}; path=/; max-age=31536000; samesite=lax`;
}

type Fill = Record<string, string | number>;

function fill(text: string, values: Fill): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The text of `key` in the reader's language, `{name}` filled from `values`. */
export function t(key: TextKey, values: Fill = {}): string {
  return fill((texts[key] ?? [key, key])[language.value === "en" ? 1 : 0], values);
}

/** As `t` for keys that come from data; the raw word where the catalogue has none. */
export function word(prefix: string, name: string, values: Fill = {}): string {
  const key = `${prefix}.${name}`;
  return key in texts ? t(key as TextKey, values) : name;
}

/** Picks the `_zh`/`_en` twin of data that carries both. */
export function either(zh: string | null | undefined, en: string | null | undefined): string {
  return (language.value === "en" ? en || zh : zh || en) ?? "";
}

export function isEnglish(): boolean {
  return language.value === "en";
}
