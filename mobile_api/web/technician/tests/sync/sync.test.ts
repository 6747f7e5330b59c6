import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepPhoto, photosOf } from "../../src/store/photos";
import { currentPhone } from "../../src/store/phone";
import { closeDatabase } from "../../src/store/db";
import { append, entriesOf, unsent } from "../../src/store/queue";
import { session } from "../../src/store/session";
import type { PhotoDeclared } from "../../src/store/types";
import { localVisit } from "../../src/store/visits";
import { backOff_s } from "../../src/sync/loop";
import { fetchOutcomes } from "../../src/sync/outcomes";
import { sync } from "../../src/sync/sync";
import { enrolled, json, PHONE, scan, Server, signedIn, visit, VISIT, work } from "../support/phone";

let server: Server;

beforeEach(() => {
  server = new Server();
  vi.stubGlobal("fetch", server.fetch);
});
afterEach(() => vi.unstubAllGlobals());

async function aVisit(entries = 3): Promise<void> {
  await enrolled();
  for (let number = 0; number < entries; number += 1) await append({ kind: number ? "work" : "arrival", visit: VISIT, body: number ? work(String(number)) : scan() });
}

async function aPhoto(): Promise<PhotoDeclared> {
  const declared: PhotoDeclared = {
    id: crypto.randomUUID(), sha256: "0".repeat(64), bytes: 3, width_px: 1, height_px: 1, item: "1", use: "item", subject: "", taken_at_ms: 1, source: "camera",
  };
  await keepPhoto(VISIT, declared, new Blob(["abc"], { type: "image/jpeg" }));
  await append({ kind: "work", visit: VISIT, body: { ...work(), photos: [declared] }, photos: [declared.id] });
  return declared;
}

describe("sending", () => {
  it("sends everything once, in order, photos after the entries", async () => {
    await aVisit(120);
    const photo = await aPhoto();
    expect(await sync()).toEqual({ kind: "done" });
    expect([...server.entries.values()].map((entry) => entry.seq)).toEqual(Array.from({ length: 121 }, (_, index) => index + 1));
    expect(server.photos.get(photo.id)).toBe(3);
    const lastEntry = server.calls.map((call) => call.includes("/entries")).lastIndexOf(true);
    expect(server.calls.findIndex((call) => call.includes("/photos/"))).toBeGreaterThan(lastEntry);
    expect(await unsent()).toEqual({ entries: 0, photos: 0, bytes: 0, unsolved: 0 });
    await sync();
    expect(server.entries.size).toBe(121);
  });

  it("loses nothing and doubles nothing where the answer is lost after the server has taken the entries", async () => {
    await aVisit();
    let lost = true;
    server.before = (path, init) => {
      if (!path.endsWith("/entries") || !lost) return undefined;
      lost = false;
      return server.fetch(path, init).then(() => Promise.reject(new TypeError("network error")));
    };
    expect(await sync()).toEqual({ kind: "unreachable" });
    expect(await unsent()).toMatchObject({ entries: 3 });
    expect(await sync()).toEqual({ kind: "done" });
    expect(server.entries.size).toBe(3);
    expect((await entriesOf(VISIT)).every((entry) => entry.state === "duplicate")).toBe(true);
  });

  it.each([[500], [502], [503], [429]])("tries again later after %i, and keeps everything", async (status) => {
    await aVisit();
    server.before = () => json({ detail: "busy" }, status, { "Retry-After": "7" });
    expect(await sync()).toEqual({ kind: "later", retry_after_s: 7, detail: "busy" });
    expect(await unsent()).toMatchObject({ entries: 3 });
  });

  it("does not take the page of a hotel's portal for an answer", async () => {
    await aVisit();
    server.before = () => new Response("<html>Please sign in to the Wi-Fi</html>", { status: 200 });
    expect((await sync())?.kind).toBe("later");
    expect(await unsent()).toMatchObject({ entries: 3 });
  });

  it("goes on working after the session has ended, and sends after the next sign-in", async () => {
    await aVisit(1);
    server.before = () => json({ code: "not_signed_in", detail: "sign in first" }, 401);
    expect(await sync()).toEqual({ kind: "signed_out" });
    expect((await session())?.expired).toBe(true);
    await append({ kind: "work", visit: VISIT, body: work() });
    server.before = () => undefined;
    expect(await sync()).toEqual({ kind: "signed_out" });
    await signedIn(undefined, "another token");
    expect(await sync()).toEqual({ kind: "done" });
    expect(server.entries.size).toBe(2);
  });

  it("leaves a colleague's entries until the colleague signs in", async () => {
    await aVisit();
    await signedIn("0b7f8a52-0000-4000-8000-00000000000f", "colleague");
    expect(await sync()).toEqual({ kind: "done" });
    expect(server.entries.size).toBe(0);
    expect(await unsent()).toMatchObject({ entries: 3 });
  });

  it("keeps and counts what is held or refused, with the reason, and sends what comes after it", async () => {
    await aVisit();
    server.states = { 2: { state: "held", reason_en: "no arrival yet" }, 3: { state: "refused", reason_en: "unknown code" } };
    expect(await sync()).toEqual({ kind: "done" });
    expect((await entriesOf(VISIT)).map((entry) => [entry.state, entry.reason_en])).toEqual([["applied", ""], ["held", "no arrival yet"], ["refused", "unknown code"]]);
    expect(await unsent()).toMatchObject({ entries: 0, unsolved: 2 });
  });

  it("learns that a held entry was applied since", async () => {
    await aVisit(2);
    server.states = { 2: { state: "held", reason_en: "no arrival yet" } };
    await sync();
    server.held = server.held.map((row) => ({ ...row, reason_en: "still waits" }));
    await sync();
    expect((await entriesOf(VISIT))[1]).toMatchObject({ state: "held", reason_en: "still waits" });
    server.held = [];
    server.isComplete = false;
    await sync();
    expect((await entriesOf(VISIT))[1]?.state).toBe("held"); // a list that is cut off says nothing of what it does not name
    server.isComplete = true;
    await sync();
    expect(await unsent()).toMatchObject({ unsolved: 0 });
  });

  it("says which entries the office left out, and why; taken back, they are asked about again", async () => {
    await aVisit(3);
    server.states = { 2: { state: "held", reason_en: "no arrival yet" }, 3: { state: "held", reason_en: "no arrival yet" } };
    await sync();
    const [out] = server.held.splice(0, 1);
    server.settled = [{ ...out!, state: "settled", settled_reason: "made twice" }];
    await sync();
    await sync();
    expect((await entriesOf(VISIT)).map((entry) => [entry.state, entry.reason_en])).toEqual([["applied", ""], ["settled", "made twice"], ["held", "no arrival yet"]]);
    expect(await unsent()).toMatchObject({ unsolved: 1 });
    server.settled = [];
    server.held = [out!];
    await sync();
    expect((await entriesOf(VISIT)).map((entry) => entry.state)).toEqual(["applied", "held", "applied"]);
  });

  it("shows all that is wrong with an entry, each reason once", async () => {
    await aVisit(1);
    server.before = async (path, init) => {
      if (!path.endsWith("/entries")) return undefined;
      const answer = (await (await server.intake(JSON.parse(String(init.body)))).json()) as { results: Record<string, unknown>[] };
      const fault = (reason_en: string) => ({ path: "x", value: null, reason_zh: "错", reason_en });
      return json({ ...answer, results: answer.results.map((each) => ({ ...each, state: "refused", reason_en: "not valid", faults: [fault("not valid"), fault("too long")] })) });
    };
    await sync();
    expect((await entriesOf(VISIT))[0]).toMatchObject({ state: "refused", reason_en: "not valid · too long" });
  });

  it("learns what a visit changed, and asks again while late telemetry may change its grade", async () => {
    await enrolled();
    await append({ kind: "departure", visit: VISIT, body: scan(), local: visit({ departed_at_ms: Date.now() }) });
    let grade = "B";
    server.before = (path) => {
      if (path === `/api/v1/visits/${VISIT}`) return json({ summary: { state: "finished", grade, review: "none" }, departed: { visit: VISIT, evidence: [], window_after: null } });
      if (path.endsWith("/due")) return json({ receipt: { candidates: [{ kind: "wear", inputs: [{ name: { en: "used" }, value: "31 trips", value_zh: "31次" }, { name: { en: "budget" }, value: "10,500 trips", value_zh: "10,500次" }] }] } });
      return path.endsWith("/risk") ? json({ until_next_visit: { until: "2026-12-11", faults: { mean: 0.04 } } }) : undefined;
    };
    await sync();
    expect(await localVisit(VISIT)).toMatchObject({
      outcome: { grade: "B" }, after: { wear: [{ zh: "31次 / 10,500次", en: "31 trips / 10,500 trips" }], faults: { mean: 0.04, until: "2026-12-11" } },
    });
    grade = "A";
    await fetchOutcomes();
    expect((await localVisit(VISIT))?.outcome?.grade).toBe("B");
    await fetchOutcomes(Date.now() + 11 * 60_000);
    expect((await localVisit(VISIT))?.outcome?.grade).toBe("A");
  });

  it("says that the phone was revoked, and still hands its entries over", async () => {
    await aVisit();
    server.states = Object.fromEntries([1, 2, 3].map((seq) => [seq, { state: "kept", reason_en: "this phone was revoked" }]));
    server.revoked = { revoked_at: "2026-11-30T08:00:00Z", revoked_reason: "lost on the bus" };
    await sync();
    expect((await currentPhone())?.revoked).toBe("lost on the bus");
    expect(await unsent()).toMatchObject({ entries: 0, unsolved: 3 });
    expect(server.entries.size).toBe(3);
  });

  it("marks the phone where the server knows no such phone, and keeps the queue", async () => {
    await aVisit();
    server.before = (path) => (path.endsWith("/entries") ? json({ code: "not_found", detail: "no phone of yours" }, 404) : undefined);
    expect((await sync())?.kind).toBe("later");
    expect((await currentPhone())?.revoked).toBe("no phone of yours");
    expect(await unsent()).toMatchObject({ entries: 3 });
  });

  it("keeps a photo that is refused, with the reason, and sends the others", async () => {
    await aVisit(1);
    const [first, second] = [await aPhoto(), await aPhoto()];
    server.before = (path) => (path.endsWith(first.id) ? json({ code: "invalid_input", detail: "another hash" }, 400) : undefined);
    expect(await sync()).toEqual({ kind: "done" });
    expect(server.photos.has(second.id)).toBe(true);
    expect((await photosOf(VISIT)).find((photo) => photo.id === first.id)).toMatchObject({ state: "declared", refused: "another hash" });
    expect(await unsent()).toMatchObject({ photos: 1 });
  });

  it("takes the beacon of the answer for the next entry", async () => {
    await aVisit(1);
    await sync();
    const entry = await append({ kind: "work", visit: VISIT, body: work() });
    expect(atob(entry.envelope.payload.replaceAll("-", "+").replaceAll("_", "/"))).toContain("beacon-of-intake");
  });

  it("runs once where two tabs want to send at the same time", async () => {
    await aVisit();
    await Promise.all([sync(), sync()]);
    expect(server.calls.filter((call) => call === `POST /api/v1/phones/${PHONE}/entries`)).toHaveLength(1);
  });
});

describe("the pause before the next try", () => {
  it("grows from seconds to five minutes and never beyond", () => {
    const longest = Array.from({ length: 20 }, (_, index) => backOff_s(index + 1, 1));
    expect(longest.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(Math.max(...longest)).toBe(300);
    expect(backOff_s(3, 0)).toBe(10);
  });
});

describe("a long day", () => {
  it("of 20 visits with 160 photos survives restarts in the middle and is there once", async () => {
    await enrolled();
    for (let number = 0; number < 20; number += 1) {
      const id = crypto.randomUUID();
      await append({ kind: "arrival", visit: id, body: scan(), local: visit({ id }) });
      const photos: PhotoDeclared[] = [];
      for (let taken = 0; taken < 8; taken += 1) {
        const declared: PhotoDeclared = {
          id: crypto.randomUUID(), sha256: "0".repeat(64), bytes: 300, width_px: 1, height_px: 1, item: "1", use: "item", subject: "", taken_at_ms: taken, source: "camera",
        };
        await keepPhoto(id, declared, new Blob([new Uint8Array(300)], { type: "image/jpeg" }));
        photos.push(declared);
      }
      await append({ kind: "work", visit: id, body: { ...work(), photos }, photos: photos.map((photo) => photo.id) });
      await append({ kind: "departure", visit: id, body: scan(), local: visit({ id, departed_at_ms: 1 }) });
    }
    expect(await unsent()).toEqual({ entries: 60, photos: 160, bytes: 48_000, unsolved: 0 });
    let left = 0;
    server.before = () => (left-- > 0 ? undefined : Promise.reject(new TypeError("no signal")));
    for (let run = 0; (await unsent()).photos > 0; run += 1) {
      left = 40; // the signal holds for forty requests, then the program is killed
      await sync();
      await closeDatabase();
      expect(run).toBeLessThan(10);
    }
    expect([...server.entries.values()].map((entry) => entry.seq)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(server.photos.size).toBe(160);
    expect(server.calls.filter((call) => call.startsWith("PUT /api/v1/photos/")).length).toBeLessThanOrEqual(160 + 10);
  });
});
