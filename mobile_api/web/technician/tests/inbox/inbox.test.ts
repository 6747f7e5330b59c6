import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fetchInbox, sendMarks } from "../../src/inbox/fetching";
import { placeFor } from "../../src/inbox/links";
import { keepMessages, lastNumber, mark, messages, unread } from "../../src/inbox/store";
import type { InboxItem } from "../../src/inbox/types";
import { json, Server, signedIn, TECHNICIAN } from "../support/phone";

let server: Server;
let there: InboxItem[];

function item(number: number, changes: Partial<InboxItem> = {}): InboxItem {
  return {
    id: `m${number}`, number, kind: "plan", title_zh: "标题", title_en: "Title", text_zh: "", text_en: "", urgent: false, link: "", subject: "",
    created_at: "2026-11-30T08:00:00Z", read_at: null, acknowledged_at: null, ...changes,
  };
}

beforeEach(async () => {
  there = [item(1), item(2)];
  server = new Server();
  server.before = (path, init) => {
    const marked = /^\/api\/v1\/inbox\/(m\d+)\/(read|acknowledge)$/.exec(path);
    if (marked) {
      there = there.map((each) => (each.id !== marked[1] ? each : { ...each, read_at: "now", acknowledged_at: marked[2] === "acknowledge" ? "now" : each.acknowledged_at }));
      return json(there.find((each) => each.id === marked[1]));
    }
    return path === "/api/v1/inbox" && !init.method?.includes("POST") ? json({ items: [...there].reverse(), next_cursor: null, unread: 2, last_number: 2, time_zone: "Asia/Shanghai" }) : undefined;
  };
  vi.stubGlobal("fetch", server.fetch);
  await signedIn();
});
afterEach(() => vi.unstubAllGlobals());

describe("the inbox on the phone", () => {
  it("is there without a connection, newest first, and says where a stream goes on", async () => {
    expect(await fetchInbox()).toBe(true);
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
    expect(await fetchInbox()).toBe(false);
    expect((await messages()).map((each) => each.number)).toEqual([2, 1]);
    expect([await unread(), await lastNumber()]).toEqual([2, 2]);
  });

  it("keeps what was tapped without a connection, and sends it once", async () => {
    await fetchInbox();
    const online = server.fetch;
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
    await mark("m1", "read");
    await mark("m2", "acknowledge");
    await mark("m2", "read"); // a look after it takes nothing back
    expect(await sendMarks()).toBe(false);
    expect(await unread()).toBe(0);
    vi.stubGlobal("fetch", online);
    await fetchInbox(); // the server's older state does not undo the tap
    expect(await unread()).toBe(0);
    expect(await sendMarks()).toBe(true);
    await sendMarks();
    expect(server.calls.filter((call) => call.startsWith("POST"))).toEqual(["POST /api/v1/inbox/m1/read", "POST /api/v1/inbox/m2/acknowledge"]);
    expect((await messages()).map((each) => each.mark)).toEqual(["", ""]);
  });

  it("is not shown to the colleague who signs in on the same phone", async () => {
    await fetchInbox();
    await signedIn("0b7f8a52-0000-4000-8000-0000000000ff", "other");
    expect(await messages()).toEqual([]);
    await signedIn();
    expect(await messages()).toHaveLength(2);
  });

  it("does not grow without end", async () => {
    await keepMessages(Array.from({ length: 230 }, (_, number) => item(number + 1)), TECHNICIAN);
    const found = await messages();
    expect([found.length, found.at(-1)?.number]).toEqual([200, 31]);
  });
});

describe("a message", () => {
  it.each([
    ["plan", "/t/#/swaps", "#/swaps"],
    ["rescue", "/work/dispatches/0b7f8a52-0000-4000-8000-00000000000a", "#/rescues/0b7f8a52-0000-4000-8000-00000000000a"],
    ["rescue", "https://lift.example.cn/work/dispatches/0b7f8a52-0000-4000-8000-00000000000a", "#/rescues/0b7f8a52-0000-4000-8000-00000000000a"],
    ["plan", "/work?day=2026-11-30", "#/"],
    ["phone", "", "#/phone"],
    ["test", "javascript:alert(1)", "#/inbox"],
  ])("of %s with the link %s leads to %s", (kind, link, place) => {
    expect(placeFor(kind, link)).toBe(place);
  });
});
