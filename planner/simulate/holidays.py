"""Public holidays of simulated years: the usual days of every year, which no announcement is needed for."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_SPRING = ((1, 29), (2, 17), (2, 6), (1, 26), (2, 13), (2, 3), (1, 23), (2, 11), (1, 31), (2, 19),
           (2, 8), (1, 28), (2, 15), (2, 4), (1, 24), (2, 12), (2, 1), (1, 22), (2, 10))  # fmt: skip
"""New Year's Day of the Chinese calendar from 2025 on; after 19 years it falls on about the same day again (Meton's cycle)."""

_SPRING_FROM = 2025


@cache
def holidays(year: int) -> frozenset[date]:
    """Return New Year's Day, seven days of the Spring Festival, three of Labour Day and seven of National Day."""
    month, day = _SPRING[(year - _SPRING_FROM) % len(_SPRING)]
    return frozenset(
        {date(year, 1, 1)}
        | _run(date(year, month, day) - timedelta(1), 7)
        | _run(date(year, 5, 1), 3)
        | _run(date(year, 10, 1), 7)
    )


def _run(first: date, days: int) -> set[date]:
    return {first + timedelta(n) for n in range(days)}
