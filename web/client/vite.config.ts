/** The page build: one entry an audience, into web/static with a manifest that the HTML shells read. */
import preact from "@preact/preset-vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  base: "/static/",
  plugins: [preact({ devToolsEnabled: false })],
  build: {
    outDir: at("../static"),
    emptyOutDir: true,
    manifest: "manifest.json",
    // no data: addresses: the pages' content security policy allows only what the server itself sends
    assetsInlineLimit: 0,
    target: "es2022",
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: ["signin", "field", "desk", "leadership", "admin"].map((audience) => at(`./${audience}/main.tsx`)),
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.{ts,tsx}"] },
});
