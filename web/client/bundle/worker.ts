/** Builds the field page's service worker into `sw.js`, with the list of what it keeps and a version of all that. */
import { createHash } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { build, type Manifest, type Plugin } from "vite";
import { filesOfField } from "./precache.ts";

/** Classic script, for browsers whose service workers take no modules. */
async function bundled(root: string): Promise<string> {
  const made = await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2022",
      copyPublicDir: false,
      rollupOptions: { input: join(root, "field/sw/worker.ts"), output: { format: "iife", entryFileNames: "sw.js" } },
    },
  });
  const output = (Array.isArray(made) ? made[0] : made) as { output: { type: string; code?: string }[] };
  const script = output.output.find((file) => file.type === "chunk")?.code;
  if (!script) throw new Error("the service worker was not built");
  return script;
}

export function serviceWorker(icons: string[]): Plugin {
  let root = "";
  let out = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      root = config.root;
      out = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) out = config.build.outDir;
    },
    async closeBundle() {
      const manifest = JSON.parse(await readFile(join(out, "manifest.json"), "utf8")) as Manifest;
      const extra = [...icons, "icon.svg"].map((name) => `/static/${name}`);
      const sizes = new Map<string, number>();
      const sized = [...extra, ...Object.values(manifest).flatMap((chunk) => [chunk.file, ...(chunk.css ?? [])].map((file) => `/static/${file}`))];
      for (const path of sized) sizes.set(path, (await stat(join(out, path.replace("/static/", "")))).size);
      const files = filesOfField(manifest, extra, (path) => sizes.get(path) ?? 0);
      const script = await bundled(root);
      const hash = createHash("sha256").update(script).update(JSON.stringify(files));
      for (const path of extra) hash.update(await readFile(join(out, path.replace("/static/", ""))));
      const precache = { version: hash.digest("hex").slice(0, 16), ...files };
      const whole = `const PRECACHE=${JSON.stringify(precache)};\n${script}`;
      await writeFile(join(out, "sw.js"), whole);
      await writeFile(join(out, "sw.js.br"), brotliCompressSync(whole));
    },
  };
}
