/** The choice of the second technician. */
import { t } from "../i18n";
import type { TechnicianDay } from "../store/types";
import { Field, useStored } from "../ui/parts";
import { chooseSecond, secondOf } from "./second";

export function Second({ view }: { view: TechnicianDay }) {
  const chosen = useStored(async () => ({ person: await secondOf(view) }), ["days"], [view.etag]);
  if (!chosen || (view.second_technicians.length === 0 && view.minimum_technicians < 2)) return null;
  const lacking = view.minimum_technicians > 1 && !chosen.person ? t("day.second.needed", { n: view.minimum_technicians }) : undefined;
  return (
    <Field id="second" label={t("day.second")} fault={lacking}>
      {(given) => (
        <select {...given} value={chosen.person?.id ?? ""} onChange={(event) => void chooseSecond(view.day, event.currentTarget.value || null)}>
          <option value="">{t("day.second.none")}</option>
          {view.second_technicians.map((person) => <option key={person.id} value={person.id}>{person.name} ({person.badge})</option>)}
        </select>
      )}
    </Field>
  );
}
