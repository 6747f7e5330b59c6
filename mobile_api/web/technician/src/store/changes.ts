/** Tells whoever shows the store that it changed, in this tab and in others. */

const CHANNEL = "liftrounds-store";
export type Changed = "entries" | "photos" | "days" | "visits" | "drafts" | "session" | "phone" | "inbox" | "rescues";
/** `elsewhere`: in another tab. */
type Listener = (changed: Changed, elsewhere: boolean) => void;

const listeners = new Set<Listener>();
const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(CHANNEL);
channel?.addEventListener("message", (event: MessageEvent<Changed>) => tell(event.data, true));
(channel as unknown as { unref?: () => void } | undefined)?.unref?.(); // under Node an open channel would hold up the end of a test

function tell(changed: Changed, elsewhere: boolean): void {
  for (const listener of [...listeners]) listener(changed, elsewhere);
}

/** Says that something changed. */
export function announce(changed: Changed): void {
  tell(changed, false);
  channel?.postMessage(changed);
}

/** Calls back at every change; returns what ends that. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
