/** Which files the field page consists of, from Vite's manifest: what it starts with, and what it opens later. */
import type { Manifest } from "vite";

export interface Files {
  entry: string;
  essential: string[];
  rest: string[];
}

const ENTRY = "field/main.tsx";

function reach(manifest: Manifest, from: string[], later: boolean): Set<string> {
  const seen = new Set<string>();
  const waiting = [...from];
  for (let key = waiting.pop(); key; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    waiting.push(...(manifest[key]?.imports ?? []), ...((later && manifest[key]?.dynamicImports) || []));
  }
  return seen;
}

function filesOf(manifest: Manifest, keys: Iterable<string>): string[] {
  const found = [...keys].flatMap((key) => [manifest[key]!.file, ...(manifest[key]!.css ?? [])]);
  return [...new Set(found)].sort().map((file) => `/static/${file}`);
}

/** `extra`: files beside the build that the page shows, such as icons. The largest come last. */
export function filesOfField(manifest: Manifest, extra: string[], size: (path: string) => number): Files {
  const first = reach(manifest, [ENTRY], false);
  const all = reach(manifest, [ENTRY], true);
  const rest = filesOf(manifest, [...all].filter((key) => !first.has(key)));
  const essential = filesOf(manifest, first);
  const later = [...extra, ...rest.filter((path) => !essential.includes(path))].sort((a, b) => size(a) - size(b));
  return { entry: `/static/${manifest[ENTRY]!.file}`, essential, rest: later };
}
