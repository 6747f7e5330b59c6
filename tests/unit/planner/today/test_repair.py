"""A day of three crews that goes another way: what is frozen, what moves, who is offered for an emergency.

All places lie on one line, 600 s apart: h (home), a, b, c, d. Visits take 1800 s. Crew c1 goes a, b, c; c2 goes c, d; c3 is
at home on call. Every number of these tests can be reckoned by hand.
"""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import SCHEMA as PLAN
from planner.rounds.plan import Plan, Route, Stop
from planner.rounds.problem import Break, Costs, Crew, Location, Place, Problem, Shift, Travel, Visit, Window
from planner.today.answer import Outcome, Repair
from planner.today.asked import SCHEMA, Closed, CrewOut, Delay, Emergency, Progress, Today, UnderWay
from planner.today.repair import problem_after, repair

PLACES = ("h", "a", "b", "c", "d")
EIGHT, WORK, LEG = 28_800, 1800, 600
replace = msgspec.structs.replace


def visit(name: str, place: str, **given: Any) -> Visit:
    return Visit(name, place, WORK, 0, given.pop("last_day", 1), **given)


def shift(day: int, **given: Any) -> Shift:
    return Shift(day, EIGHT, given.pop("to_s", 61_200), "h", "h", **given)


def problem(**given: Any) -> Problem:
    crews = tuple(Crew(name, (shift(0), shift(1))) for name in ("c1", "c2", "c3"))
    values: dict[str, Any] = {
        "visits": (visit("v1", "a"), visit("v2", "b"), visit("v3", "c"), visit("w1", "c"), visit("w2", "d")), "crews": crews,
    } | given  # fmt: skip
    matrix = [[abs(i - j) * LEG for j in range(len(PLACES))] for i in range(len(PLACES))]
    return Problem(
        "liftrounds/problem/1", datetime.date(2026, 11, 30), 2, "Asia/Shanghai", tuple(Location(name) for name in PLACES),
        Travel(durations_s=matrix), values["visits"], values["crews"], Costs(1, 0, 2, 20_000, 0),
    )  # fmt: skip


def route(crew: str, *stops: tuple[str, int], home: str = "h", rest_s: int | None = None) -> Route:
    """Give a round that leaves at eight; every stop is a visit and its start."""
    made = tuple(Stop(name, start, start, start + WORK) for name, start in stops)
    places = {"v1": "a", "v2": "b", "v3": "c", "w1": "c", "w2": "d"}
    back = abs(PLACES.index(places[stops[-1][0]]) - PLACES.index(home)) * LEG
    return Route(crew, 0, EIGHT, made[-1].leave_s + back, made, rest_s)


V1, V2, V3 = EIGHT + LEG, EIGHT + 2 * LEG + WORK, EIGHT + 3 * LEG + 2 * WORK
W1, W2 = EIGHT + 3 * LEG, EIGHT + 4 * LEG + WORK
KEPT = Plan(PLAN, (route("c1", ("v1", V1), ("v2", V2), ("v3", V3)), route("c2", ("w1", W1), ("w2", W2))), ())


def asked(now_s: int, **given: Any) -> Today:
    return Today(SCHEMA, 0, now_s, **given)


def outcome(answer: Repair) -> Outcome:
    assert answer.outcome is not None
    return answer.outcome


def round_of(found: Outcome, crew: str, day: int = 0) -> list[str]:
    return [stop.visit for each in found.plan.routes if (each.crew, each.day) == (crew, day) for stop in each.stops]


def start_of(found: Outcome, name: str) -> int:
    return next(stop.start_s for each in found.plan.routes for stop in each.stops if stop.visit == name)


def checked(asked_of: Problem, plan: Plan, today: Today) -> Repair:
    """Repair, and let the evaluator judge the whole plan."""
    answer = repair(asked_of, plan, today)
    found = outcome(answer)
    assert evaluate(problem_after(asked_of, plan, today, found.plan), found.plan).violations == ()
    return answer


def test_the_plan_of_these_tests_is_valid() -> None:
    assert evaluate(problem(), KEPT).violations == ()


def test_nothing_changes_where_nothing_has_happened() -> None:
    found = outcome(checked(problem(), KEPT, asked(V2 + 60)))
    assert found.plan.routes == KEPT.routes
    assert found.visits == ()
    assert found.crews == ()


def test_a_crew_that_is_out_finishes_its_work_and_gives_up_the_rest() -> None:
    today = asked(V1 + 60, crews_out=(CrewOut("c1"),))
    answer = checked(problem(), KEPT, today)
    found = outcome(answer)
    assert round_of(found, "c1") == ["v1"]
    assert answer.released == {"v2": "crew_out", "v3": "crew_out"}
    assert {change.visit: change.kind for change in found.visits if change.code} == {"v2": "moved", "v3": "moved"}
    home = next(each for each in found.plan.routes if (each.crew, each.day) == ("c1", 0))
    assert home.return_s == V1 + WORK + LEG


def test_a_crew_that_leaves_at_noon_is_home_by_then() -> None:
    today = asked(V1 + 60, crews_out=(CrewOut("c1", V2 + WORK + 2 * LEG),))
    found = outcome(checked(problem(), KEPT, today))
    assert round_of(found, "c1") == ["v1", "v2"]


def test_a_crew_that_is_out_for_days_has_nothing_on_any_of_them() -> None:
    found = outcome(checked(problem(), KEPT, asked(EIGHT - 60, crews_out=(CrewOut("c1", through_day=1),))))
    assert round_of(found, "c1") == []
    assert round_of(found, "c1", 1) == []
    assert {change.visit for change in found.visits if change.kind == "moved"} == {"v1", "v2", "v3"}


def test_a_visit_that_keeps_its_crew_moves_to_a_day_in_plain_words() -> None:
    alone = problem(crews=(Crew("c1", (shift(0), shift(1))),), visits=(visit("v1", "a"),))
    plan = Plan(PLAN, (route("c1", ("v1", V1)),), ())
    [change] = outcome(checked(alone, plan, asked(EIGHT - 60, crews_out=(CrewOut("c1"),)))).visits
    assert change.en.startswith("v1 moves to day 1 at ")


def test_what_finds_no_place_is_listed_with_its_last_day() -> None:
    alone = problem(visits=(visit("v1", "a", last_day=0, skills=("x",)),), crews=(Crew("c1", (shift(0),), 1, ("x",)),))
    plan = Plan(PLAN, (route("c1", ("v1", V1)),), ())
    found = outcome(checked(alone, plan, asked(EIGHT - 60, crews_out=(CrewOut("c1"),))))
    [change] = found.visits
    assert (change.kind, change.code, change.last_day) == ("dropped", "skill", 0)
    assert [each.visit for each in found.plan.unplanned] == ["v1"]
    assert "day 0" in change.en
    assert "第0天" in change.zh


def test_a_closed_place_is_left_for_another_day_and_the_driving_crew_turns_round() -> None:
    now = V1 + WORK + 300  # half-way from a to b
    found = outcome(checked(problem(), KEPT, asked(now, closed=(Closed(("b",)),))))
    assert round_of(found, "c1") == ["v1", "v3"]
    assert start_of(found, "v3") == now + 300 + LEG
    [change] = [each for each in found.visits if each.visit == "v2"]
    assert change.kind == "moved"
    assert change.code == "closed"
    assert change.after is not None
    assert change.after.day == 1


def test_a_place_that_is_closed_for_an_hour_is_visited_after_it() -> None:
    until = V2 + 7200
    only = Closed((), ("v2",), V2 - 60, until)
    today = asked(EIGHT - 60, closed=(only,))
    one_day = problem(visits=tuple(replace(each, last_day=0) for each in problem().visits))
    found = outcome(checked(one_day, KEPT, today))
    assert start_of(found, "v2") >= until


def test_work_that_has_begun_is_not_touched_by_a_closure() -> None:
    found = outcome(checked(problem(), KEPT, asked(V2 + 60, closed=(Closed(("b",)),))))
    assert round_of(found, "c1") == ["v1", "v2", "v3"]
    assert found.visits == ()


def test_a_visit_that_takes_longer_delays_what_comes_after_it_by_as_much() -> None:
    found = outcome(checked(problem(), KEPT, asked(V1 + 60, delays=(Delay(900, visit="v1"),))))
    assert {change.visit: change.by_s for change in found.visits} == {"v2": 900, "v3": 900}
    assert [(change.crew, change.later_s) for change in found.crews] == [("c1", 900)]


def test_what_no_longer_fits_the_shift_goes_to_another_crew() -> None:
    tight = problem(crews=(Crew("c1", (shift(0, to_s=V3 + WORK + 3 * LEG),)), Crew("c2", (shift(0),))))
    answer = checked(tight, KEPT, asked(V1 + 60, delays=(Delay(900, visit="v1"),)))
    assert len(answer.released) == 1
    assert set(answer.released.values()) == {"shift"}
    assert sorted(round_of(outcome(answer), "c1") + round_of(outcome(answer), "c2")) == ["v1", "v2", "v3", "w1", "w2"]


def test_a_cancelled_visit_is_no_longer_asked_for() -> None:
    found = outcome(checked(problem(), KEPT, asked(V1 + 60, cancelled=("v3",))))
    assert {change.visit: change.kind for change in found.visits} == {"v3": "cancelled"}
    assert [(each.visit, each.code) for each in found.plan.unplanned] == [("v3", "cancelled")]


def rested() -> tuple[Problem, Plan]:
    """Crew c1 has a break of an hour, planned after v1."""
    pause = Break(V1 + WORK, V1 + WORK + 1800, 3600)
    crews = (Crew("c1", (shift(0, break_=pause),)), Crew("c2", (shift(0),)))
    stops = (("v1", V1), ("v2", V2 + 3600), ("v3", V3 + 3600))
    plan = Plan(PLAN, (route("c1", *stops, rest_s=V1 + WORK), route("c2", ("w1", W1), ("w2", W2))), ())
    return problem(crews=crews), plan


def test_a_break_that_was_taken_is_not_due_again() -> None:
    asked_of, plan = rested()
    assert evaluate(asked_of, plan).violations == ()
    found = outcome(checked(asked_of, plan, asked(V1 + WORK + 3600 + 60, delays=(Delay(600, crew="c1"),))))
    mine = next(each for each in found.plan.routes if each.crew == "c1")
    assert mine.break_start_s == V1 + WORK
    assert {change.by_s for change in found.visits} == {600}


def test_a_break_that_is_due_stays_due() -> None:
    asked_of, plan = rested()
    found = outcome(checked(asked_of, plan, asked(V1 + 60, cancelled=("v2",))))
    mine = next(each for each in found.plan.routes if each.crew == "c1")
    assert mine.break_start_s is not None
    assert V1 + WORK <= mine.break_start_s <= V1 + WORK + 1800


def test_a_break_that_was_missed_comes_first() -> None:
    asked_of, plan = rested()
    begun = UnderWay("v1", V1, V1, V1 + 3 * WORK)
    answer = repair(asked_of, plan, asked(V1 + 60, progress=(Progress("c1", EIGHT, (), begun),)))
    mine = next(each for each in outcome(answer).plan.routes if each.crew == "c1")
    assert mine.break_start_s == V1 + 3 * WORK
    assert start_of(outcome(answer), "v2") == V1 + 3 * WORK + 3600 + LEG
    assert "c1" in answer.notes[0].en


def test_loads_carried_already_still_take_room() -> None:
    visits = tuple(replace(each, load=1) for each in problem().visits)
    crews = (Crew("c1", (shift(0),), load_capacity=3), Crew("c2", (shift(0),), load_capacity=2))
    only = problem(visits=tuple(replace(each, last_day=0) for each in visits), crews=crews)
    found = outcome(checked(only, KEPT, asked(W1 + WORK - 60, crews_out=(CrewOut("c2"),))))
    assert [change.code for change in found.visits if change.kind == "dropped"] == ["full"]


def test_no_work_begins_on_the_bank_of_work_under_way() -> None:
    visits = (visit("v1", "a", bank="lobby"), visit("v2", "b"), visit("v3", "c"), visit("w1", "c"), visit("w2", "d"))
    urgent = Emergency(Visit("e", "a", WORK, 0, 0, bank="lobby"))
    answer = checked(problem(visits=visits), KEPT, asked(V1 + 60, emergencies=(urgent,)))
    assert start_of(outcome(answer), "e") >= V1 + WORK


def test_a_visit_made_by_another_crew_is_off_its_own_round() -> None:
    done = Progress("c2", EIGHT, (Stop("v2", EIGHT + 1200, EIGHT + 1200, EIGHT + 3000),))
    found = outcome(repair(problem(), KEPT, asked(EIGHT + 3100, progress=(done,))))
    assert round_of(found, "c1") == ["v1", "v3"]
    assert round_of(found, "c2")[0] == "v2"


def test_a_pin_that_cannot_be_kept_is_told() -> None:
    visits = (replace(visit("v1", "a"), pinned=Place("c1", 0)), *problem().visits[1:])
    answer = repair(problem(visits=visits), KEPT, asked(EIGHT - 60, crews_out=(CrewOut("c1"),)))
    assert "v1" in answer.notes[0].en
    assert "v1" in round_of(outcome(answer), "c1", 1) + round_of(outcome(answer), "c2") + round_of(outcome(answer), "c3")


# Emergencies.


def test_every_crew_is_offered_with_its_arrival_and_the_best_is_proposed() -> None:
    now = V1 + 60
    answer = checked(problem(), KEPT, asked(now, emergencies=(Emergency(Visit("e", "d", WORK, 0, 0)),)))
    assert {option.crew for option in answer.options} == {"c1", "c2", "c3"}
    on_call = next(option for option in answer.options if option.crew == "c3")
    assert (on_call.arrive_s, on_call.delayed, on_call.lost) == (now + 4 * LEG, {}, {})
    assert outcome(answer) == answer.options[0].outcome
    assert [option.extra for option in answer.options] == sorted(option.extra for option in answer.options)


def test_a_crew_on_the_road_may_turn_round() -> None:
    now = V1 + WORK + 300  # half-way from a to b
    answer = checked(problem(), KEPT, asked(now, emergencies=(Emergency(Visit("e", "a", WORK, 0, 0)),), options=9))
    turned = [option for option in answer.options if option.redirect]
    [mine] = [option for option in turned if option.crew == "c1"]
    assert mine.arrive_s == now + 300  # as far back as it had come
    assert mine.delayed == {"v2": WORK + 600, "v3": WORK + 600}
    assert "turns round" in mine.en


def test_the_best_place_in_time_comes_before_a_cheaper_one_too_late() -> None:
    now = EIGHT + 60
    urgent = Emergency(Visit("e", "a", WORK, 0, 0), latest_start_s=now + LEG, wait_per_s=0)
    options = checked(problem(), KEPT, asked(now, emergencies=(urgent,), options=9)).options
    assert options[0].late_s == 0
    late = [option.late_s > 0 for option in options]
    assert late == sorted(late)


def test_nobody_is_in_time_and_it_is_said_by_how_much() -> None:
    now = V1 + 60
    urgent = Emergency(Visit("e", "d", WORK, 0, 0), latest_start_s=now)
    answer = checked(problem(), KEPT, asked(now, emergencies=(urgent,)))
    assert all(option.late_s == option.start_s - now for option in answer.options)
    assert "too late" in answer.options[0].en


def test_nobody_can_do_it() -> None:
    answer = repair(problem(), KEPT, asked(V1, emergencies=(Emergency(Visit("e", "d", WORK, 0, 0, skills=("x",))),)))
    assert answer.outcome is None
    assert answer.options == ()


def test_two_emergencies_and_a_crew_that_is_out_are_all_answered() -> None:
    urgent = tuple(Emergency(Visit(name, place, WORK, 0, 0)) for name, place in (("e1", "d"), ("e2", "a")))
    today = asked(V1 + 60, emergencies=urgent, crews_out=(CrewOut("c1"),))
    found = outcome(checked(problem(), KEPT, today))
    kinds = {change.visit: change.kind for change in found.visits}
    assert (kinds["e1"], kinds["e2"]) == ("added", "added")
    assert round_of(found, "c1") == ["v1"]
    everything = [stop.visit for each in found.plan.routes for stop in each.stops]
    assert sorted(everything) == ["e1", "e2", "v1", "v2", "v3", "w1", "w2"]


@pytest.mark.parametrize("windows", [(Window(V1, V1 + 600),), (Window(0, V1 - 1), Window(V3, V3 + 60))])
def test_an_emergency_keeps_its_own_hours(windows: tuple[Window, ...]) -> None:
    urgent = Emergency(Visit("e", "a", WORK, 0, 0, windows))
    found = outcome(checked(problem(), KEPT, asked(EIGHT - 60, emergencies=(urgent,))))
    start_s = start_of(found, "e")
    assert any(window.from_s <= start_s <= window.to_s for window in windows)


def test_work_that_takes_no_time_does_not_slip_in_before_what_is_under_way() -> None:
    look = Emergency(Visit("e", "a", 0, 0, 0, (Window(0, V1 + 60),)))
    answer = repair(
        problem(), KEPT, asked(V1 + 60, emergencies=(look,), cancelled=("v3",), crews_out=(CrewOut("c2"), CrewOut("c3")))
    )
    assert round_of(outcome(answer), "c1")[0] == "v1"
    assert "e" in [each.visit for each in outcome(answer).plan.unplanned]
