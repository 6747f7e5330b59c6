"""Where people were is kept for the rule pack's period; then only whether it was at the site, and a band of distance, stay.

Grades and records never hold more than that: their reasons tell bands. What a phone signed holds a commitment to the position,
not the position, so its chain stays checkable when the position is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import Struct

from backend import clock, database
from backend.people import service as people
from backend.phones import service as phones
from backend.scope import SYSTEM, of_firm
from backend.visits.proof import forgetting_queries
from backend.visits.proof.evidence import limits_of
from backend.visits.proof.forgetting_queries import Forgotten, KnownScan
from planner.intervals.rules import load_pack, pack_ids
from qr.checks import distance_band
from qr.evidence import EnteredBy, LabelState, Position, Scan
from qr.geo import distance_m
from qr.questions.places import geofence

AT_ONCE = 1000
"""Scans that one transaction looks at."""

DEFAULT_DAYS = 90
"""Where no pack says how long: of a firm without elevators, whose phones may have sent something all the same."""

log = structlog.get_logger("backend.visits")


class Forgetting(Struct, frozen=True, kw_only=True):
    """What was forgotten."""

    scans: int
    entries: int


async def forget_positions() -> Forgetting:
    """Forget the positions whose time is over, in several transactions; safe to repeat. The audit trail says how many."""
    now = clock.now()
    earliest = now - timedelta(days=min((_kept_days(pack, now) for pack in pack_ids()), default=DEFAULT_DAYS))
    forgotten: Counter[UUID] = Counter()
    last: tuple[datetime, UUID] | None = None
    while True:
        async with database.tx(SYSTEM):
            found = await forgetting_queries.known(earliest, last, AT_ONCE)
            due = [row for row in found if row.at < now - timedelta(days=_kept_days(row.rule_pack, row.at))]
            await forgetting_queries.forget([_left_of(row) for row in due], now)
            forgotten.update(row.firm for row in due)
        if len(found) < AT_ONCE:
            break
        last = (found[-1].at, found[-1].id)
    forgotten += await _ahead(earliest, now)
    entries = 0
    async with database.tx(SYSTEM):
        packs = await forgetting_queries.packs_by_firm()
    for firm, of_elevators in packs.items():
        entries += await _of_firm(firm, of_elevators, forgotten[firm], now)
    return Forgetting(scans=forgotten.total(), entries=entries)


async def _ahead(earliest: datetime, now: datetime) -> Counter[UUID]:
    """Forget by their receipt the positions of scans whose phone's clock was ahead; return how many of each firm.

    A phone that believes itself years ahead must not keep a place for years. The shortest period of all packs counts for the
    few such scans.
    """
    forgotten: Counter[UUID] = Counter()
    while True:
        async with database.tx(SYSTEM):
            found = await forgetting_queries.ahead(earliest, AT_ONCE)
            await forgetting_queries.forget([_left_of(row) for row in found], now)
            forgotten.update(row.firm for row in found)
        if len(found) < AT_ONCE:
            return forgotten


async def _of_firm(firm: UUID, packs: Sequence[str], scans: int, now: datetime) -> int:
    """Forget the positions that open a firm's entries, by the shortest period of its packs, and write the audit's line."""
    days = min((_kept_days(pack, now) for pack in _known(packs)), default=DEFAULT_DAYS)
    async with database.tx(of_firm(firm)):
        entries = await phones.forget_positions_inside(now - timedelta(days=days))
        if scans or entries:
            await people.audit(firm, None, "positions.forgotten", str(firm), {"scans": scans, "entries": entries})
            log.info("positions forgotten", firm=str(firm), scans=scans, entries=entries)
    return entries


def _known(packs: Iterable[str]) -> list[str]:
    ids = set(pack_ids())
    return [pack for pack in packs if pack in ids]


def _kept_days(pack: str, at: datetime) -> int:
    if pack not in set(pack_ids()):
        return DEFAULT_DAYS
    return load_pack(pack, at.date()).visit.proof.location.kept_days


def _left_of(row: KnownScan) -> Forgotten:
    """Return what stays of a position: the geofence's answer and the band."""
    if row.site_lat is None or row.site_lon is None or not _known([row.rule_pack]):
        return Forgotten(id=row.id, place="skipped", band="")
    limits = limits_of(load_pack(row.rule_pack, clock.local_date(min(row.at, row.received_at), row.time_zone)).visit)
    here, site = Position(row.lat, row.lon, row.accuracy_m), Position(row.site_lat, row.site_lon)
    scan = Scan(at=row.at, label=LabelState.ACTIVE, entered_by=EnteredBy.CAMERA, position=here)
    outcome, _reason = geofence(scan, site, limits)
    return Forgotten(id=row.id, place=outcome.value, band=distance_band(distance_m(here, site), limits.bands_m))
