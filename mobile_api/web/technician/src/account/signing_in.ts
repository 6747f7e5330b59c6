/** Signing in and out: every way ends in a `NewSession`. */
import { turnOff } from "../inbox/push";
import { call, type Answer } from "../sync/api";
import { dropSession, keepSession, session } from "../store/session";

/** Answer of every way to sign in. */
export interface NewSession {
  token: string;
  name: string;
  role: string;
  technician: string | null;
  expires_at: string | null;
}

export type SignedIn = { kind: "in" } | { kind: "wrong" } | { kind: "other_role"; role: string } | { kind: "offline" } | { kind: "told"; detail: string };

/** Signs in with a password. */
export async function signIn(login: string, password: string): Promise<SignedIn> {
  const answer = await call<NewSession>("/api/v1/sessions", { method: "POST", json: { login, password }, token: null });
  if (answer.kind === "refused" && answer.status === 401) return { kind: "wrong" };
  return takeSession(login, answer);
}

/** Keeps the session that a way of signing in was answered with. */
export async function takeSession(login: string, answer: Answer<NewSession>): Promise<SignedIn> {
  if (answer.kind === "unreachable") return { kind: "offline" };
  if (answer.kind === "refused" || answer.kind === "later") return { kind: "told", detail: answer.detail };
  if (answer.kind !== "ok") return { kind: "wrong" };
  const { token, name, role, technician, expires_at } = answer.body;
  if (technician === null || role !== "technician") {
    await call("/api/v1/sessions/current", { method: "DELETE", token }); // of no use here, so not left open
    return { kind: "other_role", role };
  }
  await keepSession({ token, login: login || (await loginOf(technician)), name, technician, expires_at_ms: expires_at ? Date.parse(expires_at) : null, expired: false });
  return { kind: "in" };
}

/** The login of whoever signed in without typing it, where this phone knows it from before. */
async function loginOf(technician: string): Promise<string> {
  const before = await session();
  return before?.technician === technician ? before.login : "";
}

/** Signs out; without a connection the token is forgotten here and runs out there. */
export async function signOut(): Promise<void> {
  await turnOff(); // whoever takes the phone next must not read this one's messages
  await call("/api/v1/sessions/current", { method: "DELETE" });
  await dropSession();
}
