/** When to send: at once after every entry, when the signal comes back, when the page is looked at, and after a pause that grows. */
import { wishes } from "../day/wishes";
import { layBallast } from "../store/ballast";
import { onChange } from "../store/changes";
import { unsent } from "../store/queue";
import { room, type Room } from "./storage";
import type { Unsent } from "../store/types";
import { changed, watched } from "../ui/state";
import { sync, type Ended } from "./sync";

const SHORTEST_S = 5;
const LONGEST_S = 300;
/** With nothing to send, the day is looked at as often. */
const IDLE_S = 300;
/** Several entries within a moment are sent together. */
const GATHER_MS = 300;

export interface Status {
  /** `sending` now; `rest`: nothing to do; `retry`: waits for `next_ms`; `signed_out`: somebody has to sign in. */
  phase: "rest" | "sending" | "retry" | "signed_out";
  why: "unreachable" | "later" | "";
  detail: string;
  next_ms: number | null;
  last_done_ms: number | null;
  unsent: Unsent;
  room: Room;
}

export const status = watched<Status>({
  phase: "rest", why: "", detail: "", next_ms: null, last_done_ms: null,
  unsent: { entries: 0, photos: 0, bytes: 0, unsolved: 0 }, room: { used: 0, quota: 0, persisted: false },
});

let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let running = false;
let again = false;

/** Sends now. */
export async function wake(): Promise<void> {
  if (running) {
    again = true; // what came in the meantime is not left for the next pause
    return;
  }
  running = true;
  clearTimeout(timer);
  try {
    do {
      again = false;
      set({ phase: "sending", next_ms: null });
      settle(await sync().catch(mistake));
    } while (again);
  } finally {
    running = false;
    await layBallast().catch(() => false);
    await count();
  }
}

/** A mistake of ours or of the database must not end the sending for good. */
function mistake(error: unknown): Ended {
  console.error(error);
  return { kind: "later", retry_after_s: null, detail: String(error) };
}

/** Says how a run ended and plans the next. */
export function settle(ended: Ended | undefined): void {
  if (ended === undefined || ended.kind === "done") {
    failures = 0;
    set({ phase: "rest", why: "", detail: "", last_done_ms: ended ? Date.now() : status.value.last_done_ms });
    plan(IDLE_S);
  } else if (ended.kind === "signed_out") {
    set({ phase: "signed_out", why: "", detail: "" });
  } else {
    failures += 1;
    const told = ended.kind === "later" ? ended.retry_after_s : null;
    const pause_s = told ?? backOff_s(failures, Math.random());
    set({ phase: "retry", why: ended.kind, detail: ended.kind === "later" ? ended.detail : "", next_ms: Date.now() + pause_s * 1000 });
    plan(pause_s);
  }
}

/** The pause before the next try: doubled each time, with a random half so that a whole crew does not come back at once. */
export function backOff_s(failed: number, random: number): number {
  const longest = Math.min(LONGEST_S, SHORTEST_S * 2 ** Math.min(failed - 1, 10));
  return longest / 2 + (longest / 2) * random;
}

function plan(pause_s: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void wake(), pause_s * 1000);
}

function set(part: Partial<Status>): void {
  changed(status, { ...status.value, ...part });
}

/** Counts anew what is unsent and how much room there is. */
export async function count(): Promise<void> {
  const [queue, said] = [await unsent(), await wishes()];
  const waiting = said.filter((each) => each.state === "waiting").length;
  const refused = said.length - waiting;
  set({ unsent: { ...queue, entries: queue.entries + waiting, unsolved: queue.unsolved + refused }, room: await room() });
}

/** Starts the sending for the life of the page. */
export function startSync(): void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  onChange((what) => {
    if (what === "entries" || what === "photos" || what === "days") void count();
    if (what !== "entries" && what !== "session") return;
    clearTimeout(soon);
    soon = setTimeout(() => void afterChange(), GATHER_MS);
  });
  addEventListener("online", () => void wake());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void wake());
  navigator.serviceWorker?.addEventListener("message", (event: MessageEvent) => event.data === "sync" && void wake());
  void count().then(wake);
}

async function afterChange(): Promise<void> {
  if ((await unsent()).entries === 0 && status.value.phase !== "signed_out") return;
  await askForBackground();
  await wake();
}

/** Lets the browser send later even when the page is closed by then, where it can (Background Sync). */
export async function askForBackground(): Promise<void> {
  const registration = (await navigator.serviceWorker?.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await registration?.sync?.register("liftrounds-sync").catch(() => undefined);
}
