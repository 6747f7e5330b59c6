// Findings: what is wrong with the elevator, how bad it is, and the notice that the owner gets for it.

import type { FindingSaid, Severity } from "../store/types";
import { LONGEST_TEXT } from "./rules";

export const SEVERITIES: readonly Severity[] = ["general", "serious", "stop_use"];

export type FindingFault = { readonly field: "description" | "stop_use_condition" | "place" | "proposal"; readonly reason: "needed" | "too_long" };

/** Characters of a place, as an entry takes it. */
export const LONGEST_PLACE = 200;
const LONGEST = [["description", LONGEST_TEXT], ["place", LONGEST_PLACE], ["proposal", LONGEST_TEXT]] as const;

/** What is wrong with a finding; empty where it can be kept. */
export function findingFaults(finding: FindingSaid): FindingFault[] {
  const faults: FindingFault[] = [];
  if (finding.severity === "stop_use" && finding.stop_use_condition === "") faults.push({ field: "stop_use_condition", reason: "needed" });
  if (finding.severity !== "stop_use" && finding.description.trim() === "") faults.push({ field: "description", reason: "needed" });
  for (const [field, longest] of LONGEST) {
    if (Array.from(finding[field]).length > longest) faults.push({ field, reason: "too_long" });
  }
  return faults;
}

/** A finding as it is signed: outer spaces gone, no condition beside another severity. */
export function normalFinding(finding: FindingSaid): FindingSaid {
  return {
    ...finding,
    stop_use_condition: finding.severity === "stop_use" ? finding.stop_use_condition : "",
    description: finding.description.trim(),
    place: finding.place.trim(),
    proposal: finding.proposal.trim(),
  };
}
