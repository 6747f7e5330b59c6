"""How long a snapshot takes: facts read from PostgreSQL, made a problem, hashed, written and read back.

    uv run python tests/bench/rounds/bench_snapshot.py [ELEVATORS]

Starts a server of its own in a temporary folder; prints a table for docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from backend import clock, database
from backend.migrate import migrate
from backend.rounds import service, snapshots
from backend.rounds.snapshot import Snapshot, take_snapshot
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.planned_firm import FRIDAY, MONDAY, PlannedFirm, planned_firm

DAYS = 10
ELEVATORS_PER_CREW = 50


@contextmanager
def _timed(name: str, figures: dict[str, float]) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    figures[name] = time.perf_counter() - begun


async def _measure(firm: PlannedFirm) -> dict[str, float]:
    figures: dict[str, float] = {}
    with clock.stopped_at(FRIDAY):
        async with database.tx(firm.scope):
            with _timed("read", figures):
                facts = await snapshots.facts_inside(firm.firm, MONDAY, DAYS, FRIDAY)
        with _timed("problem", figures):
            snapshot = take_snapshot(facts)
        with _timed("hash", figures):
            snapshot.sha256()
        with _timed("store and read back", figures):
            stored = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(snapshot)))
            assert msgspec.convert(stored, Snapshot) == snapshot
        with _timed("request of a run, whole", figures):
            await service.request_run(firm.scope, MONDAY, DAYS)
    return figures


async def main(elevators: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="liftrounds-bench-"))
    settings = Settings(data_dir=folder)
    try:
        await migrate(await asyncio.to_thread(database.database_url, settings))
        async with database.opened(settings):
            windows = [(n % 12 - 3, n % 12 - 3 + 9) for n in range(12)]
            firm = await planned_firm(
                Factory(), elevators=elevators, crews=max(1, elevators // ELEVATORS_PER_CREW), windows=windows
            )
            figures = await _measure(firm)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"| {elevators} elevators, {timedelta(days=DAYS).days} days | s |\n|---|---|")  # noqa: T201
    for name, seconds in figures.items():
        print(f"| {name} | {seconds:.2f} |")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000))
