"""What is told before any search, with its path; and that what is told is so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.precheck import notices
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.rounds import Document, parsed, small_problem

Change = Callable[[Document], Any]


def visit(number: int, **fields: Any) -> Change:
    return lambda document: document["visits"][number].update(fields)


def shift(**fields: Any) -> Change:
    return lambda document: document["crews"][0]["shifts"][0].update(fields)


def pinned(number: int, crew: str, day: int, **fields: Any) -> Change:
    return visit(number, pinned={"crew": crew, "day": day}, **fields)


NAMED: dict[str, tuple[Change, str, str, str]] = {
    "no crew": (
        lambda d: d.update(crews=[], visits=[d["visits"][2]], published=None),
        "crews",
        "no_crew",
        "there is no crew, so that every visit is left out",
    ),
    "no visit": (lambda d: d.update(visits=[], published=None), "visits", "no_visit", "there is no visit"),
    "no shift at all": (
        lambda d: [crew.update(shifts=[]) for crew in d["crews"]],
        "crews",
        "no_shift",
        "no crew has a shift on days 0..1",
    ),
    "idle crew": (lambda d: d["crews"][1].update(shifts=[]), "crews[1].shifts", "no_shift", "c2 has no shift on days 0..1"),
    "pin to no crew": (pinned(2, "c9", 0), "visits[2].pinned", "pin", 'no crew "c9"'),
    "pin to no shift": (pinned(2, "c1", 1), "visits[2].pinned", "pin", "c1 has no shift on day 1"),
    "pin beyond the horizon": (
        lambda d: d.update(days=1) or pinned(2, "c2", 1)(d),
        "visits[2].pinned",
        "pin",
        "c2 has no shift on day 1",
    ),
    "pin on a wrong day": (pinned(2, "c2", 1, last_day=0), "visits[2].pinned", "pin", "day 1 is outside 0..0"),
    "pin to too few skills": (pinned(0, "c2", 0), "visits[0].pinned", "pin", "c2 lacks oil"),
    "pin to too few people": (pinned(1, "c2", 0, load=0), "visits[1].pinned", "pin", "c2 has 1 people, 2 are needed"),
    "pin to too little room": (pinned(1, "c2", 0, people=1), "visits[1].pinned", "pin", "c2 has room for 0, 3 is needed"),
    "pin with two faults": (pinned(1, "c2", 0), "visits[1].pinned", "pin", "2 are needed; change or remove the pin; cannot"),
    "pin against the hours": (
        pinned(2, "c1", 0, service_s=11_000),
        "visits[2].pinned",
        "pin",
        "does not fit the hours of c1 on day 0, even alone",
    ),
    "skill": (visit(0, skills=["gas"]), "visits[0].skills", "skill", "no crew has gas"),
    "no one crew with both skills": (
        lambda d: d["crews"][1].update(skills=["gas"]) or visit(0, skills=["gas", "oil"])(d),
        "visits[0].skills",
        "skill",
        "no one crew has all of gas, oil",
    ),
    "people": (visit(1, people=3), "visits[1].people", "people", "3 people are needed, the largest crew with the skills has 2"),
    "load": (visit(1, load=4), "visits[1].load", "load", "the largest crew that could do it has room for 3"),
    "days": (visit(0, first_day=1, day_costs=[]), "visits[0].first_day", "day", "no crew that could do it works on days 1..1"),
    "day after the horizon": (visit(2, first_day=2, last_day=3), "visits[2].first_day", "day", "day 2 is after the last day"),
    "window": (visit(2, windows=[{"from_s": 0, "to_s": 100}]), "visits[2]", "hours", "it fits no shift"),
    "work": (visit(2, service_s=20_000), "visits[2]", "hours", "it fits no shift"),
}


@pytest.mark.parametrize(("change", "path", "code", "told"), NAMED.values(), ids=NAMED.keys())
def test_what_cannot_be_planned_is_named_and_the_rest_is_planned(change: Change, path: str, code: str, told: str) -> None:
    document = small_problem()
    change(document)
    problem = parsed(document)
    (notice,) = notices(problem)
    assert (notice.path, notice.code) == (path, code)
    assert told in notice.message
    plan = solve(problem, Stop(rounds=50))
    left_out = {one.visit for one in plan.unplanned}
    assert notice.visit is None or notice.visit in left_out
    verdict = evaluate(problem, plan)
    assert verdict.valid or "hours" in told
    if "planned" not in told and code not in {"no_crew", "no_shift", "no_visit"}:
        assert len(left_out) < len(problem.visits)


def test_a_problem_whose_every_visit_can_be_done_has_nothing_to_tell() -> None:
    assert notices(parsed(small_problem())) == []


def test_every_impossible_visit_is_named_once() -> None:
    document = small_problem()
    for one in document["visits"]:
        one.update(skills=["gas"], people=9, load=99)
    document["visits"][0]["pinned"] = {"crew": "c9", "day": 0}
    assert [notice.path for notice in notices(parsed(document))] == ["visits[0].pinned", "visits[1].skills", "visits[2].skills"]


def test_without_a_crew_one_sentence_says_it_all() -> None:
    document = small_problem(crews=[])
    document["visits"][0] |= {"pinned": {"crew": "c1", "day": 0}, "crew_costs": {}}
    assert [notice.path for notice in notices(parsed(document))] == ["crews"]
