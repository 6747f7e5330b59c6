/** Two technicians who use one phone. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newKey } from "../../src/chain/keys";
import { firstHead } from "../../src/chain/entry";
import { keepDay, keptDay, latestDay } from "../../src/store/day";
import { currentPhone, keepPhone } from "../../src/store/phone";
import { keepPhoto, photosOf } from "../../src/store/photos";
import { allWaiting, append, NotEnrolled } from "../../src/store/queue";
import { localVisit, localVisits } from "../../src/store/visits";
import { unsentFiles } from "../../src/sync/handover";
import { sync } from "../../src/sync/sync";
import type { TechnicianDay } from "../../src/store/types";
import { enrolled, PHONE, scan, Server, signedIn, TECHNICIAN, VISIT, visit, work } from "../support/phone";

const COLLEAGUE = "0b7f8a52-0000-4000-8000-00000000000a";
const THEIR_PHONE = "0b7f8a52-0000-4000-8000-00000000000b";
const THEIR_VISIT = "0b7f8a52-0000-4000-8000-00000000000c";

let server: Server;
beforeEach(() => {
  server = new Server();
  vi.stubGlobal("fetch", server.fetch);
});
afterEach(() => vi.unstubAllGlobals());

async function arriveWithPhoto(id: string): Promise<void> {
  await append({ kind: "arrival", visit: id, body: scan(), local: visit({ id }) });
  const declared = {
    id: crypto.randomUUID(), sha256: "", bytes: 1, width_px: 1, height_px: 1, item: "1", use: "item", subject: "", taken_at_ms: 0, source: "camera",
  } as const;
  await keepPhoto(id, declared, new Blob(["x"], { type: "image/jpeg" }));
  await append({ kind: "work", visit: id, body: { ...work(), photos: [declared] }, photos: [declared.id] });
}

async function colleagueEnrols(): Promise<void> {
  const mine = await currentPhone();
  const key = await newKey();
  await keepPhone(
    { id: THEIR_PHONE, technician: COLLEAGUE, name: "Phone", ...key, handover_key: mine?.handover_key ?? {}, enrolled_at_ms: Date.now() + 1, revoked: "" },
    await firstHead(THEIR_PHONE, key.public_key),
  );
}

it("nobody signs with a colleague's key", async () => {
  await enrolled();
  await signedIn(COLLEAGUE, "theirs");
  expect(await currentPhone()).toBeUndefined();
  await expect(append({ kind: "arrival", visit: VISIT, body: scan() })).rejects.toBeInstanceOf(NotEnrolled);
  expect(await allWaiting()).toEqual([]);
});

it("each has their own key again after the other used the phone", async () => {
  await enrolled();
  const first = await currentPhone();
  await signedIn(COLLEAGUE, "theirs");
  await keepPhone({ ...first!, id: THEIR_PHONE, technician: COLLEAGUE, enrolled_at_ms: first!.enrolled_at_ms + 1 }, { phone: THEIR_PHONE, seq: 0, sha256: "" });
  expect((await currentPhone())?.id).toBe(THEIR_PHONE);
  await signedIn();
  expect((await currentPhone())?.id).toBe(PHONE);
});

it("a colleague sees neither the other's day nor visits, and loses none of them", async () => {
  await enrolled();
  const day = { day: "2026-11-30", time_zone: "UTC", technician: { id: TECHNICIAN, name: "Li", badge: "" }, stops: [], open_visits: [] } as unknown as TechnicianDay;
  await keepDay(day);
  await append({ kind: "arrival", visit: VISIT, body: scan(), local: visit() });
  await signedIn(COLLEAGUE, "theirs");
  expect([await keptDay(day.day), await latestDay(), await localVisit(VISIT), await localVisits()]).toEqual([undefined, undefined, undefined, []]);
  await signedIn();
  expect((await localVisits()).map((each) => each.id)).toEqual([VISIT]);
  expect((await latestDay())?.day).toBe(day.day);
});

it("a colleague sends their own queue and photos only", async () => {
  await enrolled();
  await arriveWithPhoto(VISIT);
  await signedIn(COLLEAGUE, "theirs");
  await colleagueEnrols();
  await signedIn(COLLEAGUE, "theirs");
  await arriveWithPhoto(THEIR_VISIT);
  await sync();
  expect(server.calls.filter((call) => call.startsWith("POST"))).toEqual([`POST /api/v1/phones/${THEIR_PHONE}/entries`]);
  expect(server.photos.size).toBe(1);
  expect((await photosOf(VISIT))[0]).toMatchObject({ state: "declared", refused: "" });
  expect((await allWaiting()).map((entry) => entry.phone)).toEqual([PHONE, PHONE]);
  await signedIn();
  await sync();
  expect(await allWaiting()).toEqual([]);
  expect(server.photos.size).toBe(2);
});

it("what both have unsent is handed over, each in a file of its own", async () => {
  await enrolled();
  await arriveWithPhoto(VISIT);
  await colleagueEnrols();
  await signedIn(COLLEAGUE, "theirs");
  await arriveWithPhoto(THEIR_VISIT);
  const names = (await unsentFiles()).map((file) => file.name);
  expect(names.length).toBe(2);
  expect(names.some((name) => name.includes(PHONE.slice(0, 8)))).toBe(true);
});
