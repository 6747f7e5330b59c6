"""Months of telemetry: made ahead, cut out of the default partition, dropped when their time is over; counting stays exact."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend import database
from backend.jobs import partitions as job
from backend.jobs.job import Nothing
from backend.operations.doctor import months_of_telemetry
from backend.scope import SYSTEM, Scope, of_firm
from backend.telemetry import service
from backend.telemetry.partitions import (
    PARTITIONED,
    keep_months,
    missing_months,
    months_after,
    partition_name,
    partitions,
    wanted_months,
)
from backend.telemetry.views import UsageQuery
from tests.integration.backend.telemetry.conftest import CODE, NOW, value
from tests.support.factory import Factory

KEEP = dict.fromkeys(PARTITIONED, 6)


@pytest.fixture
async def owner(db: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of the login that owns the tables; months that a test makes are dropped after it."""
    connection = await asyncpg.connect(db)
    before = {name for table in PARTITIONED for name in await partitions(connection, table)}
    yield connection
    for table in PARTITIONED:
        for name in await partitions(connection, table):
            if name not in before:
                await connection.execute(f"DROP TABLE {name}")
    await connection.close()


def told(day: datetime, trips: int, seq: int | None = None, code: str = CODE) -> dict[str, Any]:
    """A record of a day at noon; its number is the day's."""
    number = (day - datetime(2020, 1, 1, tzinfo=UTC)).days if seq is None else seq
    return {"elevator": code, "at": day.isoformat(), "seq": number, "counters": {"trips": trips}}


def days_back(*days: int) -> list[datetime]:
    return [NOW - timedelta(days=back) for back in days]


async def total(scope: Scope, elevator: UUID) -> int:
    async with database.tx(scope):
        [usage] = await service.usage_since([UsageQuery(elevator=elevator, counter="trips", since=NOW - timedelta(days=3000))])
    return usage.total


async def test_the_months_to_come_are_made_by_the_migration(owner: asyncpg.Connection) -> None:
    there = [name for table in PARTITIONED for name in await partitions(owner, table)]
    assert missing_months(there, datetime.now(UTC).date()) == []
    assert f"{next(iter(PARTITIONED))}_default" in there


async def test_a_history_of_years_is_taken_and_moved_into_months_of_its_own(
    owner: asyncpg.Connection, firm_scope: Scope, elevator: UUID
) -> None:
    days = days_back(1500, 800, 799, 30, 0)
    batch = [told(day, 1000 * n, None) for n, day in enumerate(days, 1)]
    assert (await service.ingest(firm_scope, batch)).accepted == 5
    assert await value("SELECT count(*) FROM telemetry_record_default") == 3
    made = await keep_months(owner, NOW)
    assert partition_name("telemetry_record", days[0].date().replace(day=1)) in made.made
    assert partition_name("elevator_hour", days[1].date().replace(day=1)) in made.made
    assert await value("SELECT count(*) FROM telemetry_record_default") == 0
    assert await value("SELECT count(*) FROM telemetry_record") == 5
    again = await service.ingest(firm_scope, batch)
    assert (again.accepted, again.duplicates) == (0, 5)
    assert (await service.ingest(firm_scope, [told(days[1] + timedelta(hours=1), 2005, 7)])).accepted == 1
    assert await total(firm_scope, elevator) == 4000
    assert (await keep_months(owner, NOW)).made == []  # nothing is left to do


async def test_a_number_names_one_record_in_all_months(firm_scope: Scope, elevator: UUID) -> None:
    first, other = days_back(70, 3)
    await service.ingest(firm_scope, [told(first, 10, 7), told(other, 20, 9)])
    result = await service.ingest(firm_scope, [told(other - timedelta(days=1), 15, 7)])
    assert [(one.index, one.field) for one in result.rejected] == [(0, "seq")]
    assert (await service.ingest(firm_scope, [told(first, 10, 7)])).duplicates == 1


async def test_what_is_dropped_stays_counted_and_cannot_be_counted_again(
    owner: asyncpg.Connection, firm_scope: Scope, elevator: UUID
) -> None:
    old, last_old, first_kept, recent = days_back(400, 300, 100, 1)
    batch = [told(day, 1000 * n) for n, day in enumerate((old, last_old, first_kept, recent), 1)]
    await service.ingest(firm_scope, batch)
    dropped = (await keep_months(owner, NOW, KEEP)).dropped
    assert partition_name("telemetry_record", last_old.date().replace(day=1)) in dropped
    assert await value("SELECT count(*) FROM telemetry_record") == 2
    assert await total(firm_scope, elevator) == 3000  # days are kept
    again = await service.ingest(firm_scope, batch)
    assert (again.accepted, again.duplicates) == (0, 2)
    assert [(one.index, one.field) for one in again.rejected] == [(0, "at"), (1, "at")]
    assert "no longer kept" in again.rejected[0].reason
    # Late, between the last that was dropped and the first that is kept: it splits the step over the horizon.
    assert (await service.ingest(firm_scope, [told(first_kept - timedelta(days=10), 2600)])).accepted == 1
    assert await total(firm_scope, elevator) == 3000
    assert (await service.ingest(firm_scope, [told(NOW, 4010)])).accepted == 1
    assert await total(firm_scope, elevator) == 3010


async def test_a_month_of_its_own_shows_a_firm_nothing_of_another(
    owner: asyncpg.Connection, factory: Factory, firm_scope: Scope, elevator: UUID
) -> None:
    [day] = days_back(500)
    await service.ingest(firm_scope, [told(day, 10)])
    await keep_months(owner, NOW)
    month = partition_name("telemetry_record", day.date().replace(day=1))
    assert await value(f"SELECT count(*) FROM {month}") == 1
    for scope, seen in ((firm_scope, 1), (of_firm(await factory.firm()), 0)):
        async with database.tx(scope):
            assert await database.fetch_value(f"SELECT count(*) FROM {month}") == seen


async def test_the_job_keeps_the_months(owner: asyncpg.Connection, firm_scope: Scope, elevator: UUID) -> None:
    ahead = partition_name("telemetry_event", wanted_months(NOW.date())[-1])
    await owner.execute(f"DROP TABLE {ahead}")
    [ancient] = days_back(70 * 31)
    await service.ingest(firm_scope, [told(ancient, 10)])
    await job.run(Nothing())
    await job.run(Nothing())
    assert ahead in await partitions(owner, "telemetry_event")
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM telemetry_record") == 0  # older than 61 months
    assert await value("SELECT count(*) FROM usage_day") == 1


def test_the_doctor_names_months_that_are_missing() -> None:
    today = date(2026, 12, 31)
    all_of_them = [partition_name(table, month) for table in PARTITIONED for month in (date(2026, 12, 1), date(2027, 1, 1))]
    assert months_of_telemetry(all_of_them, today, []).ok
    assert "default" not in months_of_telemetry(all_of_them, today, ["telemetry_record"]).told
    found = months_of_telemetry(all_of_them[:-1], today, [])
    assert not found.ok
    assert "telemetry_event_2027_01" in found.told
    assert "liftrounds" in found.way_out


@pytest.mark.parametrize(
    ("month", "count", "wanted"),
    [
        (date(2026, 11, 1), 3, date(2027, 2, 1)), (date(2026, 11, 1), -61, date(2021, 10, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)), (date(2026, 12, 1), 0, date(2026, 12, 1)),
    ],
)  # fmt: skip
def test_months_are_counted_over_the_turn_of_the_year(month: date, count: int, wanted: date) -> None:
    assert months_after(month, count) == wanted
