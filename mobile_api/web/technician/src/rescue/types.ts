/** A rescue as the server tells it, and as the phone keeps it. */

export type RescueState = "ringing" | "going" | "arrived" | "released" | "closed";

export interface RescueSummary {
  id: string;
  elevator: string;
  registration_code: string;
  unit_name: string;
  site_name: string;
  raised_at: string;
  acknowledged_at: string | null;
  acknowledged_by: string;
  arrived_at: string | null;
  released_at: string | null;
  closed_at: string | null;
  due_at: string;
  limit_s: number;
  time_zone: string;
  state: RescueState;
  late_s: number;
}

export interface Ring {
  technician: string | null;
  name: string;
  why_zh: string;
  why_en: string;
  travel_s: number | null;
  rung_at: string;
  answer: string;
}

export interface RescueView {
  summary: RescueSummary;
  rescue_code: string;
  address: string;
  district: string;
  access_notes: string;
  lat: number | null;
  lon: number | null;
  gcj02?: [number, number] | null;
  bd09?: [number, number] | null;
  caller: string;
  words: string;
  people: number | null;
  arrived_by: string;
  arrived_how: string;
  limit_zh: string;
  limit_en: string;
  rescue_phone: string;
  rings: Ring[];
  now: string;
}

export interface KeptRescue {
  id: string;
  view: RescueView;
  fetched_at_ms: number;
  /** How far the phone's clock was ahead of the server's then. */
  ahead_ms: number;
}

export type What = "going" | "cannot" | "arrived" | "released";

export interface RescueAnswer {
  key?: number;
  rescue: string;
  technician: string;
  what: What;
  /** The label that was scanned at the arrival; empty for the button. */
  code: string;
  at_ms: number;
  /** Why the server does not take it, for good; empty while it is to be sent. */
  refused: string;
}
