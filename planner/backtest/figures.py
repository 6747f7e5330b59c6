"""Figures of policies, with intervals: what whole elevators came to, drawn again and again with replacement.

Elevators differ far more from each other than an elevator from itself, so that they are what is drawn (Efron, 1979). All
policies have the same elevators in every draw: their difference is known far better than either of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 2000
LEVEL = 0.95
"""Of every interval."""

MEASURED = (
    "visits", "technician_hours", "faults", "wear_out_faults", "wear_out_expected", "entrapments", "overdue_days",
    "past_legal_limit",
)  # fmt: skip
"""What is counted of every elevator, in this order."""

_ENOUGH = 1e-9


class PolicyFigures(Struct, frozen=True, kw_only=True):
    """What a policy came to, summed over all elevators."""

    id: str
    elevator_years: float
    visits: int
    technician_hours: float
    """On site, of all technicians together; ways are not counted."""

    faults: float
    wear_out_faults: float
    entrapments: float
    overdue_days: int
    """Days on which an elevator was past the last day of its window, whatever rule set it."""

    past_legal_limit: int
    """Limits of the law that were passed, as the referee found."""

    wear_out_expected: float
    """Faults of wear to be expected with what was done: the same without the luck."""

    on_demand_share: float
    """Share of the elevators that are registered on demand under it."""

    windows: int
    """Due windows computed."""

    intervals: dict[str, tuple[float, float]]
    """Of each sum, by its name."""


class Difference(Struct, frozen=True, kw_only=True):
    """A policy against the first one: of each figure the relative change with its interval; without those that were 0."""

    id: str
    than: str
    change: dict[str, tuple[float, float, float]]
    """Name of the figure → change, least and most, as shares: -0.25 is a quarter less."""


class Figures(Struct, frozen=True, kw_only=True):
    """All policies."""

    policies: tuple[PolicyFigures, ...]
    differences: tuple[Difference, ...]


class PolicyRows(Struct, frozen=True, kw_only=True):
    """What each elevator came to under a policy, in the same order under every policy."""

    id: str
    rows: Sequence[Mapping[str, float]]
    """The figures of `MEASURED`, with `on_demand` (0 or 1) and `windows`."""


def figures(policies: Sequence[PolicyRows], years: Sequence[float], seed: int) -> Figures:
    """Add up, and draw intervals.

    Parameters
    ----------
    policies
        At least one; all with a row for every elevator.
    years
        Years for which each elevator counts.
    seed
        Of the draws.
    """
    import numpy as np

    values = [np.array([[row[name] for name in MEASURED] for row in policy.rows], dtype=float) for policy in policies]
    weights = np.asarray(years, dtype=float)
    drawn = _drawn(values, weights, seed)
    total_years = float(weights.sum())
    found = [_figures(policy, value, draws, total_years) for policy, value, draws in zip(policies, values, drawn, strict=True)]
    against = [
        _difference(policies[index], policies[0], values[index], values[0], drawn[index], drawn[0])
        for index in range(1, len(policies))
    ]
    return Figures(policies=tuple(found), differences=tuple(against))


def _drawn(values: Sequence[NDArray[np.float64]], years: NDArray[np.float64], seed: int) -> list[NDArray[np.float64]]:
    """Return for each policy the sums of every draw, scaled to the years of all elevators."""
    import numpy as np

    chance = np.random.default_rng(seed)
    count, sums = len(years), [np.empty((DRAWS, len(MEASURED))) for _ in values]
    even = np.full(count, 1 / count)
    for draw in range(DRAWS):
        times = chance.multinomial(count, even)
        scale = years.sum() / max(float(times @ years), _ENOUGH)
        for value, into in zip(values, sums, strict=True):
            into[draw] = times @ value * scale
    return sums


def _ends(draws: NDArray[np.float64]) -> tuple[float, float]:
    import numpy as np

    least, most = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(least), 4), round(float(most), 4)


def _figures(policy: PolicyRows, value: NDArray[np.float64], draws: NDArray[np.float64], years: float) -> PolicyFigures:
    sums: dict[str, Any] = dict(zip(MEASURED, (round(float(total), 2) for total in value.sum(axis=0)), strict=True))
    for name in ("visits", "overdue_days", "past_legal_limit"):
        sums[name] = round(sums[name])
    for name in ("faults", "wear_out_faults", "entrapments"):
        sums[name] = round(sums[name]) if float(sums[name]).is_integer() else sums[name]
    return PolicyFigures(
        id=policy.id, elevator_years=round(years, 2), **sums,
        on_demand_share=round(sum(row["on_demand"] for row in policy.rows) / len(policy.rows), 4),
        windows=round(sum(row["windows"] for row in policy.rows)),
        intervals={name: _ends(draws[:, column]) for column, name in enumerate(MEASURED)},
    )  # fmt: skip


def _difference(
    policy: PolicyRows, first: PolicyRows, value: NDArray[np.float64], base: NDArray[np.float64],
    draws: NDArray[np.float64], base_draws: NDArray[np.float64],
) -> Difference:  # fmt: skip
    import numpy as np

    change: dict[str, tuple[float, float, float]] = {}
    for column, name in enumerate(MEASURED):
        total, before = float(value[:, column].sum()), float(base[:, column].sum())
        if before <= 0:
            continue
        ratios = draws[:, column] / np.maximum(base_draws[:, column], _ENOUGH) - 1
        change[name] = (round(total / before - 1, 4), *_ends(ratios[base_draws[:, column] > 0]))
    return Difference(id=policy.id, than=first.id, change=change)
