// @vitest-environment node
/** Each audience loads the texts that its own sources, and what they import, ask for. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

function fileOf(path: string): string | null {
  return [path, `${path}.ts`, `${path}.tsx`].find((file) => /\.tsx?$/.test(file) && existsSync(join(ROOT, file))) ?? null;
}

const STATIC = /(?:^import (?!type)[^;]*?|^export (?!type)[^;]*?from )"(\.[^"]+)"/gm;
const LAZY = /\bimport\("(\.[^"]+)"\)/g;

function targets(path: string, pattern: RegExp): string[] {
  const text = readFileSync(join(ROOT, path), "utf8");
  return [...text.matchAll(pattern)].flatMap(([, target]) => fileOf(join(path, "..", target!)) ?? []);
}

/** All files that come with `entry`: what it imports for sure; types don't count. */
function comesWith(entry: string): string[] {
  const seen = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    waiting.push(...targets(path, STATIC));
  }
  return [...seen];
}

interface Part {
  entry: string;
  files: string[];
  /** What is there when it is shown: its own files and those of the parts that fetch it. */
  there: string[];
}

/** The page's first part and each that it fetches later, once for each way to it. */
function parts(entry: string, before: string[] = [], trail: string[] = []): Part[] {
  const files = comesWith(entry);
  const there = [...new Set([...before, ...files])];
  const later = [...new Set(files.flatMap((file) => targets(file, LAZY)))].filter((file) => ![...trail, entry].includes(file));
  return [{ entry, files, there }, ...later.flatMap((next) => parts(next, there, [...trail, entry]))];
}

function keysIn(file: string): string[] {
  return [...readFileSync(join(ROOT, file), "utf8").matchAll(/"([a-z_]+\.[a-z0-9_]+)"/g)].map((found) => found[1]!);
}

const AREAS = (files: string[]) => files.filter((file) => file.startsWith("shared/texts/"));

const everything = new Set(AREAS(comesWith("tests/setup.ts")).flatMap(keysIn));
const source = (file: string): boolean => !file.startsWith("shared/texts");

describe.each(["signin", "field", "desk", "leadership", "admin"])("the page of %s", (audience) => {
  const all = parts(`${audience}/main.tsx`);

  it("is read whole", () => expect(all[0]!.files.length).toBeGreaterThan(8));

  it.each(all.map((part) => [part.entry, part] as const))("can say in %s all that it asks for", (_, { files, there }) => {
    const known = new Set(AREAS(there).flatMap(keysIn));
    const asked = files.filter(source).flatMap((file) => keysIn(file).map((key) => ({ file, key })));
    expect(asked.filter(({ key }) => everything.has(key) && !known.has(key))).toEqual([]);
  });

  it.each(all.map((part) => [part.entry, part] as const))("has in %s the words of the values that it shows", (_, { files, there }) => {
    const known = new Set(AREAS(there).flatMap(keysIn));
    const asked = files.flatMap((file) => [...readFileSync(join(ROOT, file), "utf8").matchAll(/\bword\("([a-z_]+)"|\bt\(`([a-z_.]+)\$\{/g)].map((found) => (found[1] ? `${found[1]}.` : found[2]!)));
    expect([...everything].filter((key) => asked.some((prefix) => key.startsWith(prefix)) && !known.has(key)).join(" ")).toBe("");
  });
});
