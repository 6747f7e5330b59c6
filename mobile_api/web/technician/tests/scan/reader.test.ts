import { expect, it } from "vitest";
import { insteadOf, type CodeReader } from "../../src/scan/reader";

const PICTURE = {} as ImageBitmap;

function reader(name: CodeReader["name"], answers: (string[] | Error)[], closed: string[]): CodeReader {
  return {
    name,
    read: () => {
      const answer = answers.shift() ?? [];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close: () => void closed.push(name),
  };
}

it("the browser's own reader gives way to ours when it fails, for the same picture", async () => {
  const closed: string[] = [];
  const both = insteadOf(reader("native", [["one"], new Error("no service")], closed), () => reader("zxing", [["two"], ["three"]], closed));
  expect([await both.read(PICTURE), both.name]).toEqual([["one"], "native"]);
  expect([await both.read(PICTURE), both.name]).toEqual([["two"], "zxing"]);
  expect(await both.read(PICTURE)).toEqual(["three"]);
  both.close();
  expect(closed).toEqual(["native", "zxing"]);
});

it("a failure of ours is told", async () => {
  const both = insteadOf(reader("native", [new Error("no service")], []), () => reader("zxing", [new Error("no memory")], []));
  await expect(both.read(PICTURE)).rejects.toThrow("no memory");
});
