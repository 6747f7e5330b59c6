"""Due windows over the API: what is due and why, rule packs, special periods, special checks."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from msgspec import Struct

from backend.paging import DEFAULT_LIMIT
from backend.registry.service import acting_for
from backend.scope import Role
from backend.upkeep import service
from backend.upkeep.views import (
    DueFilter,
    DuePage,
    ModeChange,
    ReceiptView,
    SpecialCheckView,
    SpecialPeriodInput,
    SpecialPeriodView,
)
from mobile_api.api.registry import ForFirm
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.intervals.pack import RulePack

READERS_AND_TECHNICIANS = (*OFFICE_READERS, Role.TECHNICIAN)
"""Those who may see why an elevator is due."""


class RulePackSummary(Struct, frozen=True, kw_only=True):
    """A line of the list of rule packs."""

    id: str
    title_zh: str
    title_en: str
    region: str
    effective_from: date
    visit_gap_days: int
    on_demand: bool
    base: str | None
    """The pack of fixed intervals to fall back to; None for a pack of fixed intervals."""


class RulePackView(Struct, frozen=True, kw_only=True):
    """A rule pack: every limit with its clause, source, effective date, region and mark."""

    base: str | None
    pack: RulePack
    """What it takes over from its base is set in it."""


class SpecialCheckBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A special check that was made."""

    check: str
    """Item and key, such as `A-4-06:governor_speed`."""

    done_on: date
    note: str = ""
    """By whom, and the number of the report."""


@get("/api/v1/due", roles=OFFICE_READERS)
async def due(
    asker: Asker,
    until: FromQuery[date | None] = None,
    district: FromQuery[str | None] = None,
    site: FromQuery[UUID | None] = None,
    maintenance_class: FromQuery[str | None] = None,
    mode_effective: FromQuery[str | None] = None,
    fallen_back: FromQuery[bool | None] = None,
    paused: FromQuery[bool | None] = None,
    overdue: FromQuery[bool] = False,
    text: FromQuery[str | None] = None,
    of_firm: ForFirm = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> DuePage:
    """List what is due, most urgent first; paused windows (stopped elevators) come last."""
    wanted = DueFilter(
        until=until, district=district, site=site, maintenance_class=maintenance_class, mode_effective=mode_effective,
        fallen_back=fallen_back, paused=paused, overdue=overdue, text=text, firm=of_firm,
    )  # fmt: skip
    return await service.due_list(asker, wanted, cursor=cursor, limit=limit)


@get("/api/v1/elevators/{id:uuid}/due", roles=READERS_AND_TECHNICIANS)
async def elevator_due(asker: Asker, id: FromPath[UUID]) -> ReceiptView:
    """Return an elevator's due window and its receipt: every limit with clause and source, and which one binds."""
    return await service.receipt(asker, id)


@get("/api/v1/elevators/{id:uuid}/mode-changes", roles=READERS_AND_TECHNICIANS)
async def mode_changes(asker: Asker, id: FromPath[UUID]) -> list[ModeChange]:
    """List when an elevator fell back to fixed intervals or was restored, newest first."""
    return await service.mode_changes(asker, id)


@get("/api/v1/elevators/{id:uuid}/special-checks", roles=READERS_AND_TECHNICIANS)
async def special_checks(asker: Asker, id: FromPath[UUID]) -> list[SpecialCheckView]:
    """List the checks with an interval of their own (governor speed), and when they were made last."""
    return await service.special_checks(asker, id)


@post("/api/v1/elevators/{id:uuid}/special-checks", roles=OFFICE, status_code=200)
async def note_special_check(asker: Asker, id: FromPath[UUID], data: JSONBody[SpecialCheckBody]) -> ReceiptView:
    """Note that a special check was made; answers with the due window that follows."""
    await service.note_special_check(asker, id, data.check, data.done_on, data.note)
    return await service.receipt(asker, id)


@get("/api/v1/rule-packs", roles=READERS_AND_TECHNICIANS)
async def rule_packs(on_day: FromQuery[date | None] = None) -> list[RulePackSummary]:
    """List the rule packs as they hold on a day, today when none is named."""
    return [
        RulePackSummary(
            id=pack.id, title_zh=pack.title_zh, title_en=pack.title_en, region=pack.region, effective_from=pack.effective_from,
            visit_gap_days=pack.visit_gap.days, on_demand=pack.on_demand is not None, base=pack.base.id if pack.base else None,
        )
        for pack in service.rule_packs(on_day)
    ]  # fmt: skip


@get("/api/v1/rule-packs/{id:str}", roles=READERS_AND_TECHNICIANS)
async def rule_pack(id: FromPath[str], on_day: FromQuery[date | None] = None) -> RulePackView:
    """Return a rule pack in full as it holds on a day, today when none is named."""
    pack = service.rule_pack(id, on_day)
    return RulePackView(base=pack.base.id if pack.base else None, pack=msgspec.structs.replace(pack, base=None, next=None))


@get("/api/v1/special-periods", roles=OFFICE_READERS)
async def special_periods(asker: Asker, since: FromQuery[date | None] = None) -> list[SpecialPeriodView]:
    """List special periods (major events, orders, complaints, repairs) that have not ended before a day, today by default."""
    return await service.list_special_periods(asker, since=since)


@post("/api/v1/special-periods", roles=OFFICE)
async def add_special_period(asker: Asker, data: JSONBody[SpecialPeriodInput], of_firm: ForFirm = None) -> SpecialPeriodView:
    """Add a special period; due windows follow within moments."""
    return await service.add_special_period(await acting_for(asker, of_firm), data)


@put("/api/v1/special-periods/{id:uuid}", roles=OFFICE, status_code=200)
async def change_special_period(asker: Asker, id: FromPath[UUID], data: JSONBody[SpecialPeriodInput]) -> SpecialPeriodView:
    """Change a special period as a whole; due windows follow within moments."""
    return await service.change_special_period(asker, id, data)


@delete("/api/v1/special-periods/{id:uuid}", roles=OFFICE)
async def remove_special_period(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a special period; due windows follow within moments."""
    await service.remove_special_period(asker, id)


HANDLERS: list[Any] = [
    due, elevator_due, mode_changes, special_checks, note_special_check, rule_packs, rule_pack, special_periods,
    add_special_period, change_special_period, remove_special_period,
]  # fmt: skip
