import { describe, expect, it } from "vitest";
import { parseCode, type LabelCode } from "../../src/scan/code";
import { meaningOf, type Cached } from "../../src/scan/meaning";
import type { DayElevator, DayStop, LocalVisit } from "../../src/store/types";

const CODES = { first: "8KQ3T4ZV-XABC0D", pit: "9KQ3T4ZV-XABC0D", second: "7KQ3T4ZV-XABC0D", stranger: "6KQ3T4ZV-XABC0D" };

function code(text: string): LabelCode {
  const parsed = parseCode(text).code;
  if (parsed === null) throw new Error(text);
  return parsed;
}

const elevator = (id: string, labels: DayElevator["labels"]): DayElevator => ({ id, unit_name: id, labels }) as DayElevator;
const FIRST = elevator("first", [{ code: CODES.first, zone: "" }, { code: CODES.pit, zone: "pit" }]);
const SECOND = elevator("second", [{ code: CODES.second }]);
const stop = (work_order: string, where: DayElevator, state: DayStop["state"] = "scheduled"): DayStop => ({ work_order, elevator: where, state }) as DayStop;
const visit = (where: string, departed_at_ms: number | null = null): LocalVisit =>
  ({ id: `visit-${where}`, elevator: where, work_order: `order-${where}`, departed_at_ms, stop: null }) as LocalVisit;
const DAY: Cached = { stops: [stop("order-first", FIRST), stop("order-second", SECOND)], others: [], visits: [] };
const arrival = (workOrder: string | null) => ({ kind: "arrival", workOrder }) as const;

describe("what a scanned label means", () => {
  it("opens exactly the elevator whose label it is", () => {
    expect(meaningOf(code(CODES.second), arrival(null), DAY)).toEqual({ is: "arrival", stop: DAY.stops[1], zone: "" });
  });

  it("says which elevator it is where another stop was chosen", () => {
    const meaning = meaningOf(code(CODES.second), arrival("order-first"), DAY);
    expect(meaning).toEqual({ is: "other_stop", stop: DAY.stops[1], wanted: DAY.stops[0], zone: "" });
  });

  it("begins no second visit where the server knows one that another phone opened", () => {
    const open = [{ id: "v", elevator: "first" }] as unknown as NonNullable<Cached["open"]>;
    expect(meaningOf(code(CODES.first), arrival("order-first"), { ...DAY, open })).toEqual({ is: "open_elsewhere", visit: open[0] });
    const mine = { ...visit("first"), id: "v" };
    expect(meaningOf(code(CODES.first), arrival(null), { ...DAY, open, visits: [mine] }).is).toBe("open_already");
    expect(meaningOf(code(CODES.second), arrival(null), { ...DAY, open }).is).toBe("arrival");
  });

  it("offers an unplanned visit where the round has no stop left for the elevator", () => {
    const done = { ...DAY, stops: [stop("order-first", FIRST, "done")] };
    expect(meaningOf(code(CODES.first), arrival(null), done).is).toBe("unplanned");
    expect(meaningOf(code(CODES.second), arrival(null), { ...DAY, stops: [], others: [SECOND] })).toMatchObject({ is: "unplanned", elevator: SECOND });
    expect(meaningOf(code(CODES.stranger), arrival(null), DAY).is).toBe("unknown");
  });

  it("leads back into the visit that is open here, also when its stop was meant", () => {
    const working = { ...DAY, visits: [visit("first")] };
    expect(meaningOf(code(CODES.first), arrival("order-first"), working)).toMatchObject({ is: "open_already", visit: { id: "visit-first" } });
    const left = { ...DAY, visits: [visit("first", 5)] };
    expect(meaningOf(code(CODES.first), arrival("order-first"), left).is).toBe("unplanned");
  });

  it("ends a visit only at its own elevator, and names the other one", () => {
    const working = { ...DAY, visits: [visit("first")] };
    const departure = { kind: "departure", visit: "visit-first" } as const;
    expect(meaningOf(code(CODES.first), departure, working).is).toBe("departure");
    expect(meaningOf(code(CODES.second), departure, working)).toMatchObject({ is: "other_elevator", elevator: SECOND });
    expect(meaningOf(code(CODES.stranger), departure, working)).toMatchObject({ is: "other_elevator", elevator: null });
    expect(meaningOf(code(CODES.first), departure, DAY).is).toBe("no_visit");
  });

  it("trusts the server with a label that no list of this phone could know", () => {
    const bare = { stops: [], others: [], visits: [visit("first")] };
    expect(meaningOf(code(CODES.stranger), { kind: "departure", visit: "visit-first" }, bare).is).toBe("departure");
  });

  it("takes no zone's label for the car's, at the arrival and at the departure: the server would hold it", () => {
    expect(meaningOf(code(CODES.pit), arrival("order-first"), DAY)).toEqual({ is: "zone_label", zone: "pit", elevator: FIRST });
    const working = { ...DAY, visits: [visit("first", null)] };
    expect(meaningOf(code(CODES.pit), { kind: "departure", visit: "visit-first" }, working)).toMatchObject({ is: "zone_label", zone: "pit" });
  });

  it("tells the zone of a zone's label", () => {
    const working = { ...DAY, visits: [visit("first")] };
    expect(meaningOf(code(CODES.pit), { kind: "zone", visit: "visit-first" }, working)).toMatchObject({ is: "zone", zone: "pit" });
  });

  it("refuses a code whose second half is not the one on record, and a label that was replaced", () => {
    expect(meaningOf(code("8KQ3T4ZV-XABC0E"), arrival(null), DAY).is).toBe("not_genuine");
    const dead = { ...DAY, stops: [stop("o", elevator("first", [{ code: CODES.first, state: "revoked" }]))] };
    expect(meaningOf(code(CODES.first), arrival(null), dead)).toMatchObject({ is: "dead_label", state: "revoked" });
  });
});

describe("a label that the phone cannot know", () => {
  it("may be the chosen stop's where none of its labels are known, and nobody else's", () => {
    const bare = { ...DAY, stops: [stop("order-bare", elevator("bare", undefined)), ...DAY.stops] };
    expect(meaningOf(code(CODES.stranger), arrival("order-bare"), bare)).toMatchObject({ is: "unknown", wanted: { work_order: "order-bare" } });
    expect(meaningOf(code(CODES.stranger), arrival("order-first"), bare)).toMatchObject({ is: "unknown", wanted: null });
    expect(meaningOf(code(CODES.second), arrival("order-bare"), bare).is).toBe("other_stop");
  });
});
