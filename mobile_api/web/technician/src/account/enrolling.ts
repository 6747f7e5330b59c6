/** Enrolment: the manager's code, a new key, the proof that we hold it. */
import { base64url } from "../chain/bytes";
import { dropBeacon, keepBeacon } from "../chain/beacon";
import { newKey, proofOf, type NewKey } from "../chain/keys";
import { dropSingle, keepSingle, readSingle } from "../store/db";
import { keepPhone } from "../store/phone";
import { call, type Answer } from "../sync/api";

const CODE_CHARACTERS = 8;
/** Crockford's look-alikes: what people type for what is printed. */
const LOOK_ALIKES: Record<string, string> = { O: "0", I: "1", L: "1" };

interface Enrolled {
  id: string;
  technician: string;
  head: { seq: number; sha256: string };
  beacon: string;
  handover_key: Record<string, unknown>;
}

/** A key that waits for the answer to its enrolment: were the answer lost, the same key asks again. */
interface Pending extends NewKey {
  invite: string;
}

/** The invite in what was typed or scanned (the code alone, or an address that carries it); null where there is none. */
export function inviteOf(text: string): string | null {
  const carried = /[?&#/](?:invite=)?([0-9a-z]{4}-?[0-9a-z]{4})\/?$/i.exec(text.trim());
  const plain = (carried?.[1] ?? text).toUpperCase().replace(/[\s-]/g, "");
  const code = plain.replace(/[OIL]/g, (character) => LOOK_ALIKES[character] ?? character);
  if (code.length !== CODE_CHARACTERS || !/^[0-9A-HJKMNP-TV-Z]+$/.test(code)) return null;
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** Whether this browser makes keys here: it does on HTTPS and on localhost. */
export function canMakeKeys(): boolean {
  return globalThis.isSecureContext && typeof crypto.subtle !== "undefined";
}

/** Enrols this phone; `ok` once its key and the start of its chain are kept. */
export async function enrol(invite: string, name: string): Promise<Answer<unknown>> {
  const key = await pendingKey(invite);
  const answer = await call<Enrolled>("/api/v1/phones", {
    method: "POST", json: { invite, name, public_key: base64url(key.public_key), proof: await proofOf(key, invite) },
  });
  if (answer.kind !== "ok") return answer;
  const { id, technician, head, beacon, handover_key } = answer.body;
  const { private_key, public_key } = key;
  await keepPhone({ id, technician, name, private_key, public_key, handover_key, enrolled_at_ms: Date.now(), revoked: "" }, { phone: id, ...head });
  await dropSingle("pending_key");
  await dropBeacon();
  await keepBeacon(beacon);
  return answer;
}

async function pendingKey(invite: string): Promise<NewKey> {
  const kept = await readSingle<Pending>("pending_key");
  if (kept?.invite === invite) return kept;
  const made = await newKey();
  await keepSingle("pending_key", { ...made, invite } satisfies Pending);
  return made;
}
