import { describe, expect, it } from "vitest";
import { fitted, hasMetadata, smallEnough } from "../../src/checklist/image";

const segment = (marker: number, text: string): number[] => [0xff, marker, 0, text.length + 2, ...Array.from(text, (c) => c.charCodeAt(0))];
const jpeg = (...segments: number[][]): Uint8Array => Uint8Array.from([0xff, 0xd8, ...segments.flat(), 0xff, 0xda, 0, 2]);

describe("a photo as it is kept", () => {
  it("is made smaller in proportion, never larger", () => {
    expect(fitted(4000, 3000)).toEqual({ width: 1600, height: 1200 });
    expect(fitted(3000, 4000)).toEqual({ width: 1200, height: 1600 });
    expect(fitted(640, 480)).toEqual({ width: 640, height: 480 });
    expect(fitted(100_000, 1)).toEqual({ width: 1600, height: 1 });
  });

  it("is encoded coarser until it fits, and kept at last whatever its size", async () => {
    const tried: number[] = [];
    const encode = (size: (quality: number) => number) => (quality: number) => {
      tried.push(quality);
      return Promise.resolve(new Blob([new Uint8Array(size(quality))]));
    };
    expect((await smallEnough(encode((quality) => quality * 1000), 600)).size).toBe(550);
    expect(tried).toEqual([0.82, 0.7, 0.55]);
    expect((await smallEnough(encode(() => 5000), 600)).size).toBe(5000);
  });

  it("is known to carry EXIF, and known not to", () => {
    expect(hasMetadata(jpeg(segment(0xe0, "JFIF"), segment(0xe1, "Exif")))).toBe(true);
    expect(hasMetadata(jpeg(segment(0xe0, "JFIF"), segment(0xe2, "ICC_PROFILE\0")))).toBe(false);
    expect(hasMetadata(jpeg(segment(0xe0, "JFIF"), segment(0xdb, "tables")))).toBe(false);
    expect(hasMetadata(jpeg(segment(0xed, "Photoshop")))).toBe(true);
  });
});
