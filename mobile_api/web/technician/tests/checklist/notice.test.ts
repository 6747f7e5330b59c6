import { describe, expect, it } from "vitest";
import rules from "../../../../../tests/vectors/checklist-rules.json";
import vectors from "../../../../../tests/vectors/notices.json";
import { findingFaults, normalFinding } from "../../src/checklist/findings";
import { noticeText } from "../../src/checklist/notice";
import type { ChecklistItem, DayElevator, FindingSaid } from "../../src/store/types";

describe("the draft of a notice", () => {
  it.each(vectors.notices)("reads as the notice that the server writes ($finding.severity $finding.item $finding.stop_use_condition)", (vector) => {
    const finding = vector.finding as FindingSaid;
    const item = (rules.items as ChecklistItem[]).find((one) => one.code === finding.item) ?? null;
    const elevator = vector.elevator as DayElevator;
    const text = noticeText({ finding, item, condition: vector.condition, elevator, day: vector.day, foundBy: vector.found_by });
    expect(text.zh).toBe(vector.zh);
    expect(text.en).toBe(vector.en);
  });
});

describe("a finding", () => {
  const FINDING: FindingSaid = { id: "1", item: "", severity: "general", stop_use_condition: "", description: "", place: "", proposal: "" };

  it("says what is wrong, or names a condition of GB 45067", () => {
    expect(findingFaults(FINDING)).toEqual([{ field: "description", reason: "needed" }]);
    expect(findingFaults({ ...FINDING, description: "x" })).toEqual([]);
    expect(findingFaults({ ...FINDING, severity: "stop_use" })).toEqual([{ field: "stop_use_condition", reason: "needed" }]);
    expect(findingFaults({ ...FINDING, severity: "stop_use", stop_use_condition: "door_lock_circuit_shorted" })).toEqual([]);
    expect(findingFaults({ ...FINDING, description: "x".repeat(2001) })).toEqual([{ field: "description", reason: "too_long" }]);
  });

  it("names no condition beside another severity", () => {
    const given = { ...FINDING, severity: "serious", stop_use_condition: "handrail_obstacle", description: " x " } as const;
    expect(normalFinding(given)).toMatchObject({ stop_use_condition: "", description: "x" });
  });
});
