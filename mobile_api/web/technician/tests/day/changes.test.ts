import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { kilometres, more } from "../../src/day/asking";
import { movable, moved } from "../../src/day/order_page";
import { nextOf, stopsNow } from "../../src/day/standing";
import { dropWish, handedBack, roundState, sendWishes, wish, wishes } from "../../src/day/wishes";
import { closeDatabase } from "../../src/store/db";
import type { DayChanges, DayStop } from "../../src/store/types";
import { language } from "../../src/i18n";
import { changed } from "../../src/ui/watched";
import { json, signedIn, visit } from "../support/phone";

const DAY = "2026-11-30";
const stop = (position: number, changes: Partial<DayStop> = {}) => ({ work_order: `order-${position}`, position, state: "scheduled", visit: null, ...changes }) as DayStop;

type Sent = { path: string; body: Record<string, unknown> };

/** A server that answers as told, in turn, and notes what came. */
function answering(...answers: (Response | "lost")[]): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    sent.push({ path, body: JSON.parse(String(init.body)) as Record<string, unknown> });
    const answer = answers.shift() ?? json({});
    if (answer === "lost") throw new TypeError("no connection");
    return answer;
  });
  return sent;
}

beforeEach(async () => { changed(language, "en"); await signedIn(); });
afterEach(() => vi.unstubAllGlobals());

describe("what a technician says without a signal", () => {
  it("is kept over a restart and sent in order, with the time and the id that it was given then", async () => {
    await wish(DAY, { what: "mark", body: { kind: "start", note: "" } });
    await wish(DAY, { what: "rejection", body: { work_order: "o", reason: "no_access", note: "locked" } });
    const [start, rejected] = await wishes();
    await closeDatabase();
    const sent = answering("lost");
    expect(await sendWishes()).toEqual({ kind: "unreachable" });
    expect(await wishes()).toHaveLength(2);
    const again = answering();
    expect(await sendWishes()).toBeUndefined();
    expect(await wishes()).toEqual([]);
    expect(again.map((each) => each.path)).toEqual(["/api/v1/day/marks", "/api/v1/day/rejections"]);
    expect(again[0]?.body).toEqual(sent[0]?.body);
    expect(again[0]?.body).toEqual({ id: start?.id, kind: "start", note: "", at: new Date(start?.at_ms ?? 0).toISOString() });
    expect(again[1]?.body).toMatchObject({ id: rejected?.id, work_order: "o", reason: "no_access", note: "locked" });
  });

  it("is kept with the server's reason where it is refused, and does not hold up what comes after it", async () => {
    await wish(DAY, { what: "rejection", body: { work_order: "o", reason: "no_access", note: "" } });
    await wish(DAY, { what: "mark", body: { kind: "pause", note: "" } });
    answering(json({ code: "conflict", detail: "this stop is under way or done", faults: [] }, 409));
    expect(await sendWishes()).toBeUndefined();
    const [left, ...others] = await wishes();
    expect(others).toEqual([]);
    expect(left).toMatchObject({ state: "refused", why: "this stop is under way or done" });
    const sent = answering();
    await sendWishes();
    expect(sent).toEqual([]);
    await dropWish(left?.id ?? "");
    expect(await wishes()).toEqual([]);
  });

  it("waits for whoever said it", async () => {
    await wish(DAY, { what: "mark", body: { kind: "start", note: "" } });
    await signedIn("another");
    const sent = answering();
    await sendWishes();
    expect(sent).toEqual([]);
    expect(await wishes()).toHaveLength(1);
  });

  it("shows before the server has heard of it", async () => {
    const changes = { standing: { state: "waiting" } } as DayChanges;
    await wish(DAY, { what: "mark", body: { kind: "start", note: "" } });
    expect(roundState(changes, await wishes())).toBe("running");
    await wish(DAY, { what: "mark", body: { kind: "pause", note: "" } });
    expect(roundState(changes, await wishes())).toBe("paused");
    await wish(DAY, { what: "rejection", body: { work_order: "order-0", reason: "no_access", note: "" } });
    const now = stopsNow([stop(0), stop(1)], [], handedBack(await wishes()));
    expect(now.map((each) => each.standing)).toEqual(["cancelled", "scheduled"]);
    expect(nextOf(now)?.stop.position).toBe(1);
  });
});

describe("another order", () => {
  it("moves what nobody has begun, and only within the list", () => {
    const stops = stopsNow([stop(0, { state: "done", visit: "x" }), stop(1), stop(2), stop(3)], [visit({ id: "a", work_order: "order-1" })]);
    expect(movable(stops).map((each) => each.stop.position)).toEqual([2, 3]);
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 2, 1)).toEqual(["a", "b", "c"]);
    expect(moved(["a", "b", "c"], 0, -1)).toEqual(["a", "b", "c"]);
  });

  it("is told in minutes and kilometres", () => {
    expect([more(300), more(-20), more(0)]).toEqual(["5 min more", "1 min less", "as long as before"]);
    expect([kilometres(1234), kilometres(-1234), kilometres(0), kilometres(-4)]).toEqual(["+1.2", "−1.2", "0.0", "0.0"]);
  });
});
