// What a scanned label means for the work: worked out from what the phone has cached, so that it holds without a signal.

import type { DayElevator, DayLabel, DayStop, LocalVisit, ScanZone, VisitSummary } from "../store/types";
import { parseCode, type LabelCode } from "./code";

/** What the scanner was opened for. */
export type Purpose =
  | { readonly kind: "arrival"; readonly workOrder: string | null }
  | { readonly kind: "departure"; readonly visit: string }
  | { readonly kind: "zone"; readonly visit: string };

export interface Cached {
  readonly stops: readonly DayStop[];
  /** Elevators that are no stops of the day, but whose labels this phone knows. */
  readonly others: readonly DayElevator[];
  readonly visits: readonly LocalVisit[];
  /** Visits that the server knows to be open, also those of another phone. */
  readonly open?: readonly VisitSummary[];
}

export type Meaning =
  /** The arrival at a stop, the wanted one or the one whose label it is. */
  | { readonly is: "arrival"; readonly stop: DayStop; readonly zone: ScanZone }
  /** Another stop than the one that was chosen. */
  | { readonly is: "other_stop"; readonly stop: DayStop; readonly wanted: DayStop; readonly zone: ScanZone }
  /** This elevator's visit is open on this phone already. */
  | { readonly is: "open_already"; readonly visit: LocalVisit }
  /** This elevator's visit was opened on another phone or on the page: a second arrival would be put on hold. */
  | { readonly is: "open_elsewhere"; readonly visit: VisitSummary }
  /** An elevator that today's round does not have (any more): an unplanned visit can be made. */
  | { readonly is: "unplanned"; readonly elevator: DayElevator; readonly stop: DayStop | null; readonly zone: ScanZone }
  /** Well formed, but no elevator that this phone knows. `wanted`: the stop that was chosen, if none of its labels are known here. */
  | { readonly is: "unknown"; readonly code: LabelCode; readonly wanted: DayStop | null }
  | { readonly is: "departure"; readonly visit: LocalVisit; readonly zone: ScanZone }
  /** At the departure or inside a visit: the label of another elevator. */
  | { readonly is: "other_elevator"; readonly elevator: DayElevator | null; readonly visit: LocalVisit }
  | { readonly is: "zone"; readonly visit: LocalVisit; readonly zone: ScanZone }
  /** The label names this elevator, but its second half is not the one on record: misread or made up. */
  | { readonly is: "not_genuine"; readonly elevator: DayElevator }
  /** The label was replaced or revoked. */
  | { readonly is: "dead_label"; readonly elevator: DayElevator; readonly state: string }
  /** A zone's label where the car's is wanted: the server would hold the scan. */
  | { readonly is: "zone_label"; readonly zone: Exclude<ScanZone, "">; readonly elevator: DayElevator }
  | { readonly is: "no_visit" };

interface Known {
  readonly elevator: DayElevator;
  readonly label: DayLabel;
  readonly zone: ScanZone;
}

/** States of a label in which it opens its elevator; a server that sends none sends only such labels. */
const ALIVE: ReadonlySet<string> = new Set(["active", ""]);

/** Says what a label means here and now. */
export function meaningOf(code: LabelCode, purpose: Purpose, cached: Cached): Meaning {
  const known = knownLabel(code, cached);
  if (known !== null && known.label.state !== undefined && !ALIVE.has(known.label.state)) {
    return { is: "dead_label", elevator: known.elevator, state: known.label.state };
  }
  const whole = known?.label.code;
  if (known !== null && whole !== undefined && parseCode(whole).code?.text !== code.text) return { is: "not_genuine", elevator: known.elevator };
  if (known !== null && known.zone !== "" && purpose.kind !== "zone") return { is: "zone_label", zone: known.zone, elevator: known.elevator };
  if (purpose.kind === "arrival") return atArrival(code, known, purpose.workOrder, cached);
  const visit = cached.visits.find((one) => one.id === purpose.visit && one.departed_at_ms === null);
  if (visit === undefined) return { is: "no_visit" };
  // A label that this phone does not know may still be this elevator's, put up this morning: the server has the last word.
  if (known !== null && known.elevator.id !== visit.elevator) return { is: "other_elevator", elevator: known.elevator, visit };
  if (known === null && hasLabels(visit, cached)) return { is: "other_elevator", elevator: null, visit };
  const zone = known?.zone ?? "";
  return purpose.kind === "departure" ? { is: "departure", visit, zone } : { is: "zone", visit, zone };
}

function atArrival(code: LabelCode, known: Known | null, workOrder: string | null, cached: Cached): Meaning {
  if (known === null) return { is: "unknown", code, wanted: unlabelled(workOrder, cached) };
  const { elevator, zone } = known;
  const open = cached.visits.find((visit) => visit.elevator === elevator.id && visit.departed_at_ms === null);
  if (open !== undefined) return { is: "open_already", visit: open };
  const elsewhere = cached.open?.find((visit) => visit.elevator === elevator.id && !cached.visits.some((mine) => mine.id === visit.id));
  if (elsewhere !== undefined) return { is: "open_elsewhere", visit: elsewhere };
  const here = cached.stops.filter((stop) => stop.elevator.id === elevator.id);
  const todo = here.find((stop) => stop.work_order === workOrder && canBegin(stop, cached)) ?? here.find((stop) => canBegin(stop, cached));
  if (todo === undefined) return { is: "unplanned", elevator, stop: here[0] ?? null, zone };
  const wanted = cached.stops.find((stop) => stop.work_order === workOrder);
  if (wanted !== undefined && wanted.elevator.id !== elevator.id) return { is: "other_stop", stop: todo, wanted, zone };
  return { is: "arrival", stop: todo, zone };
}

/** The chosen stop, where the phone could not know its label: the server has the last word then. */
function unlabelled(workOrder: string | null, cached: Cached): DayStop | null {
  const chosen = cached.stops.find((stop) => stop.work_order === workOrder);
  return chosen !== undefined && (chosen.elevator.labels?.length ?? 0) === 0 && canBegin(chosen, cached) ? chosen : null;
}

/** Whether a stop waits for its visit: neither the office nor this phone has one. */
function canBegin(stop: DayStop, cached: Cached): boolean {
  const begun = cached.visits.some((visit) => visit.work_order === stop.work_order);
  return !begun && (stop.state === "scheduled" || stop.state === "missed");
}

function knownLabel(code: LabelCode, cached: Cached): Known | null {
  const visited = cached.visits.flatMap((visit) => (visit.stop === null ? [] : [visit.stop.elevator]));
  for (const elevator of [...cached.stops.map((stop) => stop.elevator), ...cached.others, ...visited]) {
    const label = elevator.labels?.find((one) => (one.id ?? parseCode(one.code ?? "").code?.id) === code.id);
    if (label !== undefined) return { elevator, label, zone: label.zone ?? "" };
  }
  return null;
}

function hasLabels(visit: LocalVisit, cached: Cached): boolean {
  const elevators = [visit.stop?.elevator, ...cached.stops.map((stop) => stop.elevator), ...cached.others];
  return elevators.some((elevator) => elevator?.id === visit.elevator && (elevator.labels?.length ?? 0) > 0);
}
