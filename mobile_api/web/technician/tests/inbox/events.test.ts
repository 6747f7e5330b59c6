import { describe, expect, it } from "vitest";
import { EventReader } from "../../src/inbox/events";

const STREAM = ': hello\r\nid: 7\r\nevent: message\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 8\nevent: unread\ndata: {"unread":2}\n\n: still here\n\ndata:bare\r\rid\ndata: no id\n\n';
const EVENTS = [
  { event: "message", data: '{"a":\n1}' },
  { event: "unread", data: '{"unread":2}' },
  { event: "message", data: "bare" },
  { event: "message", data: "no id" },
];

describe("server-sent events", () => {
  it("are the same wherever the network cuts the text", () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      const reader = new EventReader();
      const found = [];
      for (let at = 0; at < STREAM.length; at += size) found.push(...reader.push(STREAM.slice(at, at + size)));
      expect(found, `pieces of ${size}`).toEqual(EVENTS);
    }
  });

  it("are not told before they are whole", () => {
    const reader = new EventReader();
    expect(reader.push("id: 3\nevent: message\ndata: {}\n")).toEqual([]);
    expect(reader.push("\n")).toEqual([{ event: "message", data: "{}" }]);
    expect(reader.lastId).toBe("3");
  });
});
