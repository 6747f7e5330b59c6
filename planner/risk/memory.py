"""What an elevator's own history says: two Gamma factors on its rate, one that remembers for long and one for the last weeks.

Each is a count of faults over a count of expected faults, both with a prior and both forgotten at a half-life (a Gamma–Poisson
filter with exponential forgetting: Harvey and Fernandes 1989; West and Harrison 1997, chapter 10). Counts that come in bursts
say less than they number: a month in which e are expected weighs 1 / (1 + e / c).
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from planner.risk.history import Floats

LONGEST_HALF_LIFE_MONTHS = 120.0
LONGEST_RECENT_MONTHS = 12.0
SHORTEST_MONTHS = 0.25
"""Of a horizon: for some days the formula of the spread would grow beyond what was ever measured."""


class MemoryShape(Struct, frozen=True, kw_only=True):
    """The parameters of a memory and of the spread of forecasts. All are positive."""

    own_shape: float
    """k: faults that must be seen before an elevator's own history weighs as much as its groups."""

    half_life_months: float
    recent_shape: float
    """The same for the last weeks against the long memory."""

    recent_half_life_months: float
    burst: float
    """c: expected faults a month at which the evidence of a month is halved."""

    spread: float
    """d0: squared spread of an elevator's rate between now and then that no horizon averages out."""

    monthly_spread: float
    """d1: squared spread of a single month's rate; over h months it is d1 / h."""

    link: float = 0.0
    """γ: power of the elevator's fault factor in its rate of entrapments."""


class Memory(Struct, frozen=True, kw_only=True):
    """The state of all elevators before each month, (elevators, months + 1); the last column is after the last month."""

    own: Floats
    """Factor on the groups' rate."""

    shape: Floats
    """Shape of the Gamma distribution of `own`: its squared relative error is 1 / shape."""

    recent: Floats
    """Factor on the own rate for the first days to come; it fades."""

    open: Floats
    """Share of what the groups say that the own history has not replaced: 1 for a new elevator, towards 0."""


def remember(counts: Floats, expected: Floats, shape: MemoryShape) -> Memory:
    """Go through the months.

    Parameters
    ----------
    counts, expected
        (elevators, months): what came, and what the groups expected; 0 expected is a hole.
    shape
        The parameters.
    """
    elevators, months = counts.shape
    own, certain, recent, still_open = (np.empty((elevators, months + 1)) for _ in range(4))
    keep = 0.5 ** (1 / min(shape.half_life_months, LONGEST_HALF_LIFE_MONTHS))
    keep_recent = 0.5 ** (1 / min(shape.recent_half_life_months, LONGEST_RECENT_MONTHS))
    seen, foreseen, seen_late, foreseen_late = (np.zeros(elevators) for _ in range(4))
    for month in range(months + 1):
        certain[:, month] = shape.own_shape + seen
        own[:, month] = certain[:, month] / (shape.own_shape + foreseen)
        still_open[:, month] = shape.own_shape / (shape.own_shape + foreseen)
        recent[:, month] = (shape.recent_shape + seen_late) / (shape.recent_shape + foreseen_late)
        if month == months:
            break
        of_own = expected[:, month] * own[:, month]
        weight = 1 / (1 + of_own / shape.burst)
        seen = keep * seen + weight * counts[:, month]
        foreseen = keep * foreseen + weight * expected[:, month]
        seen_late = keep_recent * seen_late + weight * counts[:, month]
        foreseen_late = keep_recent * foreseen_late + weight * of_own
    return Memory(own=own, shape=certain, recent=recent, open=still_open)


def fading(months: float | Floats, shape: MemoryShape) -> float | Floats:
    """Return which share of the recent factor's distance from 1 is left on average over some months to come."""
    rate = np.log(2) / min(shape.recent_half_life_months, LONGEST_RECENT_MONTHS)
    span = np.maximum(months, 1e-6) * rate
    share: float | Floats = -np.expm1(-span) / span
    return share


def index(certain: Floats, groups_error: Floats, months: float, shape: MemoryShape) -> Floats:
    """Return the index r of the negative binomial forecast: its squared relative spread about a Poisson count is 1 / r.

    Parameters
    ----------
    certain
        Shape of the elevators' own factor.
    groups_error
        Squared error of the log-rate by groups, times the square of what of it is still open.
    """
    spread: Floats = 1 / certain + groups_error + shape.spread + shape.monthly_spread / max(months, SHORTEST_MONTHS)
    result: Floats = 1 / spread
    return result
