/** On every page: a strip for each rescue that concerns whoever holds the phone, and the call when it rings. */
import { t } from "../i18n";
import { lazy } from "../ui/lazy";
import { place } from "../ui/router";
import { useStored } from "../ui/parts";
import { useWatched } from "../ui/state";
import { session } from "../store/session";
import { pendingAnswers } from "./answers";
import { rescues } from "./fetching";
import { concerns, rings } from "./standing";

const Call = lazy(() => import("./Call"));

export function RescueWatch() {
  const all = useWatched(rescues);
  const here = useWatched(place).parts;
  const known = useStored(async () => ({ pending: await pendingAnswers(), who: await session() }), ["rescues", "session"]);
  const who = known?.who;
  if (all.length === 0 || !known || !who) return null;
  const mine = all.filter((each) => concerns(each, who.technician, who.name, known.pending) && !(here[0] === "rescues" && here[1] === each.id));
  return (
    <>
      {mine.map(({ id, view }) => (
        <a key={id} class="strip" href={`#/rescues/${id}`}>{t("rescue.strip", { place: `${view.summary.site_name} ${view.summary.unit_name}` })}</a>
      ))}
      {all.some((each) => rings(each, who.technician, known.pending)) && <Call />}
    </>
  );
}
