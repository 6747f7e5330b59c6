// A measured value as people type it, and as it is signed: decimal text, because a signed entry holds no fractions.

import type { Limit } from "../store/types";

/** Digits before and after the point: beyond all that is measured on an elevator, and exact as text. */
const NUMBER = /^([+-]?)0*(\d{1,9})(?:\.(\d{1,6}))?$/;

/** Returns a typed number as plain decimal text such as `7.5`; empty text where nothing was typed, null where it is no number. */
export function decimalOf(typed: string): string | null {
  const text = typed.normalize("NFKC").replace(/\s/g, "").replace(",", ".").replace("−", "-").replace(/^([+-]?)\.(?=\d)/, "$10.").replace(/(\d)\.$/, "$1");
  if (text === "") return "";
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  const digits = fraction === "" ? (match[2] ?? "0") : `${match[2] ?? "0"}.${fraction}`;
  return match[1] === "-" && Number(digits) !== 0 ? `-${digits}` : digits;
}

/** Whether a value breaks the number that the regulation sets. */
export function isOutside(limit: Limit | null, measured: string | null): boolean {
  if (limit === null || measured === null || measured === "") return false;
  const value = Number(measured);
  return (limit.least !== null && value < limit.least) || (limit.most !== null && value > limit.most);
}

/** The limit as it is shown beside the field: `≥ 7 mm`, `2 – 6 mm`. */
export function limitText(limit: Limit): string {
  if (limit.least !== null && limit.most !== null) return `${limit.least} – ${limit.most} ${limit.unit}`;
  if (limit.least !== null) return `≥ ${limit.least} ${limit.unit}`;
  return limit.most === null ? limit.unit : `≤ ${limit.most} ${limit.unit}`;
}
