import { describe, expect, it } from "vitest";
import { unbase64url, type Bytes } from "../../src/chain/bytes";
import { open } from "../../src/chain/entry";
import { keepBeacon } from "../../src/chain/beacon";
import { closeDatabase, database } from "../../src/store/db";
import { draft, drafts, saveDraft } from "../../src/store/drafts";
import { dropPhoto, keepPhoto, photosOf } from "../../src/store/photos";
import { prune } from "../../src/store/prune";
import { append, entriesOf, keyOf, noteAnswers, unsent, waiting } from "../../src/store/queue";
import { localVisit } from "../../src/store/visits";
import type { PhotoDeclared } from "../../src/store/types";
import { enrolled, payloadOf, PHONE, scan, visit, VISIT, work } from "../support/phone";

const DAY_MS = 24 * 3600 * 1000;

function declared(id = crypto.randomUUID()): PhotoDeclared {
  return { id, sha256: "0".repeat(64), bytes: 3, width_px: 1, height_px: 1, item: "1", use: "item", subject: "", taken_at_ms: 1, source: "camera" };
}

describe("the queue", () => {
  it("refuses entries of a phone that is not enrolled", async () => {
    await expect(append({ kind: "work", visit: VISIT, body: work() })).rejects.toThrow("not enrolled");
  });

  it("links every entry to the one before, from the phone's key on, each signed", async () => {
    const phone = await enrolled();
    await append({ kind: "arrival", visit: VISIT, body: scan() });
    await append({ kind: "work", visit: VISIT, body: work() });
    await append({ kind: "departure", visit: VISIT, body: scan() });
    const entries = await waiting(PHONE, 10);
    expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3]);
    for (const [index, entry] of entries.entries()) {
      const opened = await open(entry.envelope, phone.public_key as Bytes);
      expect(opened.sha256).toBe(entry.sha256);
      if (index > 0) expect(opened.payload.prev).toBe(entries[index - 1]?.sha256);
    }
  });

  it("gives every entry a number of its own when many are appended at once", async () => {
    await enrolled();
    await Promise.all(Array.from({ length: 20 }, (_, index) => append({ kind: "work", visit: VISIT, body: work(String(index)) })));
    const entries = await waiting(PHONE, 100);
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const prevs = new Set(entries.map((entry) => payloadOf(entry.envelope).prev));
    expect(prevs.size).toBe(20);
  });

  it("goes on where it was after a restart of the program", async () => {
    await enrolled();
    const first = await append({ kind: "arrival", visit: VISIT, body: scan(), local: visit() });
    await closeDatabase();
    const second = await append({ kind: "work", visit: VISIT, body: work() });
    expect(payloadOf(second.envelope).prev).toBe(first.sha256);
    expect((await localVisit(VISIT))?.departed_at_ms).toBeNull();
  });

  it("writes all of an entry or nothing: were its number taken, visit, photos and head stay as they were", async () => {
    await enrolled();
    const photo = await keepPhoto(VISIT, declared(), new Blob(["abc"], { type: "image/jpeg" }));
    const db = await database();
    const taken = await append({ kind: "arrival", visit: VISIT, body: scan() });
    await db.put("heads", { phone: PHONE, seq: 0, sha256: "0".repeat(64) }); // as if another program had set the head back
    await expect(append({ kind: "work", visit: VISIT, body: work(), photos: [photo.id], local: visit() })).rejects.toThrow();
    expect((await db.get("heads", PHONE))?.seq).toBe(0);
    expect(await localVisit(VISIT)).toBeUndefined();
    expect((await photosOf(VISIT))[0]?.state).toBe("draft");
    expect((await entriesOf(VISIT)).map((entry) => entry.sha256)).toEqual([taken.sha256]);
  });

  it("carries the last beacon and where the monotonic clock stood when it came", async () => {
    await enrolled();
    await keepBeacon("signed time");
    const entry = payloadOf((await append({ kind: "work", visit: VISIT, body: work() })).envelope);
    expect(entry.beacon?.token).toBe("signed time");
    expect(entry.beacon?.session).toBe(entry.clock.session);
    expect(entry.beacon?.mono_ms).toBeLessThanOrEqual(entry.clock.mono_ms);
  });

  it("keeps a position beside the signed payload, never in it", async () => {
    await enrolled();
    const position = { salt: "0".repeat(64), lat_e7: 312345678, lon_e7: 1, accuracy_dm: 1, at_ms: 1 };
    const entry = await append({ kind: "arrival", visit: VISIT, body: scan(), position });
    expect(entry.envelope.position).toEqual(position);
    expect(new TextDecoder().decode(unbase64url(entry.envelope.payload))).not.toContain("312345678");
  });

  it("believes an answer only about the content that it has", async () => {
    await enrolled();
    const entry = await append({ kind: "work", visit: VISIT, body: work() });
    await noteAnswers([{ key: entry.key, sha256: "f".repeat(64), state: "applied", reason_zh: "", reason_en: "" }]);
    expect((await waiting(PHONE, 1))[0]?.state).toBe("waiting");
  });

  it("keeps what was said first when the same entry is answered as a duplicate", async () => {
    await enrolled();
    const { key, sha256 } = await append({ kind: "work", visit: VISIT, body: work() });
    await noteAnswers([{ key, sha256, state: "held", reason_zh: "等", reason_en: "wait" }]);
    await noteAnswers([{ key, sha256, state: "duplicate", reason_zh: "", reason_en: "" }]);
    expect((await entriesOf(VISIT))[0]?.state).toBe("held");
    expect(await unsent()).toMatchObject({ entries: 0, unsolved: 1 });
  });

  it("orders its keys as numbers", () => {
    expect([keyOf("p", 10), keyOf("p", 9)].sort()).toEqual([keyOf("p", 9), keyOf("p", 10)]);
  });
});

describe("drafts and photos", () => {
  it("keep every tap, and the entry that signs them drops them in the same moment", async () => {
    await enrolled();
    await saveDraft(VISIT, "answer:1", "ok");
    await saveDraft(VISIT, "answer:2", "finding");
    await closeDatabase();
    expect(await drafts(VISIT, "answer:")).toEqual(new Map([["answer:1", "ok"], ["answer:2", "finding"]]));
    await append({ kind: "work", visit: VISIT, body: work(), drafts: ["answer:1"] });
    expect(await draft(VISIT, "answer:1")).toBeUndefined();
    expect(await draft(VISIT, "answer:2")).toBe("finding");
  });

  it("a photo that an entry declared is not thrown away any more", async () => {
    await enrolled();
    const photo = await keepPhoto(VISIT, declared(), new Blob(["abc"], { type: "image/jpeg" }));
    await append({ kind: "work", visit: VISIT, body: { ...work(), photos: [photo.declared] }, photos: [photo.id] });
    await dropPhoto(photo.id);
    expect((await photosOf(VISIT)).map((each) => each.state)).toEqual(["declared"]);
    expect(await unsent()).toMatchObject({ entries: 1, photos: 1, bytes: 3 });
  });
});

describe("clearing away", () => {
  it("takes what was sent long ago, leaves what the server has not taken, and the chain still holds", async () => {
    await enrolled();
    const sent = await append({ kind: "arrival", visit: VISIT, body: scan(), local: visit({ departed_at_ms: 1 }) });
    await append({ kind: "work", visit: "other", body: work() });
    await noteAnswers([{ key: sent.key, sha256: sent.sha256, state: "applied", reason_zh: "", reason_en: "" }]);
    await prune(Date.now() + 61 * DAY_MS);
    expect(await entriesOf(VISIT)).toEqual([]);
    expect(await localVisit(VISIT)).toBeUndefined();
    expect((await waiting(PHONE, 10)).map((entry) => entry.seq)).toEqual([2]);
    expect((await append({ kind: "work", visit: "other", body: work() })).seq).toBe(3);
  });

  it("leaves a visit of which something is held", async () => {
    await enrolled();
    const held = await append({ kind: "arrival", visit: VISIT, body: scan(), local: visit({ departed_at_ms: 1 }) });
    await noteAnswers([{ key: held.key, sha256: held.sha256, state: "held", reason_zh: "", reason_en: "" }]);
    await prune(Date.now() + 365 * DAY_MS);
    expect(await localVisit(VISIT)).toBeDefined();
    expect(await entriesOf(VISIT)).toHaveLength(1);
  });
});
