"""Special periods: major events, orders, complaints and repairs that change what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.people import service as people
from backend.scope import Scope
from backend.settings import DEFAULT_TIME_ZONE
from backend.upkeep import fact_queries, queries
from backend.upkeep.views import PeriodKind, SpecialPeriodInput, SpecialPeriodView

LONGEST_GAP_DAYS = 366
NEEDS_END = (PeriodKind.MAJOR_EVENT,)
"""Kinds whose last day is known when they are announced."""

_ELEVATORS_PER_JOB = 500


async def add_special_period(scope: Scope, period: SpecialPeriodInput) -> SpecialPeriodView:
    """Add a special period of the asker's firm; the windows it concerns are computed anew by a job.

    Raises
    ------
    InvalidInput
        With all faults.
    NotFound
        If the firm has no such elevator.
    """
    firm = scope.require_firm()
    if faults := period_faults(period):
        raise InvalidInput("the period cannot be added", faults=faults)
    async with database.tx(scope):
        if period.elevator is not None and await queries.firm_of(period.elevator) != firm:
            raise NotFound("no elevator {elevator}", elevator=period.elevator)
        added = await queries.insert_period(firm, period, scope.account, clock.now())
        await _recompute_later(added)
        detail = {"kind": added.kind.value, "starts_on": added.starts_on, "ends_on": added.ends_on}
        await people.audit(firm, scope.account, "special_period.added", str(added.id), detail)
    return added


def period_faults(period: SpecialPeriodInput) -> list[Fault]:
    """Return everything that is wrong with a period."""
    faults = []
    if not period.name.strip():
        faults.append(Fault("name", period.name, "give it a name, such as the event or the number of the order"))
    if period.ends_on is not None and period.ends_on < period.starts_on:
        faults.append(Fault("ends_on", str(period.ends_on), "use a day that is not before starts_on"))
    if period.ends_on is None and period.kind in NEEDS_END:
        faults.append(Fault("ends_on", None, "say when the event ends"))
    if period.gap_days is not None and not 1 <= period.gap_days <= LONGEST_GAP_DAYS:
        faults.append(Fault.of("gap_days", str(period.gap_days), "use a whole number from 1 to {most}", most=LONGEST_GAP_DAYS))
    if period.elevator is not None and period.district:
        faults.append(Fault("district", period.district, "name a district or one elevator, not both"))
    texts = {"name": period.name, "district": period.district, "note": period.note}
    return faults + [Fault(name, None, "leave out the NUL character") for name, text in texts.items() if "\x00" in text]


async def list_special_periods(scope: Scope, *, since: date | None = None) -> list[SpecialPeriodView]:
    """Return special periods that have not ended before a day (today when None), by first day."""
    async with database.tx(scope):
        return await queries.special_periods(since or await today_inside(scope.firm))


async def remove_special_period(scope: Scope, period: UUID) -> None:
    """Remove a special period; the windows it concerns are computed anew by a job.

    Raises
    ------
    NotFound
        If the firm has no such period.
    """
    async with database.tx(scope):
        removed = await queries.delete_period(period)
        if removed is None:
            raise NotFound("no special period {period}", period=period)
        await _recompute_later(removed)
        detail = {"kind": removed.kind.value, "name": removed.name}
        await people.audit(removed.firm, scope.account, "special_period.removed", str(period), detail)


async def today_inside(firm: UUID | None) -> date:
    """Return the local day of a firm, or that of the usual time zone; inside the caller's transaction."""
    zone = None if firm is None else await fact_queries.time_zone_of(firm)
    return clock.today(zone or DEFAULT_TIME_ZONE)


async def _recompute_later(period: SpecialPeriodView) -> None:
    concerned: Sequence[UUID] = await queries.elevators_of_period(period.firm, period.district, period.elevator)
    for start in range(0, len(concerned), _ELEVATORS_PER_JOB):
        part = concerned[start : start + _ELEVATORS_PER_JOB]
        await enqueue("due_windows", {"firm": period.firm, "elevators": part})
