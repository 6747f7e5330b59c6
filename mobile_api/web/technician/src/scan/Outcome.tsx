// What was scanned, and what can be done with it: an arrival at the right elevator needs no more taps.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { begin, beginUnknown, depart, joinOrLeave, passZone, type ScanRead } from "../checklist/work";
import { t } from "../i18n";
import { secondOf } from "../day/second";
import { latestDay } from "../store/day";
import { NotEnrolled } from "../store/queue";
import type { DayElevator, DayStop, LocalVisit, ScanZone, TechnicianDay } from "../store/types";
import { localVisits } from "../store/visits";
import { Note } from "../ui/parts";
import { go } from "../ui/router";
import { elevatorsAround } from "./around";
import { shortCode } from "./code";
import type { Read } from "./index";
import { meaningOf, type Meaning, type Purpose } from "./meaning";
import type { Wanted } from "./purpose";
import { named } from "./named";

interface Props {
  readonly read: Read;
  readonly wanted: Wanted;
  readonly again: () => void;
}

interface Cache {
  readonly day: TechnicianDay | null;
  readonly visits: readonly LocalVisit[];
  readonly around: readonly DayElevator[];
}

type Trouble = { readonly is: "not_enrolled" } | { readonly is: "failed"; readonly why: string };

export function Outcome({ read, wanted, again }: Props) {
  const [shown, setShown] = useState<{ readonly meaning: Meaning; readonly cache: Cache } | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [noted, setNoted] = useState(false);
  const guarded = (work: () => Promise<void>): void => void work().catch((error: unknown) => setTrouble(troubleOf(error)));
  useEffect(() => {
    guarded(async () => {
      if (wanted.kind === "join" || wanted.kind === "leave") {
        const cache = await cached();
        const meaning = zoneLabelOf(read, cache);
        if (meaning !== null) return setShown({ meaning, cache });
        await joinOrLeave(wanted.kind, scanOf(read, ""));
        return setNoted(true);
      }
      const cache = await cached();
      const meaning = meaningOf(read.code, purposeFor(wanted), {
        stops: cache.day?.stops ?? [], others: cache.around, visits: cache.visits, open: cache.day?.open_visits ?? [],
      });
      if (!(await done(meaning, read, cache))) setShown({ meaning, cache });
    });
  }, []);
  if (trouble !== null) return <Troubled trouble={trouble} again={again} />;
  if (noted) return <Noted kind={wanted.kind === "leave" ? "leave" : "join"} />;
  return shown === null ? null : <Told {...shown} read={read} again={again} guarded={guarded} />;
}

function purposeFor({ kind, workOrder, visit }: Wanted): Purpose {
  return kind === "departure" || kind === "zone" ? { kind, visit } : { kind: "arrival", workOrder };
}

/** Does at once what needs no question; false where the technician has to be asked or told. */
async function done(meaning: Meaning, read: Read, cache: Cache): Promise<boolean> {
  if (meaning.is === "arrival") {
    await open(meaning.stop, meaning.zone, read, cache);
  } else if (meaning.is === "departure") {
    await depart(meaning.visit, scanOf(read, meaning.zone));
    go(`#/visits/${meaning.visit.id}/owner`, true);
  } else if (meaning.is === "zone" && meaning.zone !== "") {
    await passZone(meaning.visit.id, scanOf(read, meaning.zone));
    go(`#/visits/${meaning.visit.id}`, true);
  } else {
    return false;
  }
  return true;
}

async function open(stop: DayStop, zone: ScanZone, read: Read, cache: Cache, planned = true): Promise<void> {
  const choices = cache.day?.stop_use_conditions[stop.rule_pack] ?? [];
  const id = await begin(scanOf(read, zone), stop, planned, await second(cache.day), choices);
  go(`#/visits/${id}`, true);
}

interface ToldProps {
  readonly meaning: Meaning;
  readonly cache: Cache;
  readonly read: Read;
  readonly again: () => void;
  readonly guarded: (work: () => Promise<void>) => void;
}

function Told({ meaning, cache, read, again, guarded }: ToldProps) {
  const retry = <button type="button" class="button" onClick={again}>{t("scan.again")}</button>;
  switch (meaning.is) {
    case "other_stop":
      return (
        <Panel kind="warn" title={t("scan.other_stop")} text={t("scan.other_stop_text", { wanted: named(meaning.wanted.elevator), found: named(meaning.stop.elevator) })}>
          <button type="button" class="button primary" onClick={() => guarded(() => open(meaning.stop, meaning.zone, read, cache))}>{t("scan.begin_found", { found: named(meaning.stop.elevator) })}</button>
          {retry}
        </Panel>
      );
    case "unplanned":
      return <Unplanned elevator={meaning.elevator} stop={meaning.stop} again={retry} begin={(stop) => guarded(() => open(stop, meaning.zone, read, cache, false))} />;
    case "unknown":
      return <Unknown meaning={meaning} again={retry} begin={(stop) => guarded(() => (stop === null ? openUnknown(meaning, read, cache) : open(stop, "", read, cache)))} />;
    case "open_already":
      return (
        <Panel kind="info" title={t("scan.open_already")} text={`${meaning.visit.site_name} ${meaning.visit.unit_name}`}>
          <a class="button primary" href={`#/visits/${meaning.visit.id}`}>{t("scan.go_on")}</a>
        </Panel>
      );
    case "open_elsewhere":
      return (
        <Panel kind="warn" title={t("day.other")} text={t("day.other.help")}>
          <a class="button" href={`/work/visits/${meaning.visit.id}`}>{t("day.other.page")}</a>
          {retry}
        </Panel>
      );
    case "zone_label":
      return <ZoneLabel zone={meaning.zone} elevator={meaning.elevator}>{retry}</ZoneLabel>;
    case "other_elevator": {
      const wanted = `${meaning.visit.site_name} ${meaning.visit.unit_name}`;
      const text = meaning.elevator === null ? t("scan.other_label_text", { wanted }) : t("scan.other_elevator_text", { wanted, found: named(meaning.elevator) });
      return <Panel kind="bad" title={t("scan.other_elevator")} text={text}>{retry}</Panel>;
    }
    case "not_genuine":
    case "dead_label":
      return <Panel kind="bad" title={t(`scan.${meaning.is}`)} text={t(`scan.${meaning.is}_text`, { found: named(meaning.elevator) })}>{retry}</Panel>;
    case "zone":
      return (
        <Panel kind="warn" title={t("scan.zone_which")} text="">
          {(["machine_room", "car_top", "pit"] as const).map((zone) => (
            <button key={zone} type="button" class="button" onClick={() => guarded(async () => { await passZone(meaning.visit.id, scanOf(read, zone)); go(`#/visits/${meaning.visit.id}`, true); })}>{t(`scan.zone.${zone}`)}</button>
          ))}
          {retry}
        </Panel>
      );
    default:
      return <Panel kind="info" title={t("scan.no_visit")} text="">{retry}</Panel>;
  }
}

function ZoneLabel({ zone, elevator, children }: { readonly zone: Exclude<ScanZone, "">; readonly elevator: DayElevator; readonly children: ComponentChildren }) {
  const text = t("scan.zone_label_text", { found: named(elevator), zone: t(`scan.zone.${zone}`) });
  return <Panel kind="bad" title={t("scan.zone_label")} text={text}>{children}</Panel>;
}

async function openUnknown(meaning: Meaning & { is: "unknown" }, read: Read, cache: Cache): Promise<void> {
  const id = await beginUnknown(scanOf(read, ""), shortCode(meaning.code), await second(cache.day));
  go(`#/visits/${id}`, true);
}

interface UnknownProps {
  readonly meaning: Meaning & { is: "unknown" };
  readonly again: ComponentChildren;
  readonly begin: (stop: DayStop | null) => void;
}

function Unknown({ meaning, again, begin: start }: UnknownProps) {
  const { wanted } = meaning;
  const code = shortCode(meaning.code);
  if (wanted !== null) {
    const found = named(wanted.elevator);
    return (
      <Panel kind="info" title={t("scan.unknown")} text={t("scan.unknown_wanted", { code, found })}>
        <button type="button" class="button primary" onClick={() => start(wanted)}>{t("scan.begin_wanted", { found })}</button>
        {again}
      </Panel>
    );
  }
  return (
    <Panel kind="warn" title={t("scan.unknown")} text={t("scan.unknown_text", { code })}>
      <button type="button" class="button primary" onClick={() => start(null)}>{t("scan.begin_unplanned")}</button>
      {again}
    </Panel>
  );
}

interface UnplannedProps {
  readonly elevator: DayElevator;
  readonly stop: DayStop | null;
  readonly again: ComponentChildren;
  readonly begin: (stop: DayStop) => void;
}

function Unplanned({ elevator, stop, again, begin: start }: UnplannedProps) {
  const text = t(stop === null ? "scan.unplanned_text" : "scan.done_text", { found: named(elevator) });
  return (
    <Panel kind="warn" title={t("scan.unplanned")} text={text}>
      <button type="button" class="button primary" onClick={() => start(stop ?? bareStop(elevator))}>{t("scan.begin_unplanned")}</button>
      {again}
    </Panel>
  );
}

/** A stop of no round: its checklist comes from the server. */
function bareStop(elevator: DayElevator): DayStop {
  return {
    work_order: "", position: 0, state: "scheduled", arrive_s: 0, start_s: 0, leave_s: 0, maintenance_class: "", due_first_day: "", due_last_day: "",
    why_zh: "", why_en: "", elevator, rule_pack: "", checklist: [], excluded: {}, open_findings: [], visit: null, visit_state: null,
  };
}

function Panel({ kind, title, text, children }: { readonly kind: "warn" | "bad" | "info"; readonly title: string; readonly text: string; readonly children: ComponentChildren }) {
  return (
    <Note kind={kind} title={title} alert>
      {text !== "" && <p>{text}</p>}
      <div class="stack">{children}</div>
    </Note>
  );
}

function Noted({ kind }: { readonly kind: "join" | "leave" }) {
  return <Note kind="ok" title={t(`scan.${kind}_noted`)} alert><p>{t("scan.join_text")}</p><a class="button" href="#/">{t("nav.today")}</a></Note>;
}

function Troubled({ trouble, again }: { readonly trouble: Trouble; readonly again: () => void }) {
  if (trouble.is === "not_enrolled") {
    return <Panel kind="bad" title={t("scan.not_enrolled")} text={t("scan.not_enrolled_text")}><a class="button primary" href="#/phone">{t("scan.enrol")}</a></Panel>;
  }
  return <Panel kind="bad" title={t("scan.failed")} text={t("scan.failed_text", { why: trouble.why })}><button type="button" class="button" onClick={again}>{t("scan.again")}</button></Panel>;
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof NotEnrolled) return { is: "not_enrolled" };
  return { is: "failed", why: error instanceof Error ? error.message : String(error) };
}

/** The colleague who was chosen for today. */
async function second(day: TechnicianDay | null): Promise<string | null> {
  return day === null ? null : ((await secondOf(day))?.id ?? null);
}

function scanOf(read: Read, zone: ScanZone): ScanRead {
  return { code: read.text, source: read.source, zone, position: read.position };
}

/** Said where a label that the phone knows is a zone's; null where it is the car's or unknown. */
function zoneLabelOf(read: Read, { day, around }: Cache): Meaning | null {
  for (const elevator of [...(day?.stops ?? []).map((stop) => stop.elevator), ...around]) {
    const zone = elevator.labels?.find((label) => label.id === read.code.id)?.zone ?? "";
    if (zone !== "") return { is: "zone_label", zone, elevator };
  }
  return null;
}

async function cached(): Promise<Cache> {
  const [day, visits, around] = await Promise.all([latestDay(), localVisits(), elevatorsAround()]);
  return { day: day?.view ?? null, visits, around };
}
