/** Rescues fetched and kept: there without a connection, the clock goes on. */
import { ahead, noteServerTime } from "../chain/clock";
import { announce } from "../store/changes";
import { database } from "../store/db";
import { session } from "../store/session";
import { call } from "../sync/api";
import { changed, watched } from "../ui/watched";
import { isOpen } from "./standing";
import type { KeptRescue, RescueSummary, RescueView } from "./types";

/** More than so many at once is a city without power: the office says then who goes where. */
const MOST_FETCHED = 20;
/** A closed one stays to be looked at. */
const CLOSED_KEPT_MS = 24 * 3600 * 1000;

/** What the phone has, for what is drawn on every page. */
export const rescues = watched<readonly KeptRescue[]>([]);

export async function loadRescues(): Promise<void> {
  const found = await (await database()).getAll("rescues");
  changed(rescues, found.sort((one, other) => other.view.summary.raised_at.localeCompare(one.view.summary.raised_at)));
}

/** Keeps a rescue as it was told, unless something newer of it is here already. */
export async function keepRescue(view: RescueView): Promise<void> {
  noteServerTime(Date.parse(view.now));
  const tx = (await database()).transaction("rescues", "readwrite");
  const before = await tx.store.get(view.summary.id);
  if (!before || before.view.now <= view.now) await tx.store.put({ id: view.summary.id, view, fetched_at_ms: Date.now(), ahead_ms: ahead() });
  await tx.done;
  await loadRescues();
  announce("rescues");
}

/** Fetches one; "gone" where there is none of this id. */
export async function fetchRescue(id: string): Promise<"kept" | "gone" | "unreachable"> {
  const answer = await call<RescueView>(`/api/v1/dispatches/${id}`);
  if (answer.kind === "ok") await keepRescue(answer.body);
  return answer.kind === "ok" ? "kept" : answer.kind === "refused" ? "gone" : "unreachable";
}

/** Fetches those that are open, and once more those that were; false where the server could not be asked. */
export async function refreshRescues(): Promise<boolean> {
  const who = await session();
  if (!who || who.expired) return false;
  const answer = await call<{ rows: RescueSummary[]; now: string }>("/api/v1/dispatches?open_only=true");
  if (answer.kind === "refused") return true;
  if (answer.kind !== "ok") return false;
  const open = answer.body.rows.map((row) => row.id);
  const wereOpen = rescues.value.filter((kept) => isOpen(kept) && !open.includes(kept.id)).map((kept) => kept.id);
  for (const id of [...open, ...wereOpen].slice(0, MOST_FETCHED)) {
    const found = await fetchRescue(id);
    if (found === "unreachable") return false;
    if (found === "gone") await drop(id);
  }
  for (const kept of rescues.value) if (!isOpen(kept) && Date.now() - kept.fetched_at_ms > CLOSED_KEPT_MS) await drop(kept.id);
  return true;
}

async function drop(id: string): Promise<void> {
  await (await database()).delete("rescues", id);
  await loadRescues();
  announce("rescues");
}
