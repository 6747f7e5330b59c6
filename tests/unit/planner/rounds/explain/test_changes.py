"""Every kind of change on a problem where it is what is missing, with its price worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.rounds.explain.apply import Change, apply
from planner.rounds.explain.changes import changes
from planner.rounds.explain.look import Look
from planner.rounds.explain.words import Wording
from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from planner.rounds.problem import Window
from tests.support.rounds import Document, parsed, small_problem

HOME_S = 900
"""From home to place b, and back."""
WORK_S = 1800


def document(first: Document | None = None, second: Document | None = None, **shift: Any) -> Document:
    """v1 and v2 in place b, 900 s from home, due on day 0; c2 alone works, on day 0, long enough for one of them."""
    base = small_problem(published=None)
    visit = base["visits"][2] | {"mandatory": True, "last_day": 0}
    hours = base["crews"][1]["shifts"][0] | {"to_s": 28800 + 2 * HOME_S + WORK_S} | shift
    base["visits"] = [visit | {"id": "v1"} | (first or {}), visit | {"id": "v2"} | (second or {})]
    base["crews"] = [base["crews"][0] | {"shifts": []}, base["crews"][1] | {"shifts": [hours]}]
    return base


def found(base: Document, *, planned: tuple[str, ...] = ("v1",), visit: str = "v2") -> dict[str, Change]:
    """Ask for the changes of a visit where c2 does the planned ones on day 0."""
    stops = tuple(Stop(name, 0, 0, 0) for name in planned)
    routes = (Route("c2", 0, 0, 0, stops),) if planned else ()
    look = Look(parsed(base), Plan(SCHEMA, routes, (Unplanned(visit),)))
    told = changes(look, visit)
    assert [change.difference.cost for change in told] == sorted(change.difference.cost for change in told)
    assert all(Wording(look.problem).say(change.told) for change in told)
    return {change.kind: change for change in told}


def test_minutes_of_overtime() -> None:
    change = found(document())["overtime"]
    assert (change.crew, change.day, change.amount) == ("c2", 0, 30)
    # nothing more to drive, half an hour at 2 a second, and a mandatory visit less is missed
    assert (change.difference.driving_s, change.difference.overtime, change.difference.left_out) == (0, 3600, -20000)
    assert change.difference.cost == 3600 - 20000


def test_overtime_counts_what_is_allowed_already_and_a_longest_duration() -> None:
    change = found(document(max_overtime_s=600, max_duration_s=2 * HOME_S + WORK_S))["overtime"]
    assert change.amount == 30
    shift = apply(parsed(document(max_overtime_s=600, max_duration_s=3600)), change).crews[1].shifts[0]
    assert (shift.max_overtime_s, shift.max_duration_s) == (600 + 1800, 3600 + 1800)


def test_no_more_overtime_than_makes_sense() -> None:
    assert "overtime" not in found(document(second={"service_s": 4 * 3600}))


def test_a_swap_that_moves_the_other() -> None:
    base = document(first={"last_day": 1})
    base["crews"][1]["shifts"].append(base["crews"][1]["shifts"][0] | {"day": 1})
    change = found(base)["swap"]
    assert (change.other, change.other_crew, change.other_day, change.other_position) == ("v1", "c2", 1, 0)
    # another route: 1800 s of driving and its fixed price
    assert change.difference.cost == 1800 + 100 - 20000


def test_a_swap_that_leaves_the_other_out() -> None:
    change = found(document(first={"mandatory": False, "defer_cost": 50}))["swap"]
    assert (change.other, change.other_crew) == ("v1", None)
    assert change.difference.cost == 50 - 20000


def test_a_pinned_visit_does_not_give_way() -> None:
    assert "swap" not in found(document(first={"pinned": {"crew": "c2", "day": 0}}))


def test_wider_hours() -> None:
    narrow = {"windows": [{"from_s": 0, "to_s": 28800 + HOME_S - 60}]}
    change = found(document(second=narrow), planned=())["window"]
    assert (change.from_s, change.to_s) == (0, 28800 + HOME_S)
    changed = apply(parsed(document(second=narrow)), change).visits[1]
    assert Window(0, 28800 + HOME_S) in changed.windows


def test_hours_are_not_blamed_for_a_full_shift() -> None:
    assert "window" not in found(document(second={"windows": [{"from_s": 0, "to_s": 80000}]}))


def test_a_day_on_which_nobody_works() -> None:
    change = found(document(second={"last_day": 1}))["shift"]
    assert (change.crew, change.day) == ("c2", 1)
    assert change.difference.cost == 1800 + 100 - 20000
    assert [shift.day for shift in apply(parsed(document()), change).crews[1].shifts] == [0, 1]


def _two_days(second: Document) -> Document:
    base = document(second=second)
    base["crews"][1]["shifts"].append(base["crews"][1]["shifts"][0] | {"day": 1})
    return base


def test_a_later_last_day_costs_what_the_last_day_cost() -> None:
    change = found(_two_days({"day_costs": [7]}))["last_day"]
    assert (change.limit, change.amount, change.day) == (1, 1, 1)
    assert (change.difference.days, change.difference.cost) == (7, 1800 + 100 + 7 - 20000)
    assert apply(parsed(_two_days({"day_costs": [7]})), change).visits[1].day_costs == (7, 7)


def test_an_earlier_first_day() -> None:
    base = _two_days({"first_day": 1, "last_day": 1, "service_s": 1800})
    base["crews"][1]["shifts"].pop()
    change = found(base, planned=())["first_day"]
    assert (change.limit, change.amount, change.day) == (0, 1, 0)


def test_a_pin_taken_off() -> None:
    base = _two_days({"last_day": 1, "pinned": {"crew": "c2", "day": 0}})
    change = found(base)["unpin"]
    assert (change.crew, change.day) == ("c2", 1)
    assert apply(parsed(base), change).visits[1].pinned is None


def test_a_skill_a_person_and_room() -> None:
    long_day: Any = {"to_s": 40000}
    skill = found(document(second={"skills": ["oil"]}, **long_day))["skill"]
    assert (skill.crew, skill.skills, skill.difference.driving_s) == ("c2", ("oil",), 0)
    people = found(document(second={"people": 3}, **long_day))["people"]
    assert (people.crew, people.amount) == ("c2", 2)
    load = found(document(second={"load": 2}, **long_day))["load"]
    assert (load.crew, load.amount) == ("c2", 2)


def test_one_change_at_a_time() -> None:
    assert found(document(second={"skills": ["oil"], "people": 3}, to_s=40000)) == {}


def test_what_only_costs_too_much_can_be_planned_all_the_same() -> None:
    base = document(first={"mandatory": False, "defer_cost": 1500}, to_s=40000)
    change = found(base, planned=(), visit="v1")["plan_it"]
    # 1800 of driving and 100 for the shift against 1500; one more and the planner itself would plan it
    assert (change.difference.cost, change.amount) == (400, 401)
    assert apply(parsed(base), change).visits[0].defer_cost == 1901


def test_a_planned_visit_needs_no_change_and_an_unknown_one_is_refused() -> None:
    assert found(document(), visit="v1") == {}
    with pytest.raises(FaultyInputError, match="v9 is no visit"):
        found(document(), visit="v9")
