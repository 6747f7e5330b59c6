/** Sending: entries in order, photos after them, then the day. Every step may be repeated without harm. */
import { isStale, keepBeacon } from "../chain/beacon";
import { noteServerTime } from "../chain/clock";
import { aloneOrNot } from "../store/lock";
import { allPhones, noteRevoked } from "../store/phone";
import { notePhoto, unsentPhotos } from "../store/photos";
import { keyOf, leftOut, noteAnswers, noteAttempt, unsolved, waiting, type Answered } from "../store/queue";
import { session } from "../store/session";
import { noteOutcome } from "../store/visits";
import type { Departed, EntryState, Phone, QueuedEntry } from "../store/types";
import { sendWishes } from "../day/wishes";
import { refreshAround } from "../scan/around";
import { call, type Answer } from "./api";
import { fetchOutcomes } from "./outcomes";
import { refreshDay } from "./refresh";

/** Entries of one request: the server takes 200; fewer get through a weak signal in one piece. */
const BATCH = 50;

/** How a run ended. `done`: everything that can be sent is sent. */
export type Ended =
  | { kind: "done" }
  | { kind: "signed_out" }
  | { kind: "unreachable" }
  | { kind: "later"; retry_after_s: number | null; detail: string };

interface Reasoned {
  reason_zh: string;
  reason_en: string;
  faults?: { path: string; reason_zh: string; reason_en: string }[];
}

interface Result extends Reasoned {
  index: number;
  seq: number | null;
  sha256: string;
  state: Exclude<EntryState, "waiting">;
  visit: string;
  outcome: Departed | null;
}

interface Intake {
  head: { seq: number; sha256: string };
  beacon: string;
  results: Result[];
}

/** Sends what waits, unless another tab is at it (undefined then). */
export function sync(): Promise<Ended | undefined> {
  return aloneOrNot("sync", run);
}

async function run(): Promise<Ended> {
  const who = await session();
  if (!who || who.expired) return { kind: "signed_out" };
  const phones = await allPhones();
  for (const phone of phones) {
    if (phone.technician !== who.technician) continue; // a colleague's queue waits for the colleague
    const stopped = (await sendEntries(phone)) ?? (await lookAfterHeld(phone)) ?? (await lookAfterPhone(phone));
    if (stopped) return stopped;
  }
  const foreign = new Set(phones.filter((phone) => phone.technician !== who.technician).map((phone) => phone.id));
  return (await sendWishes()) ?? (await sendPhotos(foreign)) ?? (await fetchOutcomes()) ?? (await freshBeacon()) ?? (await refreshDay()) ?? (await refreshAround()) ?? { kind: "done" };
}

async function sendEntries(phone: Phone): Promise<Ended | undefined> {
  for (let batch = await waiting(phone.id, BATCH); batch.length > 0; batch = await waiting(phone.id, BATCH)) {
    const answer = await call<Intake>(`/api/v1/phones/${phone.id}/entries`, {
      method: "POST", json: { entries: batch.map((entry) => entry.envelope) },
    });
    if (answer.kind !== "ok") {
      await noteAttempt(batch.map((entry) => entry.key));
      if (answer.kind === "refused") return refusedWhole(phone, answer.detail);
      return endedBy(answer);
    }
    await keepBeacon(answer.body.beacon);
    await noteAnswers(answersOf(phone, batch, answer.body.results));
    for (const result of answer.body.results) if (result.outcome) await noteOutcome(result.outcome.visit, result.outcome);
    if ((await waiting(phone.id, 1))[0]?.key === batch[0]?.key) return { kind: "later", retry_after_s: null, detail: "" };
  }
  return undefined;
}

/** The server takes nothing of this phone: it knows no such phone, or not of this person. Nothing is lost; the phone says so. */
async function refusedWhole(phone: Phone, detail: string): Promise<Ended> {
  await noteRevoked(phone.id, detail || "refused");
  return { kind: "later", retry_after_s: null, detail };
}

function answersOf(phone: Phone, batch: readonly QueuedEntry[], results: readonly Result[]): Answered[] {
  return results.flatMap((result) => {
    const entry = batch[result.index] ?? batch.find((each) => each.key === keyOf(phone.id, result.seq ?? 0));
    if (!entry) return [];
    return [{ key: entry.key, sha256: result.sha256 || entry.sha256, state: result.state, ...reasonsOf(result) }];
  });
}

/** The reason with what is wrong in detail, each once. */
function reasonsOf({ reason_zh, reason_en, faults = [] }: Reasoned): { reason_zh: string; reason_en: string } {
  const all = (first: string, others: string[]) => [...new Set([first, ...others])].filter(Boolean).join(" · ");
  return { reason_zh: all(reason_zh, faults.map((fault) => fault.reason_zh)), reason_en: all(reason_en, faults.map((fault) => fault.reason_en)) };
}

interface HeldList {
  rows: (Reasoned & { seq: number; sha256: string; state: string; settled_reason?: string })[];
  /** Whether there are no more than these. */
  is_complete: boolean;
}

/** Entries that were held or kept may have been applied or left out since; what was left out may be asked about again. */
async function lookAfterHeld(phone: Phone): Promise<Ended | undefined> {
  const mine = [...(await unsolved()), ...(await leftOut())].filter((entry) => entry.phone === phone.id && entry.state !== "refused");
  if (mine.length === 0) return undefined;
  const address = `/api/v1/phones/${phone.id}/entries/held`;
  const held = await call<HeldList>(address);
  if (held.kind === "refused") return undefined;
  if (held.kind !== "ok") return endedBy(held);
  const still = new Map(held.body.rows.map((row) => [row.sha256, row]));
  const elsewhere = mine.some((entry) => !still.has(entry.sha256));
  const out = elsewhere ? await call<HeldList>(`${address}?settled=true`) : undefined;
  if (out && out.kind !== "ok" && out.kind !== "refused") return endedBy(out);
  const left = out?.kind === "ok" ? out.body : { rows: [], is_complete: true };
  const settled = new Map(left.rows.map((row) => [row.sha256, row]));
  await noteAnswers(
    mine.flatMap((entry): Answered[] => {
      const known = { key: entry.key, sha256: entry.sha256 };
      const row = still.get(entry.sha256);
      if (row) return [{ ...known, state: row.state === "kept" ? "kept" : "held", ...reasonsOf(row) }];
      const why = settled.get(entry.sha256)?.settled_reason; // in the office's own words, so in no other language
      if (why !== undefined) return entry.state === "settled" ? [] : [{ ...known, state: "settled", reason_zh: why, reason_en: why }];
      // A list that is cut off says nothing of what it does not name.
      return held.body.is_complete && left.is_complete ? [{ ...known, state: "applied", reason_zh: "", reason_en: "" }] : [];
    }),
  );
  return undefined;
}

/** A phone that was revoked is told so, also when it has nothing to send. */
async function lookAfterPhone(phone: Phone): Promise<Ended | undefined> {
  const answer = await call<{ revoked_at: string | null; revoked_reason: string }>(`/api/v1/phones/${phone.id}`);
  if (answer.kind === "ok") await noteRevoked(phone.id, answer.body.revoked_at ? answer.body.revoked_reason || answer.body.revoked_at : "");
  return answer.kind === "ok" || answer.kind === "refused" ? undefined : endedBy(answer);
}

/** A refused photo is offered again as seldom: whoever put the cause right need not wait long, and nobody's data is used up. */
const REFUSED_AGAIN_MS = 3600 * 1000;
const refusedAt_ms = new Map<string, number>();

async function sendPhotos(foreign: ReadonlySet<string>): Promise<Ended | undefined> {
  for (const photo of await unsentPhotos()) {
    if (photo.phone !== undefined && foreign.has(photo.phone)) continue;
    if (photo.refused && Date.now() - (refusedAt_ms.get(photo.id) ?? 0) < REFUSED_AGAIN_MS) continue;
    const answer = await call<unknown>(`/api/v1/photos/${photo.id}`, { method: "PUT", blob: photo.blob });
    if (answer.kind === "ok" || answer.kind === "unchanged") await notePhoto(photo.id, { sent: true });
    else if (answer.kind === "refused") {
      refusedAt_ms.set(photo.id, Date.now());
      await notePhoto(photo.id, { refused: answer.detail || String(answer.status) });
    }
    else return endedBy(answer);
  }
  return undefined;
}

async function freshBeacon(): Promise<Ended | undefined> {
  if (!isStale()) return undefined;
  const answer = await call<{ token: string; at_ms: number }>("/api/v1/beacon");
  if (answer.kind === "ok") {
    noteServerTime(answer.body.at_ms);
    await keepBeacon(answer.body.token);
  }
  return answer.kind === "ok" || answer.kind === "refused" ? undefined : endedBy(answer);
}

/** How a run ends by an answer that leaves something to do. */
export function endedBy(answer: Answer<unknown>): Ended | undefined {
  if (answer.kind === "later") return { kind: "later", retry_after_s: answer.retry_after_s, detail: answer.detail };
  return answer.kind === "signed_out" || answer.kind === "unreachable" ? { kind: answer.kind } : undefined;
}
