"""What would move a window: the window computed again with one fact changed, so that every answer is a day, not an opinion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from planner.intervals.days import plus_days, plus_months
from planner.intervals.due import DueWindow, due_window
from planner.intervals.facts import ElevatorFacts, EventFact, MonitorFacts, PeriodFact, UsageFact, VisitFact
from planner.intervals.pack import RulePack
from planner.intervals.receipt import Move, Receipt, Text
from planner.intervals.wear import scaled
from planner.intervals.wording import CLASS_NAMES

MOST_BUDGETS = 3
"""Wear budgets of which it is told what doing their items would change: those that are due first."""

MORE_USE = 1.25
"""Use is asked about with a quarter more: about what a new tenant of a floor or two brings."""

Change = tuple[str, Text, ElevatorFacts]
"""Key, sentence and the facts as they would be."""


class _Seen(Struct, frozen=True):
    """What the changes start from."""

    facts: ElevatorFacts
    pack: RulePack
    today: date
    window: DueWindow
    receipt: Receipt

    @property
    def is_on_demand(self) -> bool:
        return self.facts.mode == "on_demand" and self.pack.on_demand is not None

    @property
    def wanting(self) -> set[str]:
        """Keys of the triggers that are given, and of the conditions that are not met."""
        mode = self.receipt.mode
        return {one.key for one in mode.triggers} | {one.key for one in mode.conditions if one.outcome != "met"}


def moves(facts: ElevatorFacts, pack: RulePack, today: date) -> tuple[Move, ...]:
    """Return what would move an elevator's window, each with the day that would come of it.

    Parameters
    ----------
    facts, pack, today
        As for `planner.intervals.due.due_window`.

    Returns
    -------
    tuple[Move, ...]
        Also those that leave the day where it is: that paying for something changes nothing is worth knowing. None for a
        scrapped elevator.
    """
    found = due_window(facts, pack, today)
    if found is None:
        return ()
    seen = _Seen(facts, pack, today, *found)
    return tuple(_move(seen, *change) for ask in _ASKED for change in ask(seen))


def _move(seen: _Seen, key: str, what: Text, facts: ElevatorFacts) -> Move:
    found = due_window(facts, seen.pack, seen.today)
    assert found is not None  # noqa: S101 - no change scraps an elevator
    window, receipt = found
    return Move(
        key=key, what=what, last_day=window.last_day, days=(window.last_day - seen.window.last_day).days,
        maintenance_class=window.maintenance_class, mode_effective=window.mode_effective, because=receipt.binding.sentence,
    )  # fmt: skip


def _visited(facts: ElevatorFacts, maintenance_class: str, today: date) -> ElevatorFacts:
    """Return the facts after a visit today: its items are done, and use counts anew at its usual pace."""
    others = tuple(visit for visit in facts.visits if visit.maintenance_class != maintenance_class)
    visit = VisitFact(day=today, maintenance_class=maintenance_class)
    return replace(facts, visits=(*others, visit), usage=(*facts.usage, *_from_today(facts, today)))


def _from_today(facts: ElevatorFacts, today: date) -> Iterator[UsageFact]:
    """Yield what the counters are known to do from today on; the whole day is taken to be still to come."""
    newest = {fact.counter: fact for fact in sorted(facts.usage, key=lambda fact: (fact.since, fact.per_day))}
    for counter, fact in newest.items():
        if fact.since < today:
            yield UsageFact(
                counter=counter, since=today, used=0, per_day=fact.per_day, known_until=today, pattern=fact.pattern, rest=1.0
            )


def _visit(seen: _Seen) -> Iterator[Change]:
    name = seen.window.maintenance_class
    words = CLASS_NAMES[name]
    what = Text(f"若今日完成{words.zh}", f"if a visit of the {words.en} is completed today")
    yield "visit_today", what, _visited(seen.facts, name, seen.today)


def _budgets(seen: _Seen) -> Iterator[Change]:
    """Yield the budgets that are due first: their items done today, outside of a visit of their class."""
    near = [one for one in seen.receipt.candidates if one.kind == "wear"][:MOST_BUDGETS]
    for one in near:
        budget = next(budget for budget in seen.pack.wear_budgets if budget.id == one.cites.rule)
        done = seen.facts.done | dict.fromkeys(one.items, seen.today)
        facts = replace(seen.facts, done=done, usage=(*seen.facts.usage, *_from_today(seen.facts, seen.today)))
        codes = ", ".join(one.items)
        what = Text(
            f"若今日完成{codes}（{budget.unit_zh}的磨损预算）",
            f"if {codes} (the wear budget in {budget.unit_en}) were done today",
        )
        yield f"done:{budget.id}", what, facts


def _more_use(seen: _Seen) -> Iterator[Change]:
    if not seen.facts.usage:
        return
    usage = tuple(
        replace(fact, per_day=fact.per_day * MORE_USE, pattern=None if fact.pattern is None else scaled(fact.pattern, MORE_USE))
        for fact in seen.facts.usage
    )
    what = Text("若自今日起使用增加四分之一", "if it were used a quarter more from now on")
    yield "more_use", what, replace(seen.facts, usage=usage)


def _monitor(seen: _Seen) -> Iterator[Change]:
    """Yield the monitor back where it is missing, silent where it speaks."""
    if not seen.is_on_demand or seen.pack.on_demand is None:
        return
    monitor = seen.facts.monitor
    if seen.wanting & {"monitor_silent", "E4"}:
        what = Text("若监测恢复且数据可靠", "if the monitor is back and its data can be relied on")
        yield "monitor_back", what, replace(seen.facts, monitor=_speaking(seen))
    if seen.window.mode_effective != "on_demand":
        return
    hours = max((trigger.hours or 0 for trigger in seen.pack.on_demand.triggers if trigger.key == "monitor_silent"), default=0)
    silent = replace(monitor, silent_h=hours + 1.0)
    what = Text(f"若监测离线超过{hours}小时", f"if the monitor is silent for more than {hours} h")
    yield "monitor_silent", what, replace(seen.facts, monitor=silent)


def _speaking(seen: _Seen) -> MonitorFacts:
    since = min(seen.facts.monitor.since or seen.today, seen.today)
    return replace(
        seen.facts.monitor, since=since, silent_h=0.0, seen_on=seen.today, online_share=1.0, health=None
    )  # fmt: skip


def _insurance(seen: _Seen) -> Iterator[Change]:
    if not seen.wanting & {"insurance", "E5"}:
        return
    agreement = replace(seen.facts.agreement, insurance_until=plus_months(seen.today, 12))
    what = Text("若责任保险已续保一年", "if the liability insurance is renewed for a year")
    yield "insurance_renewed", what, replace(seen.facts, agreement=agreement)


def _inspection(seen: _Seen) -> Iterator[Change]:
    """Yield the inspection passed: where it is missing, or where the self-check before it binds."""
    kinds = {one.kind for one in seen.receipt.candidates if one.binds}
    if not (seen.wanting & {"inspection", "E3"} or "self_check" in kinds):
        return
    yield "inspection_passed", Text("若今日检验合格", "if the inspection is passed today"), _inspected(seen.facts, seen.today)


def _inspected(facts: ElevatorFacts, today: date) -> ElevatorFacts:
    periods = tuple(period for period in facts.periods if period.kind != "inspection_failed")
    return replace(facts, inspected_on=today, inspection_due_on=plus_months(today, 12), periods=periods)


def _periods(seen: _Seen) -> Iterator[Change]:
    """Yield each special period that runs: over today."""
    for period in sorted(seen.facts.periods, key=lambda period: (period.starts_on, period.name)):
        if period.kind != "inspection_failed" and (period.ends_on is None or period.ends_on >= seen.today):
            rest = tuple(one for one in seen.facts.periods if one != period)
            what = Text(f"若“{period.name}”结束", f"if {period.name} were over")
            yield f"period:{period.name}", what, replace(seen.facts, periods=rest)


def _without_hazard(seen: _Seen) -> Iterator[Change]:
    if seen.facts.hazard_since is not None:
        what = Text("若严重隐患消除", "if the serious hazard is gone")
        yield "hazard_closed", what, replace(seen.facts, hazard_since=None)


def _incident(seen: _Seen) -> Iterator[Change]:
    if seen.window.mode_effective != "on_demand":
        return
    events = (*seen.facts.events, EventFact(day=seen.today, kind="entrapment"))
    yield "entrapment", Text("若今日发生困人", "if there were an entrapment today"), replace(seen.facts, events=events)


def _faults(seen: _Seen) -> Iterator[Change]:
    """Yield as many faults today as the pack's limit of many faults asks for."""
    rule = seen.pack.fixed.fault_rate
    if not rule.kinds or any(one.kind == "fault_rate" for one in seen.receipt.candidates):
        return
    events = (*seen.facts.events, *(EventFact(day=seen.today, kind=rule.kinds[0]) for _ in range(rule.count)))
    what = Text(f"若今日故障{rule.count}次", f"if there were {rule.count} faults today")
    yield "faults", what, replace(seen.facts, events=events)


def _event_period(seen: _Seen) -> Iterator[Change]:
    """Yield a major event that begins in a week, where none is announced."""
    if any(period.kind == "major_event" for period in seen.facts.periods):
        return
    starts_on = plus_days(seen.today, 7)
    period = PeriodFact(
        name="重大活动", kind="major_event", starts_on=starts_on, ends_on=plus_days(starts_on, 14), announced_on=seen.today
    )
    what = Text(
        f"若{starts_on}起有两周重大活动安保", f"if a major event of two weeks began on {starts_on}"
    )  # fmt: skip
    yield "major_event", what, replace(seen.facts, periods=(*seen.facts.periods, period))


def _all_mended(seen: _Seen) -> Iterator[Change]:
    """Yield everything mended that can be, and a visit today: the way back to longer gaps."""
    if not seen.is_on_demand or seen.window.mode_effective == "on_demand":
        return
    facts = _inspected(_visited(seen.facts, seen.window.maintenance_class, seen.today), seen.today)
    agreement = replace(facts.agreement, insurance_until=plus_months(seen.today, 12))
    facts = replace(facts, monitor=_speaking(seen), agreement=agreement, hazard_since=None, periods=())
    what = Text(
        "若监测恢复、检验与保险有效、隐患与特殊时期均已消除，且今日完成维保",
        "if monitor, inspection and insurance are in order, no hazard and no special period is left, and a visit is made today",
    )
    yield "all_mended", what, facts


_ASKED: tuple[Callable[[_Seen], Iterator[Change]], ...] = (
    _visit, _budgets, _monitor, _insurance, _inspection, _without_hazard, _periods, _all_mended, _more_use, _incident, _faults,
    _event_period,
)  # fmt: skip
"""In the order in which they are told: what can be done, then what may happen."""
