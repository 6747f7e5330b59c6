/** Builds the service worker after the app: one file without imports, with the list of what it keeps. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { build, type Plugin } from "vite";

const NOT_KEPT = new Set(["sw.js", ".built-from"]);

/** Addresses of all built files, and a hash over their contents. */
export function filesOf(folder: string, base: string): { files: string[]; version: string } {
  const hash = createHash("sha256");
  const files: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join("/");
    if (entry.isFile() && !NOT_KEPT.has(name)) files.push(name);
  }
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(folder, name)));
  const addresses = files.map((name) => base + (name === "index.html" ? "" : name));
  return { files: addresses, version: hash.digest("hex").slice(0, 12) };
}

export function serviceWorker(): Plugin {
  let folder = "";
  let base = "/";
  return {
    name: "liftrounds-service-worker",
    apply: "build",
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
      base = config.base;
    },
    async closeBundle() {
      const { files, version } = filesOf(folder, base);
      await build({
        configFile: false,
        logLevel: "warn",
        define: { __FILES__: JSON.stringify(files), __VERSION__: JSON.stringify(version) },
        build: {
          outDir: folder, emptyOutDir: false, copyPublicDir: false, target: "es2020",
          rolldownOptions: { input: "src/sw.ts", output: { format: "iife", entryFileNames: "sw.js" } },
        },
      });
    },
  };
}
