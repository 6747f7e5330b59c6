// A visit as it stands on this phone: what its entries say, with what is not signed yet laid over it. Pure.

import type { Answer, FindingBody, FindingSaid, Part, PhotoDeclared, QueuedEntry, Result, ScanBody, WorkBody } from "../store/types";
import { decimalOf } from "./measured";
import { isAnswered, type Answers } from "./rules";

/** An answer while it is made: what was typed is kept as it was typed, also while it is no number yet. */
export interface AnswerDraft {
  /** As it was tapped, before a value outside of its limit made it a finding. */
  readonly tapped: Result;
  /** As it will be signed. */
  readonly answer: Answer;
  /** The value as it was typed. */
  readonly typed: string;
}

export interface Standing {
  /** Those that count. */
  readonly answers: Answers;
  /** What is being made of an answer and is not signed yet, by item. */
  readonly drafts: Readonly<Record<string, AnswerDraft>>;
  readonly parts: readonly Part[];
  readonly findings: readonly FindingSaid[];
  readonly photos: readonly PhotoDeclared[];
  readonly second: string | null;
  /** Zones whose labels were scanned. */
  readonly zones: readonly string[];
  /** Whether something is not signed yet. */
  readonly unsigned: boolean;
}

export const DRAFT = { answer: "answer:", part: "part:", second: "second" } as const;

type Fold = { -readonly [Key in keyof Standing]: Standing[Key] };

/** What the entries of a visit and the drafts over them say; later ones win. */
export function standingOf(entries: readonly QueuedEntry[], drafts: ReadonlyMap<string, unknown>, photos: readonly PhotoDeclared[]): Standing {
  const fold: Fold = { answers: {}, drafts: {}, parts: [], findings: [], photos, second: null, zones: [], unsigned: false };
  // What the server refused did not happen; what it holds or keeps did, and is only not applied yet.
  for (const entry of entries) if (entry.state !== "refused") addEntry(fold, entry);
  for (const [name, value] of drafts) addDraft(fold, name, value);
  return fold;
}

function addEntry(fold: Fold, entry: QueuedEntry): void {
  if (entry.kind === "arrival") fold.second = (entry.body as ScanBody).second_technician ?? null;
  if (entry.kind === "zone") fold.zones = [...fold.zones, (entry.body as ScanBody).zone];
  if (entry.kind === "work") {
    const body = entry.body as WorkBody;
    fold.answers = withAnswers(fold.answers, body.answers);
    fold.parts = withParts(fold.parts, body.parts);
    if (body.second_technician !== undefined) fold.second = body.second_technician;
  }
  if (entry.kind === "finding") {
    const { finding } = entry.body as FindingBody;
    fold.findings = [...fold.findings, finding];
    if (finding.item !== "") fold.answers = withAnswers(fold.answers, [ticked(fold.answers[finding.item], finding.item)]);
  }
}

function addDraft(fold: Fold, name: string, value: unknown): void {
  if (name.startsWith(DRAFT.answer)) {
    const draft = value as AnswerDraft;
    if (isWhole(draft)) fold.answers = withAnswers(fold.answers, [draft.answer]);
    fold.drafts = { ...fold.drafts, [draft.answer.item]: draft };
    fold.unsigned = true;
  } else if (name.startsWith(DRAFT.part)) {
    fold.parts = withParts(fold.parts, [value as Part]);
    fold.unsigned = true;
  } else if (name === DRAFT.second) {
    fold.second = value as string | null;
    fold.unsigned = true;
  }
}

/** Whether an answer can be signed as it stands: a value that is no number, or a missing reason, has to be put right first. */
export function isWhole(draft: AnswerDraft): boolean {
  return decimalOf(draft.typed) !== null && isAnswered(draft.answer);
}

/** An item with a finding is ticked as one, unless its answer says that work was done on it: the server's rule. */
export function ticked(before: Answer | undefined, item: string): Answer {
  if (before === undefined) return { item, result: "finding", measured: null, unit: null, note: "", special_checks: [] };
  return before.result === "ok" || before.result === "not_applicable" ? { ...before, result: "finding" } : before;
}

function withAnswers(answers: Answers, more: readonly Answer[]): Answers {
  return { ...answers, ...Object.fromEntries(more.map((answer) => [answer.item, answer])) };
}

function withParts(parts: readonly Part[], more: readonly Part[]): Part[] {
  const ids = new Set(more.map((part) => part.id));
  return [...parts.filter((part) => !ids.has(part.id)), ...more];
}
