"""Use per local day of some weeks, for many elevators in one statement: what forecasts are made from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database


class DailyUse(Struct, frozen=True, kw_only=True):
    """What a counter grew by on the days that have readings of it."""

    elevator: UUID
    counter: str
    days: list[date]
    """Local days, in order."""

    totals: list[int]
    """Growth on each of these days."""

    def whole_days(self, last: date) -> dict[date, int]:
        """Return the days that are known as a whole: before a day, and with readings on the day before as well.

        A step counts on the day of its later reading: the day after a hole holds what the hole had too, and is left out.

        Parameters
        ----------
        last
            Day of the last reading, which is not over yet.
        """
        numbers = [day.toordinal() for day in self.days]
        return {
            day: max(0, total)
            for day, total, number, before in zip(self.days[1:], self.totals[1:], numbers[1:], numbers, strict=False)
            if number == before + 1 and day < last
        }


async def daily_use(since: Mapping[UUID, datetime], counters: Collection[str], time_zone: str) -> list[DailyUse]:
    """Return use per local day, inside the caller's transaction.

    An hour has all its counters in one row, and they are summed side by side, elevator by elevator: with a row for each counter
    the sums would be sorted on disk, which takes three times as long.

    Parameters
    ----------
    since
        For each elevator the instant from which on days are wanted.
    counters
        Which counters.
    time_zone
        Whose days.
    """
    wanted = sorted(counters)
    if not since or not wanted:
        return []
    numbers = range(len(wanted))
    sums = ", ".join(f"sum(u.deltas[array_position(u.counters, ${5 + i}::text)])::bigint AS c{i}" for i in numbers)
    arrays = ", ".join(f"array_agg(c{i} ORDER BY day) AS c{i}" for i in numbers)
    rows = await database.fetch(
        "SELECT w.elevator, d.* FROM unnest($1::uuid[], $2::timestamptz[]) AS w (elevator, since) CROSS JOIN LATERAL ("
        f" SELECT array_agg(day ORDER BY day) AS days, {arrays} FROM ("
        f" SELECT (u.hour AT TIME ZONE $3)::date AS day, {sums} FROM elevator_hour u"
        " WHERE u.elevator = w.elevator AND u.hour >= w.since AND u.hour >= $4 GROUP BY 1) u) d WHERE d.days IS NOT NULL",
        list(since), list(since.values()), time_zone, min(since.values()), *wanted,
    )  # fmt: skip
    found = [_use(row["elevator"], name, row["days"], row[f"c{i}"]) for row in rows for i, name in enumerate(wanted)]
    return [use for use in found if use is not None]


def _use(elevator: UUID, counter: str, days: list[date], totals: list[int | None]) -> DailyUse | None:
    """Return the days that have readings of a counter; None where there are none."""
    told = [(day, total) for day, total in zip(days, totals, strict=True) if total is not None]
    if not told:
        return None
    return DailyUse(elevator=elevator, counter=counter, days=[day for day, _ in told], totals=[total for _, total in told])
