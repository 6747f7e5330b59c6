import { describe, expect, it, vi } from "vitest";
import { answerOf, concerns, left_s, minutesOf, rings, stateNow } from "../../src/rescue/standing";
import type { RescueAnswer, What } from "../../src/rescue/types";
import { TECHNICIAN } from "../support/phone";
import { kept, RAISED_MS, RESCUE, ring } from "../support/rescue";

const OTHER = "0b7f8a52-0000-4000-8000-0000000000ff";
const tapped = (what: What, refused = ""): RescueAnswer => ({ rescue: RESCUE, technician: TECHNICIAN, what, code: "", at_ms: 1, refused });

describe("a rescue", () => {
  it("rings for whoever was rung and has not answered, while nobody goes", () => {
    expect(rings(kept(), TECHNICIAN, [])).toBe(true);
    expect(rings(kept(), OTHER, [])).toBe(false);
    expect(rings(kept({ state: "going" }), TECHNICIAN, [])).toBe(false);
    expect(rings(kept({}, { rings: [ring({ answer: "cannot" })] }), TECHNICIAN, [])).toBe(false);
  });

  it("stops ringing at the tap, before the server has heard of it, and rings again where it was not taken", () => {
    expect(rings(kept(), TECHNICIAN, [tapped("going")])).toBe(false);
    expect(rings(kept(), TECHNICIAN, [tapped("going", "refused")])).toBe(true);
  });

  it("stands as the server says and as was tapped since", () => {
    expect(stateNow(kept(), [])).toBe("ringing");
    expect(stateNow(kept({ state: "going" }), [tapped("arrived")])).toBe("arrived");
    expect(stateNow(kept({ state: "arrived" }), [tapped("released")])).toBe("released");
    expect(stateNow(kept({ state: "closed" }), [tapped("released")])).toBe("closed");
    expect(answerOf(kept({}, { rings: [ring({ answer: "going" })] }), TECHNICIAN, "Li", [tapped("cannot")])).toBe("cannot");
  });

  it("concerns whoever goes, also without having been rung, and nobody who declined", () => {
    expect(concerns(kept({ acknowledged_by: "Wu", state: "going" }), OTHER, "Wu", [])).toBe(true);
    expect(concerns(kept({}, { rings: [ring({ answer: "cannot" })] }), TECHNICIAN, "Li", [])).toBe(false);
    expect(concerns(kept({ state: "closed" }), TECHNICIAN, "Li", [])).toBe(false);
  });

  it("counts down by the server's clock, however wrong the phone's is", () => {
    const FIVE_MIN = 300_000;
    vi.useFakeTimers({ now: RAISED_MS + FIVE_MIN + 3_600_000, toFake: ["Date"] }); // an hour ahead
    expect(left_s({ ...kept(), ahead_ms: 3_600_000 })).toBe(25 * 60);
    vi.useRealTimers();
  });

  it("stands still at the arrival, late or in time", () => {
    expect(left_s(kept({ arrived_at: "2026-11-30T08:20:00Z" }), RAISED_MS + 9e9)).toBe(600);
    expect(left_s(kept({ arrived_at: "2026-11-30T08:31:05Z" }))).toBe(-65);
    expect([minutesOf(600), minutesOf(-65), minutesOf(3725)]).toEqual(["10:00", "01:05", "62:05"]);
  });
});
