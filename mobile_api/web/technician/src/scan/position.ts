// Where the phone believes to be at the moment of a scan. What it could not find out is told apart, because a refusal, a
// cellar and a broken receiver mean different things to whoever reads the evidence later.

import type { Fix } from "../chain/position";
import type { PositionState } from "../store/types";

export interface Position {
  readonly state: PositionState["state"];
  readonly fix: Fix | null;
}

/** How long a scan waits for its position at most: whoever stands before the label should not wait longer. */
export const LONGEST_WAIT_MS = 8_000;
/** A fix may be as old: the technician has not left the car while the code was read. */
const OLDEST_FIX_MS = 15_000;
/** Beyond this a fix says nothing, and the number has to stay a number that can be signed. */
const COARSEST_M = 1_000_000;
const PERMISSION_DENIED = 1;
const TIMEOUT = 3;

/** Asks for the position once; never fails and never takes longer than `waitMs`. */
export function askPosition(geolocation: Geolocation | undefined, waitMs = LONGEST_WAIT_MS): Promise<Position> {
  if (geolocation === undefined) return Promise.resolve({ state: "unavailable", fix: null });
  return new Promise((resolve) => {
    // Some browsers never answer while the question for permission stands open: the browser's own timeout does not run then.
    const late = setTimeout(() => resolve({ state: "timeout", fix: null }), waitMs + 500);
    const done = (position: Position): void => {
      clearTimeout(late);
      resolve(position);
    };
    geolocation.getCurrentPosition(
      (found) => done({ state: "given", fix: inWholeUnits(found) }),
      (error) => done({ state: stateOf(error.code), fix: null }),
      { enableHighAccuracy: true, timeout: waitMs, maximumAge: OLDEST_FIX_MS },
    );
  });
}

function inWholeUnits(found: GeolocationPosition): Fix {
  return {
    lat_e7: Math.round(found.coords.latitude * 1e7),
    lon_e7: Math.round(found.coords.longitude * 1e7),
    accuracy_dm: Math.round(Math.min(Math.max(found.coords.accuracy, 0), COARSEST_M) * 10),
    at_ms: Math.round(found.timestamp),
  };
}

function stateOf(code: number): PositionState["state"] {
  if (code === PERMISSION_DENIED) return "denied";
  return code === TIMEOUT ? "timeout" : "unavailable";
}
