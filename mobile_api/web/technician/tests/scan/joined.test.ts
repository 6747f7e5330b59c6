import { expect, it } from "vitest";
import { isJoined } from "../../src/scan/joined";
import { append } from "../../src/store/queue";
import { enrolled, scan, signedIn } from "../support/phone";

const HOUR_MS = 3600 * 1000;

it("is so from joining to leaving, and not for ever", async () => {
  await enrolled();
  expect(await isJoined()).toBe(false);
  await append({ kind: "join", visit: "", body: scan() });
  expect(await isJoined()).toBe(true);
  expect(await isJoined(Date.now() + 13 * HOUR_MS)).toBe(false);
  await append({ kind: "leave", visit: "", body: scan() });
  expect(await isJoined()).toBe(false);
});

it("is nobody's affair but the one's who joined", async () => {
  await enrolled();
  await append({ kind: "join", visit: "", body: scan() });
  await signedIn("0b7f8a52-0000-4000-8000-00000000000a", "theirs");
  expect(await isJoined()).toBe(false);
});
