/** The phone's key: P-256, made by the browser, kept by the browser, never shown to any program. */
import { base64url, type Bytes } from "./bytes";
import { canonical } from "./canonical";

const KIND = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

export interface NewKey {
  private_key: CryptoKey;
  /** 65 bytes: the uncompressed point. */
  public_key: Bytes;
}

/** Makes a key whose private half cannot be exported. */
export async function newKey(): Promise<NewKey> {
  const pair = await crypto.subtle.generateKey(KIND, false, ["sign", "verify"]);
  return { private_key: pair.privateKey, public_key: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

/** ECDSA with SHA-256, 64 bytes r‖s (IEEE P1363). */
export async function sign(key: CryptoKey, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, key, bytes));
}

/** Whether a signature is of a key over these bytes. */
export async function verify(public_key: Bytes, signature: Bytes, bytes: Bytes): Promise<boolean> {
  const key = await crypto.subtle.importKey("raw", public_key, KIND, true, ["verify"]);
  return crypto.subtle.verify(SIGNING, key, signature, bytes);
}

/** Shows that whoever enrols holds the private key: a signature over the invite and the public key. */
export async function proofOf(key: NewKey, invite: string): Promise<string> {
  const said = canonical({ format: "liftrounds-enrol/1", invite, public_key: base64url(key.public_key) });
  return base64url(await sign(key.private_key, said));
}

