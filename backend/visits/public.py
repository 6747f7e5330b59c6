"""What anybody may know about an elevator's visits and hazards: badge numbers, no names, nothing that somebody typed."""

from __future__ import annotations

from uuid import UUID

import msgspec

from backend.visits import finding_queries, reading
from backend.visits.finding_queries import LastVisit
from backend.visits.public_views import PublicFacts, PublicHazard, PublicReason, PublicVisit


async def public_facts_inside(elevator: UUID) -> PublicFacts:
    """Return what the public page says about visits and hazards, inside the caller's transaction.

    Raises
    ------
    NotFound
        If there is no such elevator.
    """
    facts = await reading.elevator_inside(elevator)
    last = await finding_queries.last_visit(elevator)
    hazards = await finding_queries.open_hazards(elevator)
    return PublicFacts(
        state=facts.state,
        last_visit=None if last is None else _public(last),
        hazards=[
            PublicHazard(severity=hazard.severity, title_zh=hazard.title_zh, title_en=hazard.title_en, since=hazard.since)
            for hazard in hazards
        ],
    )


def _public(last: LastVisit) -> PublicVisit:
    """Return the last visit for everybody: which questions hold its grade down, not what they say of people and places."""
    told = msgspec.structs.asdict(last)
    told["reasons"] = [PublicReason(name=reason["name"], outcome=reason["outcome"]) for reason in last.reasons]
    return PublicVisit(**told)
