"""What the office tells of a day, checked: names that are there, parts of today, times to come. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from backend.errors import Fault
from backend.rounds.repair_facts import DayFacts
from backend.rounds.repair_views import Events

_WORDS = {
    "from_s": "must not lie in the past",
    "to_s": "must be later than the beginning",
    "through_day": "must not lie in the past",
    "visit": "it is done, or not part of today any more",
    "cancelled": "it is done or under way",
}
"""Last part of a path of the planner's document → what the office is told."""


def event_faults(facts: DayFacts, events: Events) -> list[Fault]:
    """Find what is told that is not there, or is no part of today."""
    faults: list[Fault] = []
    if not any((events.emergencies, events.crews_out, events.closed, events.delays, events.cancelled)):
        faults.append(Fault("", None, "tell what has happened"))
    faults += _of_emergencies(facts, events)
    faults += _of_crews(facts, events)
    faults += _of_closed(facts, events)
    faults += _of_stops(facts, events)
    return faults


def _no(path: str, value: UUID, reason: str) -> Fault:
    return Fault(path, str(value), reason)


def _of_emergencies(facts: DayFacts, events: Events) -> Iterator[Fault]:
    told: set[UUID] = set()
    for i, emergency in enumerate(events.emergencies):
        path, elevator = f"emergencies[{i}].elevator", facts.elevators.get(emergency.elevator)
        if emergency.elevator in told:
            yield _no(path, emergency.elevator, "it is named twice: tell its emergency once")
        told.add(emergency.elevator)
        if elevator is None:
            yield _no(path, emergency.elevator, "no elevator of this firm")
        elif elevator.lat is None or elevator.lon is None:
            yield _no(path, emergency.elevator, "its site has no position: enter one first")


def _of_crews(facts: DayFacts, events: Events) -> Iterator[Fault]:
    crews = {each.crew for each in facts.work.shifts} & {each.id for each in facts.work.crews}
    crews |= {each.crew for each in facts.rounds}
    of_today = {each.crew for each in facts.rounds if each.day == facts.today}
    for i, out in enumerate(events.crews_out):
        if out.crew not in crews:
            yield _no(f"crews_out[{i}].crew", out.crew, "no crew of this firm that has hours")
        if out.through is not None and not 0 <= (out.through - facts.today).days < facts.days:
            yield Fault.of(
                f"crews_out[{i}].through",
                out.through.isoformat(),
                "use a day from today on, within {days} days",
                days=facts.days,
            )
    for i, delay in enumerate(events.delays):
        if (delay.crew is None) == (delay.order is None):
            yield Fault(f"delays[{i}]", None, "name a crew or a stop, and not both")
        if delay.crew is not None and delay.crew not in of_today:
            yield _no(f"delays[{i}].crew", delay.crew, "no crew with a round today")


def _of_closed(facts: DayFacts, events: Events) -> Iterator[Fault]:
    orders = {each.id for each in facts.orders if each.day == facts.today}
    sites = {each.site for each in facts.elevators.values()}
    for i, closed in enumerate(events.closed):
        if (closed.site is None) == (closed.order is None):
            yield Fault(f"closed[{i}]", None, "name a site or a stop, and not both")
        if closed.site is not None and closed.site not in sites:
            yield _no(f"closed[{i}].site", closed.site, "no site on the published rounds")
        if closed.order is not None and closed.order not in orders:
            yield _no(f"closed[{i}].order", closed.order, "no stop of today")


def _of_stops(facts: DayFacts, events: Events) -> Iterator[Fault]:
    open_ = {each.id for each in facts.orders if each.day == facts.today and each.state.value in ("scheduled", "in_progress")}
    named = [(f"delays[{i}].order", each.order) for i, each in enumerate(events.delays) if each.order is not None]
    named += [(f"cancelled[{i}].order", each.order) for i, each in enumerate(events.cancelled)]
    for path, order in named:
        if order not in open_:
            yield _no(path, order, "no stop of today that is still to be made")


def in_office_words(faults: list[Fault]) -> list[Fault]:
    """Give the planner's faults in the words of the office, as far as they can come of what it told."""
    told = []
    for fault in faults:
        last = fault.path.rpartition(".")[2].partition("[")[0]
        told.append(Fault(fault.path, fault.value, _WORDS.get(last, fault.reason)))
    return told
