"""What intake notes for data health: per elevator and day the hours with a record, delays of arrival, gauges that never rest.

A day is written only when an hour is new to it, so that an elevator costs the same however often it reports.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend import database
from backend.telemetry.messages import NativeRecord
from backend.telemetry.vocabulary import Vocabulary


class SignalDays:
    """The days that a batch tells of.

    Parameters
    ----------
    words
        Says which gauges never rest.
    received_at
        When the batch arrived; None where the time of arrival says nothing about a clock (a history, a file, a replay).
    """

    def __init__(self, words: Vocabulary, received_at: datetime | None) -> None:
        self._received_at = received_at
        self._restless = frozenset(name for name, gauge in words.gauges.items() if gauge.moves)
        self._hours: dict[tuple[UUID, date], int] = {}
        self._latest: dict[UUID, datetime] = {}
        self._gauges: dict[tuple[UUID, date], dict[str, list[float]]] = {}

    def add(self, elevator: UUID, record: NativeRecord) -> None:
        """Note a record; those of an elevator come in the order of time."""
        key = (elevator, record.at.date())
        self._hours[key] = self._hours.get(key, 0) | 1 << record.at.hour
        self._latest[elevator] = record.at
        if record.gauges:
            for name in self._restless & record.gauges.keys():
                value = record.gauges[name]
                told = self._gauges.setdefault(key, {}).setdefault(name, [value, value, 0])
                told[0], told[1], told[2] = min(told[0], value), max(told[1], value), told[2] + 1

    async def write(self, firm: UUID) -> None:
        """Write the days, before the elevators' last signs of life are moved on.

        Of an elevator only the newest record tells of its clock, and only if it is newer than all that were there: what was
        held back on the way came late, not from a clock that is behind.
        """
        keys = list(self._hours)
        newest = [self._latest[elevator] for elevator, _ in keys]
        delays = [self._delay_s(day, at) for (_, day), at in zip(keys, newest, strict=True)]
        await database.execute(
            _WRITE, firm, [elevator for elevator, _ in keys], [day for _, day in keys], list(self._hours.values()), newest,
            delays, [msgspec.json.encode(self._gauges.get(key, {})).decode() for key in keys],
        )  # fmt: skip

    def _delay_s(self, day: date, at: datetime) -> int | None:
        if self._received_at is None or at.date() != day:
            return None
        return round((self._received_at - at).total_seconds())


_WRITE = """
INSERT INTO signal_day AS s (firm, elevator, day, hours, delays_s, gauges)
SELECT $1, w.elevator, w.day, w.hours,
    CASE WHEN w.delay_s IS NULL OR w.at <= e.at THEN '{}'::int[] ELSE ARRAY[w.delay_s] END, w.gauges::jsonb
FROM unnest($2::uuid[], $3::date[], $4::int[], $5::timestamptz[], $6::int[], $7::text[])
    AS w (elevator, day, hours, at, delay_s, gauges)
JOIN elevator_signal e ON e.elevator = w.elevator
ON CONFLICT (elevator, day) DO UPDATE SET hours = s.hours | excluded.hours, delays_s = s.delays_s || excluded.delays_s,
    gauges = CASE WHEN excluded.gauges = '{}' THEN s.gauges ELSE (
        SELECT jsonb_object_agg(k, CASE WHEN s.gauges ? k AND excluded.gauges ? k THEN jsonb_build_array(
            least((s.gauges -> k -> 0)::float8, (excluded.gauges -> k -> 0)::float8),
            greatest((s.gauges -> k -> 1)::float8, (excluded.gauges -> k -> 1)::float8),
            (s.gauges -> k -> 2)::int + (excluded.gauges -> k -> 2)::int
        ) ELSE coalesce(s.gauges -> k, excluded.gauges -> k) END)
        FROM jsonb_object_keys(s.gauges || excluded.gauges) k
    ) END
WHERE s.hours | excluded.hours <> s.hours
"""
