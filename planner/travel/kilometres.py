"""Metres that a plan's routes drive: from a matrix of distances, or estimated, and it says which."""

from __future__ import annotations

import itertools
from enum import StrEnum

from planner.rounds.plan import Plan, Route
from planner.rounds.problem import Problem
from planner.rounds.travel import Matrix, great_circle_km, travel_matrix
from planner.travel.interface import NOT_REACHED

DETOUR = 1.3
"""Streets are longer than the straight line by this factor where a problem does not say; as in the contract's example."""

METRES_PER_S = 25 / 3.6
"""Speed in town, 25 km/h, where nothing but seconds is known; as in the contract's example."""


class Measure(StrEnum):
    """How metres came about, the best first."""

    ROADS = "roads"
    """A matrix of distances."""

    COORDINATES = "coordinates"
    """Straight line × detour, for some legs at least."""

    DURATIONS = "durations"
    """Seconds of driving × 25 km/h, for some legs at least: there are no coordinates."""


class Kilometres:
    """The metres of a problem's legs.

    Parameters
    ----------
    problem
        Whose locations and travel times count.
    distances_m
        Metres between its locations, rows and columns in their order, `NOT_REACHED` where unknown; None for none.
    durations_s
        `planner.rounds.travel.travel_matrix` of the problem, if the caller has it already.
    """

    def __init__(self, problem: Problem, distances_m: Matrix | None = None, durations_s: Matrix | None = None) -> None:
        self._problem = problem
        self._row = {place.id: number for number, place in enumerate(problem.locations)}
        self._at = {visit.id: visit.location for visit in problem.visits}
        self._ends = {(c.id, s.day): (s.start_location, s.end_location) for c in problem.crews for s in c.shifts}
        self._distances_m, self._durations_s = distances_m, durations_s
        self._detour = problem.travel.estimate.detour if problem.travel.estimate else DETOUR
        self.measure = Measure.ROADS if distances_m is not None else Measure.COORDINATES
        """How the metres told so far came about: the worst of all legs."""

    def leg_m(self, start: str, end: str) -> int:
        """Metres from one location to another."""
        i, j = self._row[start], self._row[end]
        if i == j:
            return 0
        if self._distances_m is not None and self._distances_m[i, j] != NOT_REACHED:
            return int(self._distances_m[i, j])
        here, there = self._problem.locations[i], self._problem.locations[j]
        if here.lat is not None and here.lon is not None and there.lat is not None and there.lon is not None:
            self._note(Measure.COORDINATES)
            return round(float(great_circle_km(here.lat, here.lon, there.lat, there.lon)) * 1000 * self._detour)
        self._note(Measure.DURATIONS)
        if self._durations_s is None:
            self._durations_s = travel_matrix(self._problem.travel, self._problem.locations)
        return round(int(self._durations_s[i, j]) * METRES_PER_S)

    def route_m(self, route: Route) -> int:
        """Metres of a route from its start location to its end location; 0 without stops."""
        if not route.stops:
            return 0
        start, end = self._ends[route.crew, route.day]
        places = [start, *(self._at[stop.visit] for stop in route.stops), end]
        return sum(self.leg_m(here, there) for here, there in itertools.pairwise(places))

    def plan_m(self, plan: Plan) -> int:
        """Metres of all routes of a plan."""
        return sum(self.route_m(route) for route in plan.routes)

    def _note(self, measure: Measure) -> None:
        order = list(Measure)
        self.measure = max(self.measure, measure, key=order.index)


def route_distance_m(problem: Problem, route: Route, distances_m: Matrix | None = None) -> int:
    """Metres of one route; see `Kilometres`, which also tells how they came about."""
    return Kilometres(problem, distances_m).route_m(route)
