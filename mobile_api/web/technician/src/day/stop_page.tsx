/** A stop with everything that is known of it before the arrival. */
import { n, say, t } from "../i18n";
import { stopWhere } from "../store/day";
import { localVisits } from "../store/visits";
import type { AskedReason, DayStop, KeptDay } from "../store/types";
import { clockTime, dayOf } from "../ui/format";
import { Back, Badge, Empty, Note, Title, useStored } from "../ui/parts";
import { place } from "../ui/router";
import { useWatched } from "../ui/state";
import { ACTIONS } from "./actions";
import { mapLinks } from "./maps";
import { Outcome } from "./outcome";
import { isOver, stopsNow, type StopNow } from "./standing";
import { StopBadges } from "./today";
import { handedBack, wishes } from "./wishes";
import { severityName } from "./words";

export function StopPage() {
  const [, order, doing] = useWatched(place).parts;
  const found = useStored(async () => {
    const known = await stopWhere((stop) => stop.work_order === order);
    return { known, visits: await localVisits(), waiting: await wishes() };
  }, ["days", "visits"], [order]);
  if (!found) return null;
  const now = found.known && stopsNow([found.known.stop], found.visits, handedBack(found.waiting))[0];
  if (!found.known || !now) return <><Title>{t("stop.gone")}</Title><Empty title={t("stop.gone")} /><Back /></>;
  const { kept, stop } = found.known;
  const action = ACTIONS.find((each) => each.key === doing && each.offered(now, kept));
  return (
    <>
      <Title below={stop.elevator.address}>{`${stop.position + 1}. ${stop.elevator.site_name} ${stop.elevator.unit_name}`}</Title>
      <StopBadges now={now} day={kept} />
      {action ? <action.page stop={now} day={kept} /> : <About now={now} kept={kept} />}
      <Back to={action ? `#/stops/${stop.work_order}` : "#/"} />
    </>
  );
}

function About({ now, kept }: { now: StopNow; kept: KeptDay }) {
  const { stop } = now;
  const actions = ACTIONS.filter((each) => each.offered(now, kept));
  return (
    <>
      {now.local?.outcome && <section class="card ok"><Outcome outcome={now.local.outcome} after={now.local.after} stop={now.local.stop} /></section>}
      <Main now={now} />
      {actions.length > 0 && <p class="actions">{actions.map((each) => <a class="button" key={each.key} href={`#/stops/${stop.work_order}/${each.key}`}>{t(each.name)}</a>)}</p>}
      <Why stop={stop} />
      <Facts stop={stop} />
      <Maps stop={stop} zone={kept.view.time_zone} />
      <Findings stop={stop} />
    </>
  );
}

function Main({ now }: { now: StopNow }) {
  if (now.visit && !now.local && now.standing === "in_progress") {
    return (
      <Note kind="warn" title={t("day.other")}>
        <p>{t("day.other.help")}</p>
        <a class="button" href={`/work/visits/${now.visit}`}>{t("day.other.page")}</a>
      </Note>
    );
  }
  if (now.visit && now.standing !== "scheduled") {
    const name = now.standing === "in_progress" ? "day.goon" : "day.show";
    const address = now.local ? `#/visits/${now.visit}` : `/work/visits/${now.visit}`;
    return <a class={`button ${now.standing === "in_progress" ? "primary" : ""}`} href={address}>{t(name)}</a>;
  }
  if (isOver(now.standing) && now.standing !== "missed") return null;
  return <a class="button primary" href={`#/scan?order=${now.stop.work_order}`}>{t("day.arrive")}</a>;
}

function Why({ stop }: { stop: DayStop }) {
  const seen = new Map<string, AskedReason>();
  for (const item of stop.checklist) for (const reason of item.reasons) seen.set(reason.en, reason);
  return (
    <section class="card">
      <h2>{t("stop.why")}</h2>
      <p>{say(stop.why_zh, stop.why_en)}</p>
      <p class="muted">{t("stop.due", { first: dayOf(stop.due_first_day), last: dayOf(stop.due_last_day) })}</p>
      {seen.size > 0 && <h3>{t("stop.first")}</h3>}
      {seen.size > 0 && <ul class="points">{[...seen.values()].map((reason) => <li key={reason.en}>{say(reason.zh, reason.en)}</li>)}</ul>}
    </section>
  );
}

function Facts({ stop }: { stop: DayStop }) {
  const { elevator } = stop;
  const skills = stop.skills ?? elevator.skills ?? [];
  const time = [
    t("stop.span", { from: clockTime(stop.start_s), to: clockTime(stop.leave_s) }),
    n("stop.items", "stop.item1", stop.checklist.length),
    ...(stop.expected_s ? [t("stop.about", { n: Math.round(stop.expected_s / 60) })] : []),
  ];
  return (
    <section class="card">
      <dl class="facts">
        <dt>{t("stop.time")}</dt><dd>{time.join(" · ")}</dd>
        {elevator.access_notes && <><dt>{t("stop.access")}</dt><dd>{elevator.access_notes}</dd></>}
        {skills.length > 0 && <><dt>{t("stop.skills")}</dt><dd>{skills.join(", ")}</dd></>}
        <dt>{t("stop.rescue")}</dt><dd class="rescue">{elevator.rescue_code || "–"}</dd>
        <dt>{t("stop.code")}</dt><dd class="number">{elevator.registration_code}</dd>
      </dl>
    </section>
  );
}

function Maps({ stop, zone }: { stop: DayStop; zone: string }) {
  const links = mapLinks(stop.elevator, zone);
  return (
    <section class="card">
      <h2>{t("stop.maps")}</h2>
      {links.length === 0 && <p class="muted">{t("stop.noplace")}</p>}
      <p class="actions">{links.map((link) => <a class="button" key={link.name} href={link.address} target="_blank" rel="noopener noreferrer">{t(link.name)}</a>)}</p>
    </section>
  );
}

function Findings({ stop }: { stop: DayStop }) {
  if (stop.open_findings.length === 0) return null;
  return (
    <section class="card">
      <h2>{t("stop.open")}</h2>
      <ul class="list">
        {stop.open_findings.map((finding) => (
          <li key={finding.id}>
            <Badge kind={finding.severity === "general" ? "warn" : "bad"}>{severityName(finding.severity)}</Badge>{" "}
            {say(finding.title_zh, finding.title_en)}{finding.description && `: ${finding.description}`}{" "}
            <span class="muted">{finding.found_at.slice(0, 10)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
