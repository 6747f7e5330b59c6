// Whether the technician of this phone is at a colleague's visit now: then the next scan without another wish is their way out.

import { database } from "../store/db";
import { currentPhone } from "../store/phone";

/** Who forgot to leave is not asked the next morning. */
const LONGEST_MS = 12 * 3600 * 1000;

/** Whether the last of one's own scans at colleagues' visits was a joining. */
export async function isJoined(now_ms: number = Date.now()): Promise<boolean> {
  const phone = await currentPhone();
  const own = await (await database()).getAllFromIndex("entries", "by_visit", "");
  const last = own.filter((entry) => entry.phone === phone?.id && entry.state !== "refused").at(-1);
  return last?.kind === "join" && Math.abs(now_ms - last.at_ms) < LONGEST_MS;
}
