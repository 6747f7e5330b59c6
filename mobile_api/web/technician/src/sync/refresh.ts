/** The day, fetched anew where the server has another version. */
import { keepBeacon } from "../chain/beacon";
import { keepDay, keptDay, latestDay, noteSame } from "../store/day";
import { session } from "../store/session";
import type { TechnicianDay } from "../store/types";
import { dateIn } from "../ui/format";
import { call } from "./api";
import { endedBy, type Ended } from "./sync";

/** Today where the firm is. */
export function todayIn(zone: string): string {
  return dateIn(zone, Date.now());
}

/** Fetches a day (today's without one); undefined once it is there. */
export async function refreshDay(day?: string): Promise<Ended | undefined> {
  const technician = (await session())?.technician;
  const known = day ? await keptDay(day) : await todays();
  const mine = known && known.technician === technician ? known : undefined;
  const headers: Record<string, string> = mine ? { "If-None-Match": mine.view.etag } : {};
  const answer = await call<TechnicianDay>(day ? `/api/v1/day?day=${day}` : "/api/v1/day", { headers });
  if (answer.kind === "unchanged" && mine) await noteSame(mine.day);
  if (answer.kind !== "ok") return endedBy(answer);
  await keepBeacon(answer.body.beacon);
  await keepDay(answer.body);
  return undefined;
}

async function todays() {
  const latest = await latestDay();
  return latest ? keptDay(todayIn(latest.view.time_zone)) : undefined;
}
