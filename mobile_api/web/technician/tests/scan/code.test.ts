import { describe, expect, it } from "vitest";
import vectors from "../../../../../tests/vectors/label-codes.json";
import { grouped, parseCode, shortCode } from "../../src/scan/code";

interface Vector {
  text: string;
  code?: string;
  short_code?: string;
  reason?: string;
}

describe("a label's code", () => {
  it.each(vectors.codes as Vector[])("reads %j as the server reads it", ({ text, code, short_code, reason }) => {
    const parsed = parseCode(text);
    expect(parsed.fault?.reason).toBe(reason);
    expect(parsed.code?.text).toBe(code);
    if (parsed.code !== null) expect(shortCode(parsed.code)).toBe(short_code);
  });

  it("is shown in groups while it is typed, whatever is typed between", () => {
    expect(grouped("8kq")).toBe("8KQ");
    expect(grouped("8kq3t4zv xabc0d7")).toBe("8KQ3T-4ZVXA-BC0D7");
    expect(grouped("8kq3t—4ZVxa")).toBe("8KQ3T-4ZVXA");
    expect(grouped("8KQ3T-4ZVXA-BC0D7-more")).toBe("8KQ3T-4ZVXA-BC0D7");
  });

  it("names the place of a character that cannot be there", () => {
    expect(parseCode("8KQ3T4ZVUABC0D").fault).toEqual({ reason: "wrong_character", position: 9, character: "U" });
  });
});
