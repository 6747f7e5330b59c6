"""Whatever is asked, the answer of a levelling passes the independent checker, and its bound is one."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.levelling.calendar import Calendar, SpecialDay
from planner.levelling.evaluate import evaluate
from planner.levelling.problem import (
    Absence,
    Crew,
    CrewDay,
    Elevator,
    LevellingProblem,
    Service,
    Weights,
    levelling_faults,
    parse_levelling,
)
from planner.levelling.solve import Limit, level

START = date(2026, 9, 21)
AREAS = ("a", "b")
SKILLS = ("hydraulic",)


@st.composite
def elevators(draw: st.DrawFn) -> list[Elevator]:
    found = []
    for number in range(draw(st.integers(1, 9))):
        opens = draw(st.integers(1, 12))
        gap = draw(st.integers(opens, 15))
        first = draw(st.integers(-20, 15))
        base = draw(st.integers(0, 7200))
        services = [Service("half_month", base)]
        for name, days in (("quarter", 30), ("year", 90)):
            due = draw(st.none() | st.integers(-5, 60))
            services.append(Service(name, services[-1].service_s + draw(st.integers(0, 3600)), max(gap, days), due))
        found.append(
            Elevator(
                id=f"e{number}", area=draw(st.sampled_from(AREAS)), first_day=first,
                last_day=first + draw(st.integers(0, 12)), opens_days=opens, gap_days=gap, services=tuple(services),
                site=draw(st.sampled_from([None, "s", "t"])), weekdays=draw(st.sampled_from([(), (), (0, 1, 2, 3), (5, 6)])),
                hours=draw(st.sampled_from(["day", "day", "night", "any"])), skills=draw(st.sampled_from([(), (), SKILLS])),
                people=draw(st.integers(1, 2)),
            )
        )  # fmt: skip
    return found


@st.composite
def crews(draw: st.DrawFn) -> list[Crew]:
    week = st.lists(st.sampled_from([0, 7200, 28_800]), min_size=7, max_size=7).map(tuple)
    return [
        Crew(
            id=f"c{number}", areas=draw(st.sampled_from([("a",), ("b",), ("a", "b")])),
            helps_in=draw(st.sampled_from([(), ("a",), ("b",)])), people=draw(st.integers(1, 2)),
            skills=draw(st.sampled_from([(), SKILLS])), week_s=draw(week), night_week_s=draw(st.just(()) | week),
            keeps_calendar=draw(st.booleans()), absences=draw(st.sampled_from([(), (Absence(3, 9),)])),
            days=draw(st.sampled_from([(), (CrewDay(2, 3600, 3600),)])),
        )
        for number in range(draw(st.integers(0, 4)))
    ]  # fmt: skip


@st.composite
def problems(draw: st.DrawFn) -> LevellingProblem:
    special = tuple(
        SpecialDay(date(2026, 10, day), draw(st.sampled_from(["holiday", "working"])), "", draw(st.integers(0, 6)))
        for day in range(1, draw(st.integers(1, 9)))
    )
    weights = Weights(peak_percent=draw(st.integers(0, 300)), weekend_percent=draw(st.integers(0, 100)))
    return LevellingProblem(
        "liftrounds/levelling/1", START, draw(st.integers(1, 40)), tuple(draw(elevators())), tuple(draw(crews())),
        draw(st.none() | st.just(Calendar("x", (2026,), special))), draw(st.integers(0, 1800)), draw(st.integers(0, 1800)),
        weights,
    )  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems(), st.integers(0, 5))
def test_every_answer_is_valid_and_costs_what_the_checker_says(problem: LevellingProblem, seed: int) -> None:
    assert levelling_faults(problem) == []
    assert parse_levelling(msgspec.json.encode(problem)) == problem
    found = level(problem, Limit(work=0.05), seed)
    assert evaluate(problem, found).violations == ()
    assert 0 <= found.bound <= found.cost.total


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_the_bound_lies_below_every_answer(problem: LevellingProblem) -> None:
    answers = [level(problem, Limit(work=0.05), seed) for seed in (1, 2)]
    assert max(answer.bound for answer in answers) <= min(answer.cost.total for answer in answers)
