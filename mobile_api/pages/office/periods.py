"""Special periods in the office: events, orders, complaints and repairs that change what is due."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.errors import Conflict, InvalidInput, LiftroundsError, NotFound
from backend.registry import service as registry
from backend.registry.views import ElevatorView, Sector, SiteKind
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.upkeep.views import PeriodKind, SpecialPeriodInput, SpecialPeriodView
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of, parsed
from mobile_api.pages.office.base import choose_first, office_page
from mobile_api.pages.office.parts import beside
from mobile_api.pages.render import as_form, redirect
from mobile_api.security import OFFICE, OFFICE_READERS

LONG_AGO = date(1900, 1, 1)


@get("/office/periods", roles=OFFICE_READERS, include_in_schema=False)
async def periods_page(asker: Asker, past: FromQuery[str] = "") -> Response[Any]:
    """Show the special periods of today and later, or all."""
    return await _periods(asker, past=bool(past))


async def _periods(
    asker: Scope, *, past: bool = False, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    periods = await upkeep.list_special_periods(asker, since=LONG_AGO if past else None)
    named = {period.elevator: await _elevator(asker, period.elevator) for period in periods if period.elevator}
    return await office_page(
        asker, "office/periods.html", periods=periods, elevators=named, concerned=await upkeep.concerned(asker, periods),
        past=past, form=form, error=error, **_choices(),
    )  # fmt: skip


def _choices() -> dict[str, list[str]]:
    return {
        "kinds": [kind.value for kind in PeriodKind],
        "site_kinds": [kind.value for kind in SiteKind if kind.value],
        "sectors": [sector.value for sector in Sector if sector.value],
    }


async def _elevator(asker: Scope, elevator: UUID) -> ElevatorView | None:
    try:
        return await registry.elevator(asker, elevator)
    except NotFound:
        return None


@post("/office/periods", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_period(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Add a special period."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    try:
        elevator = await _named(asker, form.get("elevator", ""))
        await upkeep.add_special_period(asker, parsed(SpecialPeriodInput, form, elevator=elevator))
    except InvalidInput as error:
        return await _periods(asker, form=form, error=error)
    return redirect("/office/periods", message=_("The period is added. Due windows follow within moments."))


async def _named(asker: Scope, text: str) -> UUID | None:
    """Return the elevator that is meant by a code; None where the field is empty."""
    if not text:
        return None
    try:
        return (await registry.find_elevator(asker, text)).id
    except (NotFound, Conflict) as error:
        raise beside(error, "elevator") from None


@get("/office/periods/{id:uuid}/edit", roles=OFFICE, include_in_schema=False)
async def period_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a special period to be changed."""
    period = await upkeep.special_period(asker, id)
    form = as_form(period)
    if period.elevator is not None:
        elevator = await _elevator(asker, period.elevator)
        form["elevator"] = elevator.registration_code if elevator else ""
    return await _period(asker, period, form=form)


async def _period(
    asker: Scope, period: SpecialPeriodView, *, form: dict[str, str], error: LiftroundsError | None = None
) -> Response[Any]:
    return await office_page(asker, "office/period.html", period=period, form=form, error=error, **_choices())


@post("/office/periods/{id:uuid}/edit", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_period(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Change a special period."""
    period = await upkeep.special_period(asker, id)
    form = await form_of(request)
    try:
        elevator = await _named(asker, form.get("elevator", ""))
        await upkeep.change_special_period(asker, id, parsed(SpecialPeriodInput, form, elevator=elevator))
    except InvalidInput as error:
        return await _period(asker, period, form=form, error=error)
    return redirect("/office/periods", message=_("The period is changed. Due windows follow within moments."))


@post("/office/periods/{id:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200)
async def remove_period(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Remove a special period."""
    await upkeep.remove_special_period(asker, id)
    return redirect("/office/periods", message=_("The period is removed. Due windows follow within moments."))


HANDLERS: list[Any] = [periods_page, add_period, period_page, change_period, remove_period]
