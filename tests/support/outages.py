"""Histories of counts for tests of the failure-rate model: simulated with known truth, and extracts of real ones."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from planner.risk.files import read_counts
from planner.risk.history import History, Period

DATA = Path(__file__).parents[1] / "data" / "outages"
MTA = DATA / "mta_120_elevators_2021_2023.csv"
DB = DATA / "db_100_lifts_2018_19.csv.gz"
MAKES = {"A": 1.0, "B": 2.0, "C": 0.5}
"""Make → factor on the rate of faults."""


@cache
def mta() -> History:
    """Three years of 120 elevators of New York's stations."""
    return read_counts(MTA).history


def simulated(
    elevators: int = 300, months: int = 30, *, seed: int = 1, own_shape: float = 3.0, a_year: float = 6.0, hole: float = 0.1
) -> tuple[list[Period], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Draw a history whose rates are known: make times a Gamma factor of each elevator.

    Returns
    -------
    tuple
        The periods, and each elevator's true rate of faults a year, by its name.
    """
    draw = np.random.default_rng(seed)
    makes = [list(MAKES)[number % len(MAKES)] for number in range(elevators)]
    own = draw.gamma(own_shape, 1 / own_shape, elevators)
    true = a_year * np.array([MAKES[make] for make in makes]) * own
    periods = []
    first = date(2021, 1, 1)
    for month in range(months):
        begin = date(first.year + month // 12, month % 12 + 1, 1)
        days = float(((begin + timedelta(days=31)).replace(day=1) - begin).days)
        for number in range(elevators):
            if draw.random() < hole:
                continue
            faults = float(draw.poisson(true[number] * days / 365.25))
            periods.append(
                Period(
                    elevator=f"e{number:04d}", first_day=begin, days=days, exposure_days=days, faults=faults,
                    entrapments=float(draw.binomial(int(faults), 0.1)), traits={"make": makes[number]},
                )
            )  # fmt: skip
    return periods, true
