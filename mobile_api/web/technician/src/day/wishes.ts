/** What a technician says about their day without waiting for an answer: start, pause, resume, a stop handed back. Kept beside
the signed queue, for nothing of it is a proof; sent in order, each under an id of its own, so that sending twice is once. */
import { call } from "../sync/api";
import { announce } from "../store/changes";
import { database } from "../store/db";
import { session } from "../store/session";
import type { DayChanges, MarkKind, RoundState } from "../store/types";
import { endedBy, type Ended } from "../sync/sync";

export interface Mark {
  kind: MarkKind;
  note: string;
}

export interface HandedBack {
  work_order: string;
  reason: string;
  note: string;
}

/** `waiting`: not sent; `refused`: the server's last word, shown until somebody has read it. */
interface Wished {
  id: string;
  technician: string;
  day: string;
  at_ms: number;
  state: "waiting" | "refused";
  why: string;
}

export type Wish = Wished & ({ what: "mark"; body: Mark } | { what: "rejection"; body: HandedBack });
type NewWish = { what: "mark"; body: Mark } | { what: "rejection"; body: HandedBack };

const NAME = "wishes";
const PATHS = { mark: "/api/v1/day/marks", rejection: "/api/v1/day/rejections" } as const;

/** All that wait or were refused, in order. */
export async function wishes(): Promise<Wish[]> {
  return ((await (await database()).get("singles", NAME)) as Wish[] | undefined) ?? [];
}

/** Changes the list in one transaction: two tabs never lose each other's. */
async function change(changed: (all: Wish[]) => Wish[]): Promise<void> {
  const tx = (await database()).transaction("singles", "readwrite");
  const all = ((await tx.store.get(NAME)) as Wish[] | undefined) ?? [];
  await tx.store.put(changed(all), NAME);
  await tx.done;
  announce("days");
}

/** Keeps a wish until the server has it. */
export async function wish(day: string, wanted: NewWish): Promise<void> {
  const technician = (await session())?.technician ?? "";
  const made = { id: crypto.randomUUID(), technician, day, at_ms: Date.now(), state: "waiting", why: "" } as const;
  await change((all) => [...all, { ...made, ...wanted }]);
}

/** Forgets a wish that was refused and read, or one that was never sent. */
export function dropWish(id: string): Promise<void> {
  return change((all) => all.filter((each) => each.id !== id));
}

/** Sends what waits, in order; what the server refuses for good is kept to be read. Undefined once all is sent. */
export async function sendWishes(): Promise<Ended | undefined> {
  const who = await session();
  for (const each of await wishes()) {
    if (each.state !== "waiting" || each.technician !== who?.technician) continue;
    const answer = await call(PATHS[each.what], { method: "POST", json: { id: each.id, at: new Date(each.at_ms).toISOString(), ...each.body } });
    if (answer.kind === "ok") await dropWish(each.id);
    else if (answer.kind === "refused") await change((all) => all.map((one) => (one.id === each.id ? { ...one, state: "refused", why: whyOf(answer) } : one)));
    else return endedBy(answer);
  }
  return undefined;
}

function whyOf(answer: { detail: string; faults: { reason: string }[] }): string {
  return [answer.detail, ...answer.faults.map((fault) => fault.reason)].filter(Boolean).join(": ");
}

/** What a wish is called. */
export function wishName(wanted: Wish) {
  return wanted.what === "mark" ? (`round.${wanted.body.kind}` as const) : "reject.name";
}

// ---------------------------------------------------------------- what shows before the server has heard of it

/** Where the round stands, with what this phone has not sent yet. */
export function roundState(changes: DayChanges, waiting: readonly Wish[]): RoundState {
  let state = changes.standing.state;
  for (const each of waiting) if (each.what === "mark" && each.state === "waiting") state = each.body.kind === "pause" ? "paused" : "running";
  return state;
}

/** Stops that were handed back here and are not sent yet. */
export function handedBack(waiting: readonly Wish[]): Set<string> {
  return new Set(waiting.flatMap((each) => (each.what === "rejection" && each.state === "waiting" ? [each.body.work_order] : [])));
}
