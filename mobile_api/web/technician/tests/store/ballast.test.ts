import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { forgetRefusal, hasBallast, isSqueezed, layBallast, withBallast } from "../../src/store/ballast";
import { database } from "../../src/store/db";
import { keepPhoto, photosOf, StorageFull } from "../../src/store/photos";
import { room, isNearlyFull } from "../../src/sync/storage";
import type { PhotoDeclared } from "../../src/store/types";

const FULL = new DOMException("no room", "QuotaExceededError");
const PHOTO: PhotoDeclared = {
  id: "p", sha256: "", bytes: 1, width_px: 1, height_px: 1, item: "1", use: "item", subject: "", taken_at_ms: 0, source: "camera",
};

beforeEach(forgetRefusal);
afterEach(() => vi.restoreAllMocks());

it("gives its room to a record that the storage refused, which is then kept", async () => {
  expect(await layBallast()).toBe(true);
  let tries = 0;
  const kept = await withBallast(async () => {
    tries += 1;
    if (await hasBallast()) throw FULL;
    return "kept";
  });
  expect([kept, tries, await hasBallast()]).toEqual(["kept", 2, false]);
  expect(await isSqueezed()).toBe(true);
  expect(isNearlyFull(await room())).toBe(true);
});

it("stays where something else than the room was wrong", async () => {
  await layBallast();
  await expect(withBallast(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await hasBallast()).toBe(true);
});

it("tells the refusal once nothing is left to give", async () => {
  await expect(withBallast(() => Promise.reject(FULL))).rejects.toBe(FULL);
});

it("is laid again when there is room, and not asked for at every tap before", async () => {
  const db = await database();
  const put = vi.spyOn(db, "put").mockRejectedValue(FULL);
  expect(await layBallast(0)).toBe(false);
  expect(await layBallast(5_000)).toBe(false);
  expect(put).toHaveBeenCalledTimes(1);
  put.mockRestore();
  expect(await layBallast(60_000)).toBe(true);
  expect(await isSqueezed()).toBe(false);
});

it("is never given to a photo", async () => {
  const db = await database();
  const put = vi.spyOn(db, "put").mockRejectedValue(FULL);
  await expect(keepPhoto("v", PHOTO, new Blob(["x"]))).rejects.toBeInstanceOf(StorageFull);
  put.mockRestore();
  forgetRefusal();
  await layBallast();
  vi.spyOn(db, "put").mockRejectedValue(FULL);
  await expect(keepPhoto("v", PHOTO, new Blob(["x"]))).rejects.toBeInstanceOf(StorageFull);
  expect(await hasBallast()).toBe(true);
  expect(await photosOf("v")).toEqual([]);
});
