/** Where a stop stands: what the server said, overruled by what was done on this phone since. */
import type { DayStop, LocalVisit } from "../store/types";

export type Standing = DayStop["state"] | "unsent";

export interface StopNow {
  stop: DayStop;
  standing: Standing;
  /** The visit made there, where this phone or the server knows of one. */
  visit: string | null;
  local: LocalVisit | undefined;
}

/** Every stop in order with where it stands now; `handedBack` are those that were handed back here and not sent yet. */
export function stopsNow(stops: readonly DayStop[], visits: readonly LocalVisit[], handedBack: ReadonlySet<string> = new Set()): StopNow[] {
  const sorted = [...stops].sort((one, other) => one.position - other.position);
  return sorted.map((stop) => {
    const local = visits.find((visit) => visit.work_order === stop.work_order || visit.id === stop.visit);
    return { stop, local, visit: local?.id ?? stop.visit, standing: !local && stop.state === "scheduled" && handedBack.has(stop.work_order) ? "cancelled" : standingOf(stop, local) };
  });
}

function standingOf(stop: DayStop, local: LocalVisit | undefined): Standing {
  if (stop.state === "done" || stop.state === "cancelled" || !local) return stop.state;
  if (local.departed_at_ms === null) return "in_progress";
  return local.outcome ? "done" : "unsent";
}

/** The stop that comes next: the first that nobody has begun. */
export function nextOf(stops: readonly StopNow[]): StopNow | undefined {
  return stops.find((each) => (each.standing === "scheduled" || each.standing === "missed") && each.visit === null);
}

/** What says that a stop is over. */
export function isOver(standing: Standing): boolean {
  return standing === "done" || standing === "unsent" || standing === "missed" || standing === "cancelled";
}
