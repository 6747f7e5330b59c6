/** Where a message leads inside the app. The service worker uses it too, so nothing is drawn here. */

const RESCUE = /\/work\/dispatches\/([0-9a-f-]{36})/;

/** A page of the app itself, such as `/t/#/swaps`. */
const OWN = /^\/t\/(#\/[\w/-]*)$/;

/** The rescue that a link of ours names; empty for none. */
export function rescueOf(link: string): string {
  return RESCUE.exec(link)?.[1] ?? "";
}

/** The place in the app for a message's link; `#/inbox` shows what the app has no page for. */
export function placeFor(kind: string, link: string): string {
  const rescue = rescueOf(link);
  if (rescue) return `#/rescues/${rescue}`;
  const own = OWN.exec(link)?.[1];
  if (own) return own;
  if (kind === "plan" || kind === "visit") return "#/";
  if (kind === "phone") return "#/phone";
  if (kind === "held") return "#/unsent";
  return "#/inbox";
}
