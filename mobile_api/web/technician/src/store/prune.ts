/** What the server has had for long is cleared away; what it has not is never touched. */
import { database } from "./db";
import type { EntryState } from "./types";

const DAY_MS = 24 * 3600 * 1000;
/** Sent entries stay as long, to be looked at. */
const ENTRIES_KEPT_MS = 30 * DAY_MS;
/** Sent photos take much more room. */
const PHOTOS_KEPT_MS = 2 * DAY_MS;
const VISITS_KEPT_MS = 60 * DAY_MS;

/** The server has them, and nothing is asked about them any more. */
const DONE: ReadonlySet<EntryState> = new Set<EntryState>(["applied", "duplicate", "settled"]);

/** Clears what was sent long ago; the head of the chain stays, so that the next entry still hangs on the last. */
export async function prune(now_ms: number = Date.now()): Promise<void> {
  const tx = (await database()).transaction(["entries", "photos", "visits", "drafts"], "readwrite");
  const unsolved = new Set<string>();
  for (let at = await tx.objectStore("entries").openCursor(); at; at = await at.continue()) {
    const done = DONE.has(at.value.state);
    if (!done) unsolved.add(at.value.visit);
    else if (now_ms - (at.value.answered_at_ms ?? now_ms) > ENTRIES_KEPT_MS) await at.delete();
  }
  for (let at = await tx.objectStore("photos").index("by_state").openCursor("sent"); at; at = await at.continue()) {
    if (now_ms - at.value.declared.taken_at_ms > PHOTOS_KEPT_MS) await at.delete();
  }
  for (let at = await tx.objectStore("visits").openCursor(); at; at = await at.continue()) {
    const left = at.value.departed_at_ms;
    if (left === null || now_ms - left < VISITS_KEPT_MS || unsolved.has(at.value.id)) continue;
    await tx.objectStore("drafts").delete(IDBKeyRange.bound([at.value.id, ""], [at.value.id, "\uffff"]));
    await at.delete();
  }
  await tx.done;
}
