// The rules of a checklist, the same as the server's (backend/visits/checklists.py, answering.py, departure.py): so that a
// phone without signal never lets through what the server would refuse later.

import type { Answer, Limit, Result } from "../store/types";
import { isOutside } from "./measured";

export const RESULTS: readonly Result[] = ["ok", "adjusted", "replaced", "finding", "not_applicable"];

/** Zones in the order in which they are walked; of an escalator from the upper end over the steps to the lower one. */
export const WALK: readonly string[] = ["MR", "CT", "SH", "CAR", "LD", "PIT", "UP", "STEP", "ENTRY", "LOW"];
/** Characters of a note or a description: a page of a notice. */
export const LONGEST_TEXT = 2000;

/** What the rules need of a line of the checklist. */
export interface RuledItem {
  readonly code: string;
  readonly zone: string;
  readonly limit: Limit | null;
  readonly is_test: boolean;
  readonly added: boolean;
  readonly special_checks: readonly { readonly key: string }[];
}

export type Answers = Readonly<Record<string, Answer>>;
export type AnswerFault = "reason_needed" | "text_too_long" | "has_finding";

export function answerOf(item: string, result: Result): Answer {
  return { item, result, measured: null, unit: null, note: "", special_checks: [] };
}

/** Whether an item is never answered by the one tap for all: what is measured, tested or added is answered alone. */
export function isByHand(item: RuledItem): boolean {
  return item.limit !== null || item.is_test || item.added;
}

/** An answer as it is kept: a value outside of its limit is a finding, whatever was ticked. */
export function normal(item: RuledItem, answer: Answer): Answer {
  const applies = answer.result !== "not_applicable";
  const measured = applies && answer.measured !== "" ? answer.measured : null;
  return {
    item: item.code,
    result: isOutside(item.limit, measured) ? "finding" : answer.result,
    measured,
    unit: measured === null ? null : (item.limit?.unit ?? null),
    note: answer.note.trim(),
    special_checks: applies ? [...new Set(answer.special_checks)].sort() : [],
  };
}

/** What is wrong with an answer; null where it can be kept. */
export function answerFault(answer: Answer, withFinding: boolean): AnswerFault | null {
  if (Array.from(answer.note).length > LONGEST_TEXT) return "text_too_long";
  if (answer.result === "not_applicable" && answer.note.trim() === "") return "reason_needed";
  return withFinding && (answer.result === "ok" || answer.result === "not_applicable") ? "has_finding" : null;
}

/** "In order" for all items that have no answer and need no value or test of their own. */
export function restInOrder(items: readonly RuledItem[], answers: Answers): Answer[] {
  return items.filter((item) => answers[item.code] === undefined && !isByHand(item)).map((item) => answerOf(item.code, "ok"));
}

/** The items of each zone, zones in the order in which they are walked. */
export function byZone<Item extends RuledItem>(items: readonly Item[]): [string, Item[]][] {
  const others = [...new Set(items.map((item) => item.zone))].filter((zone) => !WALK.includes(zone)).sort();
  const zones = [...WALK, ...others].map((zone): [string, Item[]] => [zone, items.filter((item) => item.zone === zone)]);
  return zones.filter(([, inZone]) => inZone.length > 0);
}

/** Whether an answer counts: what does not apply needs its reason first. */
export function isAnswered(answer: Answer | undefined): boolean {
  return answer !== undefined && answerFault(answer, false) === null;
}

/** Items that still need an answer before the departure; those that a signal added need none. */
export function openItems<Item extends RuledItem>(items: readonly Item[], answers: Answers): Item[] {
  return items.filter((item) => !isAnswered(answers[item.code]) && !item.added);
}

/** Items that were ticked as a finding without anything written down. */
export function undescribed<Item extends RuledItem>(items: readonly Item[], answers: Answers, described: ReadonlySet<string>): Item[] {
  return items.filter((item) => answers[item.code]?.result === "finding" && !described.has(item.code));
}

/** Something that stands between the visit and its end, or is worth a look before it. */
export interface Missing {
  readonly kind: "items" | "finding" | "value" | "part" | "second";
  /** Whether the departure waits for it. */
  readonly needed: boolean;
  readonly zone: string;
  /** Code of the item that it is about; empty where it is about a zone or the visit. */
  readonly item: string;
  readonly count: number;
}

export interface Standing {
  readonly answers: Answers;
  /** Items of the findings that were written down in this visit. */
  readonly described: ReadonlySet<string>;
  /** Items whose exchanged part was written down. */
  readonly withPart: ReadonlySet<string>;
  readonly technicians: number;
  readonly minimumTechnicians: number;
}

/** All that is missing, in the order of the walk: what the departure waits for first. */
export function missing(items: readonly RuledItem[], standing: Standing): Missing[] {
  const { answers } = standing;
  const needed = byZone(openItems(items, answers)).map(([zone, inZone]): Missing => {
    return { kind: "items", needed: true, zone, item: inZone[0]?.code ?? "", count: inZone.length };
  });
  const found = undescribed(items, answers, standing.described).map((item) => one("finding", true, item));
  const values = items.filter((item) => item.limit !== null && lacksValue(answers[item.code])).map((item) => one("value", false, item));
  const parts = items
    .filter((item) => answers[item.code]?.result === "replaced" && !standing.withPart.has(item.code))
    .map((item) => one("part", false, item));
  const people: Missing[] =
    standing.technicians < standing.minimumTechnicians ? [{ kind: "second", needed: false, zone: "", item: "", count: 1 }] : [];
  return [...needed, ...found, ...values, ...parts, ...people];
}

function one(kind: Missing["kind"], isNeeded: boolean, item: RuledItem): Missing {
  return { kind, needed: isNeeded, zone: item.zone, item: item.code, count: 1 };
}

function lacksValue(answer: Answer | undefined): boolean {
  return answer !== undefined && answer.result !== "not_applicable" && answer.measured === null;
}

/** How far a zone is. */
export interface Progress {
  readonly total: number;
  readonly answered: number;
  readonly findings: number;
  /** Without an answer, and to be answered alone. */
  readonly byHand: number;
  /** Without an answer, and not waited for. */
  readonly optional: number;
}

export function progress(items: readonly RuledItem[], answers: Answers): Progress {
  const open = items.filter((item) => !isAnswered(answers[item.code]));
  return {
    total: items.length,
    answered: items.length - open.length,
    findings: items.filter((item) => answers[item.code]?.result === "finding").length,
    byHand: open.filter((item) => isByHand(item) && !item.added).length,
    optional: open.filter((item) => item.added).length,
  };
}
