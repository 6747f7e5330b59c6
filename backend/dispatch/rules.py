"""How soon somebody must be there, and the ladder: from the rule pack of the elevator, and the firm's own."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import Struct

from planner.intervals.pack import RulePack
from planner.intervals.pack_rescue import ArrivalLimit, Rung
from planner.intervals.rules import UnknownPackError, load_pack

DEFAULT_LIMIT_S = 1_800
"""Where a pack says nothing of rescue: half an hour is what most regimes that name a time ask for."""

DEFAULT_LADDER = (
    Rung(who="nearest", wait_s=60),
    Rung(who="next", people=2, wait_s=60),
    Rung(who="managers", wait_s=90),
    Rung(who="firm_phone", wait_s=120),
)
"""Where a pack says nothing of rescue: as the Chinese packs have it."""


class Limit(Struct, frozen=True, kw_only=True):
    """How soon somebody must be there, and who says so."""

    limit_s: int
    rule: dict[str, Any]
    """`id`, `zh`, `en`, `mark`: told on the page and kept with the rescue."""


def limit_of(pack_id: str, day: date, region: str, district: str) -> Limit:
    """Return the limit that holds for an elevator on a day."""
    pack = _pack(pack_id, day)
    if pack is None or pack.rescue is None:
        zh, en = "规则包未规定到场时限，按30分钟计", "the rule pack names no limit: 30 minutes are taken"
        return Limit(limit_s=DEFAULT_LIMIT_S, rule={"id": "", "zh": zh, "en": en, "mark": "design"})
    found: ArrivalLimit = pack.rescue.limit(region, district)
    source = pack.sources[found.source]
    rule = {
        "id": found.id, "zh": f"{source.title_zh}，{found.clause_zh}", "en": f"{source.title_en}: {found.clause_en}",
        "mark": found.mark,
    }  # fmt: skip
    return Limit(limit_s=found.minutes * 60, rule=rule)


def ladder_of(pack_id: str, day: date) -> tuple[Rung, ...]:
    """Return the ladder of a rule pack on a day."""
    pack = _pack(pack_id, day)
    return DEFAULT_LADDER if pack is None or pack.rescue is None else pack.rescue.ladder.rungs


def _pack(pack_id: str, day: date) -> RulePack | None:
    """Return a rule pack as of a day; None where an elevator's is unknown: people are rung all the same."""
    try:
        return load_pack(pack_id, day)
    except UnknownPackError:
        return None
