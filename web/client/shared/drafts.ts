/** What somebody is typing, kept through language switches, reloads, live updates and failed sends. */

const PREFIX = "wangge_draft:";

export function readDraft<T>(name: string): T | null {
  const text = sessionStorage.getItem(PREFIX + name);
  return text ? (JSON.parse(text) as T) : null;
}

export function keepDraft(name: string, value: unknown): void {
  sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
}

export function dropDraft(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}
