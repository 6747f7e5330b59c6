/** The last signed server time, and where the monotonic clock stood when it came. */
import { dropSingle, keepSingle, readSingle } from "../store/db";
import type { KeptBeacon } from "../store/types";
import { reading } from "./clock";

/** A beacon is fetched anew when the one at hand is older: it bounds the time of what is done next. */
const FRESH_MS = 5 * 60 * 1000;

/** Of this tab: measured with the clock that its entries are measured with, so worth more than another tab's. */
let own: KeptBeacon | undefined;

/** Keeps a beacon that has just come. */
export async function keepBeacon(token: string | undefined): Promise<void> {
  if (!token) return;
  own = { token, ...reading() };
  await keepSingle("beacon", own);
}

/** The beacon that the next entry carries. */
export async function currentBeacon(): Promise<KeptBeacon | null> {
  return own ?? (await readSingle<KeptBeacon>("beacon")) ?? null;
}

/** Whether it is time for a new beacon. */
export function isStale(): boolean {
  return own === undefined || reading().mono_ms - own.mono_ms > FRESH_MS;
}

/** Forgets all beacons, as a new enrolment and tests need it. */
export async function dropBeacon(): Promise<void> {
  own = undefined;
  await dropSingle("beacon");
}
