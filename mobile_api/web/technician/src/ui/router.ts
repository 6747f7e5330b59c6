/** Where in the app we are: the part of the address after `#`, so that one cached page serves them all. */
import { changed, watched } from "./state";

export interface Place {
  /** Path in parts: `#/visits/ID/zones/MR` → `["visits", "ID", "zones", "MR"]`; today's page is `[]`. */
  parts: string[];
  query: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return { parts: path.split("/").filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // typed by hand
  }
}

/** Id of what scrolls between the bars. */
export const BETWEEN = "between";

/** A new page begins at its head, whether the page or what is between its bars scrolls. */
function toTop(): void {
  scrollTo(0, 0);
  document.getElementById(BETWEEN)?.scrollTo(0, 0);
}

export const place = watched<Place>({ parts: [], query: new URLSearchParams() });

/** Starts to follow the address. */
export function startRouter(): void {
  const follow = () => {
    changed(place, placeOf(location.hash));
    toTop();
  };
  addEventListener("hashchange", follow);
  navigator.serviceWorker?.addEventListener("message", ({ data }: MessageEvent<{ go?: unknown } | string>) => {
    if (typeof data === "object" && typeof data?.go === "string" && data.go.startsWith("#/")) go(data.go); // a notification was tapped
  });
  changed(place, placeOf(location.hash));
}

/** Goes to a place; `replace` leaves no way back to this one. */
export function go(hash: string, replace = false): void {
  if (!replace) {
    location.hash = hash;
    return;
  }
  history.replaceState(null, "", hash);
  changed(place, placeOf(hash));
  toTop();
}

/** Goes back, or to a place where nothing is behind. */
export function back(otherwise = "#/"): void {
  if (history.length > 1) history.back();
  else go(otherwise, true);
}
