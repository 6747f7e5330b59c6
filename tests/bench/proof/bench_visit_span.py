"""How long the telemetry of a visit's time takes to read and to judge, in a database with weeks of records of many elevators.

::

    uv run python tests/bench/proof/bench_visit_span.py [ELEVATORS] [WEEKS]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from backend import clock, database
from backend.migrate import migrate_if_pending
from backend.scope import SYSTEM, of_firm
from backend.settings import read_settings
from backend.telemetry import service as telemetry
from planner import simulate
from planner.simulate import SimulatedElevator, SimulatedVisit
from qr.elevator_word import listen
from tests.support.factory import Factory

LOOKS = 200


async def main() -> None:
    """Print the median and the worst of many looks, in milliseconds."""
    elevators = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    weeks = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    fleet = simulate.fleet(elevators, 3)
    arrival = until - timedelta(hours=6)
    visit = SimulatedVisit(arrival=arrival, departure=arrival + timedelta(minutes=45))
    with tempfile.TemporaryDirectory() as folder:
        settings = msgspec.structs.replace(read_settings(), data_dir=Path(folder))
        try:
            await migrate_if_pending(await asyncio.to_thread(database.database_url, settings))
            async with database.opened(settings):
                await _measure(fleet, until - timedelta(weeks=weeks), until, visit)
        finally:
            await asyncio.to_thread(database.release_embedded)


async def _measure(fleet: list[SimulatedElevator], since: datetime, until: datetime, visit: SimulatedVisit) -> None:
    factory = Factory()
    firm = await factory.firm()
    site = await factory.site(firm)
    ids = [await factory.elevator(firm, site=site, registration_code=one.registration_code, stops=12) for one in fleet]
    loaded = await telemetry.load_history(firm, _records(fleet, since, until, visit))
    async with database.tx(SYSTEM):
        await database.execute("ANALYZE")
    read_ms, judged_ms = [], []
    for number in range(LOOKS):
        async with database.tx(of_firm(firm)):
            began = time.perf_counter()
            span = await telemetry.visit_span_inside(ids[number % len(ids)], visit.arrival, visit.departure)
            read = time.perf_counter()
            listen(span, "half_month", "traction_or_positive_drive_lift")
            read_ms.append((read - began) * 1000)
            judged_ms.append((time.perf_counter() - read) * 1000)
    print(f"{loaded.accepted:,} records of {len(fleet)} elevators, {clock.now() - since!s} back")  # noqa: T201
    for name, taken in (("read", read_ms), ("judged", judged_ms)):
        ordered = sorted(taken[len(ids) :])
        print(f"{name:7} median {statistics.median(ordered):.2f} ms, 99 % {ordered[int(len(ordered) * 0.99)]:.2f} ms")  # noqa: T201


def _records(
    fleet: list[SimulatedElevator], since: datetime, until: datetime, visit: SimulatedVisit
) -> Iterator[dict[str, Any]]:
    for one in fleet:
        yield from simulate.records_with_visits(one, since, until, [visit])


if __name__ == "__main__":
    asyncio.run(main())
