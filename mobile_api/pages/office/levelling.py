"""Levelling: the load of the next two months as a calendar, fair shares, what does not fit, and whose holidays count."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, get, post
from msgspec import Struct

from backend import clock
from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError
from backend.levelling import service
from backend.levelling.views import CalendarSource, LevellingAnswer, LevellingState, LevellingView, LoadCell, LoadRow
from backend.overview import service as overview
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of, parsed, told, uploaded
from mobile_api.pages.office.base import choose_first, office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS

NOBODY_TOOK_IT = timedelta(seconds=20)
"""A levelling that waits longer than this probably has no worker."""
HEAT_STEPS = 10
"""Colours between an empty and a full day."""


class NewLevelling(Struct, frozen=True, kw_only=True):
    """What the form asks for."""

    days: int = service.DAYS
    time_limit_s: float = service.TIME_LIMIT_S


class Day(NamedTuple):
    """A day of the heat calendar; `cell` is None where nobody works."""

    day: date
    cell: LoadCell | None
    percent: int
    step: int
    name: str
    inside: bool


class Heat(NamedTuple):
    """A team's calendar: weeks of seven days, Monday first."""

    team: str
    night: bool
    weeks: list[list[Day]]
    peak: int
    mean: int


@get("/office/levelling", roles=OFFICE_READERS, include_in_schema=False)
async def levelling_page(asker: Asker) -> Response[Any]:
    """Show the levelling that counts, and the forms for a new one and for the calendar."""
    return await _start(asker)


async def _start(
    asker: Scope,
    *,
    form: dict[str, str] | None = None,
    error: LiftroundsError | None = None,
    refused: dict[str, Any] | None = None,
) -> Response[Any]:
    if asker.firm is None:
        return await office_page(asker, "office/levelling_all.html", page=await service.levellings(asker, limit=20))
    page = await service.levellings(asker, limit=20)
    seen, _newest = await overview.overview(asker)
    answer = await service.newest_answer(asker)
    calendar = await service.calendar(asker)
    return await office_page(
        asker,
        "office/levelling.html",
        error=error,
        form=form or {"days": str(service.DAYS), "time_limit_s": f"{service.TIME_LIMIT_S:g}"},
        refused=refused,
        page=page,
        alive=next((row for row in page.rows if _is_alive(row)), None),
        seen=seen,
        answer=answer,
        calendar=calendar,
        heats=heats_of(answer, _names(calendar.days)) if answer else [],
    )


def _is_alive(row: LevellingView) -> bool:
    return row.state in (LevellingState.QUEUED, LevellingState.RUNNING)


def _names(days: list[Any]) -> dict[date, str]:
    return {special.day: special.name for special in days}


def heats_of(answer: LevellingAnswer, names: dict[date, str]) -> list[Heat]:
    """Return the calendars of an answer, one per team and time of day."""
    return [_heat(row, answer.levelling, names) for row in answer.loads]


def _heat(row: LoadRow, levelling: LevellingView, names: dict[date, str]) -> Heat:
    cells = {cell.day: cell for cell in row.cells}
    first = levelling.start_date - timedelta(days=levelling.start_date.weekday())
    weeks: list[list[Day]] = []
    day = first
    while day <= levelling.last_date:
        weeks.append([_day(day + timedelta(days=number), cells, levelling, names) for number in range(7)])
        day += timedelta(days=7)
    shares = [_percent(cell) for cell in row.cells]
    used = sum(cell.load_s for cell in row.cells)
    available = sum(cell.capacity_s for cell in row.cells)
    return Heat(row.team, row.night, weeks, max(shares, default=0), round(100 * used / available) if available else 0)


def _day(day: date, cells: dict[date, LoadCell], levelling: LevellingView, names: dict[date, str]) -> Day:
    cell = cells.get(day)
    percent = 0 if cell is None else _percent(cell)
    step = min(HEAT_STEPS, -(-percent * HEAT_STEPS // 100))
    return Day(day, cell, percent, step, names.get(day, ""), levelling.start_date <= day <= levelling.last_date)


def _percent(cell: LoadCell) -> int:
    return round(100 * cell.load_s / cell.capacity_s)


@post("/office/levelling", roles=OFFICE, include_in_schema=False, status_code=200)
async def request_levelling(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Ask for a levelling."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        wanted = parsed(NewLevelling, form)
        run = await service.request_levelling(asker, wanted.days, wanted.time_limit_s)
    except (InvalidInput, Conflict) as error:
        return await _start(asker, form=form, error=error)
    return redirect(f"/office/levelling/{run.id}")


@get("/office/levelling/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def run_page(asker: Asker, id: FromPath[UUID], seen: FromQuery[str] = "") -> Response[Any]:
    """Show a levelling: how far it is, then what it found."""
    del seen
    row = await service.levelling(asker, id)
    waits = row.state is LevellingState.QUEUED and clock.now() - row.requested_at > NOBODY_TOOK_IT
    answer = await service.answer(asker, id) if row.state is LevellingState.DONE else None
    names = _names((await service.calendar(asker)).days) if asker.firm else {}
    heats = heats_of(answer, names) if answer else []
    return await office_page(asker, "office/levelling_run.html", run=row, waits=waits, answer=answer, heats=heats)


@post("/office/levelling/{id:uuid}/stop", roles=OFFICE, include_in_schema=False, status_code=200)
async def stop(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Stop a levelling; the best so far is kept."""
    try:
        await service.stop_levelling(asker, id)
    except Conflict as error:
        return redirect(f"/office/levelling/{id}", message=told(error)["message"], kind="error")
    return redirect(f"/office/levelling/{id}")


@post("/office/levelling/calendar", roles=OFFICE, include_in_schema=False, status_code=200)
async def choose_calendar(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Choose where public holidays come from; a file that is sent along is taken as the firm's own calendar."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        source = CalendarSource(form.get("source", ""))
    except ValueError:
        return await _refused(
            asker, InvalidInput("please check the marked fields", faults=[Fault("source", None, "please fill this in")])
        )
    file = await uploaded(request, "file")
    try:
        if file is not None:
            await service.upload_calendar(asker, file.filename, await file.read())
            source = CalendarSource.OWN
        await service.choose_calendar(asker, source, crews_rest=form.get("crews_rest") == "yes")
    except (InvalidInput, Conflict) as error:
        return await _refused(asker, error)
    return redirect("/office/levelling", message=_("The calendar is chosen. Level anew so that the target days follow it."))


async def _refused(asker: Scope, error: LiftroundsError) -> Response[Any]:
    """Show the page again with what is wrong with the calendar, lines named in the reader's language."""
    said = told(error)
    faults = {_place(path): reason for path, reason in said["faults"].items()}
    page = await _start(asker, refused=said | {"faults": faults})
    page.status_code = 409 if isinstance(error, Conflict) else 400
    return page


def _place(path: str) -> str:
    word, _space, number = path.partition(" ")
    if word == "line":
        return _("line %(number)s") % {"number": number}
    return _("event %(number)s") % {"number": number} if word == "event" else path


HANDLERS: list[Any] = [levelling_page, request_levelling, run_page, stop, choose_calendar]
