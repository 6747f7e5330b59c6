"""A day's rounds, planned against actual."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend import clock
from backend.errors import Conflict, InvalidInput, LiftroundsError
from backend.rounds import service as rounds
from backend.rounds.day_change_views import SwapState
from backend.rounds.views import PlannedActual
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.forms import form_of
from mobile_api.pages.office.base import as_day, office_page, time_zone_of
from mobile_api.pages.office.repairs import repairs_of_day
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS

SWAPS_SHOWN = (SwapState.OFFERED, SwapState.ACCEPTED)
"""What was declined, taken back or not answered has changed nothing."""


@get("/office/today", roles=OFFICE_READERS, include_in_schema=False)
async def today_page(asker: Asker, day: FromQuery[str] = "") -> Response[Any]:
    """Show every stop of a day with the visit that was made of it, and visits that nobody had planned."""
    return await _day(asker, await _day_of(asker, day))


async def _day_of(asker: Scope, text: str) -> date:
    return as_day(text) or clock.today(await time_zone_of(asker))


async def _day(asker: Scope, day: date, error: LiftroundsError | None = None) -> Response[Any]:
    lines = await rounds.planned_against_actual(asker, day)
    published = await rounds.published_rounds(asker, day)
    of_day = {round_.id for round_ in published}
    changes = await rounds.office_changes(asker, day)
    return await office_page(
        asker,
        "office/today.html",
        error=error,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        crews=[(round_, _of_round(lines, round_.id)) for round_ in published],
        standings={standing.crew: standing for standing in changes.rounds},
        handed_back=changes.rejections,
        swaps=[swap for swap in changes.swaps if swap.state in SWAPS_SHOWN],
        repairs=await repairs_of_day(asker, day),
        unplanned=[line for line in lines if line.order is None or line.order.round not in of_day],
    )


def _of_round(lines: list[PlannedActual], round_id: UUID) -> list[PlannedActual]:
    return [line for line in lines if line.order is not None and line.order.round == round_id]


@post("/office/rounds/{id:uuid}/withdraw", roles=OFFICE, include_in_schema=False, status_code=200)
async def withdraw(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take back a published round that nobody has started."""
    form = await form_of(request)
    day = await _day_of(asker, form.get("day", ""))
    try:
        await rounds.withdraw_round(asker, id, form.get("reason", ""))
    except (Conflict, InvalidInput) as error:
        return await _day(asker, day, error)
    return redirect(f"/office/today?day={day}", message=_("The round is withdrawn; its technicians see an empty day."))


@post("/office/orders/{id:uuid}/cancel", roles=OFFICE, include_in_schema=False, status_code=200)
async def cancel(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Take one stop out of a published round."""
    form = await form_of(request)
    day = await _day_of(asker, form.get("day", ""))
    try:
        await rounds.cancel_order(asker, id, form.get("reason", ""))
    except (Conflict, InvalidInput) as error:
        return await _day(asker, day, error)
    return redirect(f"/office/today?day={day}", message=_("The stop is cancelled."))


@post("/office/rejections/{id:uuid}/undo", roles=OFFICE, include_in_schema=False, status_code=200)
async def put_back(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Put a stop that a technician handed back on its round again."""
    form = await form_of(request)
    day = await _day_of(asker, form.get("day", ""))
    try:
        await rounds.undo_rejection(asker, id)
    except Conflict as error:
        return await _day(asker, day, error)
    return redirect(f"/office/today?day={day}", message=_("The stop is on its round again."))


HANDLERS: list[Any] = [today_page, withdraw, cancel, put_back]
