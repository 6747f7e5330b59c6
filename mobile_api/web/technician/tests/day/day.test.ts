import { describe, expect, it } from "vitest";
import { mapLinks } from "../../src/day/maps";
import { chooseSecond, secondOf } from "../../src/day/second";
import { nextOf, stopsNow } from "../../src/day/standing";
import type { DayElevator, DayStop, TechnicianDay } from "../../src/store/types";
import { dateIn } from "../../src/ui/format";
import { visit } from "../support/phone";

const elevator = { site_name: "Gate, East 东门", lat: 28.6764, lon: 121.4208, gcj02: [28.6737, 121.4254], bd09: [28.68, 121.432] } as unknown as DayElevator;

function stop(position: number, changes: Partial<DayStop> = {}): DayStop {
  return { work_order: `order-${position}`, position, state: "scheduled", visit: null, visit_state: null, ...changes } as DayStop;
}

describe("map links", () => {
  it("give Chinese maps their own coordinates and the world's WGS-84", () => {
    const found = Object.fromEntries(mapLinks(elevator, "Asia/Shanghai").map((link) => [link.name, new URL(link.address)]));
    expect(found["map.amap"]?.searchParams.get("to")).toBe("121.425400,28.673700,Gate  East 东门");
    expect(found["map.amap"]?.searchParams.get("coordinate")).toBe("gaode");
    expect(found["map.baidu"]?.searchParams.get("location")).toBe("28.680000,121.432000");
    expect(found["map.baidu"]?.searchParams.get("coord_type")).toBe("bd09ll");
    expect(found["map.google"]?.searchParams.get("destination")).toBe("28.6764,121.4208");
    expect(found["map.apple"]?.searchParams.get("daddr")).toBe("28.6764,121.4208");
  });

  it("put the maps of the firm's country first", () => {
    expect(mapLinks(elevator, "Asia/Shanghai")[0]?.name).toBe("map.amap");
    expect(mapLinks(elevator, "America/New_York")[0]?.name).toBe("map.google");
  });

  it("are none where the register has no position", () => {
    expect(mapLinks({ ...elevator, lat: null }, "Asia/Shanghai")).toEqual([]);
  });
});

describe("where stops stand", () => {
  it("is overruled by what was done on this phone since", () => {
    const now = stopsNow([stop(1), stop(0), stop(2)], [visit({ id: "a", work_order: "order-0", departed_at_ms: 5 }), visit({ id: "b", work_order: "order-1" })]);
    expect(now.map((each) => [each.stop.position, each.standing, each.visit])).toEqual([[0, "unsent", "a"], [1, "in_progress", "b"], [2, "scheduled", null]]);
    expect(nextOf(now)?.stop.position).toBe(2);
  });

  it("is the server's word once it has taken the departure", () => {
    expect(stopsNow([stop(0, { state: "done", visit: "a" })], [visit({ id: "a", departed_at_ms: 5 })])[0]?.standing).toBe("done");
  });

  it("has no next stop when all are begun", () => {
    expect(nextOf(stopsNow([stop(0, { state: "done" }), stop(1, { visit: "x", state: "in_progress" })], []))).toBeUndefined();
  });
});

describe("the second technician", () => {
  const view = { day: "2026-11-30", minimum_technicians: 2, technician: { id: "me" }, second_technicians: [{ id: "a" }, { id: "b" }] } as unknown as TechnicianDay;

  it("is the first crew mate where the rules ask for two, and whoever is chosen after that", async () => {
    expect((await secondOf(view))?.id).toBe("a");
    expect(await secondOf({ ...view, minimum_technicians: 1 })).toBeNull();
    await chooseSecond("2026-11-30", "b");
    expect((await secondOf(view))?.id).toBe("b");
    await chooseSecond("2026-11-30", null);
    expect(await secondOf(view)).toBeNull();
  });

  it("is never oneself, whom a colleague chose on the same phone", async () => {
    await chooseSecond("2026-11-30", "me");
    expect((await secondOf(view))?.id).toBe("a");
  });

  it("is chosen anew every day", async () => {
    await chooseSecond("2026-11-29", "b");
    expect((await secondOf(view))?.id).toBe("a");
  });
});

describe("today", () => {
  it("is the day where the firm is", () => {
    const late = Date.parse("2026-11-30T20:00:00Z");
    expect(dateIn("Asia/Shanghai", late)).toBe("2026-12-01");
    expect(dateIn("America/New_York", late)).toBe("2026-11-30");
    expect(dateIn("No/Such_Zone", late)).toMatch(/^2026-1[12]-\d\d$/);
  });
});
