// The checklist of a visit that no cached day knew: asked of the server as soon as it has taken the arrival.

import { keepVisit, localVisit } from "../store/visits";
import type { ChecklistItem, DayStop, LocalVisit, StopUseChoice } from "../store/types";
import { call } from "../sync/api";
import { wake } from "../sync/loop";

/** What is needed of the server's view of a visit. */
interface VisitView {
  summary: { elevator: string; registration_code: string; unit_name: string; site_name: string; maintenance_class: string };
  equipment_type: string;
  rescue_code: string;
  address: string;
  access_notes: string;
  elevator_state: string;
  rule_pack: string;
  checklist: ChecklistItem[];
  excluded: Record<string, string>;
  stop_use_conditions: StopUseChoice[];
}

/** Fetches the checklist of a visit; false where it is not to be had yet. */
export async function fillIn(visit: LocalVisit): Promise<boolean> {
  await wake(); // the server has to know of the arrival first
  const answer = await call<VisitView>(`/api/v1/visits/${visit.id}`);
  const kept = await localVisit(visit.id);
  if (answer.kind !== "ok" || kept === undefined) return false;
  const { summary, stop_use_conditions } = answer.body;
  const { elevator, site_name, unit_name, maintenance_class } = summary;
  await keepVisit({ ...kept, elevator, site_name, unit_name, maintenance_class, stop_use_conditions, stop: stopOf(answer.body) });
  return true;
}

function stopOf(view: VisitView): DayStop {
  const { summary } = view;
  return {
    work_order: "", position: 0, state: "in_progress", arrive_s: 0, start_s: 0, leave_s: 0, maintenance_class: summary.maintenance_class,
    due_first_day: "", due_last_day: "", why_zh: "", why_en: "", rule_pack: view.rule_pack, checklist: view.checklist, excluded: view.excluded,
    open_findings: [], visit: null, visit_state: "open",
    elevator: {
      id: summary.elevator, registration_code: summary.registration_code, rescue_code: view.rescue_code, unit_name: summary.unit_name,
      equipment_type: view.equipment_type, bank: "", site_name: summary.site_name, address: view.address, district: "",
      access_notes: view.access_notes, lat: null, lon: null, state: view.elevator_state, state_reason: "",
    },
  };
}
