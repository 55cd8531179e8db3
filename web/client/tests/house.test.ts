// @vitest-environment node
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const AUDIENCES = ["signin", "field", "desk", "leadership", "admin"];

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((entry) => {
    const path = join(folder, entry);
    return statSync(join(ROOT, path)).isDirectory() ? sources(path) : [path];
  });
}

const imports = (path: string) => [...readFileSync(join(ROOT, path), "utf8").matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)].map((found) => join(path, "..", found[1]!));

describe("the house of the pages", () => {
  it("keeps audiences apart: each imports itself and shared/ only", () => {
    for (const home of [...AUDIENCES, "shared"]) {
      for (const path of sources(home)) {
        const elsewhere = imports(path).map((target) => relative(".", target).split("/")[0]).filter((folder) => folder !== home && folder !== "shared");
        expect(elsewhere, path).toEqual([]);
      }
    }
  });

  it("writes letters as large as the person has set them: in rem, never in px", () => {
    for (const path of [...AUDIENCES, "shared"].flatMap(sources).filter((path) => path.endsWith(".css"))) {
      const fixed = readFileSync(join(ROOT, path), "utf8").match(/(?:\bfont|font-size|line-height): [^;]*\dpx[^;]*;/g);
      expect(fixed, path).toBeNull();
    }
  });

  it("keeps files small", () => {
    for (const path of [...AUDIENCES, "shared"].flatMap(sources).filter((path) => /\.tsx?$/.test(path) && !path.endsWith("api-types.ts"))) {
      expect(readFileSync(join(ROOT, path), "utf8").split("\n").length, path).toBeLessThanOrEqual(300);
    }
  });

  it("locks packages without download addresses", () => {
    expect(readFileSync(join(ROOT, "package-lock.json"), "utf8")).not.toContain('"resolved"');
  });
});
