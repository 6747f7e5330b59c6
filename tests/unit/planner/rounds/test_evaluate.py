"""Every rule of a plan: one plan that keeps it, one that breaks it, worked out by hand."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from planner.rounds.evaluate import Evaluation, evaluate
from planner.rounds.plan import parse_plan
from tests.support.rounds import Document, parsed, small_problem

# c1 on day 0: home -600- a (v1, waits 600 s for its window, 30000..31800) -300- b (v2, 32100..33900), break 33900..35100,
# -900- home at 36000
PLAN: Document = {
    "schema": "liftrounds/plan/1",
    "routes": [
        {"crew": "c1", "day": 0, "depart_s": 28800, "return_s": 36000, "break_start_s": 33900}
        | {
            "stops": [
                {"visit": "v1", "arrive_s": 29400, "start_s": 30000, "leave_s": 31800},
                {"visit": "v2", "arrive_s": 32100, "start_s": 32100, "leave_s": 33900},
            ]
        }
    ],
    "unplanned": [{"visit": "v3", "code": "x", "detail": "y"}],
}
# c2 on day 1: home -900- b (v3) -900- home
ROUTE_OF_V3: Document = {"crew": "c2", "day": 1, "depart_s": 28800, "return_s": 32400, "break_start_s": None}
ROUTE_OF_V3["stops"] = [{"visit": "v3", "arrive_s": 29700, "start_s": 29700, "leave_s": 31500}]

Change = Callable[[Document, Document], Any]


def judged(change: Change) -> Evaluation:
    problem, plan = copy.deepcopy(small_problem()), copy.deepcopy(PLAN)
    change(problem, plan)
    return evaluate(parsed(problem), parse_plan(msgspec.json.encode(plan)))


def nothing(problem: Document, plan: Document) -> None:
    del problem, plan


def route(**fields: Any) -> Change:
    return lambda problem, plan: plan["routes"][0].update(fields)


def stop(number: int, **fields: Any) -> Change:
    return lambda problem, plan: plan["routes"][0]["stops"][number].update(fields)


def visit(number: int, **fields: Any) -> Change:
    return lambda problem, plan: problem["visits"][number].update(fields)


def crew(**fields: Any) -> Change:
    return lambda problem, plan: problem["crews"][0].update(fields)


def shift(**fields: Any) -> Change:
    return lambda problem, plan: problem["crews"][0]["shifts"][0].update(fields)


def pause(from_s: int, to_s: int, duration_s: int = 1200) -> Change:
    return shift(**{"break": {"from_s": from_s, "to_s": to_s, "duration_s": duration_s}})


def both(*changes: Change) -> Change:
    def change(problem: Document, plan: Document) -> None:
        for one in changes:
            one(problem, plan)

    return change


def adding(more: Document) -> Change:
    """Plan v3 as well, on a second route."""

    def change(problem: Document, plan: Document) -> None:
        plan["routes"].append(more)
        plan["unplanned"] = [left_out for left_out in plan["unplanned"] if left_out["visit"] != "v3"]

    return change


def later(seconds: int) -> Change:
    """Move everything but the departure and the break."""

    def change(problem: Document, plan: Document) -> None:
        for call in plan["routes"][0]["stops"]:
            call.update({name: call[name] + seconds for name in ("arrive_s", "start_s", "leave_s")})
        plan["routes"][0]["return_s"] += seconds

    return change


FREE = both(visit(0, windows=[]), shift(**{"break": None}), route(break_start_s=None))
BREAK_BY_THE_WAY = both(pause(33000, 36000), route(break_start_s=34100))

KEPT: dict[str, tuple[str, Change]] = {
    "shift_exists, also for a second crew": ("shift_exists", adding(ROUTE_OF_V3)),
    "break_foreseen": ("break_foreseen", nothing),
    "route_once": ("route_once", adding(ROUTE_OF_V3)),
    "break at the first moment of its window": ("break_in_window", pause(33900, 36000)),
    "break at the last moment of its window": ("break_in_window", pause(33000, 33900)),
    "break up to the return": ("break_on_the_way", route(break_start_s=34800)),
    "break from the departure on": (
        "break_on_the_way",
        both(pause(28800, 36000, 600), route(break_start_s=28800), stop(0, arrive_s=30000)),
    ),
    "no break if back just before its last start": ("break_taken", both(pause(36000, 36001), route(break_start_s=None))),
    "no break if gone just after its last start": ("break_taken", both(pause(28000, 28799), route(break_start_s=None))),
    "home at the moment of departure": ("returns_after_departing", nothing),
    "departure at the first moment": ("departs_in_shift", shift(from_s=28800)),
    "return as soon as possible": ("drives_home", BREAK_BY_THE_WAY),
    "return at the last moment of the overtime": ("returns_in_time", route(return_s=40600)),
    "exactly as long as allowed": ("not_too_long", shift(max_duration_s=7200)),
    "exactly full": ("load_fits", nothing),
    "arrival as soon as possible": ("drives_there", nothing),
    "start at the moment of arrival": ("starts_after_arrival", nothing),
    "leaves exactly after the work": ("leaves_after_service", nothing),
    "first moment of a window": ("starts_in_window", visit(0, windows=[{"from_s": 30000, "to_s": 30000}])),
    "second window": (
        "starts_in_window",
        visit(0, windows=[{"from_s": 28000, "to_s": 28100}, {"from_s": 29000, "to_s": 30000}]),
    ),
    "break right after the work": ("not_interrupted", nothing),
    "break while waiting, up to the work": (
        "not_interrupted",
        both(pause(28800, 31000, 600), route(break_start_s=29400)),
    ),
    "only day": ("on_a_day_allowed", visit(1, last_day=0)),
    "one of two skills": ("skills_present", crew(skills=["rope", "oil"])),
    "just enough people": ("people_enough", nothing),
    "known visits": ("known_visits", nothing),
    "planned once": ("planned_once", nothing),
    "bank, one right after the other": (
        "bank_apart",
        both(FREE, visit(1, location="a"), route(return_s=36000), stop(1, arrive_s=31800, start_s=31800, leave_s=33600)),
    ),
    "every visit": ("every_visit_accounted_for", nothing),
    "pin": ("pins_kept", visit(0, pinned={"crew": "c1", "day": 0})),
}


@pytest.mark.parametrize(("rule", "change"), KEPT.values(), ids=KEPT.keys())
def test_a_plan_on_the_edge_of_a_rule_keeps_it(rule: str, change: Change) -> None:
    verdict = judged(change)
    assert rule not in {violation.rule for violation in verdict.violations}
    assert verdict.valid, verdict.violations


BROKEN: dict[str, tuple[str, str, Change]] = {
    "shift of no day": ("shift_exists", "no such shift", route(day=1)),
    "shift of no crew": ("shift_exists", "no such shift", route(crew="c9")),
    "shift beyond the horizon": (
        "shift_exists",
        "no such shift",
        both(lambda p, q: p["crews"][1]["shifts"][1].update(day=2), visit(2, last_day=2), adding(ROUTE_OF_V3 | {"day": 2})),
    ),
    "shift of a route without stops": ("shift_exists", "no such shift", adding(ROUTE_OF_V3 | {"day": 7, "stops": []})),
    "break of a shift that has none": ("break_foreseen", "has no break", adding(ROUTE_OF_V3 | {"break_start_s": 28800})),
    "two routes": ("route_once", "more than once", adding(ROUTE_OF_V3 | {"crew": "c1", "day": 0})),
    "break too early": ("break_in_window", "allowed in 33901..36000", pause(33901, 36000)),
    "break too late": ("break_in_window", "allowed in 33000..33899", pause(33000, 33899)),
    "break after the return": ("break_on_the_way", "not between departure and return", route(break_start_s=34801)),
    "break before the departure": (
        "break_on_the_way",
        "not between departure and return",
        both(pause(28000, 36000, 600), route(break_start_s=28799)),
    ),
    "no break": ("break_taken", "is due, none is stated", route(break_start_s=None)),
    "no break though back at its last start": (
        "break_taken",
        "is due",
        both(pause(35000, 36000), route(break_start_s=None)),
    ),
    "no break though gone at its last start": (
        "break_taken",
        "is due",
        both(pause(28000, 28800), route(break_start_s=None)),
    ),
    "home before gone": ("returns_after_departing", "before it departs", route(return_s=28799)),
    "gone before the shift": ("departs_in_shift", "the shift begins at 28800", route(depart_s=28799)),
    "way home too short": ("drives_home", "1 s too early for the way home", route(return_s=35999)),
    "way home with the break too short": ("drives_home", "1 s too early", both(BREAK_BY_THE_WAY, route(return_s=35999))),
    "more overtime than allowed": ("returns_in_time", "at the latest 40600", route(return_s=40601)),
    "longer than allowed": ("not_too_long", "lasts 7200 s, at most 7199", shift(max_duration_s=7199)),
    "more load than room": ("load_fits", "carries 4, at most 3", visit(0, load=1)),
    "first drive too short": ("drives_there", "1 s too early for the drive", stop(0, arrive_s=29399)),
    "drive between too short": (
        "drives_there",
        "1 s too early for the drive",
        stop(1, arrive_s=32099),
    ),
    "drive with the break too short": (
        "drives_there",
        "600 s too early",
        both(pause(28800, 36000, 600), route(break_start_s=28800)),
    ),
    "starts before it is there": ("starts_after_arrival", "before it arrives", stop(0, arrive_s=30001)),
    "works too little": ("leaves_after_service", "start plus service is 31800", stop(0, leave_s=31799)),
    "too early for the window": (
        "starts_in_window",
        "allowed in 30001..32000",
        visit(0, windows=[{"from_s": 30001, "to_s": 32000}]),
    ),
    "too late for the window": (
        "starts_in_window",
        "allowed in 29000..29999",
        visit(0, windows=[{"from_s": 29000, "to_s": 29999}]),
    ),
    "break during the work": ("not_interrupted", "33899..35099 interrupts it", route(break_start_s=33899)),
    "break into the work": (
        "not_interrupted",
        "29400..30001 interrupts it",
        both(pause(28800, 36000, 601), route(break_start_s=29400)),
    ),
    "too early a day": ("on_a_day_allowed", "allowed on days 1..1", visit(1, first_day=1)),
    "too late a day": (
        "on_a_day_allowed",
        "allowed on days 0..0",
        both(visit(2, last_day=0), adding(ROUTE_OF_V3)),
    ),
    "skill": ("skills_present", "lacks gas", visit(0, skills=["oil", "gas"])),
    "people": ("people_enough", "needs 3 people, the crew has 2", visit(1, people=3)),
    "unknown visit": ("known_visits", "no visit 'v9'", stop(1, visit="v9")),
    "planned twice": ("planned_once", "v3: planned 2 times", both(adding(ROUTE_OF_V3), adding(ROUTE_OF_V3 | {"day": 0}))),
    "bank at once": (
        "bank_apart",
        "bank lobby: v3 and v1 overlap",
        both(visit(2, bank="lobby"), adding(ROUTE_OF_V3 | {"day": 0})),
    ),
    "neither planned nor left out": ("every_visit_accounted_for", "v3: neither", lambda p, q: q.update(unplanned=[])),
    "planned and left out": (
        "every_visit_accounted_for",
        "v1 is planned as well",
        lambda p, q: q["unplanned"].append({"visit": "v1"}),
    ),
    "left out twice": (
        "every_visit_accounted_for",
        "v3 is listed 2 times",
        lambda p, q: q["unplanned"].append({"visit": "v3"}),
    ),
    "unknown visit left out": (
        "every_visit_accounted_for",
        "no visit 'v9'",
        lambda p, q: q["unplanned"].append({"visit": "v9"}),
    ),
    "pinned elsewhere": ("pins_kept", "pinned to c2 on day 1", visit(2, pinned={"crew": "c2", "day": 1})),
    "pinned to another day": (
        "pins_kept",
        "pinned to c2 on day 0",
        both(visit(2, pinned={"crew": "c2", "day": 0}), adding(ROUTE_OF_V3)),
    ),
}


@pytest.mark.parametrize(("rule", "told", "change"), BROKEN.values(), ids=BROKEN.keys())
def test_a_plan_beyond_the_edge_of_a_rule_breaks_it(rule: str, told: str, change: Change) -> None:
    verdict = judged(change)
    assert not verdict.valid
    assert any(violation.rule == rule and told in violation.message for violation in verdict.violations), verdict.violations


def test_every_rule_has_a_plan_that_keeps_it_and_one_that_breaks_it() -> None:
    assert {rule for rule, _ in KEPT.values()} == {rule for rule, _, _ in BROKEN.values()}


def test_a_violation_names_its_crew_day_and_visit() -> None:
    (violation,) = judged(stop(0, leave_s=31799)).violations[-1:]
    assert (violation.crew, violation.day, violation.visit) == ("c1", 0, "v1")


def test_all_breaches_are_listed_not_only_the_first() -> None:
    verdict = judged(both(route(depart_s=28799), stop(0, leave_s=31799), crew(skills=[])))
    assert {violation.rule for violation in verdict.violations} == {
        "departs_in_shift",
        "leaves_after_service",
        "skills_present",
    }


def test_the_price_is_the_sum_of_its_kinds() -> None:
    verdict = judged(nothing)
    # 600 + 300 + 900 s of driving; one shift; v1 on day 0 costs 7 and with c1 11; v3 is deferred; v2 was published elsewhere
    assert msgspec.structs.asdict(verdict.cost) == {
        "travel": 1800,
        "shifts": 100,
        "overtime": 0,
        "days": 7,
        "crews": 11,
        "deferred": 1500,
        "missed": 0,
        "changes": 50,
        "total": 3468,
    }
    assert (verdict.missed_mandatory, verdict.deferred, verdict.routes) == (0, 1, 1)


def test_overtime_costs_by_the_second() -> None:
    assert judged(route(return_s=40000)).cost.overtime == 0
    assert judged(route(return_s=40600)).cost.overtime == 600 * 2


def test_a_plan_without_routes_is_valid_and_priced() -> None:
    verdict = judged(lambda p, q: q.update(routes=[], unplanned=[{"visit": name} for name in ("v1", "v2", "v3")]))
    assert verdict.valid
    assert (verdict.missed_mandatory, verdict.deferred) == (2, 1)
    assert verdict.cost.total == 2 * 20000 + 1500 + 2 * 50


def test_a_route_without_stops_costs_nothing_and_is_odd() -> None:
    verdict = judged(lambda p, q: q["routes"].append(ROUTE_OF_V3 | {"stops": []}))
    assert verdict.valid
    assert (verdict.cost.shifts, verdict.routes) == (100, 1)
    assert verdict.warnings == ("route of c2 on day 1: has no stops",)


def test_a_wrong_stated_price_is_odd_but_no_breach() -> None:
    stated = dict.fromkeys(["travel", "shifts", "overtime", "days", "crews", "deferred", "missed", "changes", "total"], 0)
    verdict = judged(lambda p, q: q.update(cost=stated | {"travel": 1800}))
    assert verdict.valid
    assert "cost.total: the plan states 0, it is 3468" in verdict.warnings
    assert not any(told.startswith("cost.travel") for told in verdict.warnings)


def test_optional_visits_listed_before_mandatory_ones_are_odd() -> None:
    verdict = judged(lambda p, q: q.update(routes=[], unplanned=[{"visit": name} for name in ("v3", "v1", "v2")]))
    assert verdict.valid
    assert verdict.warnings == ("unplanned: mandatory visits are not listed first",)


def test_banks_are_kept_apart_past_midnight() -> None:
    def by_night(start_s: int) -> Change:
        def change(problem: Document, plan: Document) -> None:
            problem["crews"][1]["shifts"][0]["to_s"] = 100_000
            problem["crews"][0]["shifts"] = [problem["crews"][1]["shifts"][0] | {"day": 1, "from_s": 0, "to_s": 20_000}]
            problem["visits"][0].update(windows=[])
            problem["visits"][2]["bank"] = "lobby"
            plan["routes"] = [
                # c2 works on v3 from 86400 + 1000 on, after midnight of its day
                {"crew": "c2", "day": 0, "depart_s": 86_000, "return_s": 90_100}
                | {"stops": [{"visit": "v3", "arrive_s": 86_900, "start_s": 87_400, "leave_s": 89_200}]},
                {"crew": "c1", "day": 1, "depart_s": 0, "return_s": start_s + 1800 + 660}
                | {"stops": [{"visit": "v1", "arrive_s": 600, "start_s": start_s, "leave_s": start_s + 1800}]},
            ]
            plan["unplanned"] = [{"visit": "v2"}]

        return change

    assert judged(by_night(2800)).valid  # v3 is done at 89200, that is 2800 on day 1
    assert [violation.rule for violation in judged(by_night(2799)).violations] == ["bank_apart"]
