"""Months of telemetry: partitions made ahead, and dropped when their time is over.

Records, hours and events are partitioned by month (UTC). Each table has a default partition beside its months, so that nothing
is ever refused for want of a month: what lies outside of all (a history of years, a clock that was set late) is stored there
and moved into a month of its own by the next run of the job. Days are kept for good: there are few of them, and they are what
wear is counted by.

What is dropped is gone for later counting too: a record from before the horizon is refused, because nobody could tell any more
whether it was counted. The last reading of every counter before the horizon stays, so that the first one after it still counts
its growth from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import asyncpg
from msgspec import Struct

from backend import isolation
from backend.locks import Lock

PARTITIONED = {"telemetry_record": "at", "elevator_hour": "hour", "telemetry_event": "at"}
"""Table → the column that its months are cut by."""

AHEAD = 3
"""Months made ahead: a worker may be away for a quarter of a year before rows go to the default partition."""

BEHIND = 1
"""Months before this one that are made in any case: the late records of a monitor that was offline."""


class Months(Struct, frozen=True, kw_only=True):
    """What a run did."""

    made: list[str]
    dropped: list[str]


def month_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def months_after(month: date, count: int) -> date:
    """Return the first day of the month so many after one (or before it)."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def partition_name(table: str, month: date) -> str:
    """Return the name of a month's partition."""
    return f"{table}_{month:%Y_%m}"


def wanted_months(today: date) -> list[date]:
    """Return the months that must be there on a day."""
    return [months_after(month_of(today), count) for count in range(-BEHIND, AHEAD + 1)]


def _start(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


async def keep_months(connection: asyncpg.Connection, now: datetime, keep: dict[str, int] | None = None) -> Months:
    """Make the months that are missing, and drop those whose time is over.

    Safe to repeat, and to run from several hosts at once.

    Parameters
    ----------
    connection
        Of a login that owns the tables, outside of any transaction.
    now
        The present instant.
    keep
        Table → months that are kept beside the present one; what is not named is kept for good.
    """
    await connection.execute("SELECT pg_advisory_lock($1)", Lock.PARTITIONS)
    try:
        await connection.execute("SELECT set_config('liftrounds.firm', '*', false)")
        made = [name for table in PARTITIONED for name in await _make(connection, table, now.date())]
        dropped = []
        for table, months in (keep or {}).items():
            dropped += await _drop(connection, table, months_after(month_of(now.date()), -months))
        return Months(made=made, dropped=dropped)
    finally:
        await connection.execute("SELECT set_config('liftrounds.firm', '', false)")
        await connection.execute("SELECT pg_advisory_unlock($1)", Lock.PARTITIONS)


async def _make(connection: asyncpg.Connection, table: str, today: date) -> list[str]:
    column = PARTITIONED[table]
    rows = await connection.fetch(
        f"SELECT DISTINCT date_trunc('month', {column} AT TIME ZONE 'UTC')::date AS month FROM {table}_default"  # noqa: S608
    )
    there = await partitions(connection, table)
    wanted = sorted({row["month"] for row in rows} | set(wanted_months(today)))
    missing = [month for month in wanted if partition_name(table, month) not in there]
    for month in missing:
        await _make_month(connection, table, month)
    return [partition_name(table, month) for month in missing]


async def _make_month(connection: asyncpg.Connection, table: str, month: date) -> None:
    """Make a month beside the table, move into it what the default partition has of it, and attach it.

    Attaching asks for no lock that intake would wait for, other than that on the default partition.
    """
    name, column = partition_name(table, month), PARTITIONED[table]
    begin, end = _start(month).isoformat(), _start(months_after(month, 1)).isoformat()
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table}_default IN ACCESS EXCLUSIVE MODE")
        await connection.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        await connection.execute(
            f"WITH moved AS (DELETE FROM {table}_default WHERE {column} >= '{begin}' AND {column} < '{end}' RETURNING *)"  # noqa: S608
            f" INSERT INTO {name} SELECT * FROM moved"
        )
        await connection.execute(f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{begin}') TO ('{end}')")
        await isolation.bind(connection, name)


async def _drop(connection: asyncpg.Connection, table: str, kept_from: date) -> list[str]:
    """Drop the months of a table that end before a month begins."""
    prefix = f"{table}_"
    old = [
        name for name in await partitions(connection, table)
        if name.removeprefix(prefix) < f"{kept_from:%Y_%m}" and name != f"{table}_default"
    ]  # fmt: skip
    if not old:
        return []
    # Known before anything goes: who reads it refuses what is older from now on.
    await connection.execute(
        "INSERT INTO telemetry_horizon (what, kept_from) VALUES ($1, $2) ON CONFLICT (what)"
        " DO UPDATE SET kept_from = greatest(telemetry_horizon.kept_from, excluded.kept_from)",
        table, _start(kept_from),
    )  # fmt: skip
    for name in old:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            if table == "telemetry_record":
                await connection.execute(_KEEP_LAST_READINGS.format(partition=name))
            await connection.execute(f"DROP TABLE {name}")
    for statement in _GOES_WITH.get(table, ()):
        await connection.execute(statement, _start(kept_from))
    return old


_GOES_WITH = {
    "telemetry_record": (
        "DELETE FROM usage_period WHERE to_at < $1",
        "DELETE FROM signal_state WHERE last_at < $1",
    )
}
"""What was read from the records of a table and is needed only while others may follow them: statements about periods that no
record can add to any more, and signals that ended."""


_KEEP_LAST_READINGS = """
INSERT INTO counter_anchor AS a (firm, elevator, counter, at, seq, total, width)
SELECT DISTINCT ON (r.elevator, u.counter) r.firm, r.elevator, u.counter, r.at, r.seq, u.total, coalesce(u.width, 0)
FROM {partition} r CROSS JOIN LATERAL unnest(r.counters, r.totals, r.widths) AS u (counter, total, width)
ORDER BY r.elevator, u.counter, r.at DESC, r.seq DESC
ON CONFLICT (elevator, counter) DO UPDATE SET at = excluded.at, seq = excluded.seq, total = excluded.total,
    width = excluded.width
WHERE (a.at, a.seq) < (excluded.at, excluded.seq)
"""


async def partitions(connection: asyncpg.Connection, table: str) -> list[str]:
    """Return the names of a table's partitions, in order."""
    rows = await connection.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1", table
    )
    return [row["name"] for row in rows]


def missing_months(there: Sequence[str], today: date) -> list[str]:
    """Return the partitions that must be there on a day, this month's and the next's, and are not among those there."""
    needed = [months_after(month_of(today), count) for count in (0, 1)]
    return [name for table in PARTITIONED for month in needed if (name := partition_name(table, month)) not in there]
