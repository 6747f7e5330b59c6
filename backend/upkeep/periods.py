"""Special periods: major events, orders, complaints and repairs that change what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.people import service as people
from backend.registry.views import Sector, SiteKind
from backend.scope import Scope
from backend.settings import DEFAULT_TIME_ZONE
from backend.upkeep import fact_queries, period_queries, queries
from backend.upkeep.areas import concerns
from backend.upkeep.views import PeriodKind, SpecialPeriodInput, SpecialPeriodView

LONGEST_GAP_DAYS = 366
LARGEST_RADIUS_M = 200_000
"""A circle that holds the largest prefecture."""

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
        added = await period_queries.insert_period(firm, period, scope.account, clock.now())
        await _recompute_later(added)
        detail = {"kind": added.kind.value, "starts_on": added.starts_on, "ends_on": added.ends_on}
        await people.audit(firm, scope.account, "special_period.added", str(added.id), detail)
    return added


async def change_special_period(scope: Scope, period: UUID, new: SpecialPeriodInput) -> SpecialPeriodView:
    """Change a special period; the windows of elevators that it concerned or concerns are computed anew by a job.

    What it asks for counts as announced when it was first entered, unless it now asks for more: then it is new.

    Raises
    ------
    InvalidInput
        With all faults.
    NotFound
        If the firm has no such period, or no such elevator.
    """
    async with database.tx(scope):
        before = await period_queries.special_period(period)
        if before is None:
            raise NotFound("no special period {period}", period=period)
        if faults := period_faults(new):
            raise InvalidInput("the period cannot be changed", faults=faults)
        if new.elevator is not None and await queries.firm_of(new.elevator) != before.firm:
            raise NotFound("no elevator {elevator}", elevator=new.elevator)
        after = await period_queries.update_period(
            period, new, before.created_at if _asks_no_more(before, new) else clock.now()
        )
        for one in (before, after):
            await _recompute_later(one)
        names = [name for name in new.__struct_fields__ if getattr(before, name) != getattr(after, name)]
        await people.audit(
            before.firm, scope.account, "special_period.changed", str(period), {"name": after.name, "fields": names}
        )
    return after


def _asks_no_more(before: SpecialPeriodView, new: SpecialPeriodInput) -> bool:
    """Return whether a change only ends a period sooner, begins it later or renames it."""
    fixed = ("kind", "gap_days", "district", "site_kind", "sector", "lat", "lon", "radius_m", "elevator")
    same = all(getattr(before, name) == getattr(new, name) for name in fixed)
    sooner = before.ends_on is None or (new.ends_on is not None and new.ends_on <= before.ends_on)
    return same and sooner and new.starts_on >= before.starts_on


def period_faults(period: SpecialPeriodInput) -> list[Fault]:
    """Return everything that is wrong with a period."""
    faults = []
    if not period.name.strip():
        faults.append(Fault("name", period.name, "give it a name, such as the event or the number of the order"))
    if period.ends_on is not None and period.ends_on < period.starts_on:
        faults.append(Fault("ends_on", str(period.ends_on), "use a day that is not before the first day"))
    if period.ends_on is None and period.kind in NEEDS_END:
        faults.append(Fault("ends_on", None, "say when the event ends"))
    if period.gap_days is not None and not 1 <= period.gap_days <= LONGEST_GAP_DAYS:
        faults.append(Fault.of("gap_days", str(period.gap_days), "use a whole number from 1 to {most}", most=LONGEST_GAP_DAYS))
    faults += _area_faults(period)
    if period.kind is PeriodKind.INCIDENT and period.elevator is None:
        faults.append(Fault("elevator", None, "name the elevator at which it happened"))
    texts = {"name": period.name, "district": period.district, "note": period.note}
    return faults + [Fault(name, None, "leave out the NUL character") for name, text in texts.items() if "\x00" in text]


def _area_faults(period: SpecialPeriodInput) -> list[Fault]:
    """Return what is wrong with where a period holds."""
    faults = []
    if period.elevator is not None:
        named = ("district", "site_kind", "sector", "radius_m")
        faults += [
            Fault(name, str(getattr(period, name)), "name a district or one elevator, not both")
            for name in named
            if getattr(period, name)
        ]
    for name, known in (("site_kind", SiteKind), ("sector", Sector)):
        if (value := getattr(period, name)) not in set(known):
            accepted = ", ".join(one.value for one in known if one.value)
            faults.append(Fault.of(name, value[:60], "use one of {known}", known=accepted))
    circle = {"lat": period.lat, "lon": period.lon, "radius_m": period.radius_m}
    missing = [name for name, value in circle.items() if value is None]
    if 0 < len(missing) < len(circle):
        faults += [Fault(name, None, "give latitude, longitude and radius together, or none of them") for name in missing]
    for name, most in (("lat", 90), ("lon", 180)):
        value = circle[name]
        if value is not None and not abs(value) <= most:
            faults.append(Fault.of(name, str(value), "use a number of degrees up to {most}", most=most))
    if period.radius_m is not None and not 1 <= period.radius_m <= LARGEST_RADIUS_M:
        faults.append(Fault.of("radius_m", str(period.radius_m), "use 1 to {most} metres", most=LARGEST_RADIUS_M))
    return faults


async def special_period(scope: Scope, period: UUID) -> SpecialPeriodView:
    """Return a special period.

    Raises
    ------
    NotFound
        If the asker sees no such period.
    """
    async with database.tx(scope):
        found = await period_queries.special_period(period)
    if found is None:
        raise NotFound("no special period {period}", period=period)
    return found


async def list_special_periods(scope: Scope, *, since: date | None = None) -> list[SpecialPeriodView]:
    """Return special periods that have not ended before a day (today when None), by first day."""
    async with database.tx(scope):
        return await period_queries.special_periods(since or await today_inside(scope.firm))


async def concerned(scope: Scope, periods: Sequence[SpecialPeriodView]) -> dict[UUID, int]:
    """Return how many elevators each special period holds for: none says that its district is written in another way."""
    async with database.tx(scope):
        places = {firm: await period_queries.places(firm) for firm in {period.firm for period in periods}}
    return {period.id: sum(concerns(period, place) for place in places[period.firm]) for period in periods}


async def remove_special_period(scope: Scope, period: UUID) -> None:
    """Remove a special period; the windows it concerns are computed anew by a job.

    Raises
    ------
    NotFound
        If the firm has no such period.
    """
    async with database.tx(scope):
        removed = await period_queries.delete_period(period)
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
    places = await period_queries.places(period.firm, period.elevator)
    affected = [place.id for place in places if concerns(period, place)]
    for start in range(0, len(affected), _ELEVATORS_PER_JOB):
        part = affected[start : start + _ELEVATORS_PER_JOB]
        await enqueue("due_windows", {"firm": period.firm, "elevators": part})
