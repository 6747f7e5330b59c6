"""A firm's history under other rule packs: visits and overdue days as they would have been, faults by the model.

What was recorded stays: use, faults, the monitor's silences. How many faults would have come with other visits nobody can
know: it is what was recorded, times what the model of wear makes of the other visits against the recorded ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate

from planner.backtest.figures import Figures, PolicyRows, figures
from planner.backtest.history import Known
from planner.backtest.referee import passed
from planner.backtest.replay import Course, Crew, Visit, replay
from planner.backtest.run import YEAR_DAYS, Row, filed_gap, hours, longest
from planner.intervals.items import CLASSES
from planner.intervals.pack import RulePack
from planner.intervals.rules import load_pack
from planner.simulate.ageing import Ageing
from planner.simulate.fleet import PROFILES, elevator
from planner.simulate.known_truth import Truth, with_numbers
from planner.simulate.lives import LEAD_DAYS, Fault, Life
from planner.simulate.monitors import Monitor, Silence

UNKNOWN_AGE_YEARS = 8
"""Taken where no first day of use is known; docs/backtest.md says so."""

AS_IT_WAS = "as it was"


def run_history(
    elevators: Sequence[Known], policies: Sequence[str], truth: Truth, *, seed: int, crew: Crew, wanted_gap: int | None
) -> Figures:
    """Replay a history under several policies; the first of the answer is what was recorded.

    Parameters
    ----------
    elevators
        What is known.
    policies
        Ids of rule packs.
    truth
        The model of wear.
    seed
        Of the crews' days and the intervals.
    crew
        How crews come.
    wanted_gap
        Days that a filing names.
    """
    packs = [load_pack(policy) for policy in policies]
    lived = [(one, *_life(one, seed)) for one in elevators]
    columns: list[list[Row]] = [[] for _ in range(len(packs) + 1)]
    for one, life, watch in lived:
        for column, row in zip(columns, _rows(one, life, watch, packs, truth, crew, wanted_gap), strict=True):
            column.append(row)
    years = [(life.days - LEAD_DAYS) / YEAR_DAYS for _, life, _ in lived]
    named = [PolicyRows(id=name, rows=rows) for name, rows in zip((AS_IT_WAS, *policies), columns, strict=True)]
    return figures(named, years, seed)


def _rows(
    one: Known, life: Life, watch: Monitor | None, packs: Sequence[RulePack], truth: Truth, crew: Crew, wanted_gap: int | None
) -> list[Row]:
    before, recorded = _recorded(one, life)
    unbroken = with_numbers(truth, {"parts.life": 1e6})  # nothing breaks but what was recorded
    was = Course(
        mode="fixed", before=before, checked_before={}, visits=recorded, faults=life.faults, told=(), expected=0.0, windows=0
    )
    wear_was = _wear(life, truth, before, recorded, packs[0])
    rows = [_row(was, life, watch, packs[0], packs[0].visit_gap.days, wear_was, wear_was, truth)]
    for pack in packs:
        gap = filed_gap(pack, wanted_gap)
        course = replay(life, watch, unbroken, pack, crew=crew, filed_gap=gap, before=before)
        own = pack if course.mode == "on_demand" else pack.fixed
        wear = _wear(life, truth, before, course.visits, own)
        rows.append(_row(course, life, watch, pack, gap, wear, wear_was, truth))
    return rows


def _row(
    course: Course,
    life: Life,
    watch: Monitor | None,
    pack: RulePack,
    gap: int | None,
    wear: float,
    wear_was: float,
    truth: Truth,
) -> Row:
    own = pack if course.mode == "on_demand" else pack.fixed
    faults = [fault for fault in life.faults if fault.day >= LEAD_DAYS]
    years = (life.days - LEAD_DAYS) / YEAR_DAYS
    share = wear_was / max(1e-9, wear_was + truth.random_faults.per_year.value * years)
    times = 1 - share + share * wear / max(1e-9, wear_was)
    limits = [each for each in passed(course, life, watch, pack, longest(pack, gap)) if each.limit == "visit_gap"]
    return {
        "visits": len(course.visits),
        "technician_hours": hours(course, own, LEAD_DAYS),
        "faults": len(faults) * times,
        "wear_out_faults": len(faults) * share * wear / max(1e-9, wear_was),
        "wear_out_expected": wear,
        "entrapments": sum(fault.trapped for fault in faults) * times,
        "overdue_days": sum(max(0, visit.day - visit.due) for visit in course.visits),
        "past_legal_limit": len(limits),
        "on_demand": float(course.mode == "on_demand"),
        "windows": course.windows,
    }


def _wear(life: Life, truth: Truth, before: Mapping[str, int], visits: Sequence[Visit], pack: RulePack) -> float:
    """Return the faults of wear to be expected with some visits, nothing being repaired in between."""
    ageing = Ageing(life, truth, before, breaks=False)
    for visit in visits:
        ageing.visit(visit.day, visit.maintenance_class, pack.visit.service_s[visit.maintenance_class] / 60)
    ageing.close(life.days)
    return ageing.expected()


def _recorded(one: Known, life: Life) -> tuple[dict[str, int], tuple[Visit, ...]]:
    """Return the day of each class before the replay, and the visits of it; a class never seen counts from the first visit."""
    days = [((day - life.begins).days, name) for day, name in one.visits]
    before = dict.fromkeys(CLASSES, days[0][0])
    return before, tuple(Visit(day=day, maintenance_class=name, due=day) for day, name in days[1:])


def _life(one: Known, seed: int) -> tuple[Life, Monitor | None]:
    begins = one.first + timedelta(1 - LEAD_DAYS)
    days = LEAD_DAYS + (one.last - one.first).days
    usual = elevator(one.elevator, one.kind, seed)
    counter, grown = ("trips", one.use["trips"]) if one.use.get("trips") else ("door_cycles", one.use.get("door_cycles") or {})
    per_trip = {"trips": 1.0, "door_cycles": 1 + usual.reopenings, "run_s": usual.run_s_per_trip, "run_m": usual.run_m_per_trip,
                "rope_bends": float(usual.rope_bends_per_trip), "brake_actuations": 1 + usual.relevelings}  # fmt: skip
    trips = {day: value / per_trip[counter] for day, value in grown.items()}
    per_trip |= _ratios(one.use, trips)
    daily = _filled(trips, begins, days, PROFILES[one.kind].trips_per_day)
    told = tuple(accumulate(daily, initial=0.0))
    life = Life(
        code=one.elevator, kind=one.kind, begins=begins, days=days, monitored=bool(trips), per_trip=per_trip, trips=told,
        in_use_since=one.in_use_since or begins - timedelta(int(UNKNOWN_AGE_YEARS * YEAR_DAYS)), endurance=1.0,
        faults=tuple(_faults(one, begins)), trapping=1.0, lapses=(), seed=seed,
        inspections=tuple((due, due - 5) for due in range(30, days + 800, 365)),
    )  # fmt: skip
    return life, _monitor(one, trips, life) if trips else None


def _ratios(use: Mapping[str, Mapping[date, float]], trips: Mapping[date, float]) -> dict[str, float]:
    """Return how much each counter that is known grew in a trip."""
    found = {}
    for counter, grown in use.items():
        both = [day for day in grown if trips.get(day)]
        if both:
            found[counter] = sum(grown[day] for day in both) / sum(trips[day] for day in both)
    return {counter: ratio for counter, ratio in found.items() if ratio > 0}


def _filled(trips: Mapping[date, float], begins: date, days: int, usual: float) -> list[float]:
    by_weekday: list[list[float]] = [[] for _ in range(7)]
    for day, value in trips.items():
        by_weekday[day.weekday()].append(value)
    level = sum(trips.values()) / len(trips) if trips else float(usual)
    means = [sum(some) / len(some) if some else level for some in by_weekday]
    return [trips.get(begins + timedelta(number), means[(begins + timedelta(number)).weekday()]) for number in range(days)]


def _faults(one: Known, begins: date) -> list[Fault]:
    """Return what was recorded, an entrapment together with the fault of its day."""
    trapped = {day for day, kind in one.faults if kind == "entrapment"}
    found = [Fault((day - begins).days, kind, day in trapped) for day, kind in one.faults if kind != "entrapment"]
    alone = trapped - {day for day, kind in one.faults if kind != "entrapment"}
    found += [Fault((day - begins).days, "other_fault", trapped=True) for day in sorted(alone)]
    return sorted((fault for fault in found if fault.day >= 0), key=lambda fault: fault.day)


def _monitor(one: Known, trips: Mapping[date, float], life: Life) -> Monitor:
    """Return the monitor: silent where it is said to be, and on days of the history without use."""
    hours_off = {(day - life.begins).days: value for day, value in one.offline_h.items()}
    for number in range(LEAD_DAYS, life.days):
        if life.date_of(number) not in trips:
            hours_off[number] = 24.0
    silences: list[Silence] = []
    for number, value in sorted(hours_off.items()):
        if value <= 0:
            continue
        from_h, until_h = 24.0 * (number + 1) - value, 24.0 * (number + 1)
        if silences and from_h <= silences[-1].until_h:
            silences[-1] = Silence(silences[-1].from_h, until_h, held_back=True)
        else:
            silences.append(Silence(from_h, until_h, held_back=True))
    ends_h = tuple(each.until_h for each in silences)
    return Monitor(silences=tuple(silences), ends_h=ends_h, told=life.trips, stuck=tuple(_still(life)))


def _still(life: Life) -> Iterator[tuple[int, int]]:
    """Yield the runs of days without use, for the rules to look at: first, and the day after the last."""
    begin: int | None = None
    for day in range(LEAD_DAYS, life.days):
        if life.trips[day + 1] > life.trips[day]:
            if begin is not None:
                yield begin, day
            begin = None
        elif begin is None:
            begin = day
    if begin is not None:
        yield begin, life.days
