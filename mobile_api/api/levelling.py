"""Levelling: target days for the next two months, the calendar they keep, and what each crew's share is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from msgspec import Struct

from backend.levelling import service
from backend.levelling.views import (
    CalendarSource,
    CalendarView,
    LevellingAnswer,
    LevellingPage,
    LevellingView,
    TargetView,
)
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody, MultipartBody
from mobile_api.security import OFFICE, OFFICE_READERS

_TAGS = ["levelling"]


class LevellingBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to level."""

    days: int = service.DAYS
    """Length of the horizon from tomorrow on, 14 to 120."""

    time_limit_s: float = service.TIME_LIMIT_S
    """Seconds at most, 1 to 600."""

    seed: int = 1
    """Of all chance."""


class CalendarBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which calendar to go by."""

    source: CalendarSource
    crews_rest: bool = False
    """Crews rest on public holidays and work on working weekends."""


class CalendarForm(Struct, frozen=True, kw_only=True):
    """A calendar as a file."""

    file: UploadFile


class Targets(Struct, frozen=True, kw_only=True):
    """Target days of an elevator, by day."""

    rows: list[TargetView]


@post("/api/v1/levellings", roles=OFFICE, status_code=202, tags=_TAGS)
async def request_levelling(asker: Asker, data: JSONBody[LevellingBody]) -> LevellingView:
    """Ask for a levelling of the next days; it goes on in the background."""
    return await service.request_levelling(asker, data.days, data.time_limit_s, data.seed)


@get("/api/v1/levellings", roles=OFFICE_READERS, tags=_TAGS)
async def levellings(asker: Asker, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = 50) -> LevellingPage:
    """List the levellings, newest first."""
    return await service.levellings(asker, cursor=cursor, limit=limit)


@get("/api/v1/levellings/{id:uuid}", roles=OFFICE_READERS, tags=_TAGS)
async def levelling(asker: Asker, id: FromPath[UUID]) -> LevellingView:
    """Return state and progress of a levelling; light enough to be asked for every second."""
    return await service.levelling(asker, id)


@get("/api/v1/levellings/{id:uuid}/answer", roles=OFFICE_READERS, tags=_TAGS)
async def answer(asker: Asker, id: FromPath[UUID]) -> LevellingAnswer:
    """Return what a levelling found: load by team and day, shares of crews, what found no day and why."""
    return await service.answer(asker, id)


@get("/api/v1/levellings/{id:uuid}/problem", roles=OFFICE_READERS, tags=_TAGS, media_type="application/json")
async def problem_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Download the question of a levelling as a file for `liftrounds level`."""
    return _file(await service.problem_file(asker, id), f"levelling-{id}.json")


@get("/api/v1/levellings/{id:uuid}/levels", roles=OFFICE_READERS, tags=_TAGS, media_type="application/json")
async def levels_file(asker: Asker, id: FromPath[UUID]) -> Response[bytes]:
    """Download the answer of a levelling as a file: every elevator's chain of target days."""
    return _file(await service.levels_file(asker, id), f"levels-{id}.json")


def _file(content: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type="application/json", headers=headers)


@post("/api/v1/levellings/{id:uuid}/stop", roles=OFFICE, status_code=200, tags=_TAGS)
async def stop_levelling(asker: Asker, id: FromPath[UUID]) -> LevellingView:
    """Stop a levelling; the best so far is kept."""
    return await service.stop_levelling(asker, id)


@get("/api/v1/elevators/{id:uuid}/targets", roles=OFFICE_READERS, tags=_TAGS)
async def targets(asker: Asker, id: FromPath[UUID]) -> Targets:
    """List an elevator's target days from today on, by the newest levelling."""
    return Targets(rows=await service.targets(asker, id))


@get("/api/v1/work-calendar", roles=OFFICE_READERS, tags=_TAGS)
async def calendar(asker: Asker) -> CalendarView:
    """Return the calendar of public holidays that the firm goes by."""
    return await service.calendar(asker)


@put("/api/v1/work-calendar", roles=OFFICE, status_code=200, tags=_TAGS)
async def choose_calendar(asker: Asker, data: JSONBody[CalendarBody]) -> CalendarView:
    """Choose where public holidays come from."""
    return await service.choose_calendar(asker, data.source, crews_rest=data.crews_rest)


@post("/api/v1/work-calendar/file", roles=OFFICE, status_code=200, tags=_TAGS)
async def upload_calendar(asker: Asker, data: MultipartBody[CalendarForm]) -> CalendarView:
    """Take an own calendar from a list of days (CSV) or iCalendar (.ics); 400 names every faulty line and value."""
    return await service.upload_calendar(asker, data.file.filename, await data.file.read())


HANDLERS: list[Any] = [
    request_levelling,
    levellings,
    levelling,
    answer,
    problem_file,
    levels_file,
    stop_levelling,
    targets,
    calendar,
    choose_calendar,
    upload_calendar,
]
