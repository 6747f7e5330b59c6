/** What the server sends: the day with its stops, and what a departure changed. */
import type { ScanZone, Severity } from "./types";

export interface Person {
  id: string;
  name: string;
  badge: string;
}

export interface Limit {
  least: number | null;
  most: number | null;
  unit: string;
}

export interface SpecialCheck {
  key: string;
  title_zh: string;
  title_en: string;
}

export interface AskedReason {
  key: string;
  zh: string;
  en: string;
}

export interface ChecklistItem {
  code: string;
  period: string;
  zone: string;
  name_zh: string;
  name_en: string;
  requirement_zh: string;
  requirement_en: string;
  limit: Limit | null;
  special_interval: string;
  is_test: boolean;
  special_checks: SpecialCheck[];
  /** A signal asks for it, not the class: a departure does not wait for it. */
  added: boolean;
  reasons: AskedReason[];
}

export interface StopUseChoice {
  key: string;
  zh: string;
  en: string;
  clause: string;
}

export interface OpenFinding {
  id: string;
  item: string;
  severity: Severity;
  title_zh: string;
  title_en: string;
  description: string;
  place: string;
  found_at: string;
}

/** A label of the elevator; `zone` is "" for the car's own. Fields that an older server does not send are absent. */
export interface DayLabel {
  /** First half of the code, which is enough to know the label; the rest is its signature. The server sends this alone. */
  id?: string;
  /** The whole code, where it is known: then another signature behind the same half is seen at once. */
  code?: string;
  zone?: ScanZone;
  state?: string;
}

export interface DayElevator {
  id: string;
  registration_code: string;
  rescue_code: string;
  unit_name: string;
  equipment_type: string;
  bank: string;
  site_name: string;
  address: string;
  district: string;
  access_notes: string;
  lat: number | null;
  lon: number | null;
  /** The same place in the systems of Chinese maps: [lat, lon]; absent from an older server. */
  gcj02?: [number, number] | null;
  bd09?: [number, number] | null;
  state: string;
  state_reason: string;
  labels?: DayLabel[];
  skills?: string[];
}

export interface DayStop {
  work_order: string;
  position: number;
  state: "scheduled" | "in_progress" | "done" | "missed" | "cancelled";
  arrive_s: number;
  start_s: number;
  leave_s: number;
  maintenance_class: string;
  due_first_day: string;
  due_last_day: string;
  why_zh: string;
  why_en: string;
  elevator: DayElevator;
  rule_pack: string;
  checklist: ChecklistItem[];
  excluded: Record<string, string>;
  open_findings: OpenFinding[];
  visit: string | null;
  visit_state: "open" | "finished" | "abandoned" | null;
  /** Seconds that the checklist should take; absent from an older server. */
  expected_s?: number;
  skills?: string[];
}

export interface VisitSummary {
  id: string;
  elevator: string;
  registration_code: string;
  unit_name: string;
  site_name: string;
  maintenance_class: string;
  state: "open" | "finished" | "abandoned";
  scheduled: boolean;
  arrived_at: string;
  departed_at: string | null;
  technician: Person;
  second_technician: Person | null;
  grade?: string | null;
  review?: "none" | "waiting" | "accepted" | "disputed";
}

export interface TechnicianDay {
  day: string;
  time_zone: string;
  technician: Person;
  crew_name: string | null;
  round_version: number | null;
  depart_s: number | null;
  return_s: number | null;
  break_start_s: number | null;
  break_duration_s: number | null;
  stops: DayStop[];
  open_visits: VisitSummary[];
  second_technicians: Person[];
  minimum_technicians: number;
  stop_use_conditions: Record<string, StopUseChoice[]>;
  etag: string;
  /** Absent from an older server; null for who belongs to no crew. */
  changes?: DayChanges | null;
  beacon?: string;
}

/** A due window as the record's outcome tells it. */
export interface DueWindow {
  first_day: string;
  last_day: string;
  reason_zh: string;
  reason_en: string;
  maintenance_class?: string;
  mode?: string;
  [other: string]: unknown;
}

export interface EvidenceCheck {
  name: string;
  outcome: "passed" | "failed" | "skipped";
  reason_zh: string;
  reason_en: string;
}

/** What a departure changed. */
export interface Departed {
  visit: string;
  arrived_at: string;
  departed_at: string;
  record_version: number;
  record_sha256: string;
  evidence: EvidenceCheck[];
  window_before: DueWindow | null;
  window_after: DueWindow | null;
  grade?: string | null;
  /** `waiting`: a manager looks at it before it counts. */
  review?: string;
}

/** How the server reckons the elevator after a visit. */
export interface AfterVisit {
  looked_at_ms: number;
  /** How much of each wear budget is used. */
  wear: { zh: string; en: string }[];
  /** Faults expected until the next visit. */
  faults: { mean: number; until: string } | null;
}

// ---------------------------------------------------------------- what technicians change of their day

export type MarkKind = "start" | "pause" | "resume";
export type RoundState = "waiting" | "running" | "paused";

export interface Said {
  zh: string;
  en: string;
}

export interface RoundStanding {
  state: RoundState;
  started_at: string | null;
  since: string | null;
  paused_s: number;
  note: string;
  technician: string;
}

export interface RejectionReason extends Said {
  code: string;
  needs_note: boolean;
}

export interface Rejection {
  id: string;
  work_order: string;
  name: string;
  technician: string;
  reason: string;
  reason_zh: string;
  reason_en: string;
  note: string;
}

/** What a change comes to for one crew. */
export interface Side {
  drive_by_s: number;
  metres_by: number;
  return_s: number | null;
  return_before_s: number | null;
  overtime_s: number;
  overtime_most_s: number;
}

export interface OrderCheck {
  round_version: number;
  breaks: (Said & { code: string; work_order: string | null; already: boolean })[];
  warnings: Said[];
  changes: Said[];
  stops: { work_order: string; start_s: number; by_s: number | null }[];
  side: Side | null;
}

export interface SwapChoice extends Said {
  to_crew: string;
  crew_name: string;
  people: string[];
  gives: string;
  takes: string | null;
  takes_name: string;
  mine: Side;
  theirs: Side;
}

export interface SwapOffer {
  id: string;
  technician: string;
  crew_name: string;
  to_crew_name: string;
  gives: string;
  takes: string | null;
  state: "offered" | "accepted" | "declined" | "withdrawn" | "expired";
  note: string;
  figures: Said & { gives_name: string; takes_name: string; mine: Side; theirs: Side };
  expires_at: string;
}

export interface DayChanges {
  standing: RoundStanding;
  reasons: RejectionReason[];
  rejections: Rejection[];
  incoming: SwapOffer[];
  outgoing: SwapOffer[];
}
