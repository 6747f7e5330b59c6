"""What leaves the room about comparisons of policies."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from planner.whatif.result import Comparison


class ComparisonState(StrEnum):
    """Where a comparison stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class ComparisonView(Struct, frozen=True, kw_only=True):
    """A comparison of policies over a firm's own elevators and crews."""

    id: UUID
    firm: UUID
    state: ComparisonState
    start_date: date
    days: int
    seeds: int
    requested_by: str
    """Name of the account; empty for a job."""

    requested_at: datetime
    finished_at: datetime | None
    progress: float
    """Share that is done, 0..1."""

    error: str
    """Why it failed; empty otherwise."""

    result: Comparison | None
    """None until it is done."""


class ComparisonList(Struct, frozen=True, kw_only=True):
    """The latest comparisons, newest first."""

    rows: list[ComparisonView]
