"""A firm whose elevators have a history of faults: monitors online for months, faults and entrapments at known rates."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.scope import SYSTEM, Scope, of_firm
from tests.support.factory import Factory

NOW = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
"""Half past three in the night of the 25th in Taizhou: the hour at which models are fitted."""

TODAY = date(2026, 11, 25)
WHOLE_DAY = (1 << 24) - 1


class FaultyFirm(Struct, frozen=True):
    """Its elevators, the fault-prone ones first."""

    firm: UUID
    scope: Scope
    elevators: list[UUID]


async def faulty_firm(factory: Factory, *, elevators: int = 12, months: int = 8, seed: int = 1, **values: Any) -> FaultyFirm:
    """Make elevators that were watched for some months; every third one is of a make that fails five times as often."""
    firm = await factory.firm()
    made = []
    for number in range(elevators):
        bad = number % 3 == 0
        site = await factory.site(firm, name=f"Site {number // 3}")
        made.append((bad, await factory.elevator(firm, site=site, manufacturer="Prone" if bad else "Sound", **values)))
    made.sort(key=lambda each: not each[0])
    draw = random.Random(seed)  # noqa: S311 - of the simulated history
    first = TODAY - timedelta(days=months * 30)
    days, events = [], []
    for bad, elevator in made:
        for number in range(months * 30):
            day = first + timedelta(days=number)
            days.append((firm, elevator, day, WHOLE_DAY))
            if draw.random() < (10 if bad else 2) / 365.25:
                at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
                events += [(firm, elevator, at, "gbt24476:2", "door_close_fault")]
                # The door tries again and says so again: the same fault.
                events += [(firm, elevator, at + timedelta(minutes=20), "gbt24476:2", "door_close_fault")]
                if draw.random() < 0.2:
                    events.append((firm, elevator, at + timedelta(hours=4), "liftrounds:entrapment", "entrapment"))
            if draw.random() < 0.05:
                noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
                events.append((firm, elevator, noon, "liftrounds:monitor_offline", "monitor_offline"))
    await watched(days)
    await happened(events)
    return FaultyFirm(firm, of_firm(firm), [elevator for _, elevator in made])


async def watched(days: list[tuple[UUID, UUID, date, int]]) -> None:
    """Write hours in which monitors were online."""
    firms, elevators, dates, hours = (list(column) for column in zip(*days, strict=True))
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO signal_day (firm, elevator, day, hours)"
            " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[])",
            firms, elevators, dates, hours,
        )  # fmt: skip


async def happened(events: list[tuple[UUID, UUID, datetime, str, str]]) -> None:
    """Write events."""
    if not events:
        return
    firms, elevators, at, codes, kinds = (list(column) for column in zip(*events, strict=True))
    async with database.tx(SYSTEM):
        await database.execute(
            "INSERT INTO telemetry_event (firm, elevator, at, raw_code, kind)"
            " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[])",
            firms, elevators, at, codes, kinds,
        )  # fmt: skip
