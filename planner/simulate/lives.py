"""The life of one simulated elevator, whatever is done to it: use, luck, faults of chance, and what lapses.

Every life is a function of seed, code and truth alone, and holds all the luck that any policy can meet: two policies that
are compared maintain the same elevator with the same luck. Days are numbered from 0, the life's first day.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random

from msgspec import Struct

from planner.simulate.fleet import PROFILES, SimulatedElevator, elevator
from planner.simulate.holidays import holidays
from planner.simulate.known_truth import Entrapments, Truth
from planner.simulate.luck import poisson_days, weighted

LEAD_DAYS = 400
"""Days lived before a simulation begins: the work of the year before must have worn off by known use."""

MOST_OF_A_DAY = 0.35
"""Share of a day that an elevator can be under way at most."""

OTHER_KINDS = frozenset({"hospital", "school", "station"})
"""Kinds of buildings that a scheme of on-demand maintenance usually leaves out."""


class Fault(Struct, frozen=True):
    """Something that stopped the elevator."""

    day: int
    kind: str
    trapped: bool
    part: str = ""
    """Id of the part that was worn; empty for a fault of chance."""


class Lapse(Struct, frozen=True):
    """Something that is not in order for some days; both ends included."""

    kind: str
    first: int
    last: int


class Life(Struct, frozen=True, kw_only=True):
    """One elevator and its luck."""

    code: str
    kind: str
    begins: date
    """Day 0."""

    days: int
    """From day 0 to the end, the lead included."""

    in_use_since: date
    monitored: bool
    per_trip: dict[str, float]
    """How much each counter grows by in one trip."""

    trips: tuple[float, ...]
    """Trips made before the beginning of each day; one more than there are days."""

    endurance: float
    """Of its parts, as a multiple of the usual."""

    faults: tuple[Fault, ...]
    """Those of chance, by day."""

    trapping: float
    """Its own share of faults that trap somebody, as a multiple of the usual."""

    lapses: tuple[Lapse, ...]
    inspections: tuple[tuple[int, int], ...]
    """Day due, and day made; the first was made before the lead."""

    seed: int

    def date_of(self, day: int) -> date:
        """Return the date of a day."""
        return self.begins + timedelta(day)

    def luck(self, of: str) -> Random:
        """Return a stream of luck of its own for a thing; always the same."""
        return _luck(self.seed, self.code, of)


def _luck(seed: int, code: str, of: str) -> Random:
    return Random(f"{seed}:{code}:{of}")  # noqa: S311 - a simulation


def codes_of(count: int) -> list[str]:
    """Return made-up registration codes, as the telemetry simulator's fleet has them."""
    return [f"3110331099{number:010d}" for number in range(1, count + 1)]


def life(code: str, seed: int, truth: Truth, start: date, days: int, *, whole_fleet: bool = False) -> Life:
    """Return an elevator's life.

    Parameters
    ----------
    code, seed, truth
        What it depends on.
    start
        The first day after the lead.
    days
        Days from `start` on.
    whole_fleet
        Whether it may also be one that cannot be maintained on demand: in a hospital, old, or without a monitor. Otherwise it
        is one that a firm would file: all conditions hold at first, and may cease to.
    """
    chance = _luck(seed, code, "life")
    kinds = {kind: weight for kind, weight in truth.fleet.kinds.items() if whole_fleet or kind not in OTHER_KINDS}
    kind = weighted(chance, kinds)
    oldest = truth.fleet.oldest_years if whole_fleet else truth.fleet.filed_up_to_years
    age_years = chance.uniform(1.5, oldest.value)
    monitored = chance.random() < truth.fleet.monitored.value or not whole_fleet
    usual, trapping = elevator(code, kind, seed), _frailty(chance, truth.entrapments.frailty_shape.value)
    begins, whole = start - timedelta(LEAD_DAYS), LEAD_DAYS + days
    return Life(
        code=code, kind=kind, begins=begins, days=whole, in_use_since=start - timedelta(int(age_years * 365.25)),
        monitored=monitored,
        per_trip=_per_trip(usual),
        trips=_trips(usual, truth, begins, whole, _luck(seed, code, "use")),
        endurance=chance.lognormvariate(0, truth.makers.endurance_spread.value),
        faults=tuple(_chance_faults(kind, truth, whole, trapping, _luck(seed, code, "faults"))),
        trapping=trapping,
        lapses=tuple(_lapses(truth, whole, _luck(seed, code, "papers"))),
        inspections=tuple(_inspections(truth, whole, _luck(seed, code, "inspections"))),
        seed=seed,
    )  # fmt: skip


def traps(kind: str, trapping: float, truth: Entrapments, luck: float) -> bool:
    """Return whether a fault traps somebody, by its kind, the elevator's own share, and luck 0..1."""
    return luck < truth.share.value * truth.by_kind.get(kind, 1.0) * trapping


def _per_trip(one: SimulatedElevator) -> dict[str, float]:
    return {
        "trips": 1.0,
        "door_cycles": 1 + one.reopenings,
        "run_s": one.run_s_per_trip,
        "run_m": one.run_m_per_trip,
        "rope_bends": float(one.rope_bends_per_trip),
        "brake_actuations": 1 + one.relevelings,
    }


def _trips(one: SimulatedElevator, truth: Truth, begins: date, days: int, chance: Random) -> tuple[float, ...]:
    """Return the trips made before each day: by weekday, holidays, and the chance of weeks and days."""
    spread = truth.use.further_spread.value
    usual = one.trips_per_day * chance.lognormvariate(-spread * spread / 2, spread)
    most = MOST_OF_A_DAY * 86_400 / one.run_s_per_trip
    per_week, per_day = truth.use.week_spread.value, truth.use.day_spread.value
    week = 1.0
    drawn = []
    for day, share in enumerate(_shares(one.kind, truth.use.holiday[one.kind], begins, days)):
        if day % 7 == 0:
            week = max(0.0, chance.gauss(1, per_week))
        drawn.append(float(round(min(most, max(0.0, usual * share * week * chance.gauss(1, per_day))))))
    return tuple(accumulate(drawn, initial=0.0))


@lru_cache(maxsize=64)
def _shares(kind: str, on_holiday: float, begins: date, days: int) -> tuple[float, ...]:
    """Return the use of each day as a share of a working day's."""
    weekend = PROFILES[kind].weekend
    found = []
    for number in range(days):
        day = begins + timedelta(number)
        found.append(on_holiday if day in holidays(day.year) else weekend if day.weekday() >= 5 else 1.0)
    return tuple(found)


def _frailty(chance: Random, shape: float) -> float:
    """Return a Gamma number of mean 1."""
    return chance.gammavariate(shape, 1 / shape) if shape > 0 else 1.0


def _chance_faults(kind: str, truth: Truth, days: int, trapping: float, chance: Random) -> Iterator[Fault]:
    random = truth.random_faults
    frailty = _frailty(chance, random.frailty_shape.value)
    per_year = random.per_year.value * random.busy_kinds.get(kind, 1.0) * frailty
    for day in poisson_days(chance, per_year, days):
        what = weighted(chance, random.kinds)
        yield Fault(day, what, traps(what, trapping, truth.entrapments, chance.random()))


def _lapses(truth: Truth, days: int, chance: Random) -> Iterator[Lapse]:
    papers = truth.papers
    for kind, per_year, lasts in (
        ("insurance", papers.insurance_lapses_per_year, papers.insurance_lapse_days.value),
        ("complaint", papers.complaints_per_year, papers.complaint_days.value),
        ("authority_order", papers.orders_per_year, papers.order_days.value),
        ("major_event", papers.major_events_per_year, papers.major_event_days.value),
        ("withdrawn", papers.withdrawals_per_year, math.inf),
    ):
        for day in poisson_days(chance, per_year.value, days):
            if day >= LEAD_DAYS:  # all is in order when a simulation begins
                yield Lapse(kind, day, int(min(day + max(1, lasts) - 1, days)))


def _inspections(truth: Truth, days: int, chance: Random) -> Iterator[tuple[int, int]]:
    """Yield when each yearly inspection was due and was made: mostly some days before, seldom too late."""
    longest = max(1, round(2 * truth.papers.inspection_late_days.value) - 1)
    due = chance.randrange(LEAD_DAYS - 365 + 40, LEAD_DAYS + 30) - 365
    while due < days + 400:
        late = chance.random() < truth.papers.inspections_late.value and due >= LEAD_DAYS
        made = due + (chance.randint(1, longest) if late else -chance.randint(0, 10))
        yield due, made
        due += 365
