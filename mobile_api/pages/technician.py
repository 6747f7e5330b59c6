"""The technician's day, without script: the round, the arrival, one's own visits."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from backend import clock
from backend.errors import Conflict, LiftroundsError, NotFound
from backend.scope import Role, Scope
from backend.visits import service
from backend.visits.day.views import TechnicianDay
from backend.visits.inputs import ArrivalInput, PositionInput, ScanInput, Source
from backend.visits.views import VisitFilter, VisitState
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromQuery, Ring
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.map_links import map_links
from mobile_api.pages.render import page, redirect
from mobile_api.pages.visit_words import words

TECHNICIAN = (Role.TECHNICIAN,)
LISTED = 30
"""Visits of one page of the list: about a week."""


@get("/work", roles=TECHNICIAN, include_in_schema=False)
async def day_page(asker: Asker, day: FromQuery[date | None] = None) -> Response[Any]:
    """Show the round of a day, open visits first."""
    found = await service.technician_day(asker, day)
    today = clock.today(found.time_zone)
    return page(
        "technician/day.html", day_view=found, today=today, before=found.day - timedelta(days=1),
        after=found.day + timedelta(days=1), map_links=map_links, next_stop=_next_stop(found), **words(),
    )  # fmt: skip


def _next_stop(day: TechnicianDay) -> UUID | None:
    """Return the stop that comes next: the first that nobody has begun."""
    return next((stop.work_order for stop in day.stops if stop.state in ("scheduled", "missed") and stop.visit is None), None)


@get("/work/arrive", roles=TECHNICIAN, include_in_schema=False)
async def arrive_page(asker: Asker, code: FromQuery[str] = "", order: FromQuery[UUID | None] = None) -> Response[Any]:
    """Show the form of the arrival; a code that came with the address was opened as a link."""
    source = Source.LINK if code else Source.TYPED
    form = {"id": str(uuid4()), "scan": str(uuid4()), "code": code, "source": source.value}
    return await _arrival(asker, form | {"order": str(order or "")}, None)


async def _arrival(asker: Scope, form: dict[str, str], error: LiftroundsError | None) -> Response[Any]:
    found = await service.technician_day(asker)
    stop = next((stop for stop in found.stops if str(stop.work_order) == form.get("order")), None)
    refusal = told(error) if error else None
    status = status_of(error) if error else 200
    return page("technician/arrive.html", status_code=status, day_view=found, stop=stop, form=form, error=refusal, **words())


@post("/work/arrive", roles=TECHNICIAN, include_in_schema=False, status_code=200)
async def arrive(request: Request[Any, Any, Any], asker: Asker, ring: Ring) -> Response[Any]:
    """Take the arrival; the same form sent twice opens one visit."""
    form = await form_of(request)
    visit = uuid_of(form, "id")
    if (opened := await _my_visit(asker, visit)) is not None:
        return redirect(f"/work/visits/{opened}")
    arrival = ArrivalInput(
        id=visit, scan=scan_of(form, uuid_of(form, "scan")), work_order=uuid_or_none(form, "order"),
        second_technician=uuid_or_none(form, "second"),
    )  # fmt: skip
    try:
        await service.arrive(asker, ring, arrival)
    except LiftroundsError as error:
        if isinstance(error, Conflict) and (opened := await _my_visit(asker, visit)) is not None:
            return redirect(f"/work/visits/{opened}")  # the same form, sent twice at the same time
        return await _arrival(asker, form, error)
    return redirect(f"/work/visits/{visit}", message=_("Your arrival is noted. Answer the checklist, then scan out."))


async def _my_visit(asker: Scope, visit: UUID) -> UUID | None:
    try:
        found = await service.visit(asker, visit)
    except NotFound:
        return None
    return visit if found.summary.technician.id == asker.technician else None


@get("/work/visits", roles=TECHNICIAN, include_in_schema=False)
async def visits_page(
    asker: Asker,
    wanted: Annotated[VisitState | None, QueryParameter(name="state")] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show one's own visits, newest first."""
    found = await service.visits(asker, VisitFilter(technician=asker.technician, state=wanted), cursor=cursor, limit=LISTED)
    return page("technician/visits.html", visits=found, wanted=wanted, **words())


def scan_of(form: dict[str, str], scan: UUID) -> ScanInput:
    """Return the scan of a form; its time is that of the form's arrival here."""
    source = Source(form["source"]) if form.get("source") in list(Source) else Source.TYPED
    return ScanInput(id=scan, code=form.get("code", ""), at=clock.now(), source=source, position=_position(form))


def _position(form: dict[str, str]) -> PositionInput | None:
    """Return the position that the browser added, if it did."""
    try:
        lat, lon, accuracy_m = (float(form[name]) for name in ("lat", "lon", "accuracy_m"))
    except (KeyError, ValueError):
        return None
    return PositionInput(lat=lat, lon=lon, accuracy_m=accuracy_m)


def uuid_of(form: dict[str, str], name: str) -> UUID:
    """Return an id of a form; a new one where the form has none."""
    return uuid_or_none(form, name) or uuid4()


def uuid_or_none(form: dict[str, str], name: str) -> UUID | None:
    """Return an id of a form, None where it has none."""
    try:
        return UUID(form.get(name, ""))
    except ValueError:
        return None


HANDLERS: list[Any] = [day_page, arrive_page, arrive, visits_page]
