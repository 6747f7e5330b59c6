/** The inbox fetched, and what was tapped in it sent. */
import { session } from "../store/session";
import { call, type Answer } from "../sync/api";
import { keepMessages, messages } from "./store";
import type { InboxItem, InboxPage } from "./types";

/** Fetches the newest messages; false where the server could not be asked. */
export async function fetchInbox(): Promise<boolean> {
  const who = await session();
  if (!who || who.expired) return false;
  const answer = await call<InboxPage>("/api/v1/inbox");
  if (answer.kind === "ok") await keepMessages(answer.body.items, who.technician);
  return isOver(answer);
}

/** Sends what was read and acknowledged here, the oldest first; false where something is left to send. */
export async function sendMarks(): Promise<boolean> {
  const technician = (await session())?.technician ?? "";
  for (const message of (await messages()).filter((each) => each.mark !== "").reverse()) {
    const answer = await call<InboxItem>(`/api/v1/inbox/${message.id}/${message.mark}`, { method: "POST" });
    if (answer.kind === "ok") await keepMessages([answer.body], technician);
    else if (!isOver(answer)) return false;
  }
  return true;
}

/** Whether asking the same again would change nothing. */
function isOver(answer: Answer<unknown>): boolean {
  return answer.kind === "ok" || answer.kind === "unchanged" || answer.kind === "refused";
}
