/** Entries: the next link of a phone's chain, signed. */
import type { Envelope, Head, Payload } from "../store/types";
import { base64url, sha256, unbase64url, textOf, type Bytes } from "./bytes";
import { canonical } from "./canonical";
import { sign, verify } from "./keys";

export const FORMAT = "liftrounds-entry/1";

export type Said = Omit<Payload, "format" | "phone" | "seq" | "prev">;

export interface Sealed {
  payload: Payload;
  envelope: Envelope;
  sha256: string;
}

/** What the first entry of a phone hangs on: its public key. */
export async function firstHead(phone: string, public_key: Bytes): Promise<Head> {
  return { phone, seq: 0, sha256: await sha256(public_key) };
}

/** The payload that follows a head. */
export function following(head: Head, said: Said): Payload {
  return { format: FORMAT, phone: head.phone, seq: head.seq + 1, prev: head.sha256, ...said };
}

/** Signs a payload; the envelope's payload is the very bytes that were signed. */
export async function seal(key: CryptoKey, payload: Payload): Promise<Sealed> {
  const bytes = canonical(payload);
  const [signature, digest] = await Promise.all([sign(key, bytes), sha256(bytes)]);
  return { payload, envelope: { payload: base64url(bytes), signature: base64url(signature) }, sha256: digest };
}

/** Reads an envelope and checks its signature and that its payload is canonical; throws a RangeError where it does not hold. */
export async function open(envelope: Envelope, public_key: Bytes): Promise<Sealed> {
  const bytes = unbase64url(envelope.payload);
  const payload = JSON.parse(textOf(bytes)) as Payload;
  if (base64url(canonical(payload)) !== envelope.payload) throw new RangeError("the payload is not canonical");
  if (!(await verify(public_key, unbase64url(envelope.signature), bytes))) throw new RangeError("the signature does not fit");
  return { payload, envelope, sha256: await sha256(bytes) };
}
