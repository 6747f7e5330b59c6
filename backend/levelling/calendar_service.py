"""Which calendar a firm goes by: looked at, chosen, uploaded."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput
from backend.levelling import calendars, queries
from backend.levelling.queries import CalendarRow, FirmRow
from backend.levelling.views import CalendarSource, CalendarView
from backend.people.service import audit
from backend.scope import Scope
from planner.levelling.calendar import Calendar, unknown_years
from planner.levelling.calendar_files import CalendarFaultsError, read_calendar

SHOWN = timedelta(days=400)
"""Special days of the next thirteen months are shown."""
AHEAD_DAYS = 60
"""Of so many days the years must be known, or it is said."""
MAX_NAME = 100


async def calendar(scope: Scope) -> CalendarView:
    """Return the calendar that the scope's firm goes by.

    Raises
    ------
    InvalidInput
        For somebody who sees every firm.
    """
    async with database.tx(scope):
        return _view(*await row_inside(await firm_inside(scope)))


async def choose_calendar(scope: Scope, source: CalendarSource, *, crews_rest: bool) -> CalendarView:
    """Choose where a firm's public holidays come from.

    Parameters
    ----------
    scope
        A manager of the firm.
    source
        An own calendar must have been uploaded before.
    crews_rest
        Whether crews rest on public holidays and work on working weekends.

    Raises
    ------
    Conflict
        If there is no own calendar yet.
    """
    async with database.tx(scope):
        firm, row, _ = await row_inside(await firm_inside(scope))
        if source is CalendarSource.OWN and not row.days:
            raise Conflict("no calendar was uploaded yet: upload a file first")
        changed = msgspec.structs.replace(row, source=source.value, crews_rest=crews_rest)
        return await _write(scope, firm, changed, {"source": source.value, "crews_rest": crews_rest})


async def upload_calendar(scope: Scope, name: str, data: bytes) -> CalendarView:
    """Take an own calendar from a file, and go by it.

    Parameters
    ----------
    scope
        A manager of the firm.
    name
        Of the file.
    data
        A list of days or iCalendar, see `planner.levelling.calendar_files`.

    Raises
    ------
    InvalidInput
        With every fault, each with its line and value; nothing is changed then.
    """
    try:
        found = await asyncio.to_thread(read_calendar, data, name.strip()[:MAX_NAME] or "calendar")
    except CalendarFaultsError as error:
        faults = [Fault.of(fault.path or "file", None, fault.template, **fault.params) for fault in error.faults]
        raise InvalidInput("the calendar cannot be used", faults=faults) from None
    async with database.tx(scope):
        firm, row, _ = await row_inside(await firm_inside(scope))
        changed = msgspec.structs.replace(
            row, source="own", name=found.name, years=list(found.years), days=msgspec.to_builtins(found.days)
        )  # fmt: skip
        return await _write(scope, firm, changed, {"name": found.name, "days": len(found.days)})


async def firm_inside(scope: Scope) -> FirmRow:
    """Return the scope's firm, inside the caller's transaction."""
    firm = await queries.firm(scope.require_firm())
    assert firm is not None  # noqa: S101 - a scope's firm is there
    return firm


async def row_inside(firm: FirmRow) -> tuple[FirmRow, CalendarRow, bool]:
    """Return a firm's choice, or what its region suggests, and whether it was chosen; inside the caller's transaction."""
    row = await queries.calendar(firm.id)
    if row is not None:
        return firm, row, True
    return firm, CalendarRow(source=calendars.suggested(firm.region), name="", years=[], days=[], crews_rest=False), False


async def calendar_inside(firm: FirmRow, first: date, last: date) -> Calendar | None:
    """Return the calendar of some days, inside the caller's transaction; None where the firm has none."""
    _, row, _ = await row_inside(firm)
    return calendars.of_row(row, first, last)


async def _write(scope: Scope, firm: FirmRow, row: CalendarRow, detail: dict[str, object]) -> CalendarView:
    await queries.write_calendar(firm.id, row, clock.now())
    await audit(firm.id, scope.account, "work_calendar.changed", str(firm.id), detail)
    return _view(firm, row, True)


def _view(firm: FirmRow, row: CalendarRow, chosen: bool) -> CalendarView:
    today = clock.today(firm.time_zone)
    found = calendars.of_row(row, today, today + SHOWN)
    days = [] if found is None else [special for special in found.days if today <= special.day <= today + SHOWN]
    return CalendarView(
        source=CalendarSource(row.source), chosen=chosen, name=row.name if row.source == "own" else "",
        crews_rest=row.crews_rest, years=[] if found is None else list(found.years),
        unknown_years=list(unknown_years(found, today, AHEAD_DAYS)), days=days,
    )  # fmt: skip
