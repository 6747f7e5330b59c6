/** The clocks of an entry: the phone's own, which can be set, and the monotonic one, which cannot. */
import type { ClockReading } from "../store/types";

/** Of this run of the program: a page that is loaded anew has a monotonic clock of its own. */
const session = crypto.randomUUID();

/** Where the monotonic clock stands now. */
export function reading(): ClockReading {
  return { session, mono_ms: Math.floor(performance.now()) };
}

/** How far the phone's clock was set since the page was loaded, in ms; more than a little means that somebody changed it. */
export function wasSetBy_ms(startedAt_ms: number = Math.floor(performance.timeOrigin)): number {
  return Date.now() - (startedAt_ms + Math.floor(performance.now()));
}
