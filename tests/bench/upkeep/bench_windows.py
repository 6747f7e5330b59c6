"""How long due windows with their receipts take on one core, without a database: facts in, windows and receipts out.

::

    uv run python tests/bench/upkeep/bench_windows.py [ELEVATORS]

Every elevator is on demand and eligible, has a visit of each class and eight weeks of daily use of four counters, so that its
receipt has seven wear budgets with their forecasts.
"""

from __future__ import annotations

import random
import time
from datetime import date, timedelta

import click
import msgspec

from planner.intervals.checklist import VisitFacts, asked_items
from planner.intervals.due import due_window
from planner.intervals.facts import ElevatorFacts, EventFact, UsageFact, VisitFact
from planner.intervals.forecast import UsePattern, pattern_of
from planner.intervals.items import CLASSES
from planner.intervals.moves import moves
from planner.intervals.rules import load_pack
from tests.support.intervals import ON_DEMAND, TODAY, TRACTION, WATCHED

COUNTERS = ("door_cycles", "trips", "run_s", "rope_bends")
DAYS_AGO = (10, 60, 120, 300)
"""The visit of each class."""

HISTORIES = 500
"""Different histories of use; elevators take them in turn."""

ONE_BY_ONE = 200
"""Elevators that are asked alone."""


def _days(rng: random.Random) -> dict[str, dict[date, float]]:
    return {name: {TODAY - timedelta(days=day): rng.gammavariate(10, 40) for day in range(1, 57)} for name in COUNTERS}


def _use(history: dict[str, dict[date, float]]) -> dict[str, UsePattern]:
    found = {}
    for counter, days in history.items():
        pattern = pattern_of(days, load_pack(ON_DEMAND).forecast)
        assert pattern is not None
        found[counter] = pattern
    return found


def _facts(use: dict[str, UsePattern]) -> ElevatorFacts:
    visits = tuple(
        VisitFact(day=TODAY - timedelta(days=days), maintenance_class=name)
        for name, days in zip(CLASSES, DAYS_AGO, strict=True)
    )
    usage = tuple(
        UsageFact(
            counter=counter, since=visit.day, used=int(pattern.per_day * (TODAY - visit.day).days), per_day=pattern.per_day,
            known_until=TODAY, pattern=pattern, rest=0.4,
        )
        for counter, pattern in use.items()
        for visit in visits
    )  # fmt: skip
    return msgspec.structs.replace(WATCHED, visits=visits, usage=usage)


@click.command()
@click.argument("elevators", type=int, default=10_000)
def main(elevators: int) -> None:
    """Measure and print."""
    rng, pack = random.Random(1), load_pack(ON_DEMAND)  # noqa: S311 - use of elevators, no secrets
    told = [_days(rng) for _ in range(HISTORIES)]
    begun = time.perf_counter()
    histories = [_use(one) for one in told]
    click.echo(f"a forecast from eight weeks: {(time.perf_counter() - begun) / HISTORIES / len(COUNTERS) * 1e6:.0f} µs")
    fleet = [_facts(histories[number % HISTORIES]) for number in range(elevators)]
    begun = time.perf_counter()
    found = [due_window(facts, pack, TODAY) for facts in fleet]
    seconds = time.perf_counter() - begun
    first = found[0]
    assert first is not None
    budgets = sum(candidate.kind == "wear" for candidate in first[1].candidates)
    click.echo(f"{elevators} windows with receipts ({budgets} wear budgets each): {seconds:.2f} s")
    begun = time.perf_counter()
    for facts in fleet[:ONE_BY_ONE]:
        moves(facts, pack, TODAY)
    click.echo(f"what would move one: {(time.perf_counter() - begun) / ONE_BY_ONE * 1000:.1f} ms")
    visit = VisitFacts(
        equipment_type=TRACTION, maintenance_class="half_month", today=TODAY,
        events=tuple(EventFact(day=TODAY, kind="door_close_fault") for _ in range(20)), candidates=first[1].candidates,
    )  # fmt: skip
    begun = time.perf_counter()
    for _ in range(ONE_BY_ONE):
        asked_items(visit)
    click.echo(f"a checklist: {(time.perf_counter() - begun) / ONE_BY_ONE * 1000:.2f} ms")


if __name__ == "__main__":
    main()
