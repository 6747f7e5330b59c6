"""Every reason for leaving a visit out, with the numbers in its sentence worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.rounds.explain import Reason, reasons
from planner.rounds.insertion import Neighbourhood
from planner.rounds.model import Model
from planner.rounds.plan import Unplanned
from planner.rounds.solution import Solution
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from planner.rounds.travel import travel_matrix
from tests.support.rounds import Document, parsed, small_problem


def one_visit(**fields: Any) -> Document:
    """The small problem with v3 alone: 900 s from home and back, 1800 s of work."""
    document = small_problem(published=None)
    document["visits"] = [document["visits"][2] | {"mandatory": True} | fields]
    return document


def reason_of(document: Document) -> Unplanned:
    (left_out,) = solve(parsed(document), Stop(rounds=50)).unplanned
    return left_out


def with_shifts(document: Document, **fields: Any) -> Document:
    """Let c1 have no shifts and c2 the given one, on day 0."""
    first, second = document["crews"]
    shift = second["shifts"][0] | fields
    return document | {"crews": [first | {"shifts": []}, second | {"shifts": [shift]}]}


def test_nobody_has_the_skill() -> None:
    found = reason_of(one_visit(skills=["oil", "rope", "gas"]))
    assert (found.code, found.detail) == ("skill", "No crew has the skill gas.")


def test_nobody_has_the_skills() -> None:
    assert reason_of(one_visit(skills=["steam", "gas"])).detail == "No crew has the skills gas, steam."


def test_nobody_has_both_skills() -> None:
    document = one_visit(skills=["oil", "gas"])
    document["crews"][1]["skills"] = ["gas"]
    assert reason_of(document).detail == "No one crew has all the skills gas, oil."


def test_there_is_no_crew() -> None:
    assert reason_of(one_visit() | {"crews": []}).detail == "There is no crew."


def test_nobody_is_enough_people() -> None:
    found = reason_of(one_visit(people=3, skills=["oil"]))
    assert (found.code, found.detail) == ("people", "It needs 3 people, the largest crew with its skills has 2.")


def test_nobody_has_room_for_the_load() -> None:
    found = reason_of(one_visit(load=5))
    assert (found.code, found.detail) == ("load", "It takes 5 of load, the largest crew that could do it carries 3.")


def test_nobody_works_on_its_only_day() -> None:
    found = reason_of(one_visit(people=2, first_day=1))
    assert (found.code, found.detail) == ("day", "No crew that could do it works on 2026-12-01, its only day.")


def test_nobody_works_on_its_days() -> None:
    document = one_visit(first_day=1, last_day=7) | {"days": 4}
    document["crews"][1]["shifts"].pop()
    assert reason_of(document).detail == "No crew that could do it works from 2026-12-01 to 2026-12-03."


def test_it_is_due_after_the_plan() -> None:
    found = reason_of(one_visit(first_day=2, last_day=5))
    assert (found.code, found.detail) == ("day", "It is due from 2026-12-02 on, after the last day of this plan.")


def test_its_windows_are_beyond_all_shifts() -> None:
    found = reason_of(one_visit(windows=[{"from_s": 0, "to_s": 29699}]))
    assert found.code == "window"
    assert found.detail == "No crew that could do it can start within its time windows, even with nothing else to do."


def test_it_takes_longer_than_any_shift() -> None:
    document = with_shifts(one_visit(), to_s=28800 + 3600 - 61)
    found = reason_of(document)
    assert found.code == "too_long"
    assert found.detail == "Even alone it takes 2 minutes more than any shift has; c2 on 2026-11-30 comes closest."


def test_it_takes_longer_than_any_route_may_last() -> None:
    found = reason_of(with_shifts(one_visit(), max_duration_s=3599))
    assert found.code == "too_long"
    assert "1 minute more" in found.detail


def test_the_hours_forbid_its_pin() -> None:
    found = reason_of(with_shifts(one_visit(pinned={"crew": "c2", "day": 0}), to_s=30000))
    assert found.code == "pin"
    assert found.detail == "It is pinned to c2 on 2026-11-30, where the hours do not allow it."


def test_its_pin_names_who_cannot_do_it() -> None:
    found = reason_of(one_visit(pinned={"crew": "c2", "day": 0}, skills=["oil"]))
    assert found.code == "pin"
    assert found.detail.startswith("It is pinned to c2 on 2026-11-30, who have no such shift, or not the days, skills")


def test_it_is_not_worth_its_way() -> None:
    found = reason_of(one_visit(mandatory=False, defer_cost=1500))
    # 1800 s of driving and 100 for the shift, against 1500
    assert found.code == "not_worth_it"
    assert found.detail == (
        "Planning it would cost as much as 7 minutes of driving more than leaving it out; c1 on 2026-11-30 would be cheapest."
    )


def two_visits(second: Document, **shift: Any) -> Document:
    """v1 and another, v1 dear enough to stay."""
    document = with_shifts(one_visit(id="v1", last_day=0), **shift)
    document["costs"]["missed_mandatory"] = 90_000
    optional = {"id": "v2", "mandatory": False, "defer_cost": 80_000}
    document["visits"].append(document["visits"][0] | optional | second)
    return document


def test_the_shift_is_full_by_so_many_minutes() -> None:
    found = reason_of(two_visits({}, to_s=28800 + 900 + 2 * 1800 + 900 - 1500))
    assert found.code == "shift_full"
    assert found.detail == "All shifts that could take it are full; c2 on 2026-11-30 comes closest and lacks 25 minutes."


def test_the_longest_duration_counts_as_a_full_shift() -> None:
    assert "lacks 10 minutes" in reason_of(two_visits({}, max_duration_s=5400 - 600)).detail


def test_the_load_of_others_leaves_no_room() -> None:
    document = two_visits({"load": 2})
    document["crews"][1]["load_capacity"] = 3
    document["visits"][0]["load"] = 2
    found = reason_of(document)
    assert found.code == "load_full"
    assert found.detail == "Every crew that could do it is loaded already; 1 more room for load would do."


def test_its_window_is_taken_by_another_visit() -> None:
    window = {"windows": [{"from_s": 30000, "to_s": 30000}]}
    document = two_visits(window)
    document["visits"][0] |= window
    found = reason_of(document)
    assert found.code == "window"
    assert found.detail == "Within its time windows and those of the visits around it, no route has a place for it."


def test_its_bank_is_at_work() -> None:
    window = {"windows": [{"from_s": 30000, "to_s": 30000}], "bank": "lobby"}
    document = two_visits(window)
    document["visits"][0] |= window
    document["crews"][0] = document["crews"][1] | {"id": "c9"}
    found = reason_of(document)
    assert found.code == "bank"
    assert found.detail == "Whenever it would fit, another elevator of bank lobby is at work."


def test_its_pin_does_not_fit_beside_others() -> None:
    pin = {"pinned": {"crew": "c2", "day": 0}}
    document = two_visits(pin, to_s=28800 + 900 + 1800 + 900)
    document["visits"][0] |= pin
    found = reason_of(document)
    assert found.code == "pin"
    assert found.detail == "It is pinned to c2 on 2026-11-30, where it does not fit beside the other visits."


WINDOW = {"windows": [{"from_s": 30000, "to_s": 30000}]}


def _two_starts(second: Document, **fields: Any) -> Document:
    """Two visits in the same place that start at one moment each."""
    document = two_visits(second)
    document["visits"][0] |= WINDOW
    document["visits"][1] |= fields
    return document


def _lighter() -> Document:
    document = two_visits({"load": 1})
    document["crews"][1]["load_capacity"] = 3
    document["visits"][0]["load"] = 2
    return document


def _beside_another_crew(bank: Document) -> Document:
    document = _two_starts(WINDOW)
    document["visits"] = [visit | bank for visit in document["visits"]]
    document["crews"][0] = document["crews"][1] | {"id": "c9"}
    return document


@pytest.mark.parametrize(
    ("code", "has", "has_not"),
    [
        ("skill", one_visit(skills=["oil", "gas"]), one_visit(skills=["oil", "rope"])),
        ("people", one_visit(people=3), one_visit(people=2)),
        ("load", one_visit(load=4), one_visit(load=3)),
        ("day", one_visit(people=2, first_day=1), one_visit(people=2, first_day=0)),
        ("day", one_visit(first_day=2, last_day=2), one_visit(first_day=1, last_day=2)),
        (
            "window",
            one_visit(windows=[{"from_s": 0, "to_s": 29699}]),
            one_visit(windows=[{"from_s": 0, "to_s": 29700}]),
        ),
        ("too_long", with_shifts(one_visit(), to_s=28800 + 3599), with_shifts(one_visit(), to_s=28800 + 3600)),
        (
            "pin",
            with_shifts(one_visit(pinned={"crew": "c2", "day": 0}), to_s=32399),
            with_shifts(one_visit(pinned={"crew": "c2", "day": 0}), to_s=32400),
        ),
        (
            "not_worth_it",
            one_visit(mandatory=False, defer_cost=1899),
            one_visit(mandatory=False, defer_cost=1901),
        ),
        ("shift_full", two_visits({}, to_s=28800 + 5399), two_visits({}, to_s=28800 + 5400)),
        ("shift_full", two_visits({}, max_duration_s=5399), two_visits({}, max_duration_s=5400)),
        ("load_full", _lighter() | {"crews": [{**_lighter()["crews"][1], "load_capacity": 2}]}, _lighter()),
        ("window", _two_starts(WINDOW), _two_starts({"windows": [{"from_s": 31800, "to_s": 31800}]})),
        ("bank", _beside_another_crew({"bank": "lobby"}), _beside_another_crew({"bank": None})),
    ],
)
def test_a_reason_is_given_at_its_limit_and_not_just_before_it(code: str, has: Document, has_not: Document) -> None:
    assert {left_out.code for left_out in solve(parsed(has), Stop(rounds=50)).unplanned} == {code}
    assert solve(parsed(has_not), Stop(rounds=50)).unplanned == ()


def test_mandatory_visits_are_explained_first() -> None:
    document = one_visit(skills=["gas"])
    document["visits"] = [document["visits"][0] | {"id": f"v{n}", "mandatory": n % 2 > 0} for n in range(4)]
    plan = solve(parsed(document), Stop(rounds=10))
    assert [left_out.visit for left_out in plan.unplanned] == ["v1", "v3", "v0", "v2"]


@pytest.mark.parametrize(("hurry", "told"), [(True, "The shifts of all crews"), (False, "comes closest and lacks 25 minutes")])
def test_in_a_hurry_minutes_are_not_counted(hurry: bool, told: str) -> None:
    problem = parsed(two_visits({}, to_s=28800 + 900 + 2 * 1800 + 900 - 1500))
    model = Model(problem, travel_matrix(problem.travel, problem.locations))
    solution = Solution(model)
    way = solution.way(0, [0])
    assert way is not None
    solution.put(way)
    (found,) = reasons(solution, Neighbourhood(model), lambda: hurry)
    assert found.code == "shift_full"
    assert told in found.detail


def test_a_reason_carries_its_place_and_amount_for_those_who_say_it_in_another_language() -> None:
    problem = parsed(two_visits({}, to_s=28800 + 900 + 2 * 1800 + 900 - 1500))
    model = Model(problem, travel_matrix(problem.travel, problem.locations))
    solution = Solution(model)
    way = solution.way(0, [0])
    assert way is not None
    solution.put(way)
    (found,) = reasons(solution, Neighbourhood(model), lambda: False)
    assert isinstance(found, Reason)
    assert (found.crew, found.day, found.amount) == ("c2", 0, 25)


@pytest.mark.parametrize(
    ("price", "code", "told"), [(1900, "not_worth_it", "as much as leaving it out"), (1960, "possible", "driving less")]
)
def test_a_plan_that_could_have_it_is_blamed_itself(price: int, code: str, told: str) -> None:
    problem = parsed(one_visit(mandatory=False, defer_cost=price))
    model = Model(problem, travel_matrix(problem.travel, problem.locations))
    (found,) = reasons(Solution(model), Neighbourhood(model), lambda: False)
    assert (found.code, found.amount) == (code, abs(price - 1900))
    assert told in found.detail
