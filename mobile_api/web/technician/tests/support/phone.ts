/** A signed-in technician with an enrolled phone, and a server that answers as ours does. */
import { unbase64url, sha256, textOf } from "../../src/chain/bytes";
import { firstHead } from "../../src/chain/entry";
import { newKey } from "../../src/chain/keys";
import { keepPhone } from "../../src/store/phone";
import { keepSession } from "../../src/store/session";
import type { Envelope, LocalVisit, Payload, Phone, ScanBody, WorkBody } from "../../src/store/types";

export const TECHNICIAN = "0b7f8a52-0000-4000-8000-000000000001";
export const PHONE = "0b7f8a52-0000-4000-8000-000000000002";
export const VISIT = "0b7f8a52-0000-4000-8000-000000000003";

export async function enrolled(id = PHONE): Promise<Phone> {
  const key = await newKey();
  const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const phone: Phone = {
    id, technician: TECHNICIAN, name: "Phone", ...key, handover_key: { kty, crv, x, y, kid: "k1" }, enrolled_at_ms: Date.now(), revoked: "",
  };
  await keepPhone(phone, await firstHead(id, key.public_key));
  await signedIn();
  return phone;
}

export async function signedIn(technician = TECHNICIAN, token = "token"): Promise<void> {
  await keepSession({ token, login: "li", name: "Li", technician, expires_at_ms: null, expired: false });
}

export function scan(): ScanBody {
  return { scan: crypto.randomUUID(), code: "https://example.org/e/1", source: "camera", zone: "", position: { state: "denied", commitment: "" } };
}

export function work(item = "1"): WorkBody {
  return { answers: [{ item, result: "ok", measured: null, unit: null, note: "", special_checks: [] }], parts: [], photos: [] };
}

export function visit(changes: Partial<LocalVisit> = {}): LocalVisit {
  return {
    id: VISIT, work_order: null, elevator: "e", site_name: "Site", unit_name: "1", maintenance_class: "half_month", arrived_at_ms: Date.now(),
    departed_at_ms: null, second_technician: null, owner_code: "", stop: null, stop_use_conditions: [], outcome: null, ...changes,
  };
}

export function payloadOf(envelope: Envelope): Payload {
  return JSON.parse(textOf(unbase64url(envelope.payload))) as Payload;
}

type Handler = (path: string, init: RequestInit) => Response | undefined | Promise<Response | undefined>;

/** Stands in for `fetch`: keeps what the server would, by the contract; `before` may answer otherwise. */
export class Server {
  readonly calls: string[] = [];
  readonly entries = new Map<string, Payload>();
  readonly photos = new Map<string, number>();
  revoked: { revoked_at: string | null; revoked_reason: string } = { revoked_at: null, revoked_reason: "" };
  isComplete = true;
  before: Handler = () => undefined;
  states: Record<number, { state: string; reason_en: string }> = {};
  held: { seq: number; sha256: string; state: string; reason_zh: string; reason_en: string }[] = [];

  /** What the office left out. */
  settled: { seq: number; sha256: string; state: string; reason_zh: string; reason_en: string; settled_reason: string }[] = [];

  readonly fetch = async (path: string, init: RequestInit = {}): Promise<Response> => {
    this.calls.push(`${init.method ?? "GET"} ${path}`);
    const other = await this.before(path, init);
    if (other) return other;
    if (path.endsWith("/entries") && init.method === "POST") return this.intake(JSON.parse(String(init.body)) as { entries: Envelope[] });
    if (path.endsWith("/entries/held?settled=true")) return json({ rows: this.settled, is_complete: true });
    if (path.endsWith("/entries/held")) return json({ rows: this.held, is_complete: this.isComplete });
    if (/^\/api\/v1\/phones\/[^/]+$/.test(path)) return json({ id: PHONE, ...this.revoked });
    if (path.startsWith("/api/v1/photos/")) return this.photo(path, init);
    if (path === "/api/v1/beacon") return json({ token: "beacon", at_ms: 1 });
    if (path.startsWith("/api/v1/day")) return json({ day: "2026-11-30", time_zone: "Asia/Shanghai", technician: { id: TECHNICIAN }, stops: [], open_visits: [], etag: '"1"' });
    return json({ code: "not_found", detail: "no such thing" }, 404);
  };

  async intake({ entries }: { entries: Envelope[] }): Promise<Response> {
    const results = [];
    for (const [index, envelope] of entries.entries()) {
      const payload = payloadOf(envelope);
      const digest = await sha256(unbase64url(envelope.payload));
      const special = this.states[payload.seq];
      const state = special?.state ?? (this.entries.has(digest) ? "duplicate" : "applied");
      if (state !== "refused") this.entries.set(digest, payload);
      if (state === "held" || state === "kept") this.held.push({ seq: payload.seq, sha256: digest, state, reason_zh: "原因", reason_en: special?.reason_en ?? "" });
      results.push({ index, seq: payload.seq, sha256: digest, state, visit: payload.visit, reason_zh: "原因", reason_en: special?.reason_en ?? "", faults: [], outcome: null });
    }
    return json({ head: { seq: entries.length, sha256: "" }, beacon: "beacon-of-intake", results });
  }

  private async photo(path: string, init: RequestInit): Promise<Response> {
    const id = path.slice("/api/v1/photos/".length);
    this.photos.set(id, (init.body as Blob).size);
    return json({ id });
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}
