/** The hand-over file: the queue with its photos, encrypted for the firm, for when the phone cannot send any more. */
import { base64url, utf8 } from "../chain/bytes";
import { database } from "../store/db";
import { allPhones } from "../store/phone";
import type { Envelope, Phone } from "../store/types";

/** Bytes of photos in one file: what the server takes in one request, less what encryption and base64 add. */
export const PHOTOS_PER_FILE_BYTES = 12 * 1024 * 1024;

export interface Handover {
  format: "liftrounds-handover/1";
  phone: string;
  made_at_ms: number;
  part: number;
  parts: number;
  entries: Envelope[];
  photos: { id: string; sha256: string; type: string; data: string }[];
}

/** The files of every phone that this browser has been and that has something unsent: a colleague's, a revoked one's. */
export async function unsentFiles(): Promise<File[]> {
  const files: File[] = [];
  for (const phone of await allPhones()) files.push(...(await handoverFiles(phone)));
  return files;
}

/** Encrypts everything of a phone that the server has not taken; as many files as it takes, each readable alone. */
export async function handoverFiles(phone: Phone, most_bytes: number = PHOTOS_PER_FILE_BYTES): Promise<File[]> {
  const db = await database();
  const all = await db.getAll("entries", IDBKeyRange.bound(`${phone.id}/`, `${phone.id}/\uffff`));
  const entries = all.filter((entry) => entry.state !== "applied" && entry.state !== "duplicate").map((entry) => entry.envelope);
  const photos = await db.getAllFromIndex("photos", "by_state", "declared");
  const mine = photos.filter((photo) => photo.phone === undefined || photo.phone === phone.id);
  if (entries.length + mine.length === 0) return [];
  const groups = grouped(mine, most_bytes);
  const made_at_ms = Date.now();
  const files: File[] = [];
  for (const [index, group] of groups.entries()) {
    const photos = await Promise.all(group.map(async ({ id, declared, blob }) => {
      return { id, sha256: declared.sha256, type: blob.type, data: base64url(new Uint8Array(await blob.arrayBuffer())) };
    }));
    const said: Handover = { format: "liftrounds-handover/1", phone: phone.id, made_at_ms, part: index + 1, parts: groups.length, entries, photos };
    files.push(new File([await encrypted(said, phone.handover_key)], nameOf(phone, index + 1, groups.length), { type: "application/jose" }));
  }
  return files;
}

function grouped<T extends { declared: { bytes: number } }>(photos: readonly T[], most_bytes: number): T[][] {
  const groups: T[][] = [[]];
  let bytes = 0;
  for (const photo of photos) {
    if (bytes > 0 && bytes + photo.declared.bytes > most_bytes) {
      groups.push([]);
      bytes = 0;
    }
    groups[groups.length - 1]?.push(photo);
    bytes += photo.declared.bytes;
  }
  return groups;
}

/** ECDH-ES with P-256, A256GCM: only the firm's server can read it. */
export async function encrypted(said: unknown, key: Record<string, unknown>): Promise<string> {
  const { CompactEncrypt, importJWK } = await import("jose");
  const recipient = await importJWK(key as Parameters<typeof importJWK>[0], "ECDH-ES");
  const header = { alg: "ECDH-ES", enc: "A256GCM", ...(typeof key["kid"] === "string" ? { kid: key["kid"] } : {}) };
  return new CompactEncrypt(utf8(JSON.stringify(said))).setProtectedHeader(header).encrypt(recipient);
}

function nameOf(phone: Phone, part: number, parts: number): string {
  const day = new Date().toISOString().slice(0, 10);
  return `liftrounds-${day}-${phone.id.slice(0, 8)}${parts > 1 ? `-${part}of${parts}` : ""}.jwe`;
}

/** Gives files out of the app: by the phone's share sheet where it takes files, else as downloads. */
export async function giveOut(files: File[]): Promise<"shared" | "saved" | "cancelled"> {
  if (navigator.canShare?.({ files })) {
    try {
      await navigator.share({ files });
      return "shared";
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return "cancelled";
    }
  }
  for (const file of files) {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
  return "saved";
}
