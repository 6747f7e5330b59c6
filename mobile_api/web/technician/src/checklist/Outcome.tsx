// After the departure: the owner's code again, and what the record changed once the server has it.

import { t } from "../i18n";
import { Outcome as Changed } from "../day/outcome";
import type { LocalVisit } from "../store/types";
import { Note } from "../ui/parts";

export function Outcome({ visit }: { readonly visit: LocalVisit }) {
  return (
    <>
      {visit.owner_code !== "" && <a class="button" href={`#/visits/${visit.id}/owner`}>{t("owner.show")}</a>}
      {visit.outcome === null ? <Note kind="info" title={t("after.title")}><p>{t("after.waiting")}</p></Note> : <section class="card ok"><Changed outcome={visit.outcome} /></section>}
    </>
  );
}
