/** Pushes in the service worker: shown, and opened at the right page. */
import { language } from "../i18n/language";
import { rescue as texts } from "../i18n/rescue";
import { answer } from "../rescue/answers";
import { readSingle } from "../store/db";
import type { Language } from "../store/settings";
import { placeFor, rescueOf } from "./links";
import { register } from "./push";

declare const self: ServiceWorkerGlobalScope;

/** What the server pushes; see docs/messages.md. */
interface Pushed {
  message: string;
  kind: string;
  title: string;
  text: string;
  link: string;
  urgent: boolean;
}

interface Action {
  action: string;
  title: string;
}

const PAGE = "/t/";
const RING_MS = [500, 200, 500, 200, 500];

export async function show(data: PushMessageData | null): Promise<void> {
  const pushed = read(data);
  await chosenLanguage();
  const rescue = rescueOf(pushed.link);
  // A rescue that rings again takes the place of its last notification, and is heard again.
  const options: NotificationOptions & { renotify?: boolean; vibrate?: number[]; actions?: Action[] } = {
    body: pushed.text, tag: rescue ? `rescue-${rescue}` : pushed.message, renotify: pushed.urgent, requireInteraction: pushed.urgent,
    lang: language.value, icon: `${PAGE}icon-192.png`, badge: `${PAGE}icon-192.png`,
    data: { place: placeOf(pushed), rescue, message: pushed.message },
    ...(pushed.urgent ? { vibrate: RING_MS } : {}),
    ...(rescue ? { actions: [{ action: "going", title: texts["rescue.going"][language.value] }, { action: "cannot", title: texts["rescue.cannot"][language.value] }] } : {}),
  };
  if (options.tag === "") delete options.renotify; // the browser refuses it without a tag
  await self.registration.showNotification(pushed.title || "Liftrounds", options);
  for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage("inbox");
}

function placeOf({ kind, link, message }: Pushed): string {
  const place = placeFor(kind, link);
  return place === "#/inbox" && message ? `#/inbox/${message}` : place;
}

/** A push without content still says that there is something. */
function read(data: PushMessageData | null): Pushed {
  const nothing: Pushed = { message: "", kind: "", title: "", text: "", link: "", urgent: false };
  try {
    return { ...nothing, ...(data?.json() as Partial<Pushed> | undefined) };
  } catch {
    return nothing;
  }
}

async function chosenLanguage(): Promise<void> {
  language.value = (await readSingle<Language>("language").catch(() => undefined)) ?? "zh";
}

/** Opens what a notification is about; an answer on it is kept and sent like a tap in the app. */
export async function open(notification: Notification, action: string): Promise<void> {
  notification.close();
  const { place = "#/inbox", rescue = "" } = (notification.data ?? {}) as { place?: string; rescue?: string };
  const shown = goTo(place); // first: the browser lets a page be opened for a moment only
  if (rescue && (action === "going" || action === "cannot")) await answer(rescue, action);
  await shown;
}

async function goTo(place: string): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  const [page] = pages;
  if (!page) {
    await self.clients.openWindow(PAGE + place);
    return;
  }
  page.postMessage({ go: place });
  await page.focus().catch(() => undefined);
}

/** The push service gave the browser another address: the server is told. */
export async function renew(event: { oldSubscription?: PushSubscription | null; newSubscription?: PushSubscription | null }): Promise<void> {
  const options = event.oldSubscription?.options;
  const fresh = event.newSubscription ?? (await self.registration.pushManager.getSubscription()) ?? (options && (await self.registration.pushManager.subscribe(options)));
  if (fresh) await register(fresh);
}
