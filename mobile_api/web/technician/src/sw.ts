/** The service worker: the app without a connection, and sending when the connection is back. Built on its own, see tools/worker.ts. */
/// <reference lib="webworker" />
import { open, renew, show } from "./inbox/worker";
import { sendAnswers } from "./rescue/answers";
import { sync } from "./sync/sync";

declare const self: ServiceWorkerGlobalScope;
/** Addresses of the built files, and a name that changes with them: filled in by the build. */
declare const __FILES__: string[];
declare const __VERSION__: string;

const CACHE = `liftrounds-${__VERSION__}`;
const PAGE = "/t/";

interface SyncEvent extends ExtendableEvent {
  tag: string;
}

self.addEventListener("install", (event) => {
  event.waitUntil(keepFiles());
});

/** Keeps every file of this version; what the version before had already is not fetched again, its name says its content. */
async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  const missing: string[] = [];
  for (const file of __FILES__) {
    const known = file.includes("/assets/") ? await caches.match(file) : undefined;
    if (known) await cache.put(file, known);
    else missing.push(file);
  }
  await cache.addAll(missing.map((file) => new Request(file, { cache: "reload" })));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOld());
});

async function dropOld(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("liftrounds-") && name !== CACHE).map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("message", (event) => {
  if (event.data === "take over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin || !address.pathname.startsWith(PAGE)) return;
  event.respondWith(answer(request, address));
});

/** The app's files from the phone; only what it does not have from the server. */
async function answer(request: Request, address: URL): Promise<Response> {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.mode === "navigate" ? PAGE : address.pathname);
  return kept ?? (await caches.match(address.pathname)) ?? fetch(request);
}

self.addEventListener("sync" as keyof ServiceWorkerGlobalScopeEventMap, (event) => {
  if ((event as SyncEvent).tag === "liftrounds-sync") (event as SyncEvent).waitUntil(sendNow());
});

/** An open page sends by itself: its clock is the one its entries are measured with. */
async function sendNow(): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  if (pages.length > 0) {
    for (const page of pages) page.postMessage("sync");
    return;
  }
  const told = await sendAnswers(); // first: somebody waits for it
  const ended = await sync();
  if (!told || ended?.kind === "unreachable" || ended?.kind === "later") throw new Error("not yet"); // the browser tries again by itself
}

self.addEventListener("push", (event) => {
  event.waitUntil(show(event.data));
});

self.addEventListener("notificationclick", (event) => {
  event.waitUntil(open(event.notification, event.action));
});

self.addEventListener("pushsubscriptionchange", (event) => {
  (event as ExtendableEvent).waitUntil(renew(event as unknown as Parameters<typeof renew>[0]));
});
