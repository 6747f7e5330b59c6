import { describe, expect, it } from "vitest";
import { closeDatabase } from "../../src/store/db";
import { dropDayAtHand, keepDay, keptDay, latestDay, noteSame, stopWhere } from "../../src/store/day";
import type { TechnicianDay } from "../../src/store/types";

const view = (day: string, orders: string[] = []) =>
  ({ day, technician: { id: "t" }, stops: orders.map((work_order) => ({ work_order })) }) as unknown as TechnicianDay;

async function restarted(): Promise<void> {
  await closeDatabase();
  dropDayAtHand();
}

describe("the day", () => {
  it("is on the phone after a restart, with the time of its last look", async () => {
    await keepDay(view("2026-11-30"));
    await noteSame("2026-11-30");
    const before = await latestDay();
    await restarted();
    expect(await latestDay()).toEqual(before);
  });

  it("fetched last is the latest, not the one furthest ahead", async () => {
    await keepDay(view("2026-12-01"));
    await new Promise((done) => setTimeout(done, 2));
    await keepDay(view("2026-11-30"));
    expect((await latestDay())?.day).toBe("2026-11-30");
  });

  it("is found by one of its stops, in whichever day it is", async () => {
    await keepDay(view("2026-12-01", ["a"]));
    await keepDay(view("2026-11-30", ["b"]));
    await restarted();
    expect((await stopWhere((stop) => stop.work_order === "a"))?.kept.day).toBe("2026-12-01");
    expect(await stopWhere((stop) => stop.work_order === "c")).toBeUndefined();
  });

  it("goes after a fortnight of newer ones", async () => {
    for (let day = 1; day <= 16; day += 1) await keepDay(view(`2026-11-${String(day).padStart(2, "0")}`));
    await restarted();
    expect(await keptDay("2026-11-02")).toBeUndefined();
    expect(await keptDay("2026-11-03")).toBeDefined();
  });
});
