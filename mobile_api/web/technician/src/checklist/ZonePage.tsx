// The items of one zone, each with answers as large as a glove wants them.

import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Empty, Title } from "../ui/parts";
import { go } from "../ui/router";
import { ItemCard } from "./ItemCard";
import { visitName, zoneName } from "./names";
import { byZone, restInOrder } from "./rules";
import { isEditable, keepAnswers, sign, type Work } from "./work";
import { Meter } from "./VisitPage";

interface Props {
  readonly work: Work;
  readonly zone: string;
  /** The item that was asked for; empty for none. */
  readonly item: string;
}

export function ZonePage({ work, zone, item }: Props) {
  const { visit, standing } = work;
  const zones = byZone(work.items);
  const at = zones.findIndex(([code]) => code === zone);
  const items = zones[at]?.[1] ?? [];
  useEffect(() => () => void sign(visit.id), [visit.id]);
  useEffect(() => {
    if (item !== "") document.getElementById(item)?.scrollIntoView({ block: "start" });
  }, [item]);
  if (items.length === 0) return <Empty title={t("checklist.none")}><a class="button" href={`#/visits/${visit.id}`}>{t("checklist.to_visit")}</a></Empty>;
  const next = zones[at + 1]?.[0];
  const rest = restInOrder(items, standing.answers);
  const editable = isEditable(work);
  const answered = items.filter((one) => standing.answers[one.code] !== undefined).length;
  const onward = next === undefined ? `#/visits/${visit.id}` : `#/visits/${visit.id}/zones/${next}`;
  return (
    <>
      <Title below={visitName(visit)}>{zoneName(zone)}</Title>
      <Meter done={answered} all={items.length} />
      {items.map((one) => <ItemCard key={one.code} work={work} item={one} editable={editable} />)}
      <div class="bar">
        {editable && rest.length > 0 && (
          <button type="button" class="button" onClick={() => void keepAnswers(visit.id, items, rest)}>{t(rest.length === items.length ? "checklist.all_ok" : "checklist.rest_ok")}</button>
        )}
        <button type="button" class="button primary" onClick={() => go(onward)}>{next === undefined ? t("checklist.to_visit") : t("checklist.next", { zone: zoneName(next) })}</button>
      </div>
      <a class="button" href={`#/visits/${visit.id}`}>{t("checklist.to_visit")}</a>
    </>
  );
}
