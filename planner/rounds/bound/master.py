"""The linear program over the routes known so far: what every visit and every duty is worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

USED = 1e-6
"""A route taken for less than this share is not taken."""


class Column(NamedTuple):
    """A route of a kind of duty: its visits in their order (on a relaxed route some may come back), and its cost."""

    kind: int
    stops: tuple[int, ...]
    cost: float


class Worth(NamedTuple):
    """Cost of the best mix of parts of routes, and what one more visit to do and one more duty are worth at it."""

    cost: float
    visit: Floats
    duty: Floats


class Master:
    """Every visit on routes once in all or left out at its price; of every kind no more routes than duties.

    Parameters
    ----------
    price
        Per visit, what leaving it out costs.
    duties
        Per kind, how many duties there are.
    """

    def __init__(self, price: Sequence[float], duties: Sequence[int]) -> None:
        self._price, self._duties = list(price), list(duties)
        self._columns: dict[tuple[int, tuple[int, ...]], tuple[Any, Column]] = {}
        self._build()

    def _build(self) -> None:
        """Begin the program of the solver anew, with the routes known."""
        from ortools.linear_solver import pywraplp

        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        endless = self._solver.infinity()
        self._visits = [self._solver.Constraint(1.0, 1.0) for _ in self._price]
        self._kinds = [self._solver.Constraint(-endless, float(count)) for count in self._duties]
        self._left_out = [self._solver.NumVar(0.0, endless, "") for _ in self._price]
        for row, variable, each in zip(self._visits, self._left_out, self._price, strict=True):
            row.SetCoefficient(variable, 1.0)
            self._objective.SetCoefficient(variable, each)
        known, self._columns = [column for _, column in self._columns.values()], {}
        for column in known:
            self.add(column)

    def __len__(self) -> int:
        return len(self._columns)

    def add(self, column: Column) -> bool:
        """Add a route; False if it is known."""
        key = column.kind, column.stops
        if key in self._columns:
            return False
        variable = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._objective.SetCoefficient(variable, column.cost)
        self._kinds[column.kind].SetCoefficient(variable, 1.0)
        times: dict[int, int] = {}
        for i in column.stops:
            times[i] = times.get(i, 0) + 1
        for i, count in times.items():
            self._visits[i].SetCoefficient(variable, float(count))
        self._columns[key] = variable, column
        return True

    def reprice(self, visit: int, price: float) -> None:
        """Change what leaving out a visit costs."""
        self._price[visit] = price
        self._objective.SetCoefficient(self._left_out[visit], price)

    def solve(self) -> Worth:
        """Find the best mix; what is added later is taken up from there.

        Raises
        ------
        ArithmeticError
            If the solver loses its way, even from the beginning.
        """
        status = self._solver.Solve()
        if status != self._solver.OPTIMAL:  # rounding has spoilt the basis that it went on from
            self._build()
            status = self._solver.Solve()
        if status != self._solver.OPTIMAL:
            raise ArithmeticError(f"the linear program of the bound ended with status {status}")
        visit = np.array([row.dual_value() for row in self._visits])
        duty = np.array([row.dual_value() for row in self._kinds])
        return Worth(self._objective.Value(), visit, np.minimum(duty, 0.0))

    def taken(self) -> list[Column]:
        """Give the routes that the best mix takes, at least in part."""
        return [column for variable, column in self._columns.values() if variable.solution_value() > USED]

    def left_out(self, visit: int) -> bool:
        """Tell whether the best mix leaves out a visit, at least in part."""
        return bool(self._left_out[visit].solution_value() > USED)

    def columns(self) -> list[Column]:
        """All routes known."""
        return [column for _, column in self._columns.values()]

    def forbid(self, column: Column) -> None:
        """Take a route out for good."""
        variable, _ = self._columns.pop((column.kind, column.stops))
        variable.SetBounds(0.0, 0.0)
