import { describe, expect, it } from "vitest";
import { account } from "../src/i18n/account";
import { changes } from "../src/i18n/changes";
import { checklist } from "../src/i18n/checklist";
import { day } from "../src/i18n/day";
import { inbox } from "../src/i18n/inbox";
import { rescue } from "../src/i18n/rescue";
import { scan } from "../src/i18n/scan";
import { shell } from "../src/i18n/shell";
import { sync } from "../src/i18n/sync";

const areas = { shell, day, changes, account, sync, scan, checklist, inbox, rescue };
const all = Object.values(areas).flatMap((area) => Object.entries(area)) as [string, { zh: string; en: string }][];
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe("the texts", () => {
  it("have every key once", () => {
    expect(new Set(all.map(([key]) => key)).size).toBe(all.length);
  });

  it.each(all)("%s is said in both languages, with the same places to fill in", (_key, { zh, en }) => {
    expect(zh.trim()).not.toBe("");
    expect(en.trim()).not.toBe("");
    expect(places(zh)).toEqual(places(en));
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
  });
});
