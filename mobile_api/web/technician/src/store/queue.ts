/** The append-only queue of signed entries: what a technician did, in the order in which it was done. */
import { currentBeacon } from "../chain/beacon";
import { reading } from "../chain/clock";
import { firstHead, following, seal } from "../chain/entry";
import type { Bytes } from "../chain/bytes";
import { withBallast } from "./ballast";
import { announce } from "./changes";
import { database } from "./db";
import { alone } from "./lock";
import { currentPhone } from "./phone";
import type { EntryBody, EntryKind, EntryState, Head, LocalVisit, OpenedPosition, Phone, QueuedEntry, Unsent } from "./types";

const SEQ_DIGITS = 10;
/** States in which an entry still needs the phone: not sent, or answered with something to put right. */
const OPEN_STATES: readonly EntryState[] = ["waiting", "held", "kept", "refused"];

export class NotEnrolled extends Error {
  override name = "NotEnrolled";
}

export interface ToAppend {
  kind: EntryKind;
  /** "" only for a second technician's own scans. */
  visit: string;
  body: EntryBody;
  position?: OpenedPosition | undefined;
  /** Photos (drafts in the store) that the body declares. */
  photos?: readonly string[];
  /** The visit as it stands after this entry, kept in the same transaction. */
  local?: LocalVisit;
  /** Names of drafts that this entry makes superfluous. */
  drafts?: readonly string[];
}

/** The key of an entry, whose order is the chain's. */
export function keyOf(phone: string, seq: number): string {
  return `${phone}/${String(seq).padStart(SEQ_DIGITS, "0")}`;
}

/** Signs and appends an entry: after the promise is kept it survives whatever happens to the phone's program.

Entry, head, visit and photos are written in one transaction, by one tab at a time; throws NotEnrolled without a phone. */
export function append(wanted: ToAppend): Promise<QueuedEntry> {
  return alone("chain", async () => {
    const phone = await currentPhone();
    if (!phone) throw new NotEnrolled("this phone is not enrolled");
    const entry = await sealed(phone, wanted);
    const mine = wanted.local ? { ...wanted, local: { ...wanted.local, technician: phone.technician } } : wanted;
    await withBallast(() => write(entry, mine));
    announce("entries");
    if (wanted.local) announce("visits");
    return entry;
  });
}

async function sealed(phone: Phone, wanted: ToAppend): Promise<QueuedEntry> {
  const db = await database();
  const head: Head = (await db.get("heads", phone.id)) ?? (await firstHead(phone.id, phone.public_key as Bytes));
  const beacon = await currentBeacon();
  const { kind, visit, body } = wanted;
  const payload = following(head, { kind, visit, at_ms: Date.now(), clock: reading(), beacon, body });
  const made = await seal(phone.private_key, payload);
  return {
    key: keyOf(phone.id, payload.seq), phone: phone.id, seq: payload.seq, sha256: made.sha256, kind, visit, at_ms: payload.at_ms, body,
    envelope: wanted.position ? { ...made.envelope, position: wanted.position } : made.envelope,
    state: "waiting", reason_zh: "", reason_en: "", answered_at_ms: null, attempts: 0,
  };
}

async function write(entry: QueuedEntry, wanted: ToAppend): Promise<void> {
  const tx = (await database()).transaction(["entries", "heads", "visits", "photos", "drafts"], "readwrite", { durability: "strict" });
  // `add`, not `put`: were there already an entry of this number, the whole transaction fails instead of writing over it.
  const work: Promise<unknown>[] = [
    tx.objectStore("entries").add(entry),
    tx.objectStore("heads").put({ phone: entry.phone, seq: entry.seq, sha256: entry.sha256 }),
  ];
  if (wanted.local) work.push(tx.objectStore("visits").put(wanted.local));
  for (const name of wanted.drafts ?? []) work.push(tx.objectStore("drafts").delete([wanted.visit, name]));
  for (const id of wanted.photos ?? []) {
    const photos = tx.objectStore("photos");
    work.push(photos.get(id).then((photo) => (photo && photo.state === "draft" ? photos.put({ ...photo, phone: entry.phone, state: "declared" }) : undefined)));
  }
  try {
    await Promise.all([...work, tx.done]);
  } catch (error) {
    // Why the whole transaction ended says more than that one of its requests was broken off.
    throw await tx.done.then(() => error, (why: unknown) => why ?? error);
  }
}

/** The entries that the server has not heard of, the oldest first. */
export async function waiting(phone: string, most: number): Promise<QueuedEntry[]> {
  const found = await (await database()).getAllFromIndex("entries", "by_state", "waiting");
  return found.filter((entry) => entry.phone === phone).slice(0, most);
}

/** All entries that the server has not heard of, of every phone that this browser has been. */
export async function allWaiting(): Promise<QueuedEntry[]> {
  return (await database()).getAllFromIndex("entries", "by_state", "waiting");
}

/** All entries of a visit in order. */
export async function entriesOf(visit: string): Promise<QueuedEntry[]> {
  return (await database()).getAllFromIndex("entries", "by_visit", visit);
}

/** The entries that the server answered with something to put right, the oldest first. */
export async function unsolved(): Promise<QueuedEntry[]> {
  const db = await database();
  const states: EntryState[] = ["held", "kept", "refused"];
  return (await Promise.all(states.map((state) => db.getAllFromIndex("entries", "by_state", state)))).flat();
}

/** Entries that the office left out. */
export async function leftOut(): Promise<QueuedEntry[]> {
  return (await database()).getAllFromIndex("entries", "by_state", "settled");
}

export interface Answered {
  key: string;
  sha256: string;
  state: EntryState;
  reason_zh: string;
  reason_en: string;
}

/** Notes what the server said of entries; an answer to another content than the phone's own is not believed. */
export async function noteAnswers(answers: readonly Answered[]): Promise<void> {
  const tx = (await database()).transaction("entries", "readwrite");
  for (const answer of answers) {
    const entry = await tx.store.get(answer.key);
    if (!entry || entry.sha256 !== answer.sha256) continue;
    // Sent twice, the server says `duplicate`; what it said of the first time is worth more.
    if (answer.state === "duplicate" && entry.state !== "waiting") continue;
    const { state, reason_zh, reason_en } = answer;
    await tx.store.put({ ...entry, state, reason_zh, reason_en, answered_at_ms: Date.now() });
  }
  await tx.done;
  announce("entries");
}

/** Notes that a try to send failed; nothing else of the entries changes. */
export async function noteAttempt(keys: readonly string[]): Promise<void> {
  const tx = (await database()).transaction("entries", "readwrite");
  for (const key of keys) {
    const entry = await tx.store.get(key);
    if (entry) await tx.store.put({ ...entry, attempts: entry.attempts + 1 });
  }
  await tx.done;
}

/** How much the server does not have yet. */
export async function unsent(): Promise<Unsent> {
  const db = await database();
  const [entries, photos] = await Promise.all([
    Promise.all(OPEN_STATES.map((state) => db.getAllKeysFromIndex("entries", "by_state", state))),
    db.getAllFromIndex("photos", "by_state", "declared"),
  ]);
  const [first, ...others] = entries;
  return {
    entries: first?.length ?? 0,
    unsolved: others.reduce((sum, keys) => sum + keys.length, 0),
    photos: photos.length,
    bytes: photos.reduce((sum, photo) => sum + photo.declared.bytes, 0),
  };
}
