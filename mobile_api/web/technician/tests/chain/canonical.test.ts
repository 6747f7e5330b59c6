import { describe, expect, it } from "vitest";
import { base64url, hex, textOf, unbase64url, unhex } from "../../src/chain/bytes";
import { canonical } from "../../src/chain/canonical";

const written = (value: unknown) => textOf(canonical(value));

describe("canonical JSON", () => {
  it("puts keys in order and leaves no space", () => {
    expect(written({ b: [1, null, true], a: { d: "x", c: "" } })).toBe('{"a":{"c":"","d":"x"},"b":[1,null,true]}');
  });

  it("leaves out what is undefined", () => {
    expect(written({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  it("escapes only what must be escaped", () => {
    expect(written('\u0000\b\t\n\f\r"\\/é电😀\u007f\u2028')).toBe('"\\u0000\\b\\t\\n\\f\\r\\"\\\\/é电😀\u007f\u2028"');
  });

  it("writes minus zero as zero", () => {
    expect(written(-0)).toBe("0");
  });

  it.each([[1.5], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53], [{ a: [0.1] }], ["\ud800"], ["x\udc00"], [undefined], [new Date(0)], [{ é: 1 }], [1n]])(
    "refuses %s, which cannot be signed", (value) => {
      expect(() => canonical(value)).toThrow();
    });

  it("names the place of what cannot be signed", () => {
    expect(() => canonical({ body: { answers: [{ measured: 7.5 }] } })).toThrow("$.body.answers[0].measured");
  });
});

describe("bytes as texts", () => {
  it("come back as they were", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(unbase64url(base64url(bytes))).toEqual(bytes);
    expect(unhex(hex(bytes))).toEqual(bytes);
  });

  it.each(["a=", "a+b", "a/b", "ä"])("refuse %s, which is not base64url", (text) => {
    expect(() => unbase64url(text)).toThrow();
  });
});
