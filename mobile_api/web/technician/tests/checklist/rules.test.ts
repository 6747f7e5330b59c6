import { describe, expect, it } from "vitest";
import vectors from "../../../../../tests/vectors/checklist-rules.json";
import { answerFault, answerOf, byZone, isByHand, missing, normal, openItems, progress, restInOrder, undescribed, type Answers, type Standing } from "../../src/checklist/rules";
import type { Answer, ChecklistItem } from "../../src/store/types";

const ITEMS = vectors.items as ChecklistItem[];
const item = (code: string): ChecklistItem => ITEMS.find((one) => one.code === code) ?? (vectors.year as ChecklistItem[]).find((one) => one.code === code)!;
const kept = (...answers: Answer[]): Answers => Object.fromEntries(answers.map((one) => [one.item, one]));
const standing = (answers: Answers, more: Partial<Standing> = {}): Standing => ({
  answers, described: new Set(), withPart: new Set(), technicians: 2, minimumTechnicians: 2, ...more,
});
const rest = () => kept(...restInOrder(ITEMS, {}));

describe("the rules of a checklist", () => {
  it("answers by one tap what the server would, and leaves the same open", () => {
    expect(ITEMS).toHaveLength(31);
    expect(ITEMS.filter(isByHand).map((one) => one.code)).toEqual(vectors.by_hand);
    expect(openItems(ITEMS, rest()).map((one) => one.code)).toEqual(vectors.open_after_the_rest);
  });

  it.each(vectors.judged)("judges $measured at $item as the server does", ({ item: code, measured, result, unit }) => {
    expect(normal(item(code), { ...answerOf(code, "ok"), measured })).toMatchObject({ result, unit, measured });
  });

  it("keeps no value and no special check where an item does not apply", () => {
    const given: Answer = { ...answerOf("A-1-29", "not_applicable"), measured: "3", note: " none ", special_checks: ["a"] };
    expect(normal(item("A-1-29"), given)).toMatchObject({ result: "not_applicable", measured: null, unit: null, note: "none", special_checks: [] });
  });

  it("wants a reason for what does not apply, and no good word for what has a finding", () => {
    expect(answerFault(answerOf("A-1-01", "not_applicable"), false)).toBe("reason_needed");
    expect(answerFault({ ...answerOf("A-1-01", "not_applicable"), note: "no machine room" }, false)).toBeNull();
    expect(answerFault(answerOf("A-1-01", "ok"), true)).toBe("has_finding");
    expect(answerFault(answerOf("A-1-01", "adjusted"), true)).toBeNull();
    expect(answerFault({ ...answerOf("A-1-01", "ok"), note: "x".repeat(2001) }, false)).toBe("text_too_long");
  });

  it("never waits for what a signal added, and never answers it by the one tap", () => {
    const added = { ...item("A-1-01"), code: "X", added: true };
    expect(openItems([added], {})).toEqual([]);
    expect(restInOrder([added], {})).toEqual([]);
    expect(progress([added], {})).toEqual({ total: 1, answered: 0, findings: 0, byHand: 0, optional: 1 });
  });

  it("walks from the machine room to the pit", () => {
    expect(byZone(ITEMS).map(([zone]) => zone)).toEqual(["MR", "CT", "SH", "CAR", "LD", "PIT"]);
  });

  it("lists all that is missing before the departure, what it waits for first, and each with its place", () => {
    const answers = kept(...Object.values(rest()), { ...answerOf("A-1-29", "finding"), measured: "5" }, answerOf("A-1-03", "replaced"));
    expect(undescribed(ITEMS, answers, new Set()).map((one) => one.code)).toEqual(["A-1-29"]);
    expect(missing(ITEMS, standing(answers, { technicians: 1 }))).toEqual([
      { kind: "items", needed: true, zone: "MR", item: "A-1-06", count: 1 },
      { kind: "finding", needed: true, zone: "LD", item: "A-1-29", count: 1 },
      { kind: "part", needed: false, zone: "MR", item: "A-1-03", count: 1 },
      { kind: "second", needed: false, zone: "", item: "", count: 1 },
    ]);
    const whole = kept(...Object.values(answers), answerOf("A-1-06", "ok"));
    expect(missing(ITEMS, standing(whole, { described: new Set(["A-1-29"]), withPart: new Set(["A-1-03"]) }))).toEqual([]);
  });

  it("reminds of a value that was not typed, but does not wait for it", () => {
    const answers = kept(...Object.values(rest()), answerOf("A-1-29", "ok"), answerOf("A-1-06", "ok"));
    expect(missing(ITEMS, standing(answers))).toEqual([{ kind: "value", needed: false, zone: "LD", item: "A-1-29", count: 1 }]);
  });
});
