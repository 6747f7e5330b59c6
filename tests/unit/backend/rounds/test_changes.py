"""Every change that a plan stands on is found and named; what breaks no plan is not."""

from __future__ import annotations

from typing import Any

import pytest

from backend.rounds.changes import Change, ChangeKind, changes
from backend.rounds.facts import AbsenceFact, CrewFact, Facts, HoursFact, OrderFact, RoundFact
from backend.rounds.snapshot import take_snapshot
from planner.rounds.plan import Plan, Route, Stop
from tests.support.plan_facts import crew, day, elevator, facts, member, shift, uid, window

ELEVATORS = [elevator(1), elevator(2), elevator(3)]
WINDOWS = [window(1, 0, 5), window(2, 2, 8), window(3, 8, 20)]  # the third is not due within the ten days


def plan(*visits: int) -> Plan:
    """A plan of crew 1 on day 2."""
    stops = tuple(Stop(visit=str(uid(n)), arrive_s=30_000, start_s=30_000, leave_s=33_000) for n in visits)
    return Plan(
        schema="liftrounds/plan/1", routes=(Route(crew=str(uid(1)), day=2, depart_s=29_000, return_s=40_000, stops=stops),),
        unplanned=(),
    )  # fmt: skip


def found(visits: tuple[int, ...] = (1, 2), **values: Any) -> list[Change]:
    before: Facts = facts(elevators=ELEVATORS, windows=WINDOWS)
    after: Facts = facts(**({"elevators": ELEVATORS, "windows": WINDOWS} | values))
    return changes(take_snapshot(before), take_snapshot(after), plan(*visits))


def test_nothing_has_changed_where_nothing_has() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("moved", "after"),
    [
        (window(1, 0, 4), "2026-11-30..2026-12-04 half_month"),
        (window(1, 1, 5), "2026-12-01..2026-12-05 half_month"),
        (window(1, 0, 5, maintenance_class="year"), "2026-11-30..2026-12-05 year"),
    ],
)
def test_a_moved_window_is_named_with_both_windows(moved: Any, after: str) -> None:
    [change] = found(windows=[moved, *WINDOWS[1:]])
    assert (change.kind, change.elevator) == (ChangeKind.WINDOW, uid(1))
    assert (change.before, change.after) == ("2026-11-30..2026-12-05 half_month", after)


def test_a_window_that_is_gone_or_new_is_named() -> None:
    [gone] = found(windows=WINDOWS[1:], elevators=ELEVATORS[1:])
    assert (gone.kind, gone.elevator, gone.after) == (ChangeKind.WINDOW, uid(1), "")
    [new] = found(windows=[*WINDOWS, window(4, 0, 3)], elevators=[*ELEVATORS, elevator(4)])
    assert (new.kind, new.elevator, new.before) == (ChangeKind.WINDOW, uid(4), "")


def test_an_elevator_that_is_neither_planned_nor_due_breaks_no_plan() -> None:
    assert found(windows=[*WINDOWS[:2], window(3, 9, 25)]) == []
    assert found(windows=[*WINDOWS, window(4, 9, 25)], elevators=[*ELEVATORS, elevator(4)]) == []


def test_an_elevator_that_is_not_due_matters_once_it_is_planned() -> None:
    [change] = found((1, 2, 3), windows=[*WINDOWS[:2], window(3, 9, 25)])
    assert change.elevator == uid(3)


@pytest.mark.parametrize(
    "values",
    [
        {"lat": 28.7}, {"lat": None}, {"service_min": 95}, {"skills": ["traction"]}, {"bank": "A"},
        {"access_hours": [HoursFact(30_000, 40_000)]}, {"rule_pack": "atlantis"}, {"site": uid(5000), "lon": 121.5},
    ],
)  # fmt: skip
def test_an_elevator_that_is_elsewhere_or_needs_something_else_is_named(values: dict[str, Any]) -> None:
    [change] = found(elevators=[elevator(1, **values), *ELEVATORS[1:]])
    assert (change.kind, change.elevator) == (ChangeKind.ELEVATOR, uid(1))
    assert change.before != change.after


@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"absences": [AbsenceFact(technician=uid(11), starts_on=day(1), ends_on=day(1))]}, [1]),
        ({"members": [*facts().members, member(1, 13, starts_on=day(9))]}, [9]),
        ({"members": [member(1, 11, certified_until=day(7)), *facts().members[1:]]}, [8, 9]),
        ({"members": [member(1, 11, skills=["hydraulic"]), *facts().members[1:]]}, [0, 1, 2, 3, 4, 7, 8, 9]),
        ({"shifts": [shift(1, 0, from_s=30_000), *facts().shifts[1:]]}, [0, 7]),
        ({"shifts": [shift(1, 0, max_overtime_s=0), *facts().shifts[1:]]}, [0, 7]),
        ({"shifts": [shift(1, 0, break_duration_s=1800), *facts().shifts[1:]]}, [0, 7]),
        ({"shifts": [*facts().shifts, shift(1, 6)]}, [6]),
        ({"shifts": facts().shifts[1:]}, [0, 7]),
        ({"crews": [CrewFact(id=uid(1), base_lat=28.9, base_lon=121.4), crew(2)]}, [0, 1, 2, 3, 4, 7, 8, 9]),
        ({"crews": [crew(2)]}, [0, 1, 2, 3, 4, 7, 8, 9]),
    ],
)
def test_a_crew_s_changed_day_is_named_with_its_date(values: dict[str, Any], days: list[int]) -> None:
    told = found(**values)
    assert [(each.kind, each.crew) for each in told] == [(ChangeKind.CREW_DAY, uid(1))] * len(days)
    assert [each.day for each in told] == [day(n) for n in days]
    assert all(each.before != each.after for each in told)


def test_a_round_that_was_published_or_withdrawn_is_named_once_with_crew_and_day() -> None:
    rounds = [RoundFact(id=uid(900), crew=uid(1), day=day(2), stops=0)]
    [published] = found(rounds=rounds)
    assert (published.kind, published.crew, published.day) == (ChangeKind.ROUND, uid(1), day(2))
    given = {"elevators": ELEVATORS, "windows": WINDOWS}
    [withdrawn] = changes(take_snapshot(facts(rounds=rounds, **given)), take_snapshot(facts(**given)), plan(1))
    assert (withdrawn.kind, withdrawn.after) == (ChangeKind.ROUND, "")


def test_an_elevator_that_was_published_elsewhere_or_is_no_longer_is_named() -> None:
    order = OrderFact(
        elevator=uid(1), site=uid(1001), bank="", round=uid(900), crew=uid(9), day=day(-1), start_s=30_000, leave_s=33_000
    )
    [published] = found(orders=[order])
    assert (published.kind, published.elevator, published.after) == (ChangeKind.ORDER, uid(1), day(-1).isoformat())
    given = {"elevators": ELEVATORS, "windows": WINDOWS}
    [missed] = changes(take_snapshot(facts(orders=[order], **given)), take_snapshot(facts(**given)), plan(2))
    assert (missed.kind, missed.elevator, missed.after) == (ChangeKind.ORDER, uid(1), "")


def test_a_kept_elevator_whose_visit_was_made_and_that_is_not_due_any_more_breaks_no_plan() -> None:
    order = OrderFact(
        elevator=uid(1), site=uid(1001), bank="", round=uid(900), crew=uid(9), day=day(-1), start_s=30_000, leave_s=33_000
    )
    before = take_snapshot(facts(elevators=ELEVATORS, windows=WINDOWS, orders=[order]))
    after = take_snapshot(facts(elevators=ELEVATORS, windows=[window(1, 7, 15), *WINDOWS[1:]]))
    assert changes(before, after, plan(2)) == []
