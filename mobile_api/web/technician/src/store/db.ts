/** The phone's database. A change of its shape is a new version with a step in `upgrade`; no step ever drops an entry. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { KeptMessage } from "../inbox/types";
import type { KeptRescue, RescueAnswer } from "../rescue/types";
import type { Draft, Head, KeptDay, LocalVisit, Phone, Photo, QueuedEntry } from "./types";

export interface Schema extends DBSchema {
  days: { key: string; value: KeptDay };
  entries: { key: string; value: QueuedEntry; indexes: { by_state: string; by_visit: string } };
  heads: { key: string; value: Head };
  phones: { key: string; value: Phone };
  photos: { key: string; value: Photo; indexes: { by_state: string; by_visit: string } };
  drafts: { key: [string, string]; value: Draft };
  visits: { key: string; value: LocalVisit };
  /** Single things by name: `session`, `beacon`, `phone` (the id of the current one), `settings`. */
  singles: { key: string; value: unknown };
  inbox: { key: string; value: KeptMessage };
  rescues: { key: string; value: KeptRescue };
  /** What was tapped in a rescue and the server has not answered for, in the order of the taps. */
  rescue_answers: { key: number; value: RescueAnswer };
}

export type Database = IDBPDatabase<Schema>;

export const NAME = "liftrounds-technician";
export const VERSION = 2;

let opened: Promise<Database> | undefined;

/** The database, opened once. */
export function database(): Promise<Database> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

function open(): Promise<Database> {
  return openDB<Schema>(NAME, VERSION, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore("days", { keyPath: "day" });
        const entries = db.createObjectStore("entries", { keyPath: "key" });
        entries.createIndex("by_state", "state");
        entries.createIndex("by_visit", "visit");
        db.createObjectStore("heads", { keyPath: "phone" });
        db.createObjectStore("phones", { keyPath: "id" });
        const photos = db.createObjectStore("photos", { keyPath: "id" });
        photos.createIndex("by_state", "state");
        photos.createIndex("by_visit", "visit");
        db.createObjectStore("drafts", { keyPath: ["visit", "name"] });
        db.createObjectStore("visits", { keyPath: "id" });
        db.createObjectStore("singles");
      }
      if (from < 2) {
        db.createObjectStore("inbox", { keyPath: "id" });
        db.createObjectStore("rescues", { keyPath: "id" });
        db.createObjectStore("rescue_answers", { keyPath: "key", autoIncrement: true });
      }
    },
    // Another tab with a newer program wants in: let it, this one loads itself anew.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      opened = undefined;
    },
    terminated() {
      opened = undefined; // closed by the browser, for example for want of memory: opened again when next needed
    },
  });
}

/** Closes the database; tests and `#/phone` (to forget everything) need it. */
export async function closeDatabase(): Promise<void> {
  const db = await opened?.catch(() => undefined);
  db?.close();
  opened = undefined;
}

export async function readSingle<T>(name: string): Promise<T | undefined> {
  return (await (await database()).get("singles", name)) as T | undefined;
}

export async function keepSingle(name: string, value: unknown): Promise<void> {
  await (await database()).put("singles", value, name);
}

export async function dropSingle(name: string): Promise<void> {
  await (await database()).delete("singles", name);
}

