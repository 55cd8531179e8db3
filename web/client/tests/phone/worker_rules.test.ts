import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ICONS, png } from "../../bundle/icons.ts";
import { filesOfField } from "../../bundle/precache.ts";
import { cacheOf, isOwnShell, isSound, oldCaches, placeOf, tooMany, wayOf } from "../../field/sw/rules";

const HOME = "https://city.example";
const ask = (path: string, part: Partial<{ method: string; mode: string }> = {}) => wayOf({ method: "GET", mode: "cors", url: HOME + path, ...part }, HOME);

describe("the service worker", () => {
  it("answers the page itself and what the build made of it", () => {
    expect(ask("/field", { mode: "navigate" })).toBe("shell");
    expect(ask("/field?from=push", { mode: "navigate" })).toBe("shell");
    expect(ask("/static/assets/field-abc.js")).toBe("asset");
  });

  it("lets the API, other pages and other hosts pass", () => {
    for (const path of ["/api/v1/sync", "/api/v1/session", "/api/v1/cases/1", "/tiles/active/cells/1/2/3.mvt", "/healthz"]) expect(ask(path), path).toBe("pass");
    for (const path of ["/", "/desk", "/fieldwork", "/field/elsewhere"]) expect(ask(path, { mode: "navigate" }), path).toBe("pass");
    expect(wayOf({ method: "GET", mode: "no-cors", url: "https://elsewhere.example/static/a.js" }, HOME)).toBe("pass");
  });

  it("keeps photos that are read, never those that are sent", () => {
    const photo = "/api/v1/photos/0f8fad5b-d9cb-469f-a165-70867728950e";
    expect(ask(photo)).toBe("photo");
    for (const method of ["PUT", "PATCH", "HEAD", "DELETE"]) expect(ask(photo, { method })).toBe("pass");
    expect(ask(`${photo}/upload`)).toBe("pass");
  });

  it("keeps no sign-in page, no refusal and no part as the page", () => {
    const whole = { ok: true, status: 200, redirected: false, type: "basic" };
    expect(isSound(whole)).toBe(true);
    for (const part of [{ redirected: true }, { ok: false, status: 503 }, { status: 206 }, { type: "opaque" }]) expect(isSound({ ...whole, ...part })).toBe(false);
  });

  it("takes for its own only the shell that names its own script", () => {
    const shell = '<script type="module" src="/static/assets/field-1.js"></script>';
    expect(isOwnShell(shell, "/static/assets/field-1.js")).toBe(true);
    expect(isOwnShell(shell, "/static/assets/field-2.js")).toBe(false);
  });

  it("clears other versions and leaves photos and other parts alone", () => {
    const names = [cacheOf("a"), cacheOf("b"), "wangge-photos", "somebody-else"];
    expect(oldCaches(names, "b")).toEqual([cacheOf("a")]);
  });

  it("keeps so many photos, the latest", () => {
    expect(tooMany([1, 2, 3, 4], 3)).toEqual([1]);
    expect(tooMany([1, 2], 3)).toEqual([]);
  });

  it("opens from a notification only places of this page", () => {
    expect(placeOf("/field#/tasks/310", HOME)).toBe("/field#/tasks/310");
    for (const bad of ["https://elsewhere.example/field#/x", "/desk?case=1", "javascript:alert(1)", undefined, 7, "http://["]) expect(placeOf(bad, HOME)).toBe("/field");
  });
});

describe("what the worker keeps", () => {
  const manifest = {
    "field/main.tsx": { file: "assets/field-1.js", isEntry: true, css: ["assets/field-1.css"], imports: ["_shared.js"], dynamicImports: ["field/mine.tsx"] },
    "_shared.js": { file: "assets/shared-1.js", dynamicImports: ["map.ts"] },
    "field/mine.tsx": { file: "assets/mine-1.js", imports: ["_shared.js", "_deep.js"] },
    "_deep.js": { file: "assets/deep-1.js" },
    "map.ts": { file: "assets/map-1.js", css: ["assets/map-1.css"] },
    "desk/main.tsx": { file: "assets/desk-1.js", isEntry: true },
  };
  const sizes: Record<string, number> = { "/static/assets/map-1.js": 900 };
  const files = filesOfField(manifest, ["/static/icon.svg"], (path) => sizes[path] ?? 1);

  it("is the whole page, what it starts with first and the map last", () => {
    expect(files.entry).toBe("/static/assets/field-1.js");
    expect(files.essential).toEqual(["/static/assets/field-1.css", "/static/assets/field-1.js", "/static/assets/shared-1.js"]);
    expect(new Set(files.rest)).toEqual(new Set(["/static/icon.svg", "/static/assets/deep-1.js", "/static/assets/mine-1.js", "/static/assets/map-1.css", "/static/assets/map-1.js"]));
    expect(files.rest.at(-1)).toBe("/static/assets/map-1.js");
  });
});

describe("the icons", () => {
  it("are PNGs of their size, drawn whole", () => {
    for (const [name, drawing] of Object.entries(ICONS)) {
      const bytes = png({ ...drawing, size: 48 });
      expect(bytes.subarray(1, 4).toString(), name).toBe("PNG");
      expect(bytes.readUInt32BE(16)).toBe(48);
      const length = bytes.readUInt32BE(33);
      expect(inflateSync(bytes.subarray(41, 41 + length)).length).toBe(48 * (48 * 4 + 1));
    }
  });

  it("are those that the app's manifest names", () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../public/manifest.webmanifest"), "utf8")) as { icons: { src: string }[] };
    for (const { src } of manifest.icons.filter((icon) => icon.src.endsWith(".png"))) expect(Object.keys(ICONS)).toContain(src.replace("/static/", ""));
  });
});
