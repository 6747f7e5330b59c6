/** The day as it was last fetched: stops, checklists, labels. */
import { announce } from "./changes";
import { database } from "./db";
import type { DayStop, KeptDay, TechnicianDay } from "./types";

/** Days kept besides today's; older ones go. */
const KEPT_DAYS = 14;

export async function keptDay(day: string): Promise<KeptDay | undefined> {
  return (await database()).get("days", day);
}

/** The day fetched last. */
export async function latestDay(): Promise<KeptDay | undefined> {
  const all = await (await database()).getAll("days");
  return all.sort((one, other) => other.fetched_at_ms - one.fetched_at_ms)[0];
}

/** Keeps a day as fetched. */
export async function keepDay(view: TechnicianDay): Promise<KeptDay> {
  const kept: KeptDay = { day: view.day, technician: view.technician.id, fetched_at_ms: Date.now(), view };
  const tx = (await database()).transaction("days", "readwrite");
  await tx.store.put(kept);
  const days = (await tx.store.getAllKeys()).sort();
  for (const old of days.slice(0, Math.max(0, days.length - KEPT_DAYS))) await tx.store.delete(old);
  await tx.done;
  announce("days");
  return kept;
}

/** Notes that the server still has the same day. */
export async function noteSame(day: string): Promise<void> {
  const tx = (await database()).transaction("days", "readwrite");
  const found = await tx.store.get(day);
  if (found) await tx.store.put({ ...found, fetched_at_ms: Date.now() });
  await tx.done;
  announce("days");
}

/** The stop of a kept day that a test holds for, today's before others. */
export async function stopWhere(holds: (stop: DayStop) => boolean): Promise<{ stop: DayStop; kept: KeptDay } | undefined> {
  const days = (await (await database()).getAll("days")).sort((one, other) => other.fetched_at_ms - one.fetched_at_ms);
  for (const kept of days) {
    const stop = kept.view.stops.find(holds);
    if (stop) return { stop, kept };
  }
  return undefined;
}
