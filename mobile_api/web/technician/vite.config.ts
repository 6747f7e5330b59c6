import { defineConfig } from "vite";
import { serviceWorker } from "./tools/worker.ts";

/** Where `npm run dev` finds a running server for what is not ours. */
const server = process.env.LIFTROUNDS_PUBLIC_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/t/",
  plugins: [serviceWorker()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2020", // a five-year-old Android: Chrome 85 and later
    modulePreload: { polyfill: false }, // would be an inline script, which the page's policy refuses
    assetsInlineLimit: 0, // data: addresses of scripts and wasm are refused too
  },
  server: { proxy: { "/api": server, "/static": server, "/e": server } },
});
