// What things are called on the screen.

export { className, zoneName } from "../day/words";

import { say, t } from "../i18n";
import type { ChecklistItem, LocalVisit } from "../store/types";

export function itemName(item: ChecklistItem): string {
  return say(item.name_zh, item.name_en);
}

export function visitName(visit: LocalVisit): string {
  if (visit.site_name === "" && visit.stop === null) return t("checklist.unknown_place", { code: visit.unit_name });
  return `${visit.site_name} ${visit.unit_name}`.trim();
}
