"""Labels: made, claimed, revoked and replaced in the office; printing is in `label_printing`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.params import QueryParameter
from msgspec import Struct

from backend.errors import Conflict, InvalidInput, LiftroundsError, NotFound
from backend.labels import service as labels
from backend.labels.views import LabelFilter, LabelState, LabelZone
from backend.registry import service as registry
from backend.registry.inputs import ElevatorFilter
from backend.scope import Scope
from backend.settings import Settings
from backend.visits import service as visits
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, Ring
from mobile_api.pages.claiming import zone_of
from mobile_api.pages.forms import chosen, form_of, parsed
from mobile_api.pages.office.base import LISTED, choose_first, is_id, office_page
from mobile_api.pages.office.parts import beside
from mobile_api.pages.render import redirect
from mobile_api.pages.visit_words import label_place, label_places
from mobile_api.security import OFFICE, OFFICE_READERS

_CHOICES = 500

_BATCHES = 10
"""Latest batches to print again or to undo; older ones are reached from their labels."""


@get("/office/labels", roles=OFFICE_READERS, include_in_schema=False)
async def labels_page(
    asker: Asker,
    ring: Ring,
    settings: Installation,
    wanted_state: Annotated[str, QueryParameter(name="state")] = "",
    text: FromQuery[str] = "",
    batch: FromQuery[str] = "",
    without: FromQuery[str] = "",
    site: FromQuery[str] = "",
    printer: FromQuery[str] = "",
    zone: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[Any]:
    """Show labels, newest first, and what can be done with them."""
    given = {
        "state": wanted_state, "text": text, "batch": batch, "without": without or site, "site": site.strip(), "zone": zone,
    }  # fmt: skip
    kept = [one for one in await labels.printers(asker) if printer and one.name == printer]
    form = (
        {"printer": printer, "offset_x_mm": f"{kept[0].offset_x_mm:g}", "offset_y_mm": f"{kept[0].offset_y_mm:g}"}
        if kept
        else None
    )
    return await labels_answer(asker, ring, settings, given, cursor=cursor, form=form)


async def labels_answer(
    asker: Scope,
    ring: Any,
    settings: Settings,
    given: dict[str, str],
    *,
    cursor: str | None = None,
    form: dict[str, str] | None = None,
    error: LiftroundsError | None = None,
) -> Response[Any]:
    """Show the list with what can be done; a refusal stands beside the field that it is about."""
    without = await registry.elevators(
        asker, ElevatorFilter(without_label=True, text=given.get("site") or None), limit=_CHOICES
    )
    missing = without.total
    if given.get("site"):
        missing = (await registry.elevators(asker, ElevatorFilter(without_label=True), limit=1)).total
    return await office_page(
        asker,
        "office/labels.html",
        error=error,
        form=form,
        labels=await labels.labels(asker, ring, wanted_labels(given), cursor=cursor, limit=LISTED),
        refused=await labels.refused(asker, 30),
        without=without,
        missing=missing,
        fresh_id=uuid4,
        stocks=labels.stocks(settings),
        printers=await labels.printers(asker),
        batches=await labels.batches(asker, _BATCHES),
        default_stock=labels.DEFAULT_STOCK,
        given=given,
        places=label_places(),
        place=label_place,
        is_filtered=any(given.values()),
    )


def wanted_labels(given: Mapping[str, str]) -> LabelFilter:
    """Return the filter of the list, as it stands in the address or in a form of the page."""
    state, zone = given.get("state", ""), given.get("zone", "")
    place = "" if zone == "car" else zone
    return LabelFilter(
        state=LabelState(state) if state in set(LabelState) else None,
        batch=is_id(given.get("batch", "")),
        text=given.get("text") or None,
        zone=LabelZone(place) if zone and place in set(LabelZone) else None,
    )


@post("/office/labels/mint", roles=OFFICE, include_in_schema=False, status_code=200)
async def mint(request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation) -> Response[Any]:
    """Make labels: for the chosen elevators, for all that lack one, or blank ones."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    elevators = [found for found in map(is_id, await chosen(request, "elevator")) if found]
    what = form.get("what", "")
    try:
        count = parsed(_Count, form).count if what == "blank" else 0
        zone = zone_of(form.get("zone", "car"))
        mint_as = partial(labels.mint, asker, ring, count, elevators=elevators, only_missing=what == "missing", zone=zone)
        try:
            made = await mint_as(batch=is_id(form.get("key", "")))  # pressed twice it makes them once
        except Conflict:
            made = await mint_as()  # the page was shown again from the browser's memory, and something else chosen
    except (InvalidInput, Conflict, NotFound) as error:
        return await labels_answer(asker, ring, settings, {}, form=form, error=error)
    if not made:
        return redirect("/office/labels", message=_("Every elevator has a label there already."))
    return redirect(f"/office/labels?batch={made[0].batch}#print", message=_("The labels are made. Print them now."))


class _Count(Struct, frozen=True, kw_only=True):
    count: int


@post("/office/labels/claim", roles=OFFICE, include_in_schema=False, status_code=200)
async def claim(request: Request[Any, Any, Any], asker: Asker, ring: Ring, settings: Installation) -> Response[Any]:
    """Bind a blank label to an elevator."""
    form = await form_of(request)
    try:
        elevator = await _meant(asker, form.get("elevator", ""))
        made = await labels.claim(asker, ring, form.get("code", ""), elevator, zone_of(form.get("zone", "car")))
    except (InvalidInput, Conflict, NotFound) as error:
        return await labels_answer(asker, ring, settings, {}, form=form, error=error)
    return redirect(f"/office/labels/{made.id}", message=_("The label opens this elevator from now on."))


async def _meant(asker: Scope, text: str) -> UUID:
    """Return the elevator that is meant by a code."""
    try:
        return (await registry.find_elevator(asker, text)).id
    except (NotFound, Conflict) as error:
        raise beside(error, "elevator") from None


@post("/office/labels/{id:uuid}/claim", roles=OFFICE, include_in_schema=False, status_code=200)
async def claim_this(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Bind this blank label to an elevator."""
    form = await form_of(request)
    label = await labels.label(asker, ring, id)
    try:
        elevator = await _meant(asker, form.get("elevator", ""))
        await labels.claim(asker, ring, label.code or "", elevator, zone_of(form.get("zone", "car")))
    except (InvalidInput, Conflict, NotFound) as error:
        return await _label(asker, ring, id, form, error)
    return redirect(f"/office/labels/{id}", message=_("The label opens this elevator from now on."))


@get("/office/labels/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def label_page(asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Show a label."""
    return await _label(asker, ring, id)


async def _label(
    asker: Scope, ring: Any, id: UUID, form: dict[str, str] | None = None, error: LiftroundsError | None = None
) -> Response[Any]:
    found = await labels.label(asker, ring, id)
    seen_twice = await visits.seen_twice(asker, id)
    return await office_page(
        asker, "office/label.html", label=found, seen_twice=seen_twice, form=form, error=error, place=label_place,
        places=label_places(),
    )  # fmt: skip


@post("/office/labels/{id:uuid}/zone", roles=OFFICE, include_in_schema=False, status_code=200)
async def set_zone(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Say where the label hangs."""
    form = await form_of(request)
    try:
        await labels.set_zone(asker, ring, id, zone_of(form.get("zone", "")))
    except (InvalidInput, Conflict) as error:
        return await _label(asker, ring, id, form, error)
    return redirect(f"/office/labels/{id}", message=_("Its place is changed. Print it again: the old place stands on it."))


@post("/office/labels/{id:uuid}/revoke", roles=OFFICE, include_in_schema=False, status_code=200)
async def revoke(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """End a label."""
    form = await form_of(request)
    try:
        await labels.revoke(asker, ring, id, form.get("reason", ""))
    except (InvalidInput, Conflict) as error:
        return await _label(asker, ring, id, form, error)
    return redirect(f"/office/labels/{id}", message=_("The label is revoked: its code opens nothing any more."))


@post("/office/labels/{id:uuid}/replace", roles=OFFICE, include_in_schema=False, status_code=200)
async def replace(request: Request[Any, Any, Any], asker: Asker, ring: Ring, id: FromPath[UUID]) -> Response[Any]:
    """Put another label in a label's place."""
    form = await form_of(request)
    try:
        made = await labels.replace(asker, ring, id, form.get("code") or None)
    except (InvalidInput, Conflict, NotFound) as error:
        return await _label(asker, ring, id, form, error)
    return redirect(f"/office/labels/{made.id}", message=_("This label has taken the other's place."))


HANDLERS: list[Any] = [
    labels_page, mint, claim, claim_this, label_page, set_zone, revoke, replace,
]  # fmt: skip
