/** The choice of the second technician. */
import { t } from "../i18n";
import type { Person, TechnicianDay } from "../store/types";
import { Field } from "../ui/parts";
import { chooseSecond } from "./second";

export function Second({ view, person }: { view: TechnicianDay; person: Person | null }) {
  if (view.second_technicians.length === 0 && view.minimum_technicians < 2) return null;
  const lacking = view.minimum_technicians > 1 && !person ? t("day.second.needed", { n: view.minimum_technicians }) : undefined;
  return (
    <Field id="second" label={t("day.second")} fault={lacking}>
      {(given) => (
        <select {...given} value={person?.id ?? ""} onChange={(event) => void chooseSecond(view.day, event.currentTarget.value || null)}>
          <option value="">{t("day.second.none")}</option>
          {view.second_technicians.map((person) => <option key={person.id} value={person.id}>{person.name} ({person.badge})</option>)}
        </select>
      )}
    </Field>
  );
}
