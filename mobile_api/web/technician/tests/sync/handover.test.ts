import { compactDecrypt, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { keepPhoto } from "../../src/store/photos";
import { append, noteAnswers } from "../../src/store/queue";
import { keepPhone } from "../../src/store/phone";
import { handoverFiles, PHOTOS_PER_FILE_BYTES, type Handover } from "../../src/sync/handover";
import type { PhotoDeclared } from "../../src/store/types";
import { enrolled, PHONE, VISIT, work } from "../support/phone";

async function keys() {
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  return { secret: await crypto.subtle.exportKey("jwk", pair.privateKey), open: await crypto.subtle.exportKey("jwk", pair.publicKey) };
}

async function read(file: File, secret: JsonWebKey): Promise<Handover> {
  const { plaintext, protectedHeader } = await compactDecrypt(await file.text(), await importJWK(secret as never, "ECDH-ES"));
  expect(protectedHeader).toMatchObject({ alg: "ECDH-ES", enc: "A256GCM" });
  return JSON.parse(new TextDecoder().decode(plaintext)) as Handover;
}

async function photo(bytes: number): Promise<string> {
  const declared: PhotoDeclared = { id: crypto.randomUUID(), sha256: "0".repeat(64), bytes, width_px: 1, height_px: 1, item: "1", use: "item", subject: "", taken_at_ms: 1, source: "camera" };
  await keepPhoto(VISIT, declared, new Blob([new Uint8Array(bytes)], { type: "image/jpeg" }));
  await append({ kind: "work", visit: VISIT, body: { ...work(), photos: [declared] }, photos: [declared.id] });
  return declared.id;
}

describe("the hand-over file", () => {
  it("holds what the server has not taken, readable only with the firm's key", async () => {
    const { secret, open } = await keys();
    const phone = { ...(await enrolled()), handover_key: open as Record<string, unknown> };
    await keepPhone(phone, { phone: PHONE, seq: 0, sha256: "0".repeat(64) });
    const sent = await append({ kind: "work", visit: VISIT, body: work() });
    await noteAnswers([{ key: sent.key, sha256: sent.sha256, state: "applied", reason_zh: "", reason_en: "" }]);
    const left = await append({ kind: "work", visit: VISIT, body: work("2") });
    const id = await photo(5);
    const [file, ...more] = await handoverFiles(phone);
    expect(more).toEqual([]);
    expect(file?.name).toMatch(/^liftrounds-.*\.jwe$/);
    const said = await read(file as File, secret);
    expect(said).toMatchObject({ format: "liftrounds-handover/1", phone: PHONE, part: 1, parts: 1 });
    expect(said.entries[0]).toEqual(left.envelope);
    expect(said.entries).toHaveLength(2);
    expect(said.photos.map((each) => [each.id, each.type, each.data.length])).toEqual([[id, "image/jpeg", 7]]);
    expect(await (file as File).text()).not.toContain(left.envelope.signature);
    await expect(read(file as File, (await keys()).secret)).rejects.toThrow();
  });

  it("is split where the photos are more than the server takes at once", async () => {
    const { secret, open } = await keys();
    const phone = { ...(await enrolled()), handover_key: open as Record<string, unknown> };
    const ids = [await photo(900), await photo(900)];
    const files = await handoverFiles(phone, 1000);
    const said = await Promise.all(files.map((file) => read(file, secret)));
    expect(said.map((each) => [each.part, each.parts, each.entries.length])).toEqual([[1, 2, 2], [2, 2, 2]]);
    expect(said.flatMap((each) => each.photos.map(({ id }) => id)).sort()).toEqual([...ids].sort());
    expect((PHOTOS_PER_FILE_BYTES * 16) / 9).toBeLessThan(32 * 1024 * 1024); // base64 twice, and the server takes 32 MiB
  });
});
