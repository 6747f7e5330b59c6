// A visit at a glance: how far each zone is, who is here, what was found, and the way out.

import { useEffect, useState } from "preact/hooks";
import { chooseSecond } from "../day/second";
import { language, n, say, t } from "../i18n";
import { latestDay } from "../store/day";
import { entriesOf } from "../store/queue";
import type { ChecklistItem, TechnicianDay } from "../store/types";
import { Badge, Note, Title, useStored } from "../ui/parts";
import { timeOf } from "../ui/format";
import { useOnline } from "../ui/online";
import { fillIn } from "./fill_in";
import { className, itemName, visitName, zoneName } from "./names";
import { Outcome } from "./Outcome";
import { byZone, openItems, progress, restInOrder, undescribed } from "./rules";
import { findingDraft, isEditable, keepAnswers, keepSecond, sign, type Work } from "./work";

export function VisitPage({ work }: { readonly work: Work }) {
  const { visit, standing } = work;
  const editable = isEditable(work);
  const day = useStored(async () => (await latestDay())?.view ?? null, ["days"]) ?? null;
  // What a killed program left unsigned is signed when its visit is looked at again.
  useEffect(() => void sign(visit.id), [visit.id]);
  const moment = visit.departed_at_ms === null
    ? t("checklist.arrived", { class: className(visit.maintenance_class), time: timeOf(visit.arrived_at_ms, day?.time_zone) })
    : t("checklist.left", { class: className(visit.maintenance_class), time: timeOf(visit.departed_at_ms, day?.time_zone) });
  return (
    <>
      <Title below={moment}>{visitName(visit)}</Title>
      {(visit.stop?.elevator.state === "stopped" || standing.findings.some((finding) => finding.severity === "stop_use")) && (
        <Note kind="bad" title={t("checklist.stopped")}><p>{t("checklist.stopped_text")}</p></Note>
      )}
      {work.held !== null && <Note kind="warn"><p>{t("checklist.held", { why: say(work.held.zh, work.held.en) })}</p></Note>}
      {visit.departed_at_ms !== null && <Outcome visit={visit} />}
      {editable && <Second work={work} day={day} />}
      {visit.stop === null && <NoList work={work} />}
      {editable && <Undescribed work={work} />}
      {visit.stop !== null && <Zones work={work} editable={editable} />}
      <Found work={work} />
      {editable && <Actions work={work} />}
    </>
  );
}

function Second({ work, day }: { readonly work: Work; readonly day: TechnicianDay | null }) {
  const { visit, standing } = work;
  const people = day?.second_technicians ?? [];
  const needed = day?.minimum_technicians ?? 1;
  const choose = (who: string | null): void => {
    if (day !== null) void chooseSecond(day.day, who);
    void keepSecond(visit.id, who);
  };
  return (
    <section class={`card ${standing.second === null && needed > 1 ? "here" : ""}`}>
      <div class="field">
        <label for="second">{t("checklist.second")}</label>
        <select id="second" value={standing.second ?? ""} onChange={(event) => choose(event.currentTarget.value || null)}>
          <option value="">{t("checklist.second_none")}</option>
          {people.map((person) => <option key={person.id} value={person.id}>{person.name} ({person.badge})</option>)}
        </select>
      </div>
      {standing.second === null && needed > 1 && <p class="muted">{t("checklist.second_needed", { n: needed })}</p>}
    </section>
  );
}

function NoList({ work }: { readonly work: Work }) {
  const [failed, setFailed] = useState(false);
  const get = (): void => void fillIn(work.visit).then((done) => setFailed(!done));
  const online = useOnline();
  const isTaken = useStored(async () => (await entriesOf(work.visit.id)).some((entry) => entry.kind === "arrival" && entry.state !== "waiting"), ["entries"], [work.visit.id]);
  useEffect(() => {
    if (online) get(); // also when the signal comes back, and the arrival is through, while this is looked at
  }, [work.visit.id, online, isTaken]);
  return (
    <Note kind="info" title={t("checklist.none")}>
      <p>{t("checklist.none_text")}</p>
      {failed && <p role="status">{t("checklist.get_failed")}</p>}
      <button type="button" class="button" onClick={get}>{t("checklist.get")}</button>
    </Note>
  );
}

function Undescribed({ work }: { readonly work: Work }) {
  const todo = undescribed(work.items, work.standing.answers, new Set(work.standing.findings.map((finding) => finding.item)));
  const half = useStored(() => findingDraft(work.visit.id).then((found) => found ?? null), ["drafts", "entries"], [work.visit.id]);
  if (todo.length === 0 && !half) return null;
  return (
    <Note kind="bad" title={half ? t("checklist.unfinished") : t("checklist.describe")}>
      {half && <a class="button danger" href={`#/visits/${work.visit.id}/finding?item=${half.item}`}>{t("checklist.finish_it")}</a>}
      {todo.map((item) => <a key={item.code} class="button danger" href={`#/visits/${work.visit.id}/finding?item=${item.code}`}>{itemName(item)}</a>)}
    </Note>
  );
}

function Zones({ work, editable }: { readonly work: Work; readonly editable: boolean }) {
  const { items, standing } = work;
  const asked = items.filter((item) => !item.added).length;
  const done = asked - openItems(items, standing.answers).length;
  return (
    <>
      <div>
        <p role="status">{t("checklist.done_of", { done, all: asked })}</p>
        <Meter done={done} all={asked} />
      </div>
      <ul class="list zones">
        {byZone(items).map(([zone, inZone]) => <Zone key={zone} work={work} zone={zone} items={inZone} editable={editable} />)}
      </ul>
      {Object.keys(work.visit.stop?.excluded ?? {}).length > 0 && <p class="muted">{t("checklist.excluded_n", { n: Object.keys(work.visit.stop?.excluded ?? {}).length })}</p>}
    </>
  );
}

function Zone({ work, zone, items, editable }: { readonly work: Work; readonly zone: string; readonly items: readonly ChecklistItem[]; readonly editable: boolean }) {
  const { visit, standing } = work;
  const far = progress(items, standing.answers);
  const rest = restInOrder(items, standing.answers);
  const added = items.filter((item) => item.added).length;
  return (
    <li class="card">
      <div class="zone-head">
        <h2>{zoneName(zone)}</h2>
        {far.findings > 0 && <Badge kind="bad">{n("checklist.findings_n", "checklist.findings_one", far.findings)}</Badge>}
        {added > 0 && <Badge kind="info">{t("checklist.added_n", { n: added })}</Badge>}
        <span class="number muted">{far.answered}/{far.total}</span>
      </div>
      <Meter done={far.answered} all={far.total} />
      {far.byHand > 0 && <p class="muted">{n("checklist.by_hand", "checklist.by_hand_one", far.byHand)}</p>}
      <div class="actions">
        <a class="button" href={`#/visits/${visit.id}/zones/${zone}`}>{t(far.answered === far.total ? "checklist.review" : "checklist.open")}</a>
        {editable && rest.length > 0 && (
          <button type="button" class="button" onClick={() => void keepAnswers(visit.id, items, rest)}>{t(far.answered === 0 ? "checklist.all_ok" : "checklist.rest_ok")}</button>
        )}
      </div>
    </li>
  );
}

export function Meter({ done, all }: { readonly done: number; readonly all: number }) {
  return <div class={`meter ${done === all ? "whole" : ""}`} aria-hidden="true"><span style={{ width: `${all === 0 ? 100 : Math.round((100 * done) / all)}%` }} /></div>;
}

function Found({ work }: { readonly work: Work }) {
  const { visit, standing, items } = work;
  const name = (code: string): string => itemName(items.find((item) => item.code === code) ?? ({ name_zh: "", name_en: "" } as ChecklistItem));
  const earlier = visit.stop?.open_findings ?? [];
  return (
    <>
      {standing.findings.length > 0 && (
        <section class="card">
          <h2>{t("checklist.findings")}</h2>
          <ul class="list">
            {standing.findings.map((finding) => {
              const condition = visit.stop_use_conditions.find((one) => one.key === finding.stop_use_condition);
              return (
                <li key={finding.id} class="found">
                  <Badge kind={finding.severity === "general" ? "warn" : "bad"}>{t(`severity.${finding.severity}`)}</Badge>
                  <span>{condition ? say(condition.zh, condition.en) : [name(finding.item), finding.description].filter(Boolean).join(language.value === "zh" ? "：" : ": ")}</span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      {standing.parts.length > 0 && (
        <section class="card">
          <h2>{t("part.list")}</h2>
          <ul class="list">
            {standing.parts.map((part) => <li key={part.id}><a href={`#/visits/${visit.id}/part/${part.id}`}>{part.name || t("part.nameless")} × {part.quantity}</a> <small>{part.serial_fitted}</small></li>)}
          </ul>
        </section>
      )}
      {earlier.length > 0 && (
        <section class="card">
          <h2>{t("checklist.earlier")}</h2>
          <ul class="list">{earlier.map((finding) => <li key={finding.id}>{say(finding.title_zh, finding.title_en)} <small>{finding.description}</small></li>)}</ul>
        </section>
      )}
    </>
  );
}

function Actions({ work }: { readonly work: Work }) {
  const { visit, items, standing } = work;
  const whole = openItems(items, standing.answers).length === 0;
  return (
    <>
      <div class="actions">
        <a class="button" href={`#/visits/${visit.id}/finding`}>{t("checklist.report")}</a>
        <a class="button" href={`#/visits/${visit.id}/part`}>{t("part.add")}</a>
        <a class="button" href={`#/scan?kind=zone&visit=${visit.id}`}>{t("checklist.scan_zone")}</a>
      </div>
      {standing.zones.length > 0 && <p class="muted">{t("checklist.zones_scanned", { zones: standing.zones.map(zoneOf).join("、") })}</p>}
      {visit.departed_at_ms === null && <a class={`button wide ${whole ? "primary" : ""}`} href={`#/visits/${visit.id}/leave`}>{t("checklist.leave")}</a>}
      <p class="muted">{t("checklist.saved")}</p>
    </>
  );
}

function zoneOf(zone: string): string {
  const known = (["machine_room", "car_top", "pit"] as const).find((one) => one === zone);
  return t(known === undefined ? "scan.zone." : `scan.zone.${known}`);
}
