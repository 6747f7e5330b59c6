/** Today's round: stops in order, what is next, where one is at work. */
import { n, say, t } from "../i18n";
import { keptDay, latestDay } from "../store/day";
import { localVisits } from "../store/visits";
import type { KeptDay, LocalVisit, Person, VisitSummary } from "../store/types";
import { refreshDay, todayIn } from "../sync/refresh";
import { settle, status, wake } from "../sync/loop";
import { clockTime, dayOf, timeOf } from "../ui/format";
import { Back, Badge, Empty, Title, useStored } from "../ui/parts";
import { place } from "../ui/router";
import { useWatched } from "../ui/state";
import { DAY_ACTIONS } from "./actions";
import { Banners, known } from "./banners";
import { Changes } from "./changes_card";
import { Outcome } from "./outcome";
import { secondOf } from "./second";
import { Second } from "./second_choice";
import { isOver, nextOf, stopsNow, type StopNow } from "./standing";
import { handedBack, wishes, type Wish } from "./wishes";
import { className, standingName } from "./words";
import { useEffect } from "preact/hooks";

export function Today() {
  const [area, asked, doing] = useWatched(place).parts;
  const wanted = area === "day" ? asked : undefined;
  const found = useStored(() => shown(wanted), ["days", "visits", "phone", "session"], [wanted]);
  useEffect(() => {
    if (wanted) void refreshDay(wanted).then((ended) => ended && settle(ended));
  }, [wanted]);
  if (!found) return null;
  const { kept, visits, second, known, waiting } = found;
  if (kept && doing) return <Doing doing={doing} kept={kept} stops={stopsNow(kept.view.stops, visits, handedBack(waiting))} />;
  return (
    <>
      <Head kept={kept} />
      <Banners {...known} />
      {kept ? <Round kept={kept} visits={visits} second={second} waiting={waiting} /> : (
        <Empty title={t("day.unknown")}><p class="muted">{t("day.unknown.help")}</p></Empty>
      )}
    </>
  );
}

/** Everything that the page shows, read before anything is drawn. */
async function shown(wanted: string | undefined) {
  const [kept, visits, banners, waiting] = await Promise.all([dayShown(wanted), localVisits(), known(), wishes()]);
  return { kept, visits, second: kept ? await secondOf(kept.view) : null, known: banners, waiting };
}

/** The page of an action of the day. */
function Doing({ doing, kept, stops }: { doing: string; kept: KeptDay; stops: readonly StopNow[] }) {
  const action = DAY_ACTIONS.find((each) => each.key === doing && each.offered(kept, stops));
  return (
    <>
      <Title below={dayOf(kept.day)}>{action ? t(action.name) : t("day.title")}</Title>
      {action ? <action.page day={kept} stops={stops} /> : <Empty title={t("order.same")} />}
      <Back to="#/" />
    </>
  );
}

/** The day asked for; else today's, else the latest that the phone has. */
async function dayShown(wanted: string | undefined): Promise<KeptDay | undefined> {
  if (wanted) return keptDay(wanted);
  const latest = await latestDay();
  return latest && ((await keptDay(todayIn(latest.view.time_zone))) ?? latest);
}

function Head({ kept }: { kept: KeptDay | undefined }) {
  const now = useWatched(status);
  const busy = now.phase === "sending";
  const today = kept && kept.day === todayIn(kept.view.time_zone);
  const title = !kept || today ? t("day.title") : t("day.of", { day: kept.day });
  return (
    <div class="row">
      <div class="grow">
        <Title below={kept && `${dayOf(kept.day)} · ${t("day.asof", { at: timeOf(kept.fetched_at_ms, kept.view.time_zone) })}`}>{title}</Title>
      </div>
      <button class="button" onClick={() => void wake()} disabled={busy}>{t(busy ? "day.refreshing" : "day.refresh")}</button>
    </div>
  );
}

function Round({ kept, visits, second, waiting }: { kept: KeptDay; visits: readonly LocalVisit[]; second: Person | null; waiting: readonly Wish[] }) {
  const { view } = kept;
  const stops = stopsNow(view.stops, visits, handedBack(waiting));
  const next = nextOf(stops);
  const here = visits.filter((visit) => visit.departed_at_ms === null);
  const elsewhere = view.open_visits.filter((visit) => !visits.some((mine) => mine.id === visit.id));
  if (view.stops.length === 0 && here.length + elsewhere.length === 0) {
    return <><Empty title={t("day.none")}><p class="muted">{t("day.none.help")}</p></Empty><Changes kept={kept} waiting={waiting} /></>;
  }
  const actions = DAY_ACTIONS.filter((action) => action.offered(kept, stops));
  return (
    <>
      {here.map((visit) => <AtWork key={visit.id} visit={visit} zone={view.time_zone} />)}
      {elsewhere.map((visit) => <Elsewhere key={visit.id} visit={visit} zone={view.time_zone} />)}
      <p class="muted">{aboutDay(kept)}</p>
      <Changes kept={kept} waiting={waiting} />
      <Second view={view} person={second} />
      {actions.length > 0 && <p class="actions">{actions.map((each) => <a class="button" key={each.key} href={`#/day/${kept.day}/${each.key}`}>{t(each.name)}</a>)}</p>}
      {!next && stops.length > 0 && stops.every((each) => isOver(each.standing)) && <p class="card ok" role="status">{t("day.done")}</p>}
      <Stops stops={stops} next={next} day={kept} />
    </>
  );
}

/** In order; those at the head that are over are folded away, so that the next one is in sight. */
function Stops({ stops, next, day }: { stops: readonly StopNow[]; next: StopNow | undefined; day: KeptDay }) {
  const over = next ? stops.findIndex((each) => !isOver(each.standing)) : 0;
  const list = (part: readonly StopNow[]) => (
    <ol class="list stops">{part.map((each) => <li key={each.stop.work_order}><StopCard now={each} day={day} isNext={each === next} /></li>)}</ol>
  );
  return (
    <>
      {over > 0 && <details class="folded"><summary>{n("day.over", "day.over1", over)}</summary>{list(stops.slice(0, over))}</details>}
      {list(stops.slice(over))}
    </>
  );
}

function aboutDay({ view }: KeptDay): string {
  const parts = [view.crew_name ?? "", n("day.stops", "day.stop1", view.stops.length)];
  if (view.depart_s !== null) parts.push(t("day.off", { from: clockTime(view.depart_s), to: clockTime(view.return_s) }));
  if (view.break_start_s !== null) parts.push(t("day.break", { at: clockTime(view.break_start_s) }));
  return parts.filter(Boolean).join(" · ");
}

function AtWork({ visit, zone }: { visit: LocalVisit; zone: string }) {
  return (
    <section class="card here">
      <p class="eyebrow">{t("day.here")}</p>
      <h2>{visit.site_name} {visit.unit_name}</h2>
      <p class="muted">{t("day.arrived", { at: timeOf(visit.arrived_at_ms, zone) })} · {className(visit.maintenance_class)}</p>
      <a class="button primary" href={`#/visits/${visit.id}`}>{t("day.goon")}</a>
    </section>
  );
}

function Elsewhere({ visit, zone }: { visit: VisitSummary; zone: string }) {
  return (
    <section class="card here">
      <p class="eyebrow">{t("day.here")}</p>
      <h2>{visit.site_name} {visit.unit_name}</h2>
      <p class="muted">{t("day.arrived", { at: timeOf(visit.arrived_at, zone) })} · {className(visit.maintenance_class)} </p>
      <p><b>{t("day.other")}</b></p>
      <p>{t("day.other.help")}</p>
      <a class="button" href={`/work/visits/${visit.id}`}>{t("day.other.page")}</a>
    </section>
  );
}

export function StopBadges({ now, day }: { now: StopNow; day: KeptDay }) {
  const { stop, standing } = now;
  const kind = { done: "ok", unsent: "warn", missed: "bad", in_progress: "warn", cancelled: "", scheduled: "" } as const;
  const findings = stop.open_findings.length;
  return (
    <p class="wrap">
      <Badge kind="info">{className(stop.maintenance_class)}</Badge>
      <Badge kind={kind[standing]}>{standingName(standing)}</Badge>
      {stop.elevator.state === "stopped" && <Badge kind="bad">{t("day.stopped")}</Badge>}
      {findings > 0 && <Badge kind="warn">{n("day.findings", "day.finding1", findings)}</Badge>}
      {stop.due_last_day < day.day && !isOver(standing) && <Badge kind="bad">{t("day.overdue", { day: stop.due_last_day })}</Badge>}
    </p>
  );
}

function StopCard({ now, day, isNext }: { now: StopNow; day: KeptDay; isNext: boolean }) {
  const { stop, standing, local } = now;
  const over = isOver(standing);
  return (
    <section class={`card ${isNext ? "next" : ""} ${over ? "over" : ""}`}>
      <a class="stop-line" href={`#/stops/${stop.work_order}`}>
        <span class="clock">{clockTime(stop.start_s)}</span>
        <div>
          {isNext && <p class="eyebrow">{t("day.next")}</p>}
          <h2>{stop.position + 1}. {stop.elevator.site_name} {stop.elevator.unit_name}</h2>
          {!over && <p class="muted">{stop.elevator.address}</p>}
        </div>
      </a>
      <StopBadges now={now} day={day} />
      {!over && <p class="muted two-lines">{say(stop.why_zh, stop.why_en)}</p>}
      {!over && stop.elevator.access_notes && <p><b>{t("stop.access")}</b> {stop.elevator.access_notes}</p>}
      {isNext && <a class="button primary" href={`#/scan?order=${stop.work_order}`}>{t("day.arrive")}</a>}
      {local?.outcome && <Outcome outcome={local.outcome} after={local.after} brief />}
    </section>
  );
}
