/** Visits as this phone knows them. */
import { announce } from "./changes";
import { database } from "./db";
import { isMine, session } from "./session";
import type { AfterVisit, Departed, LocalVisit } from "./types";

export async function localVisit(id: string): Promise<LocalVisit | undefined> {
  const found = await (await database()).get("visits", id);
  return found && (await isMine(found.technician)) ? found : undefined;
}

/** All visits of the signed-in technician, the newest arrival first. */
export async function localVisits(): Promise<LocalVisit[]> {
  const [all, who] = await Promise.all([(await database()).getAll("visits"), session()]);
  const mine = all.filter((visit) => !who || (visit.technician ?? who.technician) === who.technician);
  return mine.sort((one, other) => other.arrived_at_ms - one.arrived_at_ms);
}

/** Those that were begun here and not left yet. */
export async function openVisits(): Promise<LocalVisit[]> {
  return (await localVisits()).filter((visit) => visit.departed_at_ms === null);
}

/** Keeps a visit; what an entry changes of it is written by `append` in the entry's own transaction. */
export async function keepVisit(visit: LocalVisit): Promise<void> {
  await (await database()).put("visits", visit);
  announce("visits");
}

/** Notes what the departure changed, as the server told it. */
export async function noteOutcome(id: string, outcome: Departed, after?: AfterVisit): Promise<void> {
  const tx = (await database()).transaction("visits", "readwrite");
  const found = await tx.store.get(id);
  if (found) await tx.store.put({ ...found, outcome, ...(after ? { after } : {}) });
  await tx.done;
  announce("visits");
}
