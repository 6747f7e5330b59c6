"""Metres of routes, and how they came about."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from planner.rounds.plan import Plan, PlanCost, Route, Stop
from planner.rounds.problem import Costs, Crew, Problem, Shift, Visit
from planner.rounds.travel import Estimate, Location, Travel
from planner.travel import Kilometres, Measure, route_distance_m

ESTIMATE = Travel(estimate=Estimate(speed_kmh=25, detour=2.0, stop_s=120))
GIVEN = Travel(durations_s=[[0, 360, 720], [360, 0, 360], [720, 360, 0]])


def problem(travel: Travel = ESTIMATE, *, placed: bool = True) -> Problem:
    where = [(28.0, 121.0), (28.01, 121.0), (28.02, 121.0)] if placed else [(None, None)] * 3
    return Problem(
        schema="liftrounds/problem/1",
        start_date=datetime.date(2026, 11, 30),
        days=1,
        time_zone="Asia/Shanghai",
        locations=tuple(Location(name, *at) for name, at in zip("hab", where, strict=True)),
        travel=travel,
        visits=(Visit("v1", "a", 60, 0, 0), Visit("v2", "b", 60, 0, 0)),
        crews=(Crew("c", (Shift(0, 0, 86_400, "h", "a"),)),),
        costs=Costs(travel_per_s=1, shift_used=0, overtime_per_s=2, missed_mandatory=9, change=0),
    )


def route(*visits: str) -> Route:
    return Route(crew="c", day=0, depart_s=0, return_s=9, break_start_s=None, stops=tuple(Stop(v, 0, 0, 0) for v in visits))


def test_a_route_is_measured_from_its_start_over_its_stops_to_its_end() -> None:
    distances = np.array([[0, 100, 9], [9, 0, 200], [9, 400, 0]], np.int32)
    kilometres = Kilometres(problem(), distances)
    assert kilometres.route_m(route("v1", "v2")) == 100 + 200 + 400
    assert kilometres.measure is Measure.ROADS
    assert route_distance_m(problem(), route("v1"), distances) == 100


def test_without_distances_the_straight_line_times_the_problem_s_detour_counts() -> None:
    kilometres = Kilometres(problem())
    assert kilometres.route_m(route("v1")) == pytest.approx(1111.95 * 2, abs=1)
    assert kilometres.measure is Measure.COORDINATES


def test_one_unknown_leg_makes_the_whole_an_estimate() -> None:
    distances = np.array([[0, 100, 9], [9, 0, -1], [9, 400, 0]], np.int32)
    kilometres = Kilometres(problem(), distances)
    assert kilometres.route_m(route("v1", "v2")) == pytest.approx(100 + 2224 + 400, abs=1)
    assert kilometres.measure is Measure.COORDINATES


def test_before_any_leg_the_best_that_is_possible_is_said() -> None:
    assert Kilometres(problem(), np.zeros((3, 3), np.int32)).measure is Measure.ROADS
    assert Kilometres(problem()).measure is Measure.COORDINATES


def test_without_coordinates_the_seconds_count() -> None:
    kilometres = Kilometres(problem(GIVEN, placed=False))
    assert kilometres.route_m(route("v1", "v2")) == 2500 * 3  # 360 s at 25 km/h each
    assert kilometres.measure is Measure.DURATIONS


def test_a_route_without_stops_drives_nowhere_and_a_plan_is_the_sum_of_its_routes() -> None:
    kilometres = Kilometres(problem())
    assert kilometres.route_m(route()) == 0
    cost = PlanCost(travel=0, shifts=0, overtime=0, days=0, crews=0, deferred=0, missed=0, changes=0, total=0)
    plan = Plan(schema="liftrounds/plan/1", routes=(route("v1"), route("v2")), unplanned=(), cost=cost, seed=1, wall_s=0)
    assert kilometres.plan_m(plan) == kilometres.route_m(route("v1")) + kilometres.route_m(route("v2"))
