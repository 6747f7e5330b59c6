/** Room that is kept in hand: some megabytes that are thrown out when the storage refuses a scan or an answer.

What a browser says of its room is an estimate (Chromium's is the use and 10 GiB, whatever the disk has), so that nothing but a
refused write tells that the phone is full. Photos never get this room: they stop while it is still there. */
import { announce } from "./changes";
import { database } from "./db";

const NAME = "ballast";
/** Twice what the entries and drafts of a day of 20 visits take. */
export const BALLAST_BYTES = 4 * 1024 * 1024;
const BLOCK_BYTES = 64 * 1024;
/** After a refusal the storage is tried again as late, so that a full phone is not kept busy by it. */
const TRIED_AGAIN_MS = 10_000;

let refusedAt_ms = Number.NEGATIVE_INFINITY;

/** Whether the storage refused something for want of room. */
export function isOutOfRoom(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === "QuotaExceededError";
}

/** Lays the ballast where there is none; false where the phone has no room for it. */
export async function layBallast(now_ms: number = Date.now()): Promise<boolean> {
  if (await hasBallast()) return true;
  if (Math.abs(now_ms - refusedAt_ms) < TRIED_AGAIN_MS) return false;
  try {
    await (await database()).put("singles", new Blob(blocks()), NAME);
  } catch (error) {
    if (!isOutOfRoom(error)) throw error;
    refusedAt_ms = now_ms;
    return false;
  }
  return true;
}

export async function hasBallast(): Promise<boolean> {
  return (await (await database()).getKey("singles", NAME)) !== undefined;
}

/** Whether the ballast was given up, or never found room. */
export async function isSqueezed(): Promise<boolean> {
  return refusedAt_ms > Number.NEGATIVE_INFINITY && !(await hasBallast());
}

/** Writes a record; where the storage refuses it, the ballast makes room and it is written again. */
export async function withBallast<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isOutOfRoom(error) || !(await hasBallast())) throw error;
    await (await database()).delete("singles", NAME);
    refusedAt_ms = Date.now();
    announce("photos"); // the room is counted anew
    return write();
  }
}

/** Noise, so that no file system makes it small. */
function blocks(): Uint8Array<ArrayBuffer>[] {
  const block = crypto.getRandomValues(new Uint8Array(BLOCK_BYTES));
  return Array.from({ length: BALLAST_BYTES / BLOCK_BYTES }, () => block);
}

/** Forgets that the storage was full; tests need it. */
export function forgetRefusal(): void {
  refusedAt_ms = Number.NEGATIVE_INFINITY;
}
