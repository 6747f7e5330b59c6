"""What is known of elevators on the day of a visit, from which its checklist is ordered and extended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from uuid import UUID

from msgspec import structs

from backend import clock
from backend.telemetry import service as telemetry
from backend.telemetry.views import EventView
from backend.upkeep import fact_queries
from backend.upkeep.fact_queries import RiskyRow
from backend.upkeep.gather import known_inside
from backend.upkeep.known import Known
from planner.intervals.checklist import GaugeFact, VisitFacts, WornFact
from planner.intervals.days import plus_days
from planner.intervals.due import due_window
from planner.intervals.eligibility import health_of
from planner.intervals.facts import ElevatorFacts, EventFact
from planner.intervals.fallback import decide_mode
from planner.intervals.items import EQUIPMENT_TYPES
from planner.intervals.pack import RulePack
from planner.intervals.receipt import Text
from planner.intervals.signals import signal_table
from planner.intervals.situation import Situation, situation
from planner.intervals.wording import number
from planner.intervals.worn import wear_states


async def visit_facts_inside(firm: UUID, classes: Mapping[UUID, str]) -> dict[UUID, VisitFacts]:
    """Return what is known of elevators that are visited, inside the caller's transaction; a dozen queries for all of them.

    Parameters
    ----------
    firm
        Whose elevators.
    classes
        Class of the visit to each elevator. Elevators of which nothing can be said (no annex, no rule pack) are left out.
    """
    zone = await fact_queries.time_zone_of(firm)
    if zone is None or not classes:
        return {}
    today = clock.today(zone)
    known = await known_inside(firm, zone, list(classes))
    table = signal_table()
    since = clock.now() - timedelta(days=table.within_days + 1)
    kinds = {kind for signal in table.signals for kind in signal.kinds}
    events: dict[UUID, list[EventFact]] = defaultdict(list)
    for event in await telemetry.events_since(list(classes), since, kinds=kinds):
        events[event.elevator].append(_event(event, zone))
    gauges = await _gauges({one.row.id: _since(one, since.date()) for one in known})
    risky = {row.elevator: row for row in await fact_queries.risky(firm, list(classes), table.risk_share, table.risk_fleet)}
    found = {}
    for one in known:
        if one.facts is not None and one.pack is not None and one.facts.equipment_type in EQUIPMENT_TYPES:
            facts = _visit_facts(one.facts, one.pack, classes[one.row.id], today, events[one.row.id], gauges[one.row.id])
            found[one.row.id] = structs.replace(facts, risk=_risk(risky.get(one.row.id), table.risk_share))
    return found


def _risk(row: RiskyRow | None, share: float) -> Text | None:
    """Return why many faults are expected; None where they are not."""
    if row is None:
        return None
    faults = number(row.faults_per_year)
    return Text(f"预计每年故障{faults}次，属本单位最多的{share:.0%}",
                f"{faults} faults a year are expected, among the {share:.0%} of the firm's elevators with most")  # fmt: skip


def _event(event: EventView, zone: str) -> EventFact:
    return EventFact(day=clock.local_date(event.at, zone), kind=event.kind)


def _since(known: Known, otherwise: date) -> date:
    """Return the day of the last visit; gauges that were high before it were seen by it."""
    visits = () if known.facts is None else known.facts.visits
    return max((visit.day for visit in visits), default=otherwise)


async def _gauges(since: Mapping[UUID, date]) -> dict[UUID, list[GaugeFact]]:
    """Return the highest value of each gauge that a signal is about, from a day on."""
    names = {signal.gauge for signal in signal_table().signals if signal.gauge}
    found: dict[UUID, list[GaugeFact]] = defaultdict(list)
    for row in await fact_queries.highest_gauges(since, names):
        found[row.elevator].append(GaugeFact(gauge=row.gauge, value=row.value, day=row.day))
    return found


def _visit_facts(
    facts: ElevatorFacts, pack: RulePack, maintenance_class: str, today: date, events: Iterable[EventFact],
    gauges: Iterable[GaugeFact],
) -> VisitFacts:  # fmt: skip
    now = situation(facts, pack, today, decide_mode(facts, pack, today))
    found = due_window(facts, pack, today)
    return VisitFacts(
        equipment_type=facts.equipment_type, maintenance_class=maintenance_class, excluded=frozenset(facts.excluded),
        item_list=pack.item_list, today=today, last_visit=None if now.last is None else now.last.day,
        following=plus_days(today, now.limits.visit_gap.days), events=tuple(events), gauges=tuple(gauges),
        worn=tuple(_worn(now)), candidates=() if found is None else found[1].candidates,
        monitor=_monitor(facts, pack, today),
    )  # fmt: skip


def _worn(now: Situation) -> Iterable[WornFact]:
    for one in wear_states(now):
        budget = one.budget
        size = number(budget.most)
        yield WornFact(
            items=tuple(state.item.code for state in one.states), share=one.share,
            due_on=None if one.when is None else one.when.day,
            budget=Text(f"{size}{budget.unit_zh}", f"{size} {budget.unit_en}"),
        )  # fmt: skip


def _monitor(facts: ElevatorFacts, pack: RulePack, today: date) -> Text | None:
    """Return what is wrong with a monitor that is there: its silence, or why its data cannot be relied on."""
    monitor, most = facts.monitor, signal_table().silent_h
    if monitor.since is None or monitor.since > today:
        return None
    if monitor.silent_h is not None and monitor.silent_h > most:
        return Text(f"自{monitor.seen_on or '…'}离线", f"silent since {monitor.seen_on or '…'}")
    health = health_of(facts, pack, today)
    return None if health is None or not health.reasons else health.reasons[0].text
