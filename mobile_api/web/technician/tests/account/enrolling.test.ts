import { afterEach, describe, expect, it, vi } from "vitest";
import { enrol, inviteOf } from "../../src/account/enrolling";
import { signIn } from "../../src/account/signing_in";
import { sha256, unbase64url, utf8, type Bytes } from "../../src/chain/bytes";
import { canonical } from "../../src/chain/canonical";
import { verify } from "../../src/chain/keys";
import { database } from "../../src/store/db";
import { currentPhone } from "../../src/store/phone";
import { append } from "../../src/store/queue";
import { session } from "../../src/store/session";
import { json, payloadOf, PHONE, signedIn, TECHNICIAN, VISIT, work } from "../support/phone";

afterEach(() => vi.unstubAllGlobals());

describe("the manager's code", () => {
  it.each([
    ["7QK4-M2ZD"], ["7qk4m2zd"], [" 7QK4 M2ZD "], ["7QK4-M2ZD\n"], ["HTTPS://HOST/T/7QK4-M2ZD"], ["https://host/t/#/enrol?invite=7qk4-m2zd"], ["https://host/t/?invite=7QK4M2ZD"],
  ])("is read out of %j", (text) => {
    expect(inviteOf(text)).toBe("7QK4-M2ZD");
  });

  it("takes look-alikes for what is printed", () => {
    expect(inviteOf("OIL1-0000")).toBe("0111-0000");
  });

  it.each([[""], ["7QK4"], ["7QK4-M2ZDX"], ["7QK4-M2U!"], ["https://host/e/ABCD1234-ABCDEF"]])("is not in %j", (text) => {
    expect(inviteOf(text)).toBeNull();
  });
});

describe("enrolment", () => {
  it("keeps the phone, its key and the start of its chain; the same key asks again where the answer was lost", async () => {
    await signedIn();
    const sent: { invite: string; public_key: string; proof: string }[] = [];
    let answer: () => Response | Promise<Response> = () => Promise.reject(new TypeError("network"));
    vi.stubGlobal("fetch", async (_path: string, init: RequestInit) => {
      sent.push(JSON.parse(String(init.body)) as (typeof sent)[0]);
      return answer();
    });
    expect((await enrol("7QK4-M2ZD", "Phone")).kind).toBe("unreachable");
    expect(await currentPhone()).toBeUndefined();
    const root = await sha256(unbase64url(sent[0]?.public_key ?? ""));
    answer = () => json({ id: PHONE, technician: TECHNICIAN, head: { seq: 0, sha256: root }, beacon: "first", handover_key: {} }, 201);
    expect((await enrol("7QK4-M2ZD", "Phone")).kind).toBe("ok");
    expect(sent[1]?.public_key).toBe(sent[0]?.public_key);
    const { invite, public_key, proof } = sent[1] as (typeof sent)[0];
    const said = canonical({ format: "liftrounds-enrol/1", invite, public_key });
    expect(await verify(unbase64url(public_key), unbase64url(proof), said)).toBe(true);
    const entry = payloadOf((await append({ kind: "work", visit: VISIT, body: work() })).envelope);
    expect(entry).toMatchObject({ phone: PHONE, seq: 1, prev: root, beacon: { token: "first" } });
  });

  it("stores a key that nobody can take out", async () => {
    await signedIn();
    vi.stubGlobal("fetch", async () => json({ id: PHONE, technician: TECHNICIAN, head: { seq: 0, sha256: "" }, beacon: "b", handover_key: {} }, 201));
    await enrol("7QK4-M2ZD", "Phone");
    const kept = (await (await database()).get("phones", PHONE))?.private_key as CryptoKey;
    expect(kept.extractable).toBe(false);
    await expect(crypto.subtle.exportKey("jwk", kept)).rejects.toThrow();
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, kept, utf8("x") as Bytes);
    expect(signature.byteLength).toBe(64);
  });
});

describe("signing in", () => {
  it("keeps a technician's session", async () => {
    vi.stubGlobal("fetch", async () => json({ token: "t", name: "Li", role: "technician", technician: TECHNICIAN, expires_at: "2026-12-30T00:00:00Z" }, 201));
    expect(await signIn("li", "secret")).toEqual({ kind: "in" });
    expect(await session()).toMatchObject({ token: "t", login: "li", technician: TECHNICIAN, expired: false });
  });

  it("leaves no session of another role open", async () => {
    const calls: string[] = [];
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      calls.push(`${init.method} ${path}`);
      return init.method === "DELETE" ? new Response(null, { status: 204 }) : json({ token: "t", name: "M", role: "manager", technician: null, expires_at: null }, 201);
    });
    expect(await signIn("m", "secret")).toEqual({ kind: "other_role", role: "manager" });
    expect(calls).toEqual(["POST /api/v1/sessions", "DELETE /api/v1/sessions/current"]);
    expect(await session()).toBeUndefined();
  });

  it("tells a wrong password from a lost connection", async () => {
    vi.stubGlobal("fetch", async () => json({ code: "not_signed_in", detail: "no" }, 401));
    expect(await signIn("li", "wrong")).toEqual({ kind: "wrong" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
    expect(await signIn("li", "secret")).toEqual({ kind: "offline" });
  });
});
