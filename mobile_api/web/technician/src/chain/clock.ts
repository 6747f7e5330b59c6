/** The clocks of an entry: the phone's own, which can be set, and the monotonic one, which cannot. */
import type { ClockReading } from "../store/types";

/** Of this run of the program: a page that is loaded anew has a monotonic clock of its own. */
const session = crypto.randomUUID();

/** Where the monotonic clock stands now. */
export function reading(): ClockReading {
  return { session, mono_ms: Math.floor(performance.now()) };
}

/** How far the phone's clock was from the server's when a server time last came; positive where the phone is ahead. */
let ahead_ms = 0;

/** Takes a server time that has just come. */
export function noteServerTime(at_ms: number): void {
  ahead_ms = Date.now() - at_ms;
  came = { at_ms, mono_ms: performance.now() };
}

/** The last server time, and where the monotonic clock stood when it came. */
let came: { at_ms: number; mono_ms: number } | null = null;

/** The server's time as far as the phone can know. The monotonic clock may have stood still while the phone slept, and the phone's
own may have been set back: of both the later is nearer. */
export function serverNow_ms(knownAhead_ms = 0): number {
  if (came === null) return Date.now() - knownAhead_ms;
  return Math.max(Date.now() - ahead_ms, came.at_ms + performance.now() - came.mono_ms);
}

/** How far the phone's clock was ahead of the server's, to be kept beside what was fetched. */
export function ahead(): number {
  return ahead_ms;
}

/** How wrong the phone's clock is, as far as the phone can know: by the server's, or set back since the page was loaded.

That it is further than the monotonic clock says nothing: on many phones that one stands still while the phone sleeps. */
export function clockOff_ms(now_ms: number = Date.now(), startedAt_ms: number = performance.timeOrigin, mono_ms: number = performance.now()): number {
  const setBack_ms = Math.min(0, now_ms - (startedAt_ms + mono_ms));
  return Math.round(Math.abs(ahead_ms) > -setBack_ms ? ahead_ms : setBack_ms);
}
