/** Passkeys (WebAuthn): what the server asks, turned into what the browser wants, and its answer back. */
import { base64url, unbase64url } from "../chain/bytes";
import { call, type Answer } from "../sync/api";
import { takeSession, type NewSession, type SignedIn } from "./signing_in";

type Json = Record<string, unknown>;

export interface Passkey {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** Whether this browser has passkeys at all: over HTTPS and on localhost. */
export function hasPasskeys(): boolean {
  return globalThis.isSecureContext && typeof PublicKeyCredential !== "undefined";
}

/** Signs in with a passkey of this phone; null where the person called it off. */
export async function signInWithPasskey(): Promise<SignedIn | null> {
  const asked = await call<{ public_key: Json }>("/api/v1/sessions/passkey-challenges", { method: "POST", token: null });
  if (asked.kind !== "ok") return takeSession("", asked as Answer<NewSession>);
  const found = await navigator.credentials.get({ publicKey: requestOf(asked.body.public_key) }).catch(() => null);
  if (!found) return null;
  const credential = answerOf(found as PublicKeyCredential, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
  return takeSession("", await call<NewSession>("/api/v1/sessions/passkeys", { method: "POST", json: { credential }, token: null }));
}

/** Makes a passkey for whoever is signed in; null where the device refused. */
export async function addPasskey(name: string, password: string): Promise<Answer<Passkey> | null> {
  const asked = await call<{ public_key: Json }>("/api/v1/passkey-challenges", { method: "POST", json: { password } });
  if (asked.kind !== "ok") return asked;
  const made = await navigator.credentials.create({ publicKey: creationOf(asked.body.public_key) }).catch(() => null);
  if (!made) return null;
  const credential = answerOf(made as PublicKeyCredential, ["clientDataJSON", "attestationObject"]);
  return call<Passkey>("/api/v1/passkeys", { method: "POST", json: { name, credential } });
}

/** `PublicKeyCredential.parseRequestOptionsFromJSON` for browsers of before 2023. */
export function requestOf(options: Json): PublicKeyCredentialRequestOptions {
  return { ...options, challenge: unbase64url(options["challenge"] as string), allowCredentials: named(options["allowCredentials"]) } as PublicKeyCredentialRequestOptions;
}

/** `PublicKeyCredential.parseCreationOptionsFromJSON` for browsers of before 2023. */
export function creationOf(options: Json): PublicKeyCredentialCreationOptions {
  const user = options["user"] as Json;
  return {
    ...options, challenge: unbase64url(options["challenge"] as string), user: { ...user, id: unbase64url(user["id"] as string) },
    excludeCredentials: named(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
}

function named(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Json[]).map((each) => ({ ...each, id: unbase64url(each["id"] as string) }) as unknown as PublicKeyCredentialDescriptor);
}

/** `PublicKeyCredential.toJSON()` for browsers of before 2023, with the parts that the server reads. */
export function answerOf(credential: PublicKeyCredential, parts: readonly string[]): Json {
  const given = credential.response as unknown as Record<string, ArrayBuffer | null>;
  const response = Object.fromEntries(parts.flatMap((part) => (given[part] ? [[part, base64url(new Uint8Array(given[part]))]] : [])));
  return { id: credential.id, rawId: base64url(new Uint8Array(credential.rawId)), type: credential.type, clientExtensionResults: {}, response };
}
