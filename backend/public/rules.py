"""Why an elevator is seen when it is, for anybody: the rules with their sources, the one that decides first."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.upkeep import service as upkeep

MOST_RULES = 5
"""Rules told: the one that decides and those that would be next; the page must stay small."""


class PublicRule(Struct, frozen=True, kw_only=True):
    """A rule and the last day it allows."""

    last_day: date
    decides: bool
    """Whether this is the rule that fixed the last day."""

    maintenance_class: str
    rule_zh: str
    """The rule as a sentence, with what went in."""

    rule_en: str
    clause_zh: str
    clause_en: str
    source_zh: str
    source_en: str
    mark: str
    """How well it is known: `verified`, `expert` or `design`."""


async def rules_inside(elevator: UUID) -> list[PublicRule]:
    """Return the first rules of an elevator's stored receipt, inside the caller's transaction; none where there is none."""
    receipt = await upkeep.stored_receipt_inside(elevator)
    if receipt is None or receipt.paused is not None:
        return []
    return [
        PublicRule(
            last_day=one.day, decides=one.binds, maintenance_class=one.maintenance_class, rule_zh=one.sentence.zh,
            rule_en=one.sentence.en, clause_zh=one.cites.clause.zh, clause_en=one.cites.clause.en,
            source_zh=one.cites.source.zh, source_en=one.cites.source.en, mark=one.cites.mark,
        )
        for one in receipt.candidates[:MOST_RULES]
    ]  # fmt: skip
