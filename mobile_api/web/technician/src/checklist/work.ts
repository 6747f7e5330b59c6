// Reads and writes of a visit in work. Every tap is a draft at once; drafts become one signed entry when a zone is left, before
// a finding and before the departure. Reads, taps and signing wait for one another, so that no tap is lost between two of them.

import { commit } from "../chain/position";
import type { Position } from "../scan/position";
import { announce } from "../store/changes";
import { dropDraft, drafts, saveDraft } from "../store/drafts";
import { alone } from "../store/lock";
import { dropPhoto, photosOf } from "../store/photos";
import { append, entriesOf } from "../store/queue";
import type { Answer, ChecklistItem, DayStop, FindingSaid, LocalVisit, Part, Photo, PhotoDeclared, ScanSource, ScanZone, StopUseChoice } from "../store/types";
import { localVisit } from "../store/visits";
import { newOwnerCode, ownerCodeSha256 } from "./ownercode";
import { changed, watched } from "../ui/watched";
import { decimalOf } from "./measured";
import { normal } from "./rules";
import { DRAFT, isWhole, standingOf, type AnswerDraft, type Standing } from "./state";

export interface Work {
  readonly visit: LocalVisit;
  readonly items: readonly ChecklistItem[];
  readonly standing: Standing;
  readonly photos: readonly Photo[];
  /** Why the server holds the departure back; null where it does not. */
  readonly held: { readonly zh: string; readonly en: string } | null;
}

/** A scan as the scanner read it. */
export interface ScanRead {
  readonly code: string;
  readonly source: ScanSource;
  readonly zone: ScanZone;
  readonly position: Position;
}

/** A visit with all that was done in it; undefined where this phone has none of this id. */
export async function load(id: string): Promise<Work | undefined> {
  const visit = await localVisit(id);
  if (visit === undefined) return undefined;
  const [entries, written, photos] = await Promise.all([entriesOf(id), drafts<unknown>(id), photosOf(id)]);
  const standing = standingOf(entries, written, photos.map((photo) => photo.declared));
  const held = entries.find((entry) => entry.kind === "departure" && entry.state === "held");
  return { visit, items: visit.stop?.checklist ?? [], standing, photos, held: held === undefined ? null : { zh: held.reason_zh, en: held.reason_en } };
}

/** Whether work can still be added: before the departure, and while the server holds it back for want of something. */
export function isEditable({ visit, held }: Work): boolean {
  return visit.outcome === null && (visit.departed_at_ms === null || held !== null || visit.stop === null);
}

/** Opens a visit: the arrival is signed and kept before anything else is shown. */
export async function begin(scan: ScanRead, stop: DayStop, planned: boolean, second: string | null, choices: readonly StopUseChoice[]): Promise<string> {
  const visit: LocalVisit = {
    id: crypto.randomUUID(), work_order: planned ? stop.work_order : null, elevator: stop.elevator.id, site_name: stop.elevator.site_name,
    unit_name: stop.elevator.unit_name, maintenance_class: stop.maintenance_class, arrived_at_ms: Date.now(), departed_at_ms: null,
    second_technician: second, owner_code: "", stop: stop.checklist.length === 0 ? null : stop, stop_use_conditions: [...choices], outcome: null,
  };
  const { position, opened } = await commit(scan.position.state, scan.position.fix);
  const body = {
    ...bodyOf(scan), position, work_order: visit.work_order,
    second_technician: second, maintenance_class: stop.maintenance_class,
  };
  await append({ kind: "arrival", visit: visit.id, body, position: opened, local: visit });
  return visit.id;
}

/** Opens a visit at an elevator that this phone does not know: the server tells later which one it is. */
export async function beginUnknown(scan: ScanRead, shortCode: string, second: string | null): Promise<string> {
  const visit: LocalVisit = {
    id: crypto.randomUUID(), work_order: null, elevator: "", site_name: "", unit_name: shortCode, maintenance_class: "", arrived_at_ms: Date.now(),
    departed_at_ms: null, second_technician: second, owner_code: "", stop: null, stop_use_conditions: [], outcome: null,
  };
  const { position, opened } = await commit(scan.position.state, scan.position.fix);
  const body = { ...bodyOf(scan), position, work_order: null, second_technician: second, maintenance_class: "" };
  await append({ kind: "arrival", visit: visit.id, body, position: opened, local: visit });
  return visit.id;
}

/** The second technician's own scan, from their own phone: it joins the visit by elevator and time. */
export async function joinOrLeave(kind: "join" | "leave", scan: ScanRead): Promise<void> {
  const { position, opened } = await commit(scan.position.state, scan.position.fix);
  await append({ kind, visit: "", body: { ...bodyOf(scan), position }, position: opened });
}

/** Notes that a zone's label was scanned. */
export async function passZone(visit: string, scan: ScanRead): Promise<void> {
  const { position, opened } = await commit(scan.position.state, scan.position.fix);
  const body = { ...bodyOf(scan), position };
  await append({ kind: "zone", visit, body, position: opened });
}

/** Ends a visit: all drafts are signed first, then the departure with the hash of a new one-time code for the owner. */
export async function depart(visit: LocalVisit, scan: ScanRead): Promise<void> {
  await sign(visit.id);
  const code = newOwnerCode();
  const { position, opened } = await commit(scan.position.state, scan.position.fix);
  const body = {
    ...bodyOf(scan), position, owner_code_sha256: await ownerCodeSha256(code),
  };
  const left: LocalVisit = { ...visit, departed_at_ms: Date.now(), owner_code: code };
  await append({ kind: "departure", visit: visit.id, body, position: opened, local: left });
}

/** Keeps an answer as it was tapped or typed; it is judged by the rules first. */
export function keepAnswer(visit: string, item: ChecklistItem, tapped: Answer, typed = ""): Promise<void> {
  return keepAnswers(visit, [item], [tapped], typed);
}

export function keepAnswers(visit: string, items: readonly ChecklistItem[], tapped: readonly Answer[], typed = ""): Promise<void> {
  const byCode = new Map(items.map((item) => [item.code, item]));
  return inTurn(visit, async () => {
    for (const answer of tapped) {
      const item = byCode.get(answer.item);
      const measured = decimalOf(typed) || null;
      if (item !== undefined) await saveDraft<AnswerDraft>(visit, DRAFT.answer + item.code, { tapped: answer.result, answer: normal(item, { ...answer, measured }), typed });
    }
  });
}

export function keepPart(visit: string, part: Part): Promise<void> {
  return inTurn(visit, () => saveDraft(visit, DRAFT.part + part.id, part));
}

/** Takes a part back that no entry has signed yet. */
export function dropPart(visit: string, part: string): Promise<void> {
  return dropWithPhotos(visit, DRAFT.part + part, part);
}

/** Throws a draft away with the photos that were taken for it. */
function dropWithPhotos(visit: string, name: string, subject: string): Promise<void> {
  return inTurn(visit, async () => {
    for (const { id, declared } of await photosOf(visit)) if (declared.subject === subject) await dropPhoto(id);
    await dropDraft(visit, name);
  });
}

export function keepSecond(visit: string, second: string | null): Promise<void> {
  return inTurn(visit, () => saveDraft(visit, DRAFT.second, second));
}

/** Signs all drafts of a visit as one entry; does nothing where there are none. */
export function sign(visit: string): Promise<void> {
  return inTurn(visit, async () => {
    const written = await drafts<unknown>(visit);
    const names = [...written.keys()].filter((name) => isWork(name) && isReadyToSign(name, written.get(name)));
    const photos = (await photosOf(visit)).filter((photo) => photo.state === "draft" && isReady(photo.declared, names));
    if (names.length === 0 && photos.length === 0) return;
    const said = names.map((name) => written.get(name));
    const second = written.has(DRAFT.second) ? { second_technician: written.get(DRAFT.second) as string | null } : {};
    const body = {
      answers: names.flatMap((name, at) => (name.startsWith(DRAFT.answer) ? [(said[at] as AnswerDraft).answer] : [])),
      parts: names.flatMap((name, at) => (name.startsWith(DRAFT.part) ? [said[at] as Part] : [])),
      photos: photos.map((photo) => photo.declared),
      ...second,
    };
    await append({ kind: "work", visit, body, photos: photos.map((photo) => photo.id), drafts: names });
  });
}

/** Signs a finding with its photos; its item is ticked as the server will tick it. */
export async function report(visit: string, finding: FindingSaid): Promise<void> {
  await sign(visit);
  await inTurn(visit, async () => {
    const photos = (await photosOf(visit)).filter((photo) => photo.state === "draft" && photo.declared.subject === finding.id);
    const body = { finding, photos: photos.map((photo) => photo.declared) };
    await append({ kind: "finding", visit, body, photos: photos.map((photo) => photo.id), drafts: [`finding:${finding.id}`] });
  });
}

/** Draft of a finding that is being written, found again after the browser was killed. */
export async function findingDraft(visit: string): Promise<FindingSaid | undefined> {
  return [...(await drafts<FindingSaid>(visit, "finding:")).values()][0];
}

export function keepFindingDraft(visit: string, finding: FindingSaid): Promise<void> {
  return inTurn(visit, () => saveDraft(visit, `finding:${finding.id}`, finding));
}

export function dropFindingDraft(visit: string, finding: string): Promise<void> {
  return dropWithPhotos(visit, `finding:${finding}`, finding);
}

function bodyOf(scan: ScanRead): { scan: string; code: string; source: ScanSource; zone: ScanZone } {
  return { scan: crypto.randomUUID(), code: scan.code, source: scan.source, zone: scan.zone };
}

function isWork(name: string): boolean {
  return name.startsWith(DRAFT.answer) || name.startsWith(DRAFT.part) || name === DRAFT.second;
}

/** Whether a draft can be signed as it stands; what is half done stays a draft. */
function isReadyToSign(name: string, value: unknown): boolean {
  if (name.startsWith(DRAFT.answer)) return isWhole(value as AnswerDraft);
  return !name.startsWith(DRAFT.part) || (value as Part).name.trim() !== "";
}

/** A photo of a part goes with the part, a finding's with the finding, an item's at once. */
function isReady(photo: PhotoDeclared, names: readonly string[]): boolean {
  if (photo.use === "finding") return false;
  return photo.use === "item" || names.includes(DRAFT.part + photo.subject);
}

/** Why the last tap was not kept; empty while all is well. Shown on every page of a visit. */
export const notKept = watched("");

/** Runs a read or write of a visit in its turn. A tap that the storage refuses is told, and not drawn as if it were kept. */
async function inTurn(visit: string, work: () => Promise<void>): Promise<void> {
  try {
    await alone(`visit:${visit}`, work);
    if (notKept.value !== "") changed(notKept, "");
  } catch (error) {
    changed(notKept, error instanceof Error ? error.message || error.name : String(error));
    throw error;
  } finally {
    announce("drafts");
  }
}
