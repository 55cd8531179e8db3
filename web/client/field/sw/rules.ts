/** What the service worker goes by: which requests it answers, what it keeps, which of its caches are old. Pure. */

/** What a build of the page consists of; made by the build (`bundle/worker.ts`). */
export interface Precache {
  /** Differs with every file that differs. */
  version: string;
  /** The entry script that this version's shell names. */
  entry: string;
  /** Without these the page does not start. */
  essential: string[];
  /** Rooms opened later, the map, icons: fetched after the page stands. */
  rest: string[];
}

export type Way = "shell" | "asset" | "photo" | "pass";

export const SHELL = "/field";
export const PHOTOS = "wangge-photos";
/** Photos of tasks kept on the phone; at 200 KB each some 60 MB. */
export const MOST_PHOTOS = 300;
const CACHES = "wangge-field-";
const PHOTO = /^\/api\/v1\/photos\/[0-9a-f-]{36}$/;

/** Whose answer it is; all of the API but photos passes untouched. */
export function wayOf(ask: { method: string; mode: string; url: string }, home: string): Way {
  const url = new URL(ask.url);
  if (ask.method !== "GET" || url.origin !== home) return "pass";
  if (ask.mode === "navigate") return url.pathname === SHELL ? "shell" : "pass";
  if (url.pathname.startsWith("/static/")) return "asset";
  return PHOTO.test(url.pathname) && !url.search ? "photo" : "pass";
}

export function cacheOf(version: string): string {
  return CACHES + version;
}

/** Caches of other versions than the one that answers; photos are no version's. */
export function oldCaches(names: readonly string[], version: string): string[] {
  return names.filter((name) => name.startsWith(CACHES) && name !== cacheOf(version));
}

/** Whether an answer may be kept at all: whole, ours, and not the sign-in page that a redirect led to. */
export function isSound(answer: { ok: boolean; status: number; redirected: boolean; type: string }): boolean {
  return answer.ok && answer.status === 200 && !answer.redirected && answer.type === "basic";
}

/** Whether an answer stays as it is. */
export function isFinal(cacheControl: string | null): boolean {
  return !(cacheControl ?? "").includes("no-cache");
}

/** Whether a page is the shell of this very version: another's would ask for files that this one has not. */
export function isOwnShell(html: string, entry: string): boolean {
  return html.includes(`src="${entry}"`);
}

/** Which photos go, the oldest first, so that `most` stay; keys come in the order they were kept in. */
export function tooMany<T>(keys: readonly T[], most = MOST_PHOTOS): T[] {
  return keys.slice(0, Math.max(0, keys.length - most));
}

/** The address that a notification opens: a place of this page, whatever was sent. */
export function placeOf(url: unknown, home: string): string {
  if (typeof url !== "string") return SHELL;
  try {
    const found = new URL(url, home);
    return found.origin === home && found.pathname === SHELL ? SHELL + found.hash : SHELL;
  } catch {
    return SHELL;
  }
}
