// What the scanner was opened for, as its address says it.

export type Kind = "arrival" | "departure" | "zone" | "join" | "leave" | "invite" | "rescue";

export interface Wanted {
  readonly kind: Kind;
  /** The stop that was chosen; null where none was. */
  readonly workOrder: string | null;
  /** The visit that is left or walked through, or the rescue that somebody has come for; empty for none. */
  readonly visit: string;
}

const KINDS: readonly Kind[] = ["arrival", "departure", "zone", "join", "leave"];

export function purposeOf(query: URLSearchParams): Wanted {
  const named = KINDS.find((kind) => kind === query.get("kind")) ?? "arrival";
  if (query.get("for") === "invite") return { kind: "invite", workOrder: null, visit: "" };
  if (query.get("for") === "rescue") return { kind: "rescue", workOrder: null, visit: query.get("rescue") ?? "" };
  const visit = query.get("visit") ?? "";
  // Without a visit there is nothing to leave or walk through: what is scanned is an arrival then.
  const kind = visit === "" && (named === "departure" || named === "zone") ? "arrival" : named;
  return { kind, workOrder: query.get("order") || null, visit };
}
