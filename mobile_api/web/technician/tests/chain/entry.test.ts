import { describe, expect, it } from "vitest";
import vectors from "../../../../../tests/vectors/scan-events.json";
import { base64url, sha256, textOf, unbase64url, utf8 } from "../../src/chain/bytes";
import { canonical } from "../../src/chain/canonical";
import { firstHead, following, open, seal, type Said } from "../../src/chain/entry";
import { newKey, proofOf, sign, verify } from "../../src/chain/keys";
import { commit, commitmentOf, opens } from "../../src/chain/position";
import { unhex } from "../../src/chain/bytes";
import type { Envelope, OpenedPosition, Payload } from "../../src/store/types";

const publicKey = unbase64url(vectors.phone.public_key);
const importKey = () =>
  crypto.subtle.importKey("jwk", vectors.phone.jwk as JsonWebKey, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);

describe("an entry", () => {
  it("hangs its first link on the phone's public key", async () => {
    expect(await firstHead(vectors.phone.id, publicKey)).toEqual({ phone: vectors.phone.id, seq: 0, sha256: vectors.phone.root });
  });

  it.each(vectors.good)("is written as the server writes it: $name", async ({ payload, sha256: digest, envelope }) => {
    const bytes = canonical(JSON.parse(payload));
    expect(textOf(bytes)).toBe(payload);
    expect(base64url(bytes)).toBe(envelope.payload);
    expect(await sha256(bytes)).toBe(digest);
  });

  it.each(vectors.good)("is made anew from what it says, with a signature that the server's key takes: $name", async ({ payload, sha256: digest }) => {
    const { format: _format, phone, seq, prev, ...said } = JSON.parse(payload) as Payload;
    const made = await seal(await importKey(), following({ phone, seq: seq - 1, sha256: prev }, said as Said));
    expect(made.sha256).toBe(digest);
    expect(await verify(publicKey, unbase64url(made.envelope.signature), utf8(payload))).toBe(true);
  });

  it.each(vectors.good)("opens where its signature holds: $name", async ({ envelope, sha256: digest }) => {
    expect((await open(envelope as Envelope, publicKey)).sha256).toBe(digest);
  });

  const spoilt = vectors.bad.filter(({ reason }) => reason === "bad_signature" || reason === "not_canonical");
  // A UUID's form is a rule of the fields, which the server checks; to JSON it is a text like any other.
  it.each(spoilt.filter(({ name }) => !name.startsWith("a UUID")))("does not open: $name", async ({ envelope }) => {
    await expect(open(envelope as Envelope, publicKey)).rejects.toThrow();
  });
});

describe("an enrolment", () => {
  it("signs what the server checks", async () => {
    const { invite, signed, proof } = vectors.enrolment;
    expect(await verify(publicKey, unbase64url(proof), utf8(signed))).toBe(true);
    const made = await proofOf({ private_key: await importKey(), public_key: publicKey }, invite);
    expect(await verify(publicKey, unbase64url(made), utf8(signed))).toBe(true);
  });

  it("makes keys that cannot be exported and points of 65 bytes", async () => {
    const key = await newKey();
    expect(key.private_key.extractable).toBe(false);
    expect(key.public_key.length).toBe(65);
    await expect(crypto.subtle.exportKey("pkcs8", key.private_key)).rejects.toThrow();
    expect((await sign(key.private_key, utf8("x"))).length).toBe(64);
  });
});

describe("a position", () => {
  it.each(vectors.positions)("is committed to as the server commits: $commitment", async ({ position, commitment }) => {
    expect(await commitmentOf(unhex(position.salt), position)).toBe(commitment);
    expect(await opens(position as OpenedPosition, commitment)).toBe(true);
  });

  it("opens its own commitment, and no other fix does", async () => {
    const { position, opened } = await commit("given", { lat_e7: 1, lon_e7: -2, accuracy_dm: 3, at_ms: 4 });
    expect(await opens(opened as OpenedPosition, position.commitment)).toBe(true);
    expect(await opens({ ...(opened as OpenedPosition), lat_e7: 2 }, position.commitment)).toBe(false);
  });

  it("is only named where there is none", async () => {
    expect(await commit("denied", null)).toEqual({ position: { state: "denied", commitment: "" }, opened: undefined });
  });
});
