import { describe, expect, it } from "vitest";
import { decimalOf, isOutside, limitText } from "../../src/checklist/measured";

describe("a measured value", () => {
  it.each([
    ["7.5", "7.5"], ["7,5", "7.5"], ["７．５", "7.5"], ["007.50", "7.5"], [".5", "0.5"], ["5.", "5"], ["-0", "0"], ["−3", "-3"], ["+2", "2"], [" 1 2 ", "12"], ["", ""],
  ])("typed as %j is kept as %j", (typed, kept) => expect(decimalOf(typed)).toBe(kept));

  it.each(["abc", "1e5", "1.2.3", "--1", "1234567890", "0.1234567", "∞", "."])("is not read from %j", (typed) => expect(decimalOf(typed)).toBeNull());

  it("may be as much as the limit, and no more", () => {
    const limit = { least: 2, most: 6, unit: "mm" };
    expect(["1.9", "2", "6", "6.1"].map((value) => isOutside(limit, value))).toEqual([true, false, false, true]);
    expect(isOutside(null, "99")).toBe(false);
    expect(isOutside(limit, null)).toBe(false);
    expect(limitText(limit)).toBe("2 – 6 mm");
    expect(limitText({ least: 7, most: null, unit: "mm" })).toBe("≥ 7 mm");
  });
});
