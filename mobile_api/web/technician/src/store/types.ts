/** What the phone keeps. Times end in `_ms` (epoch) or `_s` (after local midnight of the firm); bytes are Uint8Array. */
import type { AfterVisit, Departed, DayStop, StopUseChoice, TechnicianDay } from "./day_types";

export * from "./day_types";

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

/** `waiting`: not sent; the others as the server answered. `applied`, `duplicate`: done; `settled`: the office left it out, and may take that back. */
export type EntryState = "waiting" | "applied" | "duplicate" | "held" | "kept" | "refused" | "settled";

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
  /** Whose phone opened it; absent where an older program did. */
  technician?: string;
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
  /** The phone whose entry declared it; absent before, and where an older program did. */
  phone?: string;
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
