/** Calls of the server's API: what came of them is a value, never an exception, so that every caller deals with every end. */
import { language } from "../i18n/language";
import { noteExpired, session } from "../store/session";

/** A call that hangs longer is as good as none: the pit's last bar of signal must not hold up the rest. */
const LONGEST_MS = 30_000;
/** Photos are larger. */
const LONGEST_UPLOAD_MS = 120_000;

export type Answer<T> =
  | { kind: "ok"; status: number; body: T; headers: Headers }
  | { kind: "unchanged" }
  /** Not reached: no signal, no server, too slow. */
  | { kind: "unreachable" }
  /** Nobody is signed in, or no longer. */
  | { kind: "signed_out" }
  /** Reached, but not now: busy, being restarted, too many attempts. */
  | { kind: "later"; status: number; retry_after_s: number | null; detail: string }
  /** The server's last word on this request. */
  | { kind: "refused"; status: number; code: string; detail: string; faults: { path: string; reason: string }[] };

export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  json?: unknown;
  blob?: Blob;
  headers?: Record<string, string>;
  /** The token to send; undefined takes the session's, null none. */
  token?: string | null;
}

interface Problem {
  code?: string;
  detail?: string;
  faults?: { path: string; reason: string }[];
}

/** Calls an address of the API as whoever is signed in. */
export async function call<T>(path: string, wanted: Call = {}): Promise<Answer<T>> {
  const token = wanted.token === undefined ? ((await session())?.token ?? null) : wanted.token;
  let answer: Response;
  try {
    answer = await fetch(path, requestOf(wanted, token));
  } catch {
    return { kind: "unreachable" };
  }
  if (answer.status === 304) return { kind: "unchanged" };
  if (answer.status === 401 && wanted.token !== null) {
    if (token !== null) await noteExpired(token);
    return { kind: "signed_out" };
  }
  return read<T>(answer);
}

function requestOf(wanted: Call, token: string | null): RequestInit {
  const headers: Record<string, string> = { "Accept-Language": language.value, ...wanted.headers };
  if (token !== null) headers["Authorization"] = `Bearer ${token}`;
  if (wanted.json !== undefined) headers["Content-Type"] = "application/json";
  if (wanted.blob) headers["Content-Type"] = wanted.blob.type;
  const longest_ms = wanted.blob ? LONGEST_UPLOAD_MS : LONGEST_MS;
  const body = wanted.blob ?? (wanted.json === undefined ? undefined : JSON.stringify(wanted.json));
  return {
    method: wanted.method ?? "GET", headers, credentials: "omit", cache: "no-store", signal: limit(longest_ms),
    ...(body === undefined ? {} : { body }),
  };
}

/** `AbortSignal.timeout` for browsers of before 2022. */
function limit(ms: number): AbortSignal {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  (timer as unknown as { unref?: () => void }).unref?.();
  return controller.signal;
}

async function read<T>(answer: Response): Promise<Answer<T>> {
  const text = await answer.text().catch(() => null);
  if (text === null) return { kind: "unreachable" }; // cut off in the middle of the answer
  let body: unknown;
  try {
    body = text === "" ? null : JSON.parse(text);
  } catch {
    return { kind: "later", status: answer.status, retry_after_s: null, detail: "" }; // a portal's page, not our server
  }
  if (answer.ok) return { kind: "ok", status: answer.status, body: body as T, headers: answer.headers };
  const problem = (body ?? {}) as Problem;
  const detail = problem.detail ?? "";
  if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
    const after = Number(answer.headers.get("Retry-After"));
    return { kind: "later", status: answer.status, retry_after_s: after > 0 ? after : null, detail };
  }
  return { kind: "refused", status: answer.status, code: problem.code ?? "", detail, faults: problem.faults ?? [] };
}
