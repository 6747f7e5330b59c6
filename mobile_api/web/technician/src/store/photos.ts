/** Photos as blobs: drafts until an entry declares them, then kept until the server has them. */
import { isOutOfRoom, layBallast } from "./ballast";
import { announce } from "./changes";
import { database } from "./db";
import { isFull } from "../sync/storage";
import type { Photo, PhotoDeclared } from "./types";

export class StorageFull extends Error {
  override name = "StorageFull";
}

/** Keeps a new photo; throws StorageFull where answers would soon find no room beside it. */
export async function keepPhoto(visit: string, declared: PhotoDeclared, blob: Blob): Promise<Photo> {
  if ((await isFull()) || !(await layBallast())) throw new StorageFull("the phone's storage is nearly full");
  const photo: Photo = { id: declared.id, visit, declared, blob, state: "draft", refused: "" };
  try {
    await (await database()).put("photos", photo);
  } catch (error) {
    if (isOutOfRoom(error)) throw new StorageFull("the phone's storage is full");
    throw error;
  }
  announce("photos");
  return photo;
}

/** All photos of a visit. */
export async function photosOf(visit: string): Promise<Photo[]> {
  return (await database()).getAllFromIndex("photos", "by_visit", visit);
}

/** Throws a photo away; only one that no entry has declared. */
export async function dropPhoto(id: string): Promise<void> {
  const tx = (await database()).transaction("photos", "readwrite");
  const found = await tx.store.get(id);
  if (found?.state === "draft") await tx.store.delete(id);
  await tx.done;
  announce("photos");
}

/** Those that an entry declared and the server does not have, the oldest first; what it refused for good comes last. */
export async function unsentPhotos(): Promise<Photo[]> {
  const found = await (await database()).getAllFromIndex("photos", "by_state", "declared");
  return found.sort((one, other) => Number(one.refused !== "") - Number(other.refused !== "") || one.declared.taken_at_ms - other.declared.taken_at_ms);
}

/** Notes that the server has a photo, or why it does not want it. */
export async function notePhoto(id: string, said: { sent: true } | { refused: string }): Promise<void> {
  const tx = (await database()).transaction("photos", "readwrite");
  const found = await tx.store.get(id);
  if (found) await tx.store.put("sent" in said ? { ...found, state: "sent", refused: "" } : { ...found, refused: said.refused });
  await tx.done;
  announce("photos");
}
