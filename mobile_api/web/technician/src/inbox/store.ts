/** Messages on the phone: there without a connection, of whoever is signed in. */
import { announce } from "../store/changes";
import { database } from "../store/db";
import { session } from "../store/session";
import type { InboxItem, KeptMessage, Mark } from "./types";

/** Older ones are at the server. */
const MOST_KEPT = 200;

/** The messages of whoever is signed in, newest first. */
export async function messages(): Promise<KeptMessage[]> {
  const technician = (await session())?.technician;
  const found = await (await database()).getAll("inbox");
  return found.filter((each) => each.technician === technician).sort((one, other) => other.number - one.number);
}

export async function unread(): Promise<number> {
  return (await messages()).filter(isUnread).length;
}

export function isUnread(message: KeptMessage): boolean {
  return message.read_at === null && message.mark === "";
}

/** The number of the newest message on the phone: where a stream goes on. */
export async function lastNumber(): Promise<number> {
  return (await messages())[0]?.number ?? 0;
}

/** Keeps messages as they came; what was tapped here and not sent yet is not lost by that. */
export async function keepMessages(items: readonly InboxItem[], technician: string): Promise<void> {
  if (items.length === 0) return;
  const tx = (await database()).transaction("inbox", "readwrite");
  for (const item of items) {
    const before = await tx.store.get(item.id);
    await tx.store.put({ ...item, technician, mark: before?.technician === technician ? stillToSend(before.mark, item) : "" });
  }
  const all = (await tx.store.getAll()).sort((one, other) => other.number - one.number);
  for (const old of all.filter((each) => each.technician === technician).slice(MOST_KEPT)) await tx.store.delete(old.id);
  await tx.done;
  announce("inbox");
}

function stillToSend(mark: Mark | "", item: InboxItem): Mark | "" {
  if (mark === "acknowledge") return item.acknowledged_at === null ? mark : "";
  return item.read_at === null ? mark : "";
}

/** Notes that a message was read or acknowledged, to be sent. An acknowledgement is never taken back by a mere look. */
export async function mark(id: string, wanted: Mark): Promise<void> {
  const tx = (await database()).transaction("inbox", "readwrite");
  const found = await tx.store.get(id);
  const done = !found || found.acknowledged_at !== null || (wanted === "read" && (found.read_at !== null || found.mark !== ""));
  if (!done) await tx.store.put({ ...found, mark: wanted });
  await tx.done;
  if (!done) announce("inbox");
}
