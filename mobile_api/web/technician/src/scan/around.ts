// The labels around the technician's rounds, kept on the phone: so that a wrong elevator can be named without a signal.

import { keepSingle, readSingle } from "../store/db";
import type { DayElevator, ScanZone } from "../store/types";
import { call } from "../sync/api";
import { endedBy, type Ended } from "../sync/sync";

interface KnownLabel {
  id: string;
  state: string;
  zone?: ScanZone;
  elevator: string;
  registration_code: string;
  unit_name: string;
  site_name: string;
}

interface Around {
  rows: KnownLabel[];
  is_complete: boolean;
  etag: string;
}

const NAME = "labels_around";

/** Fetches the labels where the server has others; undefined once they are there. */
export async function refreshAround(): Promise<Ended | undefined> {
  const kept = await readSingle<Around>(NAME);
  const answer = await call<Around>("/api/v1/phone/labels", { headers: kept === undefined ? {} : { "If-None-Match": kept.etag } });
  if (answer.kind === "ok") await keepSingle(NAME, answer.body);
  return endedBy(answer);
}

/** The elevators around, as far as a phone knows them: their names and labels. */
export async function elevatorsAround(): Promise<DayElevator[]> {
  const kept = await readSingle<Around>(NAME);
  const byId = new Map<string, DayElevator>();
  for (const label of kept?.rows ?? []) {
    const known = byId.get(label.elevator) ?? bare(label);
    byId.set(label.elevator, { ...known, labels: [...(known.labels ?? []), { id: label.id, state: label.state, zone: label.zone ?? "" }] });
  }
  return [...byId.values()];
}

function bare({ elevator, registration_code, unit_name, site_name }: KnownLabel): DayElevator {
  return {
    id: elevator, registration_code, unit_name, site_name, rescue_code: "", equipment_type: "", bank: "", address: "", district: "", access_notes: "",
    lat: null, lon: null, state: "", state_reason: "", labels: [],
  };
}
