/** A rescue as the server tells it. */
import type { KeptRescue, Ring, RescueSummary, RescueView } from "../../src/rescue/types";
import { TECHNICIAN } from "./phone";

export const RESCUE = "0b7f8a52-0000-4000-8000-00000000000a";
export const RAISED_MS = Date.parse("2026-11-30T08:00:00Z");

export function ring(changes: Partial<Ring> = {}): Ring {
  return { technician: TECHNICIAN, name: "Li", why_zh: "最近", why_en: "nearest", travel_s: 300, rung_at: "2026-11-30T08:00:01Z", answer: "", ...changes };
}

export function view(summary: Partial<RescueSummary> = {}, changes: Partial<RescueView> = {}): RescueView {
  return {
    summary: {
      id: RESCUE, elevator: "e", registration_code: "31101005012015070001", unit_name: "1", site_name: "Tower", raised_at: "2026-11-30T08:00:00Z", acknowledged_at: null,
      acknowledged_by: "", arrived_at: null, released_at: null, closed_at: null, due_at: "2026-11-30T08:30:00Z", limit_s: 1800, time_zone: "Asia/Shanghai", state: "ringing",
      late_s: 0, ...summary,
    },
    rescue_code: "300001", address: "1 Shifu Road", district: "", access_notes: "", lat: 28.6, lon: 121.4, caller: "", words: "", people: 2, arrived_by: "", arrived_how: "",
    limit_zh: "", limit_en: "", rescue_phone: "", rings: [ring()], now: "2026-11-30T08:01:00Z", ...changes,
  };
}

export function kept(summary: Partial<RescueSummary> = {}, changes: Partial<RescueView> = {}): KeptRescue {
  return { id: RESCUE, view: view(summary, changes), fetched_at_ms: RAISED_MS, ahead_ms: 0 };
}
