/** The page build: one entry an audience, into web/static with a manifest that the HTML shells read. */
import preact from "@preact/preset-vite";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { icons } from "./bundle/icons.ts";
import { serviceWorker } from "./bundle/worker.ts";

const AUDIENCES = ["signin", "field", "desk", "leadership", "admin"];
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Lays a `.br` beside each script and style, which the server hands out instead. */
function brotli(): Plugin {
  return {
    name: "brotli",
    apply: "build",
    async writeBundle(options, bundle) {
      for (const name of Object.keys(bundle).filter((file) => /\.(js|css)$/.test(file))) {
        const path = join(options.dir ?? "", name);
        await writeFile(`${path}.br`, brotliCompressSync(await readFile(path)));
      }
    },
  };
}

export default defineConfig({
  root: at("."),
  base: "/static/",
  plugins: [preact({ devToolsEnabled: false }), brotli(), icons(), serviceWorker(["icon-192.png", "badge-96.png"])],
  build: {
    outDir: at("../static"),
    emptyOutDir: true,
    manifest: "manifest.json",
    // no data: addresses: the pages' content security policy allows only what the server itself sends
    assetsInlineLimit: 0,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: Object.fromEntries(AUDIENCES.map((audience) => [audience, at(`./${audience}/main.tsx`)])),
    },
  },
  test: { environment: "happy-dom", setupFiles: ["tests/setup.ts"], include: ["tests/**/*.test.{ts,tsx}"] },
});
