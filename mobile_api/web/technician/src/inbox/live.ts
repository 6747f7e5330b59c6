/** The inbox while somebody looks: by a stream where it holds, by asking again and again where it does not. Hidden, nothing is open. */
import { onChange } from "../store/changes";
import { noteExpired, session } from "../store/session";
import { refreshRescues, rescues } from "../rescue/fetching";
import { sendAnswers } from "../rescue/answers";
import { isOpen } from "../rescue/standing";
import { backOff_s } from "../sync/loop";
import { changed, watched } from "../ui/state";
import { EventReader, type ServerEvent } from "./events";
import { fetchInbox, sendMarks } from "./fetching";
import { keepMessages, lastNumber, unread } from "./store";
import type { InboxItem } from "./types";

/** What is first sent comes at once: a proxy that holds it back for so long holds everything back. */
const FIRST_MS = 10_000;
/** Three heartbeats. */
const SILENT_MS = 45_000;
/** A rescue must not wait longer, also where streams do not get through. */
const LONGEST_POLL_S = 30;
const REOPEN_S = 2;
/** While a rescue is open: the colleague who answers, the office that closes it. */
const RESCUE_MS = 10_000;

/** How the page hears of news. */
export type Mode = "off" | "stream" | "poll";
export const mode = watched<Mode>("off");

type End = "ended" | "failed" | "signed_out";
let running: AbortController | null = null;

/** Follows the inbox for the life of the page. */
export function startLive(): void {
  document.addEventListener("visibilitychange", look);
  addEventListener("offline", look);
  addEventListener("online", again);
  onChange((what) => {
    if (what === "session") again();
  });
  navigator.serviceWorker?.addEventListener("message", (event: MessageEvent) => event.data === "inbox" && again());
  look();
}

function look(): void {
  if (document.visibilityState === "visible" && navigator.onLine) begin();
  else stop();
}

function again(): void {
  stop();
  look();
}

function begin(): void {
  if (running) return;
  running = new AbortController();
  void follow(running.signal);
  void watchRescues(running.signal);
}

function stop(): void {
  running?.abort();
  running = null;
  changed(mode, "off");
}

async function follow(signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const who = await session();
    if (!who || who.expired) return; // told of the next session by its change
    const reached = await catchUp();
    const end = reached && !signal.aborted ? await listen(who.token, await lastNumber(), who.technician, signal) : "failed";
    if (signal.aborted) return;
    if (end === "signed_out") return void noteExpired(who.token);
    failures = end === "ended" ? 0 : failures + 1;
    if (end === "failed") changed(mode, "poll");
    await pause(end === "ended" ? REOPEN_S : Math.min(LONGEST_POLL_S, backOff_s(failures, Math.random())), signal);
  }
}

/** Sends what was tapped, then fetches; false where the server is not reached. */
export async function catchUp(): Promise<boolean> {
  return (await sendAnswers()) && (await sendMarks()) && (await fetchInbox()) && (await refreshRescues());
}

async function watchRescues(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(RESCUE_MS / 1000, signal);
    if (!signal.aborted && rescues.value.some(isOpen)) await refreshRescues();
  }
}

/** Listens until the stream ends, fails, or is silent for too long. */
async function listen(token: string, after: number, technician: string, signal: AbortSignal): Promise<End> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener("abort", abort);
  let silence = setTimeout(abort, FIRST_MS);
  try {
    const headers = { Authorization: `Bearer ${token}`, "Last-Event-ID": String(after), Accept: "text/event-stream" };
    const answer = await fetch("/api/v1/inbox/stream", { headers, credentials: "omit", cache: "no-store", signal: controller.signal });
    if (answer.status === 401) return "signed_out";
    if (!answer.ok || !answer.body || !(answer.headers.get("Content-Type") ?? "").startsWith("text/event-stream")) return "failed";
    const pieces = answer.body.getReader();
    const events = new EventReader();
    const text = new TextDecoder();
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      clearTimeout(silence);
      silence = setTimeout(abort, SILENT_MS);
      changed(mode, "stream");
      for (const event of events.push(text.decode(piece.value, { stream: true }))) await take(event, technician);
    }
    return "ended";
  } catch {
    return "failed";
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", abort);
  }
}

async function take({ event, data }: ServerEvent, technician: string): Promise<void> {
  if (event === "message") {
    const item = JSON.parse(data) as InboxItem;
    await keepMessages([item], technician);
    if (item.kind === "rescue") await refreshRescues();
  } else if (event === "unread") {
    const { unread: there } = JSON.parse(data) as { unread: number };
    if (there !== (await unread())) await fetchInbox(); // read on another device
  }
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
