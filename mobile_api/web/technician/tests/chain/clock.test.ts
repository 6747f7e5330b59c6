import { afterEach, describe, expect, it } from "vitest";
import { clockOff_ms, noteServerTime, reading } from "../../src/chain/clock";

const HOUR_MS = 3_600_000;

afterEach(() => noteServerTime(Date.now()));

describe("the phone's clock", () => {
  it("was set back where it is behind its own monotonic clock", () => {
    expect(clockOff_ms(10 * HOUR_MS, 10 * HOUR_MS, HOUR_MS)).toBe(-HOUR_MS);
  });

  it("is not said to be wrong because the phone slept, while its monotonic clock stood still", () => {
    expect(Math.abs(clockOff_ms(18 * HOUR_MS, 10 * HOUR_MS, HOUR_MS))).toBeLessThan(1000);
  });

  it("is compared with every server time that comes", () => {
    noteServerTime(Date.now() - HOUR_MS);
    expect(Math.abs(clockOff_ms() - HOUR_MS)).toBeLessThan(1000);
    noteServerTime(Date.now() + HOUR_MS);
    expect(Math.abs(clockOff_ms() + HOUR_MS)).toBeLessThan(1000);
  });

  it("has a monotonic companion in whole milliseconds that never goes back, in one session", () => {
    const [one, other] = [reading(), reading()];
    expect(other.session).toBe(one.session);
    expect(Number.isInteger(one.mono_ms)).toBe(true);
    expect(other.mono_ms).toBeGreaterThanOrEqual(one.mono_ms);
  });
});
