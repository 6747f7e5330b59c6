import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { open, renew, show } from "../../src/inbox/worker";
import { pendingAnswers } from "../../src/rescue/answers";
import { keepSingle, readSingle } from "../../src/store/db";
import { json, Server, signedIn } from "../support/phone";
import { RESCUE } from "../support/rescue";

type Shown = { title: string; options: NotificationOptions & { actions?: { action: string; title: string }[]; renotify?: boolean; data: { place: string; rescue: string } } };

/** What a service worker has of its browser. */
class Browser {
  readonly shown: Shown[] = [];
  readonly opened: string[] = [];
  readonly posted: unknown[] = [];
  hasPage = false;
  readonly registration = { showNotification: async (title: string, options: Shown["options"]) => void this.shown.push({ title, options }), pushManager: { getSubscription: async () => null } };
  readonly clients = {
    matchAll: async () => (this.hasPage ? [{ postMessage: (what: unknown) => this.posted.push(what), focus: () => Promise.reject(new Error("not allowed")) }] : []),
    openWindow: async (address: string) => void this.opened.push(address),
  };
}

const PUSHED = { message: "m1", kind: "rescue", title: "People trapped: Tower 1", text: "1 Shifu Road", link: `https://lift.example.cn/work/dispatches/${RESCUE}`, urgent: true };
const data = (content: unknown): PushMessageData => ({ json: () => content }) as PushMessageData;
const tapped = (found: Shown | undefined): Notification => ({ data: found?.options.data, close: () => undefined }) as unknown as Notification;
let browser: Browser;
let server: Server;

beforeEach(async () => {
  browser = new Browser();
  server = new Server();
  vi.stubGlobal("self", browser);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  await signedIn();
});
afterEach(() => vi.unstubAllGlobals());

describe("a push", () => {
  it("of a rescue takes the place of its last one, stays until it is seen, and can be answered in the language chosen", async () => {
    await keepSingle("language", "en");
    await show(data(PUSHED));
    await show(data({ ...PUSHED, message: "m2" }));
    const [first, second] = browser.shown;
    expect(second?.options).toMatchObject({ tag: `rescue-${RESCUE}`, renotify: true, requireInteraction: true, lang: "en" });
    expect(first?.options.tag).toBe(second?.options.tag);
    expect(second?.options.actions?.map((each) => each.title)).toEqual(["I am going", "I cannot"]);
    await keepSingle("language", "zh");
    await show(data(PUSHED));
    expect(browser.shown[2]?.options.actions?.map((each) => each.title)).toEqual(["我去", "去不了"]);
  });

  it("opens the page that it is about, in the page that is open or in a new one", async () => {
    await show(data(PUSHED));
    await open(tapped(browser.shown[0]), "");
    expect(browser.opened).toEqual([`/t/#/rescues/${RESCUE}`]);
    browser.hasPage = true;
    await show(data({ ...PUSHED, kind: "test", link: "", urgent: false }));
    await open(tapped(browser.shown[1]), "");
    expect(browser.posted).toEqual(["inbox", { go: "#/inbox/m1" }]);
    expect(await pendingAnswers()).toEqual([]);
  });

  it("answered on the lock screen is kept and sent like a tap in the app", async () => {
    await show(data(PUSHED));
    await open(tapped(browser.shown[0]), "going");
    expect((await pendingAnswers()).map((each) => [each.rescue, each.what])).toEqual([[RESCUE, "going"]]);
  });

  it.each([null, data({}), { json: () => { throw new SyntaxError("no JSON"); } } as unknown as PushMessageData])("without content still says that there is something", async (nothing) => {
    await show(nothing);
    expect(browser.shown).toHaveLength(1);
    expect(browser.shown[0]?.title).toBe("Liftrounds");
    expect(browser.shown[0]?.options.data.place).toBe("#/inbox");
    expect(browser.shown[0]?.options.renotify).toBeFalsy();
  });
});

describe("a subscription that the push service renews", () => {
  it("is told to the server", async () => {
    const sent: unknown[] = [];
    server.before = (path, init) => {
      if (path !== "/api/v1/push-subscriptions") return undefined;
      sent.push(JSON.parse(String(init.body)));
      return json({ id: "s1" }, 201);
    };
    vi.stubGlobal("fetch", server.fetch);
    const endpoint = "https://push.example.org/2";
    const fresh = { toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }) } as unknown as PushSubscription;
    await renew({ newSubscription: fresh });
    expect(sent).toEqual([{ endpoint, keys: { p256dh: "p", auth: "a" }, name: "", phone: null }]);
    expect(await readSingle("push")).toMatchObject({ id: "s1", endpoint });
  });
});
