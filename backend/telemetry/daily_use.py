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

    Parameters
    ----------
    since
        For each elevator the instant from which on days are wanted.
    counters
        Which counters.
    time_zone
        Whose days.
    """
    return await database.fetch_as(
        DailyUse,
        "SELECT elevator, counter, array_agg(day ORDER BY day) AS days, array_agg(total ORDER BY day) AS totals FROM ("
        " SELECT u.elevator, u.counter, (u.hour AT TIME ZONE $4)::date AS day, sum(u.delta)::bigint AS total"
        " FROM unnest($1::uuid[], $2::timestamptz[]) AS w (elevator, since)"
        " JOIN usage_hour u ON u.elevator = w.elevator AND u.counter = ANY($3::text[]) AND u.hour >= w.since"
        " GROUP BY 1, 2, 3) d GROUP BY 1, 2",
        list(since), list(since.values()), sorted(counters), time_zone,
    )  # fmt: skip
