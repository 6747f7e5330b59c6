"""Visits: from the arrival scan over the checklist to the departure scan, the record that is kept, and the owner's word.

Every call may be repeated: ids are made by the sender, the same id with the same content answers the same again, with
other content it is a Conflict. A visit without a departure stays open and never counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend.scope import Scope
from backend.visits.day_views import TechnicianDay
from backend.visits.inputs import AnswerInput, ArrivalInput, CorrectionInput, DecisionInput, FindingInput, ScanInput
from backend.visits.views import (
    AnswersSaved,
    Departed,
    FindingView,
    OwnerVisit,
    PublicFacts,
    RecordVersion,
    VisitFilter,
    VisitPage,
    VisitView,
)
from qr.keys import KeyRing


async def technician_day(scope: Scope, day: date | None = None) -> TechnicianDay:
    """Return the signed-in technician's day; None means today."""
    raise NotImplementedError


async def arrive(scope: Scope, ring: KeyRing, arrival: ArrivalInput) -> VisitView:
    """Open the visit of the scanned elevator."""
    raise NotImplementedError


async def answer(scope: Scope, visit: UUID, answers: Sequence[AnswerInput]) -> AnswersSaved:
    """Keep answers of an open visit; good ones are kept, bad ones listed."""
    raise NotImplementedError


async def add_finding(scope: Scope, visit: UUID, finding: FindingInput) -> FindingView:
    """Keep a finding of an open visit and issue its notice; a stop-use condition stops the elevator at once."""
    raise NotImplementedError


async def depart(scope: Scope, ring: KeyRing, visit: UUID, scan: ScanInput) -> Departed:
    """Finish a visit: write its record, move the due window, set the work order done."""
    raise NotImplementedError


async def abandon(scope: Scope, visit: UUID, reason: str) -> VisitView:
    """Close an open visit that will have no departure; it never counts. For managers."""
    raise NotImplementedError


async def correct(scope: Scope, visit: UUID, correction: CorrectionInput) -> RecordVersion:
    """Write the next version of a record, with its reason; the owner's word is asked anew."""
    raise NotImplementedError


async def visit(scope: Scope, visit: UUID) -> VisitView:
    """Return a visit."""
    raise NotImplementedError


async def visits(scope: Scope, wanted: VisitFilter, *, cursor: str | None = None, limit: int = 100) -> VisitPage:
    """Return visits, newest arrival first."""
    raise NotImplementedError


async def record(scope: Scope, visit: UUID, version: int) -> RecordVersion:
    """Return one version of a record."""
    raise NotImplementedError


async def records(scope: Scope, visit: UUID) -> list[RecordVersion]:
    """Return all versions of a record, newest last."""
    raise NotImplementedError


async def owner_visits(scope: Scope, wanted: VisitFilter, *, cursor: str | None = None, limit: int = 100) -> VisitPage:
    """Return the finished visits of the signed-in owner's elevators, newest arrival first."""
    raise NotImplementedError


async def owner_visit(scope: Scope, visit: UUID) -> OwnerVisit:
    """Return a finished visit of one of the signed-in owner's elevators."""
    raise NotImplementedError


async def decide(scope: Scope, visit: UUID, decision: DecisionInput, *, confirmed: bool) -> OwnerVisit:
    """Take the owner's word on the newest version of a record; only the owner of the elevator gives it."""
    raise NotImplementedError


async def findings(scope: Scope, *, elevator: UUID | None = None, open_only: bool = True) -> list[FindingView]:
    """Return findings, worst and newest first."""
    raise NotImplementedError


async def close_finding(scope: Scope, finding: UUID, reason: str) -> FindingView:
    """Close a finding with a reason. For managers."""
    raise NotImplementedError


async def return_to_use(scope: Scope, elevator: UUID, reason: str) -> None:
    """Put a stopped elevator back into use, once no stop-use finding is open. For managers."""
    raise NotImplementedError


async def public_facts_inside(elevator: UUID) -> PublicFacts:
    """Return what the public page says about visits and hazards, inside the caller's transaction."""
    raise NotImplementedError
