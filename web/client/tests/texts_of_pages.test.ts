// @vitest-environment node
/** Each audience loads the texts that its own sources, and what they import, ask for. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

function fileOf(path: string): string | null {
  return [path, `${path}.ts`, `${path}.tsx`].find((file) => /\.tsx?$/.test(file) && existsSync(join(ROOT, file))) ?? null;
}

/** All files that `main.tsx` reaches, by static and dynamic imports; types don't count. */
function reached(entry: string): string[] {
  const seen = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const text = readFileSync(join(ROOT, path), "utf8");
    for (const [, target] of text.matchAll(/(?:^import (?!type)[^;]*?|\bimport\(|^export [^;]*?from )"(\.[^"]+)"/gm)) {
      const file = fileOf(join(path, "..", target!));
      if (file) waiting.push(file);
    }
  }
  return [...seen];
}

function keysIn(file: string): string[] {
  return [...readFileSync(join(ROOT, file), "utf8").matchAll(/"([a-z_]+\.[a-z0-9_]+)"/g)].map((found) => found[1]!);
}

const AREAS = (files: string[]) => files.filter((file) => file.startsWith("shared/texts/"));

describe.each(["signin", "field", "desk", "leadership", "admin"])("the page of %s", (audience) => {
  const files = reached(`${audience}/main.tsx`);
  const known = new Set(AREAS(files).flatMap(keysIn));
  const everything = new Set(AREAS(reached("tests/setup.ts")).flatMap(keysIn));

  it("is read whole", () => expect(files.length).toBeGreaterThan(8));

  it("can say all that it asks for", () => {
    const asked = files.filter((file) => !file.startsWith("shared/texts")).flatMap((file) => keysIn(file).map((key) => ({ file, key })));
    expect(asked.filter(({ key }) => everything.has(key) && !known.has(key))).toEqual([]);
  });

  it("has the words of the values that it shows", () => {
    const prefixes = new Set([...everything].map((key) => key.split(".")[0]));
    const asked = files.flatMap((file) => [...readFileSync(join(ROOT, file), "utf8").matchAll(/\bword\("([a-z_]+)"|\bt\(`([a-z_]+)\./g)].map((found) => found[1] ?? found[2]!));
    const lacking = [...everything].filter((key) => asked.includes(key.split(".")[0]!) && prefixes.has(key.split(".")[0]) && !known.has(key));
    expect(lacking).toEqual([]);
  });
});
