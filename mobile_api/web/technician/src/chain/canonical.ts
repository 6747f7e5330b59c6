/** JSON as bytes that everybody agrees on: RFC 8785 for values without fractions, as the server writes them. */
import { utf8, type Bytes } from "./bytes";

/** What can be signed: no fractions, no integers that a double cannot hold, no texts that UTF-8 cannot write. */
export type Signable = null | boolean | number | string | readonly Signable[] | { readonly [key: string]: Signable | undefined };

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const ASCII = /^[\x20-\x7e]*$/;

/** The canonical bytes of a value; keys with the value `undefined` are left out.

Throws a RangeError with the place where something cannot be signed. */
export function canonical(value: unknown): Bytes {
  return utf8(written(value, "$"));
}

function written(value: unknown, place: string): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberOf(value, place);
  if (typeof value === "string") return textOf(value, place);
  if (Array.isArray(value)) return `[${value.map((part, index) => written(part, `${place}[${index}]`)).join(",")}]`;
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) return objectOf(value as Record<string, unknown>, place);
  throw new RangeError(`${place} cannot be signed`);
}

function numberOf(value: number, place: string): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${place} is no integer below 2^53`);
  return String(value); // -0 is written as 0, as RFC 8785 wants it
}

function textOf(value: string, place: string): string {
  if (LONE_SURROGATE.test(value)) throw new RangeError(`${place} holds half a character`);
  return JSON.stringify(value);
}

function objectOf(value: Record<string, unknown>, place: string): string {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined).sort(); // by UTF-16 code units, as RFC 8785 wants it
  const parts = keys.map((key) => {
    if (!ASCII.test(key)) throw new RangeError(`${place} has a key that is not plain ASCII`);
    return `${JSON.stringify(key)}:${written(value[key], `${place}.${key}`)}`;
  });
  return `{${parts.join(",")}}`;
}
