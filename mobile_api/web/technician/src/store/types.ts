/** What the phone keeps. Times end in `_ms` (epoch) or `_s` (after local midnight of the firm); bytes are Uint8Array. */

// ---------------------------------------------------------------- what the server sends (GET /api/v1/day)

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

// ---------------------------------------------------------------- the chain of entries

export type EntryKind = "arrival" | "departure" | "zone" | "join" | "leave" | "work" | "finding";
export type ScanZone = "" | "machine_room" | "car_top" | "pit";
export type ScanSource = "camera" | "typed" | "link" | "gallery";
export type Result = "ok" | "adjusted" | "replaced" | "finding" | "not_applicable";
export type Severity = "general" | "serious" | "stop_use";

export interface PositionState {
  state: "given" | "denied" | "unavailable" | "timeout";
  commitment: string;
}

/** The opening of a position's commitment, beside the payload so that it can be forgotten. */
export interface OpenedPosition {
  salt: string;
  lat_e7: number;
  lon_e7: number;
  accuracy_dm: number;
  at_ms: number;
}

export interface ScanBody {
  scan: string;
  code: string;
  source: ScanSource;
  zone: ScanZone;
  position: PositionState;
  /** Of an arrival. */
  work_order?: string | null;
  second_technician?: string | null;
  maintenance_class?: string;
  /** Of a departure: hash of the one-time owner's code. */
  owner_code_sha256?: string;
}

export interface Answer {
  item: string;
  result: Result;
  /** A decimal string such as "7.5": no binary fraction is ever signed. */
  measured: string | null;
  unit: string | null;
  note: string;
  special_checks: string[];
}

export interface Part {
  id: string;
  item: string;
  name: string;
  quantity: number;
  serial_removed: string;
  serial_fitted: string;
  photo_before: string | null;
  photo_after: string | null;
}

export interface PhotoDeclared {
  id: string;
  sha256: string;
  bytes: number;
  width_px: number;
  height_px: number;
  item: string;
  use: "item" | "finding" | "part_before" | "part_after";
  /** The finding or part that it belongs to, else "". */
  subject: string;
  taken_at_ms: number;
  source: "camera" | "gallery";
}

export interface WorkBody {
  answers: Answer[];
  second_technician?: string | null;
  parts: Part[];
  photos: PhotoDeclared[];
}

export interface FindingSaid {
  id: string;
  item: string;
  severity: Severity;
  stop_use_condition: string;
  description: string;
  place: string;
  proposal: string;
}

export interface FindingBody {
  finding: FindingSaid;
  photos: PhotoDeclared[];
}

export type EntryBody = ScanBody | WorkBody | FindingBody;

export interface Payload {
  format: "liftrounds-entry/1";
  phone: string;
  seq: number;
  prev: string;
  kind: EntryKind;
  visit: string;
  at_ms: number;
  clock: { session: string; mono_ms: number };
  beacon: { token: string; session: string; mono_ms: number } | null;
  body: EntryBody;
}

export interface Envelope {
  payload: string;
  signature: string;
  position?: OpenedPosition;
}

/** `waiting`: not sent; the others as the server answered. `applied`, `duplicate`: done. */
export type EntryState = "waiting" | "applied" | "duplicate" | "held" | "kept" | "refused";

/** An entry on the phone: never changed but for what the server said of it, never deleted while it is not solved. */
export interface QueuedEntry {
  /** `phone/seq`, padded so that the key's order is the chain's. */
  key: string;
  phone: string;
  seq: number;
  sha256: string;
  kind: EntryKind;
  visit: string;
  at_ms: number;
  /** The payload in the clear, for showing. */
  body: EntryBody;
  envelope: Envelope;
  state: EntryState;
  reason_zh: string;
  reason_en: string;
  answered_at_ms: number | null;
  /** How often the sending of it failed, and what was said the last time. */
  attempts: number;
}

// ---------------------------------------------------------------- what only the phone has

/** One run of the program's monotonic clock. */
export interface ClockReading {
  session: string;
  mono_ms: number;
}

export interface KeptBeacon extends ClockReading {
  token: string;
}

/** The enrolled phone. The private key is not exportable: the browser signs with it and never shows it. */
export interface Phone {
  id: string;
  technician: string;
  name: string;
  private_key: CryptoKey;
  /** 65 bytes, uncompressed point. */
  public_key: Uint8Array;
  handover_key: Record<string, unknown>;
  enrolled_at_ms: number;
  /** Why the server no longer takes this phone's entries as proof; "" while it does. */
  revoked: string;
}

/** End of a phone's chain: what the next entry hangs on. */
export interface Head {
  phone: string;
  seq: number;
  sha256: string;
}

export interface Session {
  token: string;
  login: string;
  name: string;
  technician: string;
  expires_at_ms: number | null;
  /** Told by a 401: work goes on, but nothing can be sent before signing in again. */
  expired: boolean;
}

export interface KeptDay {
  day: string;
  technician: string;
  fetched_at_ms: number;
  view: TechnicianDay;
}

/** Where a visit stands on this phone, before and after the server heard of it. */
export interface LocalVisit {
  id: string;
  work_order: string | null;
  elevator: string;
  site_name: string;
  unit_name: string;
  maintenance_class: string;
  arrived_at_ms: number;
  departed_at_ms: number | null;
  second_technician: string | null;
  /** The owner's one-time code, shown as QR after the departure; "" before. */
  owner_code: string;
  /** The stop as it was at the arrival, so that a changed day never takes a checklist away. */
  stop: DayStop | null;
  stop_use_conditions: StopUseChoice[];
  outcome: Departed | null;
  after?: AfterVisit;
}

/** An answer or text that is being made: saved at every tap, signed later. */
export interface Draft<T = unknown> {
  visit: string;
  /** Such as `answer:1.3.2`, `finding:UUID`, `part:UUID`. */
  name: string;
  value: T;
  saved_at_ms: number;
}

export type PhotoState = "draft" | "declared" | "sent";

/** A photo: `draft` until an entry declares it, then kept until the server has it. */
export interface Photo {
  id: string;
  visit: string;
  declared: PhotoDeclared;
  blob: Blob;
  state: PhotoState;
  /** Whether the server refused it for good, and why. */
  refused: string;
}

export interface Unsent {
  entries: number;
  photos: number;
  bytes: number;
  /** Held, kept or refused by the server, and not put right yet. */
  unsolved: number;
}
