"""Student's t against values of printed tables."""

from __future__ import annotations

import math

import pytest

from planner.intervals.student import chance_above, quantile_above


@pytest.mark.parametrize(
    ("chance", "degrees", "value"),
    [(0.05, 1, 6.314), (0.05, 2, 2.920), (0.05, 7, 1.895), (0.05, 21, 1.721), (0.025, 10, 2.228), (0.01, 30, 2.457)],
)
def test_quantiles_are_those_of_the_table(chance: float, degrees: int, value: float) -> None:
    assert quantile_above(chance, degrees) == pytest.approx(value, abs=6e-4)
    assert chance_above(value, degrees) == pytest.approx(chance, abs=6e-5)


def test_half_lies_on_either_side() -> None:
    assert chance_above(0.0, 5) == 0.5
    assert chance_above(-1.3, 8) == pytest.approx(1 - chance_above(1.3, 8))
    assert (chance_above(math.inf, 4), chance_above(-math.inf, 4)) == (0.0, 1.0)


def test_fewer_degrees_of_freedom_have_the_longer_tail() -> None:
    values = [quantile_above(0.05, degrees) for degrees in (3, 5, 10, 50, 400)]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(1.6449, abs=5e-3)
