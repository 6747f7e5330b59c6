"""What is asked at a visit and why: what upkeep knows of the elevator, with its open findings, becomes an ordered checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from backend.upkeep.visit_facts import visit_facts_inside
from backend.visits import finding_queries
from backend.visits.checklists import AskedItem
from backend.visits.views import AskedReason, FindingView
from planner.intervals.checklist import Asked, FindingFact, asked_items
from planner.intervals.receipt import Text


async def asked_inside(firm: UUID, classes: Mapping[UUID, str]) -> dict[UUID, list[AskedItem]]:
    """Return what is asked at each elevator, in order, inside the caller's transaction.

    Parameters
    ----------
    firm
        Whose elevators.
    classes
        Class of the visit to each elevator. Those of which nothing can be said are left out: the class alone is asked there.
    """
    known = await visit_facts_inside(firm, classes)
    findings: dict[UUID, list[FindingView]] = {}
    for finding in await finding_queries.open_findings_of(list(known)):
        findings.setdefault(finding.elevator, []).append(finding)
    return {
        elevator: [
            _stored(one)
            for one in asked_items(msgspec.structs.replace(facts, findings=_findings(findings.get(elevator, []), facts.today)))
        ]
        for elevator, facts in known.items()
    }


def _findings(findings: Sequence[FindingView], today: Any) -> tuple[FindingFact, ...]:
    return tuple(
        FindingFact(item=one.item, since=min(one.found_at.date(), today), title=Text(one.title_zh, one.title_en))
        for one in findings
        if one.item
    )


def _stored(one: Asked) -> AskedItem:
    reasons = [AskedReason(key=why.key, zh=why.text.zh, en=why.text.en) for why in one.reasons]
    return AskedItem(item=one.item.code, added=one.added, reasons=reasons)


def read(stored: list[Any] | None) -> list[AskedItem] | None:
    """Return what was kept with a visit; None for a visit of which nothing was."""
    return None if stored is None else msgspec.convert(stored, list[AskedItem])
