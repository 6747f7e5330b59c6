"""Why not this day, why not this crew: what is forbidden, what does not fit, what it costs, and who makes room."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.explain.forced import WhyNot, why_not
from planner.rounds.explain.look import Look
from planner.rounds.explain.report import say_why_not
from planner.rounds.explain.words import Wording
from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from tests.support.rounds import Document, parsed, small_problem


def document(**fields: Any) -> Document:
    """v1 and v2 in place b; c2 works on days 0 and 1, long enough for one of them a day; c1 is off."""
    base = small_problem(published=None)
    visit = base["visits"][2] | {"mandatory": True}
    hours = base["crews"][1]["shifts"][0] | {"to_s": 28800 + 3600}
    base["visits"] = [visit | {"id": "v1"} | fields, visit | {"id": "v2"}]
    base["crews"] = [base["crews"][0] | {"shifts": []}, base["crews"][1] | {"shifts": [hours, hours | {"day": 1}]}]
    return base


def asked(base: Document, *, second: bool = True, **question: Any) -> WhyNot:
    """Ask about v1 where it is on day 0 and v2 on day 1, or left out."""
    days = {"v1": 0} | ({"v2": 1} if second else {})
    routes = tuple(Route("c2", day, 0, 0, (Stop(name, 0, 0, 0),)) for name, day in days.items())
    left_out = () if second else (Unplanned("v2"),)
    return why_not(Look(parsed(base), Plan(SCHEMA, routes, left_out)), question.pop("visit", "v1"), **question)


def test_what_is_there_already() -> None:
    assert asked(document(), day=0).outcome == "same"
    assert asked(document(), crew="c2").outcome == "same"


@pytest.mark.parametrize(
    ("fields", "question", "form"),
    [
        ({"last_day": 0}, {"day": 1}, "day_after_last"),
        ({}, {"day": 7}, "day_outside_plan"),
        ({}, {"crew": "c1", "day": 1}, "crew_off"),
        ({}, {"crew": "c1"}, "crew_off_all"),
        ({"pinned": {"crew": "c2", "day": 0}}, {"day": 1}, "pinned_elsewhere"),
        ({"pinned": {"crew": "c2", "day": 0}}, {"crew": "c1"}, "pinned_elsewhere"),
    ],
)
def test_what_a_rule_forbids(fields: Document, question: Document, form: str) -> None:
    found = asked(document(**fields), **question)
    assert (found.outcome, found.told.form, found.plan) == ("forbidden", form, None)


def test_hours_too_short_even_alone_are_a_rule() -> None:
    base = document()
    base["crews"][1]["shifts"][1]["to_s"] = 28800 + 3599
    found = asked(base, second=False, day=1)
    assert (found.outcome, found.rules[0].code) == ("forbidden", "too_long")


def test_at_once_it_does_not_fit_and_with_others_moved_it_does() -> None:
    assert asked(document(), day=1, rounds=0).outcome == "does_not_fit"
    assert asked(document(), day=1, rounds=0).rules[0].amount == 30
    found = asked(document(), day=1)
    assert (found.outcome, found.alone) == ("possible", None)
    assert found.difference is not None
    assert found.difference.cost == 0
    (other,) = found.moved
    assert (other.visit, other.before and other.before.day, other.after and other.after.day) == ("v2", 1, 0)
    assert (found.newly_left_out, found.nearer_to_last_day) == ((), ())


def test_who_has_to_give_way_and_who_comes_later_is_the_risk() -> None:
    base = document()
    base["visits"][1]["first_day"] = 1
    found = asked(base, day=1)
    assert found.newly_left_out == ("v2",)
    assert found.difference is not None
    assert found.difference.left_out == 20000
    later = asked(document(), visit="v2", day=0)
    assert later.nearer_to_last_day == ("v1",)


def test_a_visit_left_out_can_be_asked_for() -> None:
    found = asked(document(), visit="v2", second=False, day=1)
    assert (found.outcome, found.difference and found.difference.cost) == ("possible", 1800 + 100 - 20000)
    assert found.plan is not None
    assert evaluate(parsed(document()), found.plan).valid


def test_the_same_question_has_the_same_answer() -> None:
    assert asked(document(), day=1) == asked(document(), day=1)


def test_a_question_without_crew_and_day_or_about_nobody_is_refused() -> None:
    with pytest.raises(FaultyInputError, match="a crew, a day, or both"):
        asked(document())
    with pytest.raises(FaultyInputError, match="c7 is no crew"):
        asked(document(), crew="c7")


def test_the_answer_is_said_in_both_languages() -> None:
    found = say_why_not(Wording(parsed(document())), asked(document(), visit="v2", second=False, day=1))
    assert found.parts is not None
    assert found.said.en.startswith("It can be done, and the plan would even cost as much as ")
    assert found.parts.zh.startswith("车程多 30 分钟")
    forbidden = say_why_not(Wording(parsed(document())), asked(document(), crew="c1", day=1))
    assert [rule.zh for rule in forbidden.rules] == ["c1 于 2026-12-01 不上班。"]


def test_explaining_needs_no_compiler_and_no_solver() -> None:
    """They take longer to load than a question to answer."""
    code = (
        "import sys; from planner.rounds.explain import forced, report; "
        "print([name for name in ('numba', 'ortools', 'scipy') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
