/** The enrolled phone: its id, its key, and what became of it. A phone that was revoked is kept until its queue is handed over. */
import { announce } from "./changes";
import { database, readSingle } from "./db";
import { session } from "./session";
import type { Head, Phone } from "./types";

/** The phone that signs now; undefined before the enrolment.

A key signs for one person: whoever signs in on a colleague's phone enrols it for themselves, and never signs with the colleague's key. */
export async function currentPhone(): Promise<Phone | undefined> {
  const who = await session();
  if (who) return (await allPhones()).filter((phone) => phone.technician === who.technician).at(-1);
  const id = await readSingle<string>("phone");
  return id ? (await database()).get("phones", id) : undefined;
}

/** Every phone that this browser has been, newest last. */
export async function allPhones(): Promise<Phone[]> {
  const found = await (await database()).getAll("phones");
  return found.sort((one, other) => one.enrolled_at_ms - other.enrolled_at_ms);
}

/** Keeps a phone with the end of its chain and signs with it from now on. */
export async function keepPhone(phone: Phone, head: Head): Promise<void> {
  const tx = (await database()).transaction(["phones", "heads", "singles"], "readwrite", { durability: "strict" });
  await Promise.all([
    tx.objectStore("phones").put(phone),
    tx.objectStore("heads").put(head),
    tx.objectStore("singles").put(phone.id, "phone"),
    tx.done,
  ]);
  announce("phone");
}

/** Notes that the server no longer takes this phone's entries as proof. */
export async function noteRevoked(id: string, reason: string): Promise<void> {
  const db = await database();
  const phone = await db.get("phones", id);
  if (!phone || phone.revoked === reason) return;
  await db.put("phones", { ...phone, revoked: reason });
  announce("phone");
}

