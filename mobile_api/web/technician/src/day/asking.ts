/** Asking the server for something that cannot be done without it: what came of it, in words. */
import { t } from "../i18n";
import type { Answer } from "../sync/api";
import { refreshDay } from "../sync/refresh";

/** Why an answer is none, in a sentence for whoever asked. */
export function whyNot(answer: Exclude<Answer<unknown>, { kind: "ok" }>): string {
  if (answer.kind === "refused") return [answer.detail, ...answer.faults.map((fault) => fault.reason)].filter(Boolean).join(": ");
  if (answer.kind === "signed_out") return t("sync.chip.signin");
  return t(answer.kind === "unreachable" || answer.kind === "unchanged" ? "change.unreachable" : "change.later");
}

/** Fetches the day anew after it was changed, or found to be another one. */
export async function freshDay(day: string): Promise<void> {
  await refreshDay(day);
}

/** Seconds more or less as `5 min more`. */
export function more(seconds: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(seconds) / 60));
  if (seconds === 0) return t("more.same");
  return t(seconds > 0 ? "more.more" : "more.less", { n: minutes });
}

/** Metres more or less as `+1.2`, for kilometres. */
export function kilometres(metres: number): string {
  const km = (metres / 1000).toFixed(1);
  return metres > 0 ? `+${km}` : km === "-0.0" ? "0.0" : km.replace("-", "−");
}
