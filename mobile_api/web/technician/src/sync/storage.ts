/** How much room the phone has, and whether the browser promised to keep what we store. */
import { isSqueezed } from "../store/ballast";

/** Below this much room new photos are refused first: answers and scans are small and must always fit. */
export const RESERVE_BYTES = 20 * 1024 * 1024;

export interface Room {
  used: number;
  /** What the browser lets us use; 0 where it does not say. */
  quota: number;
  persisted: boolean;
  /** The storage refused something; nothing is told by the numbers above. */
  squeezed?: boolean;
}

/** What is known of the room. */
export async function room(): Promise<Room> {
  const storage = typeof navigator === "undefined" ? undefined : navigator.storage;
  const [estimate, persisted, squeezed] = await Promise.all([
    storage?.estimate?.().catch(() => undefined),
    storage?.persisted?.().catch(() => false),
    isSqueezed(),
  ]);
  return { used: estimate?.usage ?? 0, quota: estimate?.quota ?? 0, persisted: persisted ?? false, squeezed };
}

/** Whether photos have to stop, where the browser says how much room there is. */
export function isNearlyFull(found: Room): boolean {
  return found.squeezed === true || (found.quota > 0 && found.quota - found.used < RESERVE_BYTES);
}

export async function isFull(): Promise<boolean> {
  return isNearlyFull(await room());
}

/** Asks the browser not to clear our storage by itself; call it from a tap, after saying why. */
export async function askToKeep(): Promise<boolean> {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}
