"""What leaves data health: the list of a firm, and one elevator's data in detail."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from planner.intervals.health import HealthReason
from planner.intervals.health_evidence import HealthFacts


class HealthFilter(Struct, frozen=True, kw_only=True):
    """Which elevators."""

    state: str | None = None
    """`good`, `degraded` or `not_usable`."""

    reason: str | None = None
    """Key of a reason, such as `gap`."""

    mode: str | None = None
    """As registered."""

    text: str | None = None
    """Part of a code, name or address."""


class HealthRow(Struct, frozen=True, kw_only=True):
    """What was found of an elevator's data."""

    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    mode: str
    mode_effective: str | None
    fallen_back: bool | None
    last_day: date | None
    """Of the due window; None where there is none."""

    state: str
    rank: int
    online_share: float | None
    gap_h: int
    """The longest gap, hours."""

    skew_s: int | None
    """By how much the clock is behind; negative: ahead."""

    reasons: list[HealthReason]
    evidence: HealthFacts
    computed_at: datetime
    last_seen_at: datetime | None


class HealthPage(Struct, frozen=True, kw_only=True):
    """A part of the list, the worst first."""

    rows: list[HealthRow]
    next_cursor: str | None
    counts: dict[str, int]
    """State → elevators that fit."""


class CounterDay(Struct, frozen=True, kw_only=True):
    """A counter of one elevator."""

    counter: str
    last_day: date
    """The last day (UTC) with readings."""

    growth: int
    """On that day."""

    week: list[int | None]
    """Growth on the last seven days up to today; None where there was no reading."""

    stuck_since: date | None


class HourStrip(Struct, frozen=True, kw_only=True):
    """The hours of a local day with a record."""

    day: date
    seen: list[bool | None]
    """24 hours; None where it lies ahead, or before the monitor was first heard."""


class UnknownCode(Struct, frozen=True, kw_only=True):
    """A code of an event that no table knows."""

    raw_code: str
    times: int
    last_at: datetime


class ElevatorHealth(Struct, frozen=True, kw_only=True):
    """One elevator's data in detail."""

    row: HealthRow
    strips: list[HourStrip]
    """By day, the latest last."""

    counters: list[CounterDay]
    rejected: int
    """Records of its own device that were not accepted and are still open."""

    unknown_codes: list[UnknownCode]
    """Of the last 30 days, the most frequent first."""
