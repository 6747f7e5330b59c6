"""What anybody may know of an elevator's visits and hazards: no names, no typed texts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend.visits.inputs import Severity
from backend.visits.views import Confirmation


class PublicVisit(Struct, frozen=True, kw_only=True):
    """The last visit as anybody may see it: badge numbers, no names."""

    id: UUID
    day: date
    maintenance_class: str
    departed_at: datetime
    badges: list[str]
    confirmation: Confirmation
    evidence_holds: bool
    """Whether no question about the evidence was answered with `failed`."""

    grade: str | None
    """Of its proof, `A` to `D`; None for visits from before there were grades."""

    reasons: list[PublicReason]
    """What keeps the grade from being A, without places or names."""


class PublicReason(Struct, frozen=True, kw_only=True):
    """A question that keeps a grade from being higher, as anybody may see it: its name and answer."""

    name: str
    outcome: str


class PublicHazard(Struct, frozen=True, kw_only=True):
    """An open hazard as anybody may see it."""

    severity: Severity
    title_zh: str
    title_en: str
    since: date


class PublicFacts(Struct, frozen=True, kw_only=True):
    """What the public page says about visits and hazards."""

    state: str
    """`in_use`, `stopped` or `scrapped`."""

    last_visit: PublicVisit | None
    hazards: list[PublicHazard]
