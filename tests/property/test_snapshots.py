"""Whatever a firm looks like: its snapshot is a problem without faults, and every elevator is accounted for."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.rounds.changes import changes
from backend.rounds.facts import AbsenceFact, Facts, HoursFact, OrderFact, RoundFact
from backend.rounds.snapshot import take_snapshot
from planner.rounds.problem import parse_problem
from tests.support.plan_facts import crew, day, elevator, facts, member, shift, uid, window

DAYS = st.integers(-30, 40)
SECONDS = st.integers(0, 86_400)


@st.composite
def spans(draw: st.DrawFn) -> list[HoursFact]:
    ends = sorted(draw(st.lists(SECONDS, unique=True, max_size=4)))
    return [HoursFact(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]


@st.composite
def firms(draw: st.DrawFn) -> Facts:
    crews = draw(st.integers(0, 3))
    count = draw(st.integers(0, 8))
    elevators, windows, orders = [], [], []
    for n in range(100, 100 + count):
        values: dict[str, Any] = {
            "site": uid(1000 + n // 2), "bank": draw(st.sampled_from(["", "A"])), "access_hours": draw(spans()),
            "lat": draw(st.sampled_from([None, 28.6])), "service_min": draw(st.sampled_from([None, 0, 30, 900])),
            "rule_pack": draw(st.sampled_from(["cn-fixed-15", "cn-fixed-15", "nowhere"])),
            "skills": draw(st.lists(st.sampled_from(["traction", "hydraulic"]), unique=True)),
        }  # fmt: skip
        elevators.append(elevator(n, **values))
        if draw(st.booleans()):
            first, last = sorted((draw(DAYS), draw(DAYS)))
            windows.append(window(n, first, last, maintenance_class=draw(st.sampled_from(["half_month", "year"]))))
        if draw(st.integers(0, 4)) == 0:
            begin = draw(SECONDS)
            orders.append(
                OrderFact(elevator=uid(n), site=uid(1000 + n // 2), bank="A", round=uid(900), crew=uid(1),
                          day=day(draw(st.integers(0, 13))), start_s=begin, leave_s=begin + 3600)
            )  # fmt: skip
    shifts = []
    for n in range(1, crews + 1):
        for weekday in draw(st.sets(st.integers(0, 6))):
            begin, length = draw(SECONDS), draw(st.integers(1, 100_000))
            shifts.append(shift(n, weekday, from_s=begin, to_s=begin + length, max_overtime_s=draw(st.integers(0, 90_000))))
    members = [
        member(draw(st.integers(1, max(crews, 1))), n, starts_on=day(draw(DAYS)), certified_until=day(draw(DAYS)))
        for n in range(11, 11 + draw(st.integers(0, 8)))
    ]
    absences = [
        AbsenceFact(technician=uid(draw(st.integers(11, 18))), starts_on=day(a), ends_on=day(b))
        for a, b in (sorted((draw(DAYS), draw(DAYS))) for _ in range(draw(st.integers(0, 2))))
    ]
    rounds = [RoundFact(id=uid(900), crew=uid(1), day=day(draw(st.integers(0, 5))), stops=1)] * draw(st.integers(0, 1))
    return facts(
        days=draw(st.integers(1, 14)), not_before_s=draw(st.sampled_from([0, 50_000, 90_000])), elevators=elevators,
        windows=windows, orders=orders, rounds=rounds, crews=[crew(n) for n in range(1, crews + 1)], shifts=shifts,
        members=members, absences=absences,
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(firms())
def test_every_snapshot_is_a_problem_without_faults_and_loses_no_elevator(given_facts: Facts) -> None:
    snapshot = take_snapshot(given_facts)
    assert parse_problem(msgspec.json.encode(snapshot.problem)) == snapshot.problem
    asked = [each.elevator for each in snapshot.items]
    assert len(set(asked)) == len(asked)
    told = set(asked) | {each.elevator for each in snapshot.kept} | {each.elevator for each in snapshot.out}
    told |= {each.elevator for each in given_facts.orders}
    assert told == {each.id for each in given_facts.elevators}
    assert not set(asked) & {each.elevator for each in snapshot.out}
    assert not set(asked) & {each.elevator for each in given_facts.orders}
    shifts = {(snapshot.crew_of[each.id], shift.day) for each in snapshot.problem.crews for shift in each.shifts}
    assert len(shifts) == sum(len(each.shifts) for each in snapshot.problem.crews)
    assert not {(crew_id, snapshot.day(number)) for crew_id, number in shifts} & {(r.crew, r.day) for r in snapshot.rounds}


@settings(max_examples=60, deadline=None)
@given(firms())
def test_a_snapshot_has_not_changed_against_itself(given_facts: Facts) -> None:
    assert take_snapshot(given_facts).sha256() == take_snapshot(given_facts).sha256()
    assert changes(take_snapshot(given_facts), take_snapshot(given_facts), None) == []
