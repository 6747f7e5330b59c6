"""Seconds that a plan's routes drive."""

from __future__ import annotations

from itertools import pairwise

from planner.rounds.plan import Plan
from planner.rounds.problem import Problem
from planner.rounds.travel import Matrix, travel_matrix


class Driving:
    """Drives of one problem, its matrix made once."""

    def __init__(self, problem: Problem) -> None:
        self._matrix: Matrix = travel_matrix(problem.travel, problem.locations)
        self._row = {location.id: n for n, location in enumerate(problem.locations)}
        self._at = {visit.id: visit.location for visit in problem.visits}
        self._ends = {(c.id, s.day): (s.start_location, s.end_location) for c in problem.crews for s in c.shifts}

    def of(self, plan: Plan) -> dict[tuple[str, int], int]:
        """Return the seconds by crew and day."""
        found = {}
        for route in plan.routes:
            start, end = self._ends[route.crew, route.day]
            places = [start, *(self._at[stop.visit] for stop in route.stops), end] if route.stops else []
            found[route.crew, route.day] = sum(int(self._matrix[self._row[a], self._row[b]]) for a, b in pairwise(places))
        return found
