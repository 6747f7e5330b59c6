/** The day as it was last fetched: stops, checklists, labels. A day is large, so the one at hand is kept in memory too. */
import { announce, onChange } from "./changes";
import { database, keepSingle, readSingle } from "./db";
import { isMine } from "./session";
import type { DayStop, KeptDay, TechnicianDay } from "./types";

/** Days kept besides today's; older ones go. */
const KEPT_DAYS = 14;

/** When a day was fetched last is written every few minutes, and apart from it. */
type Fetched = Record<string, number>;

let atHand: KeptDay | undefined;
onChange((what, elsewhere) => {
  if (what === "days" && elsewhere) atHand = undefined;
});

/** A day of the signed-in technician; a colleague's, who uses the same phone, is not shown. */
export async function keptDay(day: string): Promise<KeptDay | undefined> {
  const kept = atHand?.day === day ? atHand : await readDay(day);
  return kept && (await isMine(kept.technician)) ? kept : undefined;
}

async function readDay(day: string): Promise<KeptDay | undefined> {
  const found = await (await database()).get("days", day);
  return found && (atHand = { ...found, fetched_at_ms: (await fetched())[day] ?? found.fetched_at_ms });
}

/** The day fetched last. */
export async function latestDay(): Promise<KeptDay | undefined> {
  for (const [day] of Object.entries(await fetched()).sort(([, one], [, other]) => other - one)) {
    const kept = await keptDay(day);
    if (kept) return kept;
  }
  return undefined;
}

async function fetched(): Promise<Fetched> {
  return (await readSingle<Fetched>("fetched")) ?? {};
}

/** Keeps a day as fetched. */
export async function keepDay(view: TechnicianDay): Promise<KeptDay> {
  const kept: KeptDay = { day: view.day, technician: view.technician.id, fetched_at_ms: Date.now(), view };
  const tx = (await database()).transaction(["days", "singles"], "readwrite");
  const times = ((await tx.objectStore("singles").get("fetched")) as Fetched | undefined) ?? {};
  times[view.day] = kept.fetched_at_ms;
  for (const old of Object.keys(times).sort().slice(0, -KEPT_DAYS)) {
    delete times[old];
    await tx.objectStore("days").delete(old);
  }
  await tx.objectStore("days").put(kept);
  await tx.objectStore("singles").put(times, "fetched");
  await tx.done;
  atHand = kept;
  announce("days");
  return kept;
}

/** Notes that the server still has the same day. */
export async function noteSame(day: string): Promise<void> {
  const now_ms = Date.now();
  await keepSingle("fetched", { ...(await fetched()), [day]: now_ms });
  if (atHand?.day === day) atHand = { ...atHand, fetched_at_ms: now_ms };
  announce("days");
}

/** The stop of a kept day that a test holds for, the day fetched last before others. */
export async function stopWhere(holds: (stop: DayStop) => boolean): Promise<{ stop: DayStop; kept: KeptDay } | undefined> {
  for (const [day] of Object.entries(await fetched()).sort(([, one], [, other]) => other - one)) {
    const kept = await keptDay(day);
    const stop = kept?.view.stops.find(holds);
    if (kept && stop) return { stop, kept };
  }
  return undefined;
}

/** Forgets what is in memory; tests that change the database need it. */
export function dropDayAtHand(): void {
  atHand = undefined;
}
