import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pushState, turnOff, turnOn } from "../../src/inbox/push";
import { json, Server, signedIn } from "../support/phone";

const KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
let server: Server;
let asked: string[];
let subscription: { endpoint: string; options: { applicationServerKey: ArrayBuffer | null }; toJSON(): unknown; unsubscribe(): Promise<boolean> } | null;

function browser(more: Record<string, unknown> = {}, permission = "default", subscribes = true): void {
  const pushManager = {
    getSubscription: async () => subscription,
    subscribe: async (options: { applicationServerKey: Uint8Array<ArrayBuffer>; userVisibleOnly: boolean }) => {
      if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("refused");
      const endpoint = "https://push.example.org/1";
      subscription = {
        endpoint, options: { applicationServerKey: options.applicationServerKey.buffer },
        toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }), unsubscribe: async () => { subscription = null; return true; },
      };
      return subscription;
    },
  };
  vi.stubGlobal("navigator", { serviceWorker: { getRegistration: async () => (subscribes ? { pushManager } : {}) }, ...more });
  const notification = { permission, requestPermission: async () => { asked.push("permission"); notification.permission = permission === "default" ? "granted" : permission; return notification.permission; } };
  vi.stubGlobal("Notification", subscribes ? notification : undefined);
}

beforeEach(async () => {
  asked = [];
  subscription = null;
  server = new Server();
  server.before = (path, init) => {
    asked.push(`${init.method ?? "GET"} ${path}`);
    if (path === "/api/v1/push-keys") return json({ web_push_key: KEY, fcm: false });
    if (path === "/api/v1/push-subscriptions") return json({ id: "s1" }, 201);
    return path === "/api/v1/message-preferences" ? json({ language: "en" }) : init.method === "DELETE" ? json(null) : undefined;
  };
  vi.stubGlobal("fetch", server.fetch);
  await signedIn();
});
afterEach(() => vi.unstubAllGlobals());

describe("notifications", () => {
  it("say what a phone lacks: an app on the home screen, a browser that pushes, leave to show them", async () => {
    browser({ standalone: false }, "default", false);
    expect(await pushState()).toBe("ios");
    browser({ standalone: true }, "default", false);
    expect(await pushState()).toBe("none");
    browser({}, "default", false);
    expect(await pushState()).toBe("none");
    browser({}, "denied");
    expect(await pushState()).toBe("denied");
  });

  it("are asked for by nobody but the tap, and are off again at the server too", async () => {
    browser();
    expect(await pushState()).toBe("off");
    expect(asked).toEqual([]);
    expect(await turnOn()).toBe("");
    expect(await pushState()).toBe("on");
    expect(asked.slice(0, 3)).toEqual(["permission", "GET /api/v1/push-keys", "POST /api/v1/push-subscriptions"]);
    await turnOff();
    expect(asked.at(-1)).toBe("DELETE /api/v1/push-subscriptions/s1");
    expect([await pushState(), subscription]).toEqual(["off", null]);
  });

  it("of a colleague on the same phone are not this one's", async () => {
    browser();
    await turnOn();
    await signedIn("0b7f8a52-0000-4000-8000-0000000000ff", "other");
    expect(await pushState()).toBe("off");
  });

  it("that the server does not take are told with its reason", async () => {
    browser();
    server.before = (path) => (path === "/api/v1/push-keys" ? json({ web_push_key: KEY }) : json({ code: "invalid_input", detail: "no known push service" }, 400));
    expect(await turnOn()).toBe("no known push service");
    expect(await pushState()).toBe("off");
  });
});
