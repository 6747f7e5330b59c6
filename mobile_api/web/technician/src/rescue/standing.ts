/** How a rescue stands for whoever holds the phone. */
import { serverNow_ms } from "../chain/clock";
import type { KeptRescue, RescueAnswer, RescueState, What } from "./types";

export function isOpen({ view }: KeptRescue): boolean {
  return view.summary.state !== "closed";
}

/** What somebody has answered, with what is not sent yet; empty for nothing. */
export function answerOf(kept: KeptRescue, technician: string, name: string, pending: readonly RescueAnswer[]): "going" | "cannot" | "" {
  const tapped = pending.filter((each) => each.rescue === kept.id && !each.refused && (each.what === "going" || each.what === "cannot")).at(-1);
  if (tapped) return tapped.what as "going" | "cannot";
  const said = kept.view.rings.filter((ring) => ring.technician === technician).map((ring) => ring.answer).filter(Boolean).at(-1);
  if (said === "going" || said === "cannot") return said;
  return kept.view.summary.acknowledged_by === name && name !== "" ? "going" : "";
}

/** The state with what was tapped here and is not sent yet. */
export function stateNow(kept: KeptRescue, pending: readonly RescueAnswer[]): RescueState {
  const { state } = kept.view.summary;
  const tapped = new Set<What>(pending.filter((each) => each.rescue === kept.id && !each.refused).map((each) => each.what));
  if (state === "closed" || state === "released" || tapped.has("released")) return state === "closed" ? state : "released";
  return state === "arrived" || tapped.has("arrived") ? "arrived" : state;
}

/** Whether it rings for somebody: they were rung, have not answered, and nobody goes yet. */
export function rings(kept: KeptRescue, technician: string, pending: readonly RescueAnswer[]): boolean {
  const mine = kept.view.rings.filter((ring) => ring.technician === technician);
  const answered = mine.some((ring) => ring.answer !== "") || pending.some((each) => each.rescue === kept.id && !each.refused);
  return kept.view.summary.state === "ringing" && mine.length > 0 && !answered;
}

/** Whether it concerns somebody: they were rung for it and have not declined, or go without having been rung. */
export function concerns(kept: KeptRescue, technician: string, name: string, pending: readonly RescueAnswer[]): boolean {
  const answer = answerOf(kept, technician, name, pending);
  return isOpen(kept) && answer !== "cannot" && (answer === "going" || kept.view.rings.some((ring) => ring.technician === technician));
}

/** Seconds until somebody must be there, by the server's clock; negative after it. Stands still once somebody is there. */
export function left_s(kept: KeptRescue, now_ms: number = serverNow_ms(kept.ahead_ms)): number {
  const { due_at, arrived_at, released_at, closed_at } = kept.view.summary;
  const until = arrived_at ?? released_at ?? closed_at;
  return Math.ceil((Date.parse(due_at) - (until ? Date.parse(until) : now_ms)) / 1000);
}

/** Seconds as `29:05`; without a sign. */
export function minutesOf(seconds: number): string {
  const whole = Math.abs(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return `${String(minutes).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
