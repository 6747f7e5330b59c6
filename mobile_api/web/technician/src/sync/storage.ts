/** How much room the phone has, and whether the browser promised to keep what we store. */

/** Below this much room new photos are refused first: answers and scans are small and must always fit. */
export const RESERVE_BYTES = 20 * 1024 * 1024;

export interface Room {
  used: number;
  /** What the browser lets us use; 0 where it does not say. */
  quota: number;
  persisted: boolean;
}

/** What is known of the room. */
export async function room(): Promise<Room> {
  const storage = typeof navigator === "undefined" ? undefined : navigator.storage;
  const [estimate, persisted] = await Promise.all([
    storage?.estimate?.().catch(() => undefined),
    storage?.persisted?.().catch(() => false),
  ]);
  return { used: estimate?.usage ?? 0, quota: estimate?.quota ?? 0, persisted: persisted ?? false };
}

/** Whether photos have to stop, where the browser says how much room there is. */
export function isNearlyFull(found: Room): boolean {
  return found.quota > 0 && found.quota - found.used < RESERVE_BYTES;
}

export async function isFull(): Promise<boolean> {
  return isNearlyFull(await room());
}

/** Asks the browser not to clear our storage by itself; call it from a tap, after saying why. */
export async function askToKeep(): Promise<boolean> {
  return (await navigator.storage?.persist?.().catch(() => false)) ?? false;
}
