"""Claiming a blank label on site: whoever put it up finds the elevator and binds the label to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post

from backend.errors import Fault, InvalidInput, LiftroundsError
from backend.labels import service
from backend.labels.views import LabelState, LabelZone
from backend.registry.inputs import ElevatorFilter
from backend.registry.service import elevators
from backend.registry.views import ElevatorView
from backend.scope import Role, Scope
from mobile_api.errors import status_of
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Ring
from mobile_api.pages.forms import form_of, told
from mobile_api.pages.render import page, redirect
from mobile_api.pages.visit_words import label_place, label_places
from mobile_api.security import OFFICE
from qr.keys import KeyRing

CLAIMERS = (*OFFICE, Role.TECHNICIAN)
_LISTED = 20
"""Elevators shown of a search; more are found by typing more."""


@get("/claim/{code:str}", roles=CLAIMERS, include_in_schema=False)
async def claim_page(asker: Asker, ring: Ring, code: FromPath[str], q: FromQuery[str] = "") -> Response[Any]:
    """Show what the label is, and for a blank one the search for its elevator."""
    return await _claim(asker, ring, code, q.strip(), None)


@post("/claim/{code:str}", roles=CLAIMERS, include_in_schema=False, status_code=200)
async def claim(request: Request[Any, Any, Any], asker: Asker, ring: Ring, code: FromPath[str]) -> Response[Any]:
    """Bind the label to the chosen elevator."""
    form = await form_of(request)
    try:
        done = await service.claim(asker, ring, code, _uuid(form.get("elevator", "")), zone_of(form.get("zone", "car")))
    except LiftroundsError as error:
        return await _claim(asker, ring, code, form.get("q", ""), error)
    return redirect(f"/claim/{done.code}", message=_("The label is bound: its code opens this elevator now."))


async def _claim(asker: Scope, ring: KeyRing, code: str, q: str, error: LiftroundsError | None) -> Response[Any]:
    label = await service.find_label(asker, ring, code)
    found: list[ElevatorView] | None = None
    more = False
    if q and label.state is LabelState.BLANK:
        part = await elevators(asker, ElevatorFilter(text=q), limit=_LISTED)
        found, more = part.rows, part.next_cursor is not None
    return page(
        "passenger/claim.html", status_code=status_of(error) if error else 200, label=label, q=q, found=found, more=more,
        error=told(error) if error else None, place=label_place, places=label_places(label.zone),
    )  # fmt: skip


def zone_of(text: str) -> LabelZone:
    """Return the place that was chosen in a form; `car` stands for the car.

    Raises
    ------
    InvalidInput
        If there is no such place.
    """
    try:
        return LabelZone("" if text == "car" else text)
    except ValueError:
        fault = Fault("zone", text[:60] or None, "choose a place from the list")
        raise InvalidInput("please check the marked fields", faults=[fault]) from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        fault = Fault("elevator", text[:60] or None, "choose an elevator from the list")
        raise InvalidInput("please check the marked fields", faults=[fault]) from None


HANDLERS: list[Any] = [claim_page, claim]
