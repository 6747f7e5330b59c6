"""A planned visit beside what it could be: prices and rules worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.rounds.explain.look import Look
from planner.rounds.explain.planned import Elsewhere, Planned, planned
from planner.rounds.explain.words import Wording
from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from tests.support.rounds import Document, parsed, small_problem


def document(**fields: Any) -> Document:
    """v3 in place b, 900 s from home, on four days; c1 works on day 0, c2 on days 0, 1 and 3."""
    base = small_problem(published=None, days=4)
    base["visits"] = [base["visits"][2] | {"mandatory": True, "last_day": 9} | fields]
    base["crews"][1]["shifts"].append(base["crews"][1]["shifts"][0] | {"day": 3})
    return base


def explained(base: Document, crew: str = "c2", day: int = 1) -> Planned:
    plan = Plan(SCHEMA, (Route(crew, day, 0, 0, (Stop("v3", 0, 0, 0),)),), ())
    return planned(Look(parsed(base), plan), "v3")


def on(found: Planned, offset: int) -> Elsewhere:
    return next(each for each in found.days if each.offset == offset)


def code(place: Elsewhere) -> tuple[str, str] | None:
    return None if place.rule is None else (place.rule.code, place.rule.told.form)


def test_where_it_is_and_what_it_would_save_to_leave_it_out() -> None:
    found = explained(document())
    assert (found.crew, found.day, found.position, found.start_s) == ("c2", 1, 0, 28800 + 900)
    assert (found.first_day, found.last_day, found.spare_days) == (0, 9, 8)
    assert found.skipping is not None
    assert found.skipping.cost == 20000 - 1800 - 100


def test_another_day_costs_what_its_day_costs() -> None:
    found = explained(document(day_costs=[5, 20, 0, 80, 0, 0, 0, 0, 0, 0], crew_costs={"c1": 30, "c2": 7}))
    sooner, later = on(found, -1), on(found, 2)
    # on day 0 the other crew has the break and dislikes the visit
    assert (sooner.crew, sooner.difference and sooner.difference.cost) == ("c2", 5 - 20)
    assert (later.crew, later.difference and later.difference.days) == ("c2", 60)
    assert found.told.form == "planned_better"


def test_days_that_cannot_be_had_have_their_rule() -> None:
    found = explained(document(first_day=1, last_day=2))
    assert code(on(found, -1)) == ("day", "day_before_first")
    assert code(on(found, -2)) == ("day", "day_outside_plan")
    assert code(on(found, 1)) == ("day", "day_nobody_works")
    assert code(on(found, 2)) == ("day", "day_after_last")
    assert code(on(found, 3)) == ("day", "day_outside_plan")


def test_a_day_on_which_nobody_is_able_says_what_is_lacking() -> None:
    base = document(skills=["oil"], day_costs=[])
    found = explained(base, "c1", 0)
    assert code(on(found, 1)) == ("skill", "crew_lacks_skill")
    assert on(found, 1).crew is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"skills": ["oil"]}, ("skill", "crew_lacks_skill")),
        ({"people": 2}, ("people", "crew_too_small")),
        ({"load": 1}, ("load", "crew_no_room")),
        ({"pinned": {"crew": "c1", "day": 0}}, ("pin", "pinned_elsewhere")),
    ],
)
def test_a_crew_that_cannot_have_it_has_its_rule(fields: Document, told: tuple[str, str]) -> None:
    (other,) = explained(document(**fields), "c1", 0).crews
    assert (other.crew, code(other)) == ("c2", told)


def test_another_crew_of_the_day_and_one_that_is_off() -> None:
    (other,) = explained(document(), "c2", 0).crews
    assert other.crew == "c1"
    assert other.difference is not None
    assert other.difference.cost == 0
    (off,) = explained(document(), "c2", 1).crews
    assert code(off) == ("day", "crew_off")


def test_a_full_day_lacks_minutes() -> None:
    base = document()
    base["crews"][1]["shifts"][2]["to_s"] = 28800 + 3600
    base["visits"].append(base["visits"][0] | {"id": "v4"})
    routes = tuple(Route("c2", day, 0, 0, (Stop(name, 0, 0, 0),)) for day, name in ((1, "v3"), (3, "v4")))
    found = planned(Look(parsed(base), Plan(SCHEMA, routes, ())), "v3")
    assert code(on(found, 2)) == ("shift_full", "shift_full_by")
    rule = on(found, 2).rule
    assert rule is not None
    assert rule.amount == 30


def test_a_visit_that_has_no_other_place_says_so() -> None:
    base = document(first_day=1, last_day=1)
    assert explained(base).told.form == "planned_only_place"
    assert Wording(parsed(base)).say(explained(base).told).zh


def test_visits_that_are_not_planned_are_refused() -> None:
    look = Look(parsed(document()), Plan(SCHEMA, (), (Unplanned("v3"),)))
    with pytest.raises(FaultyInputError, match="v3 is left out"):
        planned(look, "v3")


def test_a_plan_of_another_problem_is_refused() -> None:
    plan = Plan(SCHEMA, (Route("c2", 2, 0, 0, (Stop("v3", 0, 0, 0),)),), ())
    with pytest.raises(FaultyInputError, match="1 of its stops cannot be where they are"):
        Look(parsed(document()), plan)
