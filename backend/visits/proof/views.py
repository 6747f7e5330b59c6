"""Grades and reviews as they are shown."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from backend.visits.views import EvidenceCheck, Review, VisitSummary


class GradedWhy(StrEnum):
    """Why a version of a grade was made."""

    DEPARTURE = "departure"
    TELEMETRY = "telemetry"
    """The elevator's telemetry of that time came later."""

    LATE_ENTRIES = "late_entries"
    """Entries or photos of a phone came later."""

    CORRECTION = "correction"


class GradeReason(Struct, frozen=True, kw_only=True):
    """A question that keeps a grade from being higher."""

    name: str
    outcome: str
    """`failed` or `skipped`."""

    caps: str
    """The best grade that this answer leaves possible."""

    zh: str
    en: str


class GradeVersion(Struct, frozen=True, kw_only=True):
    """A version of a visit's grade."""

    version: int
    grade: str
    """`A` to `D`."""

    demanded: str
    """By the contract; empty where it demands nothing."""

    why: GradedWhy
    means_zh: str
    means_en: str
    reasons: list[GradeReason]
    """What keeps it from being A, the heaviest first."""

    checks: list[EvidenceCheck]
    """All questions with their answers."""

    made_at: datetime


class ReviewStep(Struct, frozen=True, kw_only=True):
    """A step of a review; the newest one holds."""

    step: int
    state: Review
    grade_version: int
    decided_by: str
    """Name of the account; empty where the system did it."""

    note: str
    decided_at: datetime


class VisitProof(Struct, frozen=True, kw_only=True):
    """What stands behind a visit: its grades and its review."""

    grades: list[GradeVersion]
    """Newest last; empty for a visit that has not ended, or ended before there were grades."""

    review: Review
    counts: bool
    """Whether the visit moves the due window."""

    steps: list[ReviewStep]


class ReviewLine(Struct, frozen=True, kw_only=True):
    """A visit in the review."""

    summary: VisitSummary
    grade: GradeVersion | None
    """The newest one."""

    demand_not_met: bool
    """Whether its grade is below what the contract demands."""

    steps: list[ReviewStep]


class ReviewPage(Struct, frozen=True, kw_only=True):
    """A part of the review, newest arrival first."""

    rows: list[ReviewLine]
    next_cursor: str | None
