// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { mode, startLive } from "../../src/inbox/live";
import { messages } from "../../src/inbox/store";
import { json, Server, signedIn } from "../support/phone";

/** A page that can be hidden, and a server whose streams a test writes into. */
class Streams {
  readonly opened: { after: string; write: (text: string) => void; end: () => void; closed: boolean }[] = [];
  works = true;

  open(init: RequestInit): Response | Promise<Response> {
    if (!this.works) return Promise.reject(new TypeError("network error"));
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const one = {
      after: String((init.headers as Record<string, string>)["Last-Event-ID"]), closed: false,
      write: (text: string) => controller.enqueue(new TextEncoder().encode(text)), end: () => controller.close(),
    };
    const body = new ReadableStream<Uint8Array>({ start: (given) => { controller = given; } });
    init.signal?.addEventListener("abort", () => {
      one.closed = true;
      controller.error(new DOMException("aborted", "AbortError"));
    });
    this.opened.push(one);
    return new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } });
  }
}

const message = (number: number) => ({ id: `m${number}`, number, kind: "plan", title_zh: "题", title_en: `Title ${number}`, text_zh: "", text_en: "", urgent: false, link: "", subject: "", created_at: "2026-11-30T08:00:00Z", read_at: null, acknowledged_at: null });
const event = (number: number) => `id: ${number}\nevent: message\ndata: ${JSON.stringify(message(number))}\n\n`;

const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
const streams = new Streams();
let listed: ReturnType<typeof message>[] = [message(4)];
const server = new Server();
server.before = (path, init) => {
  if (path === "/api/v1/inbox/stream") return streams.open(init);
  if (path === "/api/v1/inbox") return json({ items: listed, next_cursor: null, unread: listed.length, last_number: 4, time_zone: "Asia/Shanghai" });
  return path.startsWith("/api/v1/dispatches") ? json({ rows: [], now: "2026-11-30T08:00:00Z" }) : undefined;
};

const asked = () => server.calls.filter((call) => call === "GET /api/v1/inbox").length;
const titles = async () => (await messages()).map((each) => each.title_en);
const show = (state: "visible" | "hidden") => {
  page.visibilityState = state;
  page.dispatchEvent(new Event("visibilitychange"));
};

beforeEach(async () => {
  vi.stubGlobal("fetch", server.fetch);
  vi.stubGlobal("document", page);
  vi.stubGlobal("navigator", { onLine: true });
  vi.stubGlobal("addEventListener", () => undefined);
  await signedIn();
});
afterEach(() => vi.unstubAllGlobals());

describe("the inbox while somebody looks", () => {
  it("is streamed, closed when hidden, resumed where it was, and asked for where the stream breaks", async () => {
    startLive();
    await vi.waitFor(() => expect(streams.opened).toHaveLength(1));
    expect(streams.opened[0]?.after).toBe("4");
    streams.opened[0]?.write(event(5));
    await vi.waitFor(async () => expect(await titles()).toEqual(["Title 5", "Title 4"]));
    expect(mode.value).toBe("stream");

    show("hidden");
    expect([streams.opened[0]?.closed, mode.value]).toEqual([true, "off"]);
    const before = asked();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await vi.advanceTimersByTimeAsync(600_000);
    vi.useRealTimers();
    expect([streams.opened.length, asked()]).toEqual([1, before]); // nothing is open and nothing is asked

    show("visible");
    await vi.waitFor(() => expect(streams.opened).toHaveLength(2));
    expect(streams.opened[1]?.after).toBe("5");

    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    streams.works = false;
    listed = [message(6), message(4)];
    const asks = asked();
    streams.opened[1]?.end();
    for (let turn = 0; turn < 400 && asked() < asks + 3; turn += 1) await vi.advanceTimersByTimeAsync(500);
    vi.useRealTimers();
    expect(asked()).toBeGreaterThanOrEqual(asks + 3);
    expect(mode.value).toBe("poll");
    expect((await titles())[0]).toBe("Title 6");
    show("hidden");
  });
});
