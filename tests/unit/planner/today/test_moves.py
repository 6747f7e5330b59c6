"""Changes on a day under way, on a round that can be reckoned by hand."""

from __future__ import annotations

from typing import Any

import pytest

from planner.rounds.plan import SCHEMA as PLAN
from planner.rounds.plan import Plan, Route, Stop
from planner.rounds.problem import Problem
from planner.today.asked import SCHEMA, Progress, Today, UnderWay
from planner.today.breaches import Breach, sentence
from planner.today.moves import Moved, Moves
from planner.today.words import Names
from tests.support.rounds import parsed, small_problem

H = 3600


def visit(name: str, place: str, **changes: Any) -> dict[str, Any]:
    return {"id": name, "location": place, "service_s": H, "first_day": 0, "last_day": 0} | changes


def problem(*visits: dict[str, Any], **shift: Any) -> Problem:
    """Places ten minutes apart; a crew with room for four hours' work and half an hour of overtime, and another one."""
    places = ["home", "a", "b", "c"]
    hours = {
        "day": 0,
        "from_s": 8 * H,
        "to_s": 12 * H,
        "start_location": "home",
        "end_location": "home",
        "max_overtime_s": 1800,
    }
    crews = [
        {"id": "c1", "people": 1, "skills": ["oil"], "shifts": [hours | shift]},
        {"id": "c2", "people": 1, "shifts": [hours]},
    ]
    table = [[0 if one == other else 600 for other in places] for one in places]
    return parsed(
        small_problem()
        | {"days": 1, "locations": [{"id": place} for place in places], "travel": {"durations_s": table}}
        | {"visits": list(visits), "crews": crews, "published": {}}
    )


def day(of: Problem, c1: str, c2: str = "", now_s: int = 7 * H, *progress: Progress, turning: tuple[str, ...] = ()) -> Moves:
    """The round of each crew, visits one after the other from eight on."""
    place = {each.id: each.location for each in of.visits}
    routes = []
    for crew, names in (("c1", c1.split()), ("c2", c2.split())):
        clock, here, stops = 8 * H, "home", []
        for name in names:
            clock += 0 if place[name] == here else 600
            stops.append(Stop(name, clock, clock, clock + H))
            clock, here = clock + H, place[name]
        if stops:
            routes.append(Route(crew, 0, 8 * H, clock + 600, tuple(stops), None))
    return Moves(of, Plan(PLAN, tuple(routes), ()), Today(SCHEMA, 0, now_s, progress), turning)


def moved(found: Moved | list[Breach]) -> Moved:
    assert isinstance(found, Moved), found
    return found


def broken(found: Moved | list[Breach]) -> list[Breach]:
    assert isinstance(found, list), found
    return found


def test_another_order_has_its_times_and_what_it_costs() -> None:
    asked = day(problem(visit("x", "a"), visit("y", "b"), visit("z", "a")), "x z y")
    found = moved(asked.change({"c1": ["x", "y", "z"]}))
    [route] = found.plan.routes
    assert [(stop.visit, stop.start_s) for stop in route.stops] == [
        ("x", 8 * H + 600),
        ("y", 9 * H + 1200),
        ("z", 10 * H + 1800),
    ]
    side = found.sides["c1"]
    assert side.extra_drive_s == 600
    assert side.return_s is not None
    assert side.return_s - (side.return_before_s or 0) == 600


def test_missed_hours_are_named_with_the_time_of_the_begin() -> None:
    hours = [{"from_s": 8 * H, "to_s": 9 * H}]
    asked = day(problem(visit("x", "a", windows=hours), visit("y", "b"), visit("z", "c")), "x y z")
    [breach] = broken(asked.change({"c1": ["y", "x", "z"]}))
    assert (breach.code, breach.visit, breach.at_s, breach.already) == ("window", "x", 9 * H + 1200, False)
    en, zh = sentence(breach, Names())
    assert en == "x would begin at 09:20; it is open for work 08:00–09:00"
    assert zh == "x将于09:20开始，可作业时段为08:00–09:00"


def test_two_that_miss_their_hours_are_both_named() -> None:
    early, later = [{"from_s": 8 * H, "to_s": 9 * H}], [{"from_s": 8 * H, "to_s": 9 * H + 1800}]
    asked = day(problem(visit("x", "a", windows=early), visit("y", "b", windows=later), visit("z", "c")), "x y z")
    found = broken(asked.change({"c1": ["z", "x", "y"]}))
    assert [(each.code, each.visit, each.at_s) for each in found] == [
        ("window", "x", 9 * H + 1200),
        ("window", "y", 10 * H + 1800),
    ]


def test_an_end_too_late_is_named_with_its_limit_and_overtime_inside_it_is_none() -> None:
    three = (visit("x", "a"), visit("y", "b"), visit("z", "a"))
    asked = day(problem(*three, to_s=11 * H + 600, max_overtime_s=1800), "x z y")
    found = moved(asked.change({"c1": ["x", "y", "z"]}))
    assert found.sides["c1"].overtime_s == 1800
    asked = day(problem(*three, to_s=11 * H + 600, max_overtime_s=1500), "x z y")
    [breach] = broken(asked.change({"c1": ["x", "y", "z"]}))
    assert (breach.code, breach.at_s, breach.limit_s) == ("shift", 11 * H + 2400, 11 * H + 2100)
    assert "back at 11:40, 5 min after the latest end with overtime (11:35)" in sentence(breach, Names())[0]


def test_a_break_without_room_is_named() -> None:
    pause = {"break": {"from_s": 10 * H, "to_s": 10 * H + 300, "duration_s": 1800}}
    visits = (visit("x", "a", service_s=6600), visit("y", "b", service_s=5400))
    asked = day(problem(*visits, **pause), "x y")
    moved(asked.change({"c1": ["x", "y"]}))
    tight = (visit("x", "a", service_s=5400), visit("y", "b", service_s=8400))
    found = broken(day(problem(*tight, **pause), "x y").change({"c1": ["y", "x"]}))
    assert [each.code for each in found] == ["break"]


def test_what_breaks_already_is_marked() -> None:
    hours = [{"from_s": 8 * H, "to_s": 9 * H}]
    late = Progress("c1", 8 * H, (), UnderWay("y", 8 * H + 600, 8 * H + 600, 10 * H))
    asked = day(problem(visit("x", "a", windows=hours), visit("y", "b"), visit("z", "c")), "y x z", "", 9 * H, late)
    [breach] = broken(asked.change({"c1": ["z", "x"]}))
    assert (breach.code, breach.already) == ("window", True)


def test_what_is_under_way_stays_and_a_crew_on_its_way_may_turn_round_only_where_it_asks() -> None:
    of = problem(visit("x", "a"), visit("y", "b"), visit("z", "c"))
    driving = Progress("c1", 8 * H)
    assert day(of, "x y z", "", 8 * H + 300, driving).movable("c1") == ["y", "z"]
    asked = day(of, "x y z", "", 8 * H + 300, driving, turning=("c1",))
    assert asked.movable("c1") == ["x", "y", "z"]
    found = moved(asked.change({"c1": ["y", "x", "z"]}))
    assert found.plan.routes[0].stops[0].visit == "y"
    with pytest.raises(ValueError, match="all visits"):
        asked.change({"c1": ["y", "x"]})


def test_a_stop_goes_to_a_colleague_who_may_do_it_at_its_cheapest_place() -> None:
    of = problem(visit("x", "a"), visit("y", "b", skills=["oil"]), visit("u", "a"), visit("v", "c"))
    asked = day(of, "x y", "u v")
    swaps = asked.swaps("c1", "x", 9)
    assert (swaps[0].to_crew, swaps[0].takes) == ("c2", None)
    best = swaps[0]
    assert best.moved.sides["c1"].extra_drive_s == -600
    assert best.moved.sides["c2"].extra_drive_s == 0
    assert {each.takes for each in swaps} == {None, "u", "v"}
    assert asked.swaps("c1", "y", 9) == [], "the other crew lacks the skill"
    assert asked.swap("c1", "y", "c2", None) is None


def test_a_stop_is_not_given_where_there_is_no_time_but_exchanged() -> None:
    full = [visit(name, "a", service_s=2 * H) for name in ("u", "v")]
    asked = day(problem(visit("x", "a"), *full), "x", "u v")
    assert [each.takes for each in asked.swaps("c1", "x", 9)] == ["u", "v"]


def test_neighbours_of_a_bank_are_never_out_together() -> None:
    of = problem(visit("x", "a", bank="lobby"), visit("y", "b"), visit("u", "a", bank="lobby"), visit("v", "b"))
    asked = day(of, "x y", "v u")
    found = asked.change({"c1": ["y", "x"]})
    if isinstance(found, Moved):
        spans = sorted((stop.start_s, stop.leave_s) for r in found.plan.routes for stop in r.stops if stop.visit in ("x", "u"))
        assert spans[0][1] <= spans[1][0]
    else:
        assert {each.code for each in found} == {"bank"}
