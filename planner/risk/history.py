"""What happened: counts and days under watch per elevator and month, with the groups that each elevator belongs to.

A month without days under watch is a hole: it says nothing, neither that there were faults nor that there were none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

UNKNOWN = "?"
"""Level of a trait that is not told: a group of its own, because what is not told is often not told for a reason."""

DAYS_PER_MONTH = 365.25 / 12
MONTHS_PER_YEAR = 12

NO_SEASON = MONTHS_PER_YEAR
"""Place among the seasons of counts that cover more than two months, or whose calendar is not known."""

LONGEST_SEASONAL_DAYS = 62

AGE_BANDS = (("0–2", 2), ("2–5", 5), ("5–10", 10), ("10–15", 15), ("15–20", 20), ("20–30", 30), ("30+", 10_000))
"""Name of a band in years, and the age at which it ends: since the elevator was built or last renewed."""


class HistoryError(ValueError):
    """A history that cannot be used; every fault stands in `faults` as (path, what is wrong)."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {what}" for path, what in faults))
        self.faults = tuple(faults)


class Period(Struct, frozen=True, kw_only=True):
    """What one elevator did in some days."""

    elevator: str
    first_day: date
    days: float
    """Length in days, more than 0: to know where in time the period lies."""

    exposure_days: float
    """Days of it under watch; 0 for a hole."""

    faults: float
    entrapments: float | None = None
    """None where nobody counts them."""

    traits: Mapping[str, str] = {}
    """Group → level, such as make → OTIS; what is missing is a level of its own."""

    renewed_on: date | None = None
    """Built, or last renewed; None = not known."""

    where: str = ""
    """Where it was read, for errors: `line 17`."""


class Factor(Struct, frozen=True):
    """A way to group elevators."""

    name: str
    levels: tuple[str, ...]
    codes: Codes
    """(elevators, months) → place among the levels."""


class History(Struct, frozen=True, kw_only=True):
    """All periods on one grid of elevators by months."""

    elevators: tuple[str, ...]
    months: tuple[date, ...]
    """First day of each month."""

    faults: Floats
    """(elevators, months)."""

    entrapments: Floats | None
    exposure: Floats
    """(elevators, months), days."""

    season: Codes
    """(months,): 0 = January … 11, or `NO_SEASON`."""

    factors: tuple[Factor, ...]

    def month_of(self, day: date) -> int:
        """Return the place of the month that holds a day; it may lie outside of the grid."""
        return _months_between(self.months[0], day)


def build_history(periods: Iterable[Period], *, calendar: bool = True, until: date | None = None) -> History:
    """Put periods on a grid. Their order does not matter; periods of one elevator and month add up.

    A period counts in the month that holds its middle.

    Parameters
    ----------
    periods
        At least one with days under watch.
    calendar
        Whether the days are real dates; otherwise no season is taken from them.
    until
        The grid reaches at least to the month of this day.

    Raises
    ------
    HistoryError
        With every fault: a negative count, counts in a hole, more days under watch than days, nothing at all.
    """
    told = list(periods)
    faults = [fault for period in told for fault in _faults(period)]
    if not any(period.exposure_days > 0 for period in told):
        faults.append(("exposure_days", "no elevator was under watch for a day: there is nothing to learn from"))
    if faults:
        raise HistoryError(faults)
    middles = [period.first_day + timedelta(days=(period.days - 1) / 2) for period in told]
    first = min(middles).replace(day=1)
    last = max([*middles, until] if until is not None else middles)
    months = tuple(_plus_months(first, number) for number in range(_months_between(first, last) + 1))
    elevators = tuple(sorted({period.elevator for period in told}))
    place = {name: number for number, name in enumerate(elevators)}
    rows = np.array([place[period.elevator] for period in told], dtype=np.intp)
    columns = np.array([_months_between(first, middle) for middle in middles], dtype=np.intp)
    shape = (len(elevators), len(months))
    counted = any(period.entrapments is not None for period in told)
    seasonal = calendar and all(period.days <= LONGEST_SEASONAL_DAYS for period in told)
    return History(
        elevators=elevators, months=months,
        faults=_grid(rows, columns, [period.faults for period in told], shape),
        entrapments=_grid(rows, columns, [period.entrapments or 0.0 for period in told], shape) if counted else None,
        exposure=_grid(rows, columns, [period.exposure_days for period in told], shape),
        season=np.array([month.month - 1 if seasonal else NO_SEASON for month in months], dtype=np.intp),
        factors=tuple(_factors(told, place, months)),
    )  # fmt: skip


def _faults(period: Period) -> list[tuple[str, str]]:
    found = []
    at = f"{period.where} ({period.elevator})" if period.where else period.elevator
    for name, value in (("faults", period.faults), ("entrapments", period.entrapments or 0.0)):
        if not (np.isfinite(value) and value >= 0):
            found.append((f"{at}.{name}", f"{value:g} is no count: use a number from 0"))
        elif value > 0 and period.exposure_days == 0:
            found.append((f"{at}.exposure_days", f"0 days under watch, but {value:g} {name}: tell the days, or leave it out"))
    if not (np.isfinite(period.exposure_days) and period.exposure_days >= 0):
        found.append((f"{at}.exposure_days", f"{period.exposure_days:g} are no days: use a number from 0"))
    elif period.exposure_days > period.days + 1:
        found.append((f"{at}.exposure_days", f"{period.exposure_days:g} days under watch in {period.days:g} days"))
    return found


def _grid(rows: Codes, columns: Codes, values: Sequence[float], shape: tuple[int, int]) -> Floats:
    grid = np.zeros(shape)
    np.add.at(grid, (rows, columns), np.array(values, dtype=np.float64))
    return grid


def _factors(told: Sequence[Period], place: Mapping[str, int], months: Sequence[date]) -> list[Factor]:
    """Return a factor for each trait that differs between elevators, and the age where any is known."""
    names = sorted({name for period in told for name in period.traits})
    factors = []
    for name in names:
        # The newest period that names the trait speaks; sorted, so that the order of rows does not matter.
        latest = {
            period.elevator: period.traits[name]
            for period in sorted(told, key=lambda each: (each.first_day, each.traits.get(name, "")))
            if period.traits.get(name)
        }
        levels = tuple(sorted({UNKNOWN, *latest.values()}))
        if len(set(latest.values())) + (len(latest) < len(place)) < 2:
            continue
        number = {level: index for index, level in enumerate(levels)}
        one = np.array([number[latest.get(elevator, UNKNOWN)] for elevator in place], dtype=np.intp)
        factors.append(Factor(name, levels, np.repeat(one[:, None], len(months), axis=1)))
    renewed: dict[str, list[date]] = {}
    for period in told:
        if period.renewed_on is not None:
            renewed.setdefault(period.elevator, []).append(period.renewed_on)
    if renewed:
        factors.append(_age_factor(renewed, place, months))
    return factors


def _age_factor(renewed: Mapping[str, Sequence[date]], place: Mapping[str, int], months: Sequence[date]) -> Factor:
    levels = (UNKNOWN, *(name for name, _ in AGE_BANDS))
    codes = np.zeros((len(place), len(months)), dtype=np.intp)
    for elevator, days in renewed.items():
        # An elevator that is renewed inside the history has several: the latest before the month counts, else the earliest.
        ordered = sorted(set(days))
        for column, month in enumerate(months):
            since = max((day for day in ordered if day <= month), default=ordered[0])
            codes[place[elevator], column] = 1 + age_band((month - since).days / 365.25)
    return Factor("age", levels, codes)


def age_band(years: float) -> int:
    """Return the place of an age among the bands; an elevator that is not built yet is new."""
    return next(index for index, (_, end) in enumerate(AGE_BANDS) if years < end)


def _months_between(first: date, day: date) -> int:
    return (day.year - first.year) * MONTHS_PER_YEAR + day.month - first.month


def _plus_months(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, MONTHS_PER_YEAR)
    return date(first.year + years, month + 1, 1)
