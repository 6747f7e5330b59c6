"""What an elevator's telemetry tells of the time of a visit: the input of `qr.elevator_word`.

Times have a time zone, and they are the site's local ones, because sentences quote them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the monitor.

    Parameters
    ----------
    at : datetime.datetime
        By the monitor's clock.
    counters : mapping of str to int
        Totals by counter name (`trips`, `door_cycles`, `run_s` …).
    floor : int, optional
        Landing that the car was at, where the monitor tells it.
    """

    at: datetime
    counters: Mapping[str, int]
    floor: int | None = None


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One event.

    Parameters
    ----------
    at : datetime.datetime
        By the monitor's clock.
    kind : str
        In the house's words: `inspection_mode`, `out_of_service`, `normal_mode`, `safety_chain_open` …
    code : str
        As the source sent it.
    """

    at: datetime
    kind: str
    code: str = ""


class PastHour(msgspec.Struct, frozen=True, kw_only=True):
    """What a counter grew by in an hour of an earlier week.

    Parameters
    ----------
    hour : datetime.datetime
        Beginning of the same hour of the same weekday in the week of the visit.
    weeks_ago : int
        1 or more.
    growth : mapping of str to int
        By counter name; only counters whose growth is surely that hour's (no gap before, no restart).
    readings : int
        How many records that growth was counted from.
    """

    hour: datetime
    weeks_ago: int
    growth: Mapping[str, int]
    readings: int


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an elevator around a visit.

    Parameters
    ----------
    arrival, departure : datetime.datetime
        The two scans.
    monitored : bool
        Whether it has a monitor that ever spoke.
    readings : tuple of Reading
        In the order of time, from `margin_s` before the arrival to `margin_s` after the departure.
    events : tuple of Happened
        In the order of time, of the same stretch, and before it the last event that tells a mode.
    past : tuple of PastHour
        The hours of that stretch in earlier weeks.
    clock_off_s : int, optional
        By how much the monitor's clock is off, either way, as its data health last said; None where nobody knows.
    perhaps_late : bool
        Whether that may as well be records that are sent late: what a monitor tells of an hour ago looks like a clock that is
        an hour behind.
    landings : int, optional
        Of the elevator.
    last_heard_at : datetime.datetime, optional
        The last sign of life of the monitor.

    Raises
    ------
    ValueError
        If a scan has no time zone.
    """

    arrival: datetime
    departure: datetime
    monitored: bool = False
    readings: tuple[Reading, ...] = ()
    events: tuple[Happened, ...] = ()
    past: tuple[PastHour, ...] = ()
    clock_off_s: int | None = None
    perhaps_late: bool = False
    landings: int | None = None
    last_heard_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, at in (("arrival", self.arrival), ("departure", self.departure)):
            if at.utcoffset() is None:
                raise ValueError(f"{name}: {at.isoformat()} has no time zone")

    @property
    def lasts(self) -> timedelta:
        """Time between the scans; below zero where departure was not after arrival."""
        return self.departure - self.arrival

    def inside(self) -> tuple[Reading, ...]:
        """Return the readings between the scans."""
        return tuple(each for each in self.readings if self.arrival <= each.at <= self.departure)
