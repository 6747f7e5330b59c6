/** Web Push: the browser's subscription and the server's knowledge of it. The service worker uses it too, so nothing is drawn here. */
import { language } from "../i18n/language";
import { dropSingle, keepSingle, readSingle } from "../store/db";
import { currentPhone } from "../store/phone";
import { session } from "../store/session";
import { call } from "../sync/api";

/** What the server calls the subscription, and whose it is. */
interface Registered {
  id: string;
  technician: string;
  endpoint: string;
}

const KEPT = "push";

/** Tells the server of a subscription; "" once it knows, else why not. */
export async function register(subscription: PushSubscription): Promise<string> {
  const who = await session();
  if (!who) return "";
  const { endpoint, keys } = subscription.toJSON();
  const phone = await currentPhone();
  const mine = phone && !phone.revoked && phone.technician === who.technician ? phone : undefined;
  const answer = await call<{ id: string }>("/api/v1/push-subscriptions", {
    method: "POST", json: { endpoint, keys: { p256dh: keys?.["p256dh"], auth: keys?.["auth"] }, name: mine?.name ?? "", phone: mine?.id ?? null },
  });
  if (answer.kind !== "ok") return "detail" in answer ? answer.detail || answer.kind : answer.kind;
  await keepSingle(KEPT, { id: answer.body.id, technician: who.technician, endpoint: endpoint ?? "" } satisfies Registered);
  return "";
}

async function manager(): Promise<PushManager | undefined> {
  return (await navigator.serviceWorker?.getRegistration())?.pushManager;
}

export type PushState = "on" | "off" | "denied" | "none" | "ios";

/** How notifications stand for whoever is signed in. */
export async function pushState(): Promise<PushState> {
  const subscribes = await manager();
  if (!subscribes || typeof Notification === "undefined") {
    const isApple = "standalone" in navigator && !(navigator as { standalone?: boolean }).standalone;
    return isApple ? "ios" : "none";
  }
  if (Notification.permission === "denied") return "denied";
  const [subscription, known, who] = [await subscribes.getSubscription(), await readSingle<Registered>(KEPT), await session()];
  const isMine = known !== undefined && known.technician === who?.technician && known.endpoint === subscription?.endpoint;
  return subscription && isMine && Notification.permission === "granted" ? "on" : "off";
}

/** Turns notifications on; call it from a tap, after saying why. Returns why not, "" where it worked or the person said no. */
export async function turnOn(): Promise<string> {
  if ((await Notification.requestPermission()) !== "granted") return "";
  const keys = await call<{ web_push_key: string }>("/api/v1/push-keys");
  const subscribes = await manager();
  if (keys.kind !== "ok" || !subscribes) return keys.kind === "unreachable" ? "offline" : keys.kind;
  try {
    const before = await subscribes.getSubscription();
    const key = decoded(keys.body.web_push_key);
    if (before && !isSame(before.options.applicationServerKey, key)) await before.unsubscribe(); // of an installation set up anew
    const why = await register(await subscribes.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
    if (!why) await sayLanguage();
    return why;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A push comes in one language: the app's, unless another was chosen for messages. */
async function sayLanguage(): Promise<void> {
  const found = await call<{ language: string }>("/api/v1/message-preferences");
  if (found.kind === "ok" && found.body.language === "") {
    await call("/api/v1/message-preferences", { method: "PUT", json: { ...found.body, language: language.value } });
  }
}

/** Turns notifications off, here and, with a connection, at the server; without one the address is dead all the same. */
export async function turnOff(): Promise<void> {
  const known = await readSingle<Registered>(KEPT);
  if (known) await call(`/api/v1/push-subscriptions/${known.id}`, { method: "DELETE" });
  await (await (await manager())?.getSubscription())?.unsubscribe().catch(() => false);
  await dropSingle(KEPT);
}

/** Has the server send a message that only tries the way. */
export async function tryPush(): Promise<boolean> {
  return (await call("/api/v1/push-test", { method: "POST" })).kind === "ok";
}

function decoded(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function isSame(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? new ArrayBuffer(0));
  return bytes.length === other.length && bytes.every((byte, at) => byte === other[at]);
}
