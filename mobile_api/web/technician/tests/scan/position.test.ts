import { describe, expect, it, vi } from "vitest";
import { askPosition } from "../../src/scan/position";

function phone(answer: (found: PositionCallback, failed: PositionErrorCallback) => void): Geolocation {
  const getCurrentPosition = (found: PositionCallback, failed?: PositionErrorCallback | null) => answer(found, failed ?? (() => undefined));
  return { getCurrentPosition } as unknown as Geolocation;
}

const failing = (code: number) => phone((_, failed) => failed({ code } as GeolocationPositionError));

describe("the position of a scan", () => {
  it("is kept in whole units that can be signed", async () => {
    const coords = { latitude: 28.6561234567, longitude: -121.4, accuracy: 12.34 };
    const found = await askPosition(phone((found) => found({ coords, timestamp: 1_700_000_000_000.4 } as GeolocationPosition)));
    expect(found).toEqual({ state: "given", fix: { lat_e7: 286561235, lon_e7: -1214000000, accuracy_dm: 123, at_ms: 1_700_000_000_000 } });
  });

  it("tells a refusal, a missing signal and a slow receiver apart", async () => {
    expect((await askPosition(failing(1))).state).toBe("denied");
    expect((await askPosition(failing(2))).state).toBe("unavailable");
    expect((await askPosition(failing(3))).state).toBe("timeout");
    expect((await askPosition(undefined)).state).toBe("unavailable");
  });

  it("does not wait for ever for a question for permission that nobody answers", async () => {
    vi.useFakeTimers();
    const asked = askPosition(phone(() => undefined), 1_000);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await asked).toEqual({ state: "timeout", fix: null });
    vi.useRealTimers();
  });
});
