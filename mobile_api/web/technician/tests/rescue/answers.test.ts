import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, dropAnswer, pendingAnswers, sendAnswers } from "../../src/rescue/answers";
import { loadRescues, refreshRescues, rescues } from "../../src/rescue/fetching";
import { keepMessages, messages } from "../../src/inbox/store";
import { json, Server, signedIn, TECHNICIAN } from "../support/phone";
import { RESCUE, ring, view } from "../support/rescue";

let server: Server;
const bodies: unknown[] = [];
const offline = () => vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
const online = () => vi.stubGlobal("fetch", server.fetch);

beforeEach(async () => {
  bodies.length = 0;
  server = new Server();
  server.before = (path, init) => {
    if (init.method === "POST" && path.startsWith(`/api/v1/dispatches/${RESCUE}/`)) {
      bodies.push(init.body ? JSON.parse(String(init.body)) : null);
      return json(view({ state: "going", acknowledged_by: "Li" }, { rings: [ring({ answer: "going" })], now: "2026-11-30T08:02:00Z" }));
    }
    return undefined;
  };
  online();
  await signedIn();
  await loadRescues();
});
afterEach(() => vi.unstubAllGlobals());

describe("an answer to a rescue", () => {
  it("is sent at once, and the server's word is kept", async () => {
    expect(await answer(RESCUE, "going")).toBe(true);
    expect(bodies).toEqual([{ answer: "going" }]);
    expect(rescues.value[0]?.view.summary.state).toBe("going");
    expect(await pendingAnswers()).toEqual([]);
  });

  it("tapped twice without a connection is one, and waits until it is sent", async () => {
    offline();
    await Promise.all([answer(RESCUE, "going"), answer(RESCUE, "going")]);
    expect(await answer(RESCUE, "going")).toBe(false);
    expect((await pendingAnswers()).map((each) => each.what)).toEqual(["going"]);
    online();
    expect(await sendAnswers()).toBe(true);
    expect(bodies).toHaveLength(1);
  });

  it("is sent in the order of the taps", async () => {
    offline();
    await answer(RESCUE, "going");
    await answer(RESCUE, "arrived", "https://example.org/e/1");
    await answer(RESCUE, "released");
    online();
    await sendAnswers();
    expect(bodies).toEqual([{ answer: "going" }, { code: "https://example.org/e/1" }, null]);
    expect(server.calls.map((call) => call.split("/").at(-1))).toEqual(["answer", "arrival", "release"]);
  });

  it("that is not taken stays in sight with the reason, and holds nothing up", async () => {
    server.before = (path) => (path.endsWith("/answer") ? json({ code: "conflict", detail: "somebody is there already" }, 409) : path.endsWith("/release") ? json(view({ state: "released" })) : undefined);
    await answer(RESCUE, "going");
    expect(await answer(RESCUE, "released")).toBe(true);
    const [left] = await pendingAnswers();
    expect(left).toMatchObject({ what: "going", refused: "somebody is there already" });
    await dropAnswer(left?.key ?? -1);
    expect(await pendingAnswers()).toEqual([]);
  });

  it("acknowledges the message that rang", async () => {
    const ring = { id: "m1", number: 1, kind: "rescue", title_zh: "", title_en: "", text_zh: "", text_en: "", urgent: true, link: "", subject: RESCUE, created_at: "", read_at: null, acknowledged_at: null };
    await keepMessages([ring, { ...ring, id: "m2", number: 2, subject: "other" }], TECHNICIAN);
    await answer(RESCUE, "going");
    expect((await messages()).map((each) => [each.id, each.mark])).toEqual([["m2", ""], ["m1", "acknowledge"]]);
  });

  it("of a colleague waits for the colleague", async () => {
    offline();
    await answer(RESCUE, "going");
    online();
    await signedIn("0b7f8a52-0000-4000-8000-0000000000ff", "other");
    expect(await sendAnswers()).toBe(true);
    expect(bodies).toEqual([]);
    await signedIn();
    await sendAnswers();
    expect(bodies).toHaveLength(1);
  });
});

describe("rescues on the phone", () => {
  it("learn that they were closed, and that they are none of this firm's any more", async () => {
    let state: "ringing" | "closed" | "gone" = "ringing";
    server.before = (path) => {
      if (path.startsWith("/api/v1/dispatches?")) return json({ rows: state === "ringing" ? [view().summary] : [], now: "2026-11-30T08:01:00Z" });
      return path === `/api/v1/dispatches/${RESCUE}` && state !== "gone" ? json(view({ state }, { now: state === "ringing" ? "2026-11-30T08:01:00Z" : "2026-11-30T08:09:00Z" })) : undefined;
    };
    await refreshRescues();
    expect(rescues.value.map((each) => each.view.summary.state)).toEqual(["ringing"]);
    state = "closed";
    await refreshRescues();
    expect(rescues.value.map((each) => each.view.summary.state)).toEqual(["closed"]);
  });
});
