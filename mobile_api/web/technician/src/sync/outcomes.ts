/** What finished visits changed: the window, the grade (which later telemetry may change), wear and the expected faults. */
import { database } from "../store/db";
import { localVisits, noteOutcome } from "../store/visits";
import type { AfterVisit, Departed, LocalVisit } from "../store/types";
import { call } from "./api";
import { endedBy, type Ended } from "./sync";

const DAY_MS = 24 * 3600 * 1000;
/** A visit without an outcome is asked for as long; after that the office knows more. */
const ASKED_FOR_MS = 7 * DAY_MS;
/** Telemetry comes late and makes a new grade: a fresh visit is looked at again. */
const LOOKED_AT_AGAIN_MS = 10 * 60 * 1000;

interface VisitAnswer {
  summary: { state: string; grade?: string | null; review?: string };
  departed: Departed | null;
}

interface Named {
  zh: string;
  en: string;
}

interface DueAnswer {
  receipt: { candidates: { kind: string; inputs: { name: Named; value: string; value_zh: string }[] }[] } | null;
}

interface RiskAnswer {
  until_next_visit: { until: string; faults: { mean: number } } | null;
}

/** Asks for the outcome of visits that were left and whose entries the server has. */
export async function fetchOutcomes(now_ms: number = Date.now()): Promise<Ended | undefined> {
  const db = await database();
  for (const visit of await localVisits()) {
    if (!isWanted(visit, now_ms)) continue;
    const entries = await db.getAllFromIndex("entries", "by_visit", visit.id);
    if (entries.some((entry) => entry.state === "waiting")) continue;
    const answer = await call<VisitAnswer>(`/api/v1/visits/${visit.id}`);
    if (answer.kind === "refused" || answer.kind === "unchanged") continue; // held: the server knows no such visit yet
    if (answer.kind !== "ok") return endedBy(answer);
    const { summary, departed } = answer.body;
    if (departed) await noteOutcome(visit.id, { ...departed, grade: summary.grade ?? null, review: summary.review ?? "none" }, await after(visit, now_ms));
  }
  return undefined;
}

function isWanted(visit: LocalVisit, now_ms: number): boolean {
  if (visit.departed_at_ms === null || now_ms - visit.departed_at_ms > ASKED_FOR_MS) return false;
  if (!visit.outcome || !visit.after) return true;
  return now_ms - visit.departed_at_ms < DAY_MS && now_ms - visit.after.looked_at_ms > LOOKED_AT_AGAIN_MS;
}

/** Wear and expected faults as the server reckons them now; a part that is not answered is left out. */
async function after(visit: LocalVisit, now_ms: number): Promise<AfterVisit> {
  const [due, risk] = await Promise.all([
    call<DueAnswer>(`/api/v1/elevators/${visit.elevator}/due`), call<RiskAnswer>(`/api/v1/elevators/${visit.elevator}/risk`),
  ]);
  const expected = risk.kind === "ok" ? risk.body.until_next_visit : null;
  return {
    looked_at_ms: now_ms,
    wear: due.kind === "ok" ? wearOf(due.body) : [],
    faults: expected ? { mean: expected.faults.mean, until: expected.until } : null,
  };
}

/** Of each wear budget: how much is used. */
export function wearOf(due: DueAnswer): { zh: string; en: string }[] {
  const worn = (due.receipt?.candidates ?? []).filter((candidate) => candidate.kind === "wear");
  return worn.flatMap(({ inputs }) => {
    const used = inputs.find((input) => input.name.en === "used");
    const budget = inputs.find((input) => input.name.en === "budget");
    if (!used || !budget) return [];
    return [{ zh: `${used.value_zh || used.value} / ${budget.value_zh || budget.value}`, en: `${used.value} / ${budget.value}` }];
  });
}
