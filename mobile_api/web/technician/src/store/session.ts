/** Who is signed in. An expired session keeps its name: work goes on without a connection, only sending waits. */
import { announce } from "./changes";
import { dropSingle, keepSingle, readSingle } from "./db";
import type { Session } from "./types";

export async function session(): Promise<Session | undefined> {
  return readSingle<Session>("session");
}

/** Whether something of a technician may be shown to whoever is signed in; what is nobody's may. */
export async function isMine(technician: string | undefined): Promise<boolean> {
  const who = await session();
  return !who || technician === undefined || technician === who.technician;
}

export async function keepSession(value: Session): Promise<void> {
  await keepSingle("session", value);
  announce("session");
}

/** Notes that the server no longer takes the token. */
export async function noteExpired(token: string): Promise<void> {
  const found = await session();
  if (!found || found.token !== token || found.expired) return; // another tab has signed in anew in the meantime
  await keepSession({ ...found, expired: true });
}

/** Forgets who was signed in; the queue and the photos stay. */
export async function dropSession(): Promise<void> {
  await dropSingle("session");
  announce("session");
}
