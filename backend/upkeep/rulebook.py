"""Rule packs as people read them, and what an elevator lacks for maintenance on demand."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.scope import Scope
from backend.upkeep import fact_queries, queries
from backend.upkeep.gather import known_inside
from planner.intervals.due import due_window
from planner.intervals.eligibility import conditions
from planner.intervals.fallback import triggers
from planner.intervals.own import own_pack
from planner.intervals.pack import RulePack
from planner.intervals.reader import Change, Limit, changes, limits_of
from planner.intervals.receipt import ConditionResult, Text, TriggerResult
from planner.intervals.rules import load_pack, pack_ids, pack_versions

USUAL_ON_DEMAND = "cn-on-demand-30"
"""Which pack an elevator at fixed intervals is held against."""


class PackVersion(Struct, frozen=True, kw_only=True):
    """One version of a rule pack."""

    version: date
    """The day from which it holds."""

    until: date | None
    """The last day on which it holds; None while no later one is known and it names no end."""

    base: str | None
    visit_gap_days: int
    current: bool
    """Whether it is the one of today."""


class PackRead(Struct, frozen=True, kw_only=True):
    """A version of a rule pack, to be read."""

    id: str
    title: Text
    region: str
    base: str | None
    on_demand: bool
    version: date
    versions: list[PackVersion]
    """All of them, the newest first."""

    limits: list[Limit]
    against: date | None
    """The version that it is compared with."""

    changes: list[Change]
    """What differs from it; empty without one."""


class Eligibility(Struct, frozen=True, kw_only=True):
    """What an elevator's facts say about maintenance on demand under a pack."""

    elevator: UUID
    registration_code: str
    unit_name: str
    site: UUID
    contract: UUID | None
    firm: UUID
    mode: str
    """The registered mode."""

    pack: str
    pack_title: Text
    packs: list[str]
    """Packs of maintenance on demand that it can be held against."""

    gap_days: int
    """Days between two visits that it would allow, by the filing where the scheme takes them from there."""

    conditions: list[ConditionResult]
    triggers: list[TriggerResult]
    effective: str | None
    """The mode that counts; None where the elevator is held against another pack than its own."""


def read_pack(pack_id: str, version: date | None = None, against: date | None = None) -> PackRead:
    """Return a rule pack with its history.

    Parameters
    ----------
    pack_id
        Which.
    version
        A day of the version that is read; today's when None.
    against
        A day of the version with which it is compared.

    Raises
    ------
    NotFound
        If there is no pack of this id.
    """
    if pack_id not in pack_ids():
        raise NotFound("no rule pack {pack}; there are {packs}", pack=pack_id[:60], packs=", ".join(pack_ids()))
    today = clock.now().date()
    pack, current = load_pack(pack_id, version or today), load_pack(pack_id, today)
    other = None if against is None else load_pack(pack_id, against)
    return PackRead(
        id=pack.id, title=Text(pack.title_zh, pack.title_en), region=pack.region, base=pack.base.id if pack.base else None,
        on_demand=pack.on_demand is not None, version=pack.version,
        versions=[_version(one, current) for one in reversed(pack_versions(pack_id))], limits=limits_of(pack),
        against=None if other is None else other.version, changes=[] if other is None else changes(other, pack),
    )  # fmt: skip


def _version(pack: RulePack, current: RulePack) -> PackVersion:
    ends = pack.effective_until if pack.next is None else date.fromordinal(pack.next.version.toordinal() - 1)
    return PackVersion(
        version=pack.version, until=ends, base=pack.base.id if pack.base else None, visit_gap_days=pack.visit_gap.days,
        current=pack.version == current.version,
    )  # fmt: skip


async def eligibility(scope: Scope, elevator: UUID, pack_id: str | None = None) -> Eligibility:
    """Return what each condition of maintenance on demand finds at an elevator, whatever its registered mode.

    Parameters
    ----------
    scope, elevator
        Whose and which.
    pack_id
        The pack it is held against; None for its own, or the usual one of an elevator at fixed intervals.

    Raises
    ------
    NotFound
        If the asker sees no such elevator, or there is no such pack of maintenance on demand.
    InvalidInput
        If the elevator's facts cannot be used.
    """
    async with database.tx(scope):
        firm = await queries.firm_of(elevator)
        zone = None if firm is None else await fact_queries.time_zone_of(firm)
        known = None if firm is None or zone is None else next(iter(await known_inside(firm, zone, [elevator])), None)
    if known is None or firm is None or zone is None:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    if known.facts is None or known.pack is None:
        raise InvalidInput("the due window cannot be computed: {reason}", reason=known.fault)
    today = clock.today(zone)
    packs = _on_demand_packs(known.pack, today)
    wanted = pack_id or (known.pack.id if known.pack.id in packs else next(iter(packs), USUAL_ON_DEMAND))
    if wanted not in packs:
        raise NotFound("no rule pack {pack}; there are {packs}", pack=wanted[:60], packs=", ".join(packs) or "–")
    pack = load_pack(wanted, today)
    found = due_window(known.facts, known.pack, today) if known.pack.id == wanted else None
    return Eligibility(
        elevator=elevator, registration_code=known.row.registration_code, unit_name=known.row.unit_name, site=known.row.site,
        contract=known.row.contract, firm=firm, mode=known.row.mode, pack=pack.id,
        pack_title=Text(pack.title_zh, pack.title_en), packs=packs,
        gap_days=own_pack(known.facts, pack, today).visit_gap.days,
        conditions=list(conditions(known.facts, pack, today)), triggers=list(triggers(known.facts, pack, today)),
        effective=found[0].mode_effective if found is not None else None,
    )  # fmt: skip


def _on_demand_packs(own: RulePack, today: date) -> list[str]:
    """Return the packs of maintenance on demand that fall back to the fixed intervals of an elevator's own pack."""
    packs = (load_pack(one, today) for one in pack_ids())
    return [pack.id for pack in packs if pack.on_demand is not None and pack.fixed.id == own.fixed.id]
