"""A simulated fleet under several policies, on as many processes as wanted: the same answer whatever their number."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date

import msgspec
from msgspec import Struct

from planner.backtest.figures import Figures, PolicyRows, figures
from planner.backtest.referee import passed
from planner.backtest.replay import Course, Crew, replay, totals
from planner.intervals.pack import DayLimit, RulePack
from planner.intervals.rules import load_pack
from planner.simulate.known_truth import Truth
from planner.simulate.lives import LEAD_DAYS, Life, codes_of, life
from planner.simulate.monitors import Monitor, monitor

WARM_UP_DAYS = 90
"""Days under each policy that do not count: elevators come from fixed intervals, and show a new policy only after a while."""

YEAR_DAYS = 365.25

_AT_ONCE = 5
"""Elevators of one task: few enough for the progress to be seen."""


class Study(Struct, frozen=True, kw_only=True):
    """What is simulated."""

    policies: tuple[str, ...]
    """Ids of rule packs."""

    elevators: int
    years: float
    seed: int
    truth: Truth
    start: date
    crew: Crew = Crew()
    filed_gap: int | None = None
    """Days between visits that the filing names; None for the shortest that the pack lets one name."""

    whole_fleet: bool = False
    """Whether elevators that cannot be maintained on demand belong to it."""

    @property
    def days(self) -> int:
        """Days that are simulated from the start on, the warm-up included."""
        return WARM_UP_DAYS + max(1, round(self.years * YEAR_DAYS))


Row = dict[str, float]


def run(study: Study, *, workers: int = 1, on_progress: Callable[[int], None] = lambda _: None) -> Figures:
    """Simulate a fleet under several policies.

    Parameters
    ----------
    study
        What to simulate.
    workers
        Processes; the answer does not depend on them.
    on_progress
        Called with the number of elevators done since the last call.

    Raises
    ------
    UnknownPackError
        If a policy is none.
    """
    for policy in study.policies:
        load_pack(policy)
    codes = codes_of(study.elevators)
    tasks = [codes[begin : begin + _AT_ONCE] for begin in range(0, len(codes), _AT_ONCE)]
    rows: list[list[Row]] = []
    if workers <= 1 or len(tasks) < 2:
        for task in tasks:
            rows += elevators(study, task)
            on_progress(len(task))
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
            for task, found in zip(tasks, pool.map(elevators, [study] * len(tasks), tasks), strict=True):
                rows += found
                on_progress(len(task))
    years = (study.days - WARM_UP_DAYS) / YEAR_DAYS
    by_policy = [PolicyRows(id=policy, rows=[row[index] for row in rows]) for index, policy in enumerate(study.policies)]
    return figures(by_policy, [years] * len(rows), study.seed)


def elevators(study: Study, codes: Sequence[str]) -> list[list[Row]]:
    """Return for each of some elevators a row for every policy."""
    return [_elevator(study, code) for code in codes]


def _elevator(study: Study, code: str) -> list[Row]:
    one = life(code, study.seed, study.truth, study.start, study.days, whole_fleet=study.whole_fleet)
    watch = monitor(one, study.truth) if one.monitored else None
    return [_row(study, one, watch, load_pack(policy)) for policy in study.policies]


def _row(study: Study, one: Life, watch: Monitor | None, pack: RulePack) -> Row:
    counted_from = LEAD_DAYS + WARM_UP_DAYS
    gap = filed_gap(pack, study.filed_gap)
    course = replay(one, watch, study.truth, pack, crew=study.crew, filed_gap=gap, counted_from=counted_from)
    own = pack if course.mode == "on_demand" else pack.fixed
    return {
        **totals(course, counted_from),
        "technician_hours": hours(course, own, counted_from),
        "wear_out_expected": course.expected,
        "past_legal_limit": len(passed(course, one, watch, pack, longest(pack, gap))),
        "on_demand": float(course.mode == "on_demand"),
        "windows": course.windows,
    }


def hours(course: Course, pack: RulePack, counted_from: int) -> float:
    """Return the hours of all technicians on site, as the pack plans them."""
    on_site = sum(pack.visit.service_s[visit.maintenance_class] for visit in course.visits if visit.day >= counted_from)
    return on_site * pack.visit.minimum_technicians / 3600


def filed_gap(pack: RulePack, wanted: int | None) -> int | None:
    """Return the days that a filing names, None where the pack's own gap counts: those wanted, or the fewest it may name."""
    named = named_gaps(pack)
    return (min(named) if wanted is None else wanted) if named else None


def named_gaps(pack: RulePack) -> tuple[int, ...]:
    """Return the gaps that a filing may name under a pack; none where the pack's own gap counts."""
    return () if pack.on_demand is None else next((one.gap_days for one in pack.on_demand.conditions if one.gap_days), ())


def longest(pack: RulePack, filed: int | None) -> DayLimit:
    """Return the limit between two visits on demand: what the filing names, within the pack's own."""
    return pack.visit_gap if filed is None else msgspec.structs.replace(pack.visit_gap, days=min(filed, pack.visit_gap.days))
