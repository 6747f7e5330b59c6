"""Technicians in the office: certificates that run out, skills, absences, who has left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, post

from backend import clock
from backend.errors import Conflict, InvalidInput, LiftroundsError
from backend.phones import service as phones
from backend.registry import service as registry
from backend.registry.inputs import (
    AbsenceCreate,
    AbsenceUpdate,
    CertificateCreate,
    CertificateUpdate,
    TechnicianCreate,
    TechnicianUpdate,
)
from backend.registry.values import read_words
from backend.registry.views import Page, TechnicianView
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of, parsed, patched
from mobile_api.pages.office.base import time_zone_of
from mobile_api.pages.office.kinds import Kind, converted, handlers_for, shown
from mobile_api.pages.office.parts import of_part, part_of
from mobile_api.pages.office.phone_words import phone_state
from mobile_api.pages.render import as_form, redirect
from mobile_api.security import OFFICE

ENDING_DAYS = 30
"""A certificate that ends within this many days is near its end."""

CODE = "T"
"""The certificate without which nobody maintains elevators."""

PAST_DAYS = 90
"""Absences that ended this long ago are still shown."""

CERTIFICATE, ABSENCE = "certificate-", "absence-"
"""Prefixes of the forms for a new one."""


def certificate_state(technician: TechnicianView, today: date) -> tuple[str, str, date | None]:
    """Return the state of the certificate T that holds longest: badge, words, last day."""
    days = [one.expires_on for one in technician.certificates if one.code == CODE]
    if not days:
        return "bad", _("no certificate T"), None
    last = max(days)
    if last < today:
        return "bad", _("expired"), last
    if last <= today + timedelta(days=ENDING_DAYS):
        return "warn", _("ends soon"), last
    return "ok", _("valid"), last


async def _technicians(asker: Scope, query: Mapping[str, str], cursor: str | None, limit: int) -> Any:
    active = {"left": False, "all": None}.get(query.get("state", ""), True)
    text = query.get("text") or None
    if query.get("certificates") != "ending":
        return await registry.technicians(asker, text=text, active=active, cursor=cursor, limit=limit)
    today = clock.today(await time_zone_of(asker))
    rows: list[TechnicianView] = []
    following: str | None = None
    while True:  # asked of the certificates, which the register does not filter by
        part = await registry.technicians(asker, text=text, active=active, cursor=following, limit=1_000)
        rows += [one for one in part.rows if certificate_state(one, today)[0] != "ok"]
        following = part.next_cursor
        if following is None:
            return Page(rows=rows, next_cursor=None, total=len(rows))


async def _of_technician(asker: Scope, technician: TechnicianView | None) -> dict[str, Any]:
    found: dict[str, Any] = {"certificate_state": certificate_state}
    if technician is not None:
        since = clock.today(await time_zone_of(asker)) - timedelta(days=PAST_DAYS)
        found["phones"] = await phones.phones(asker, technician.id)
        found["phone_state"] = phone_state
        found["absences"] = (await registry.absences(asker, technician=technician.id, since=since, limit=200)).rows
    return found


def _as_texts(technician: TechnicianView) -> dict[str, str]:
    return as_form(technician) | {"skills": "; ".join(technician.skills)}


TECHNICIANS = Kind(
    name="technician", path="/office/technicians", create=TechnicianCreate, update=TechnicianUpdate, find=registry.technician,
    listing=_technicians, add=registry.add_technician, change=registry.change_technician, remove=registry.remove_technician,
    more=_of_technician, convert=converted({"skills": read_words}), as_texts=_as_texts,
    on_list={"certificate_state": certificate_state},
)  # fmt: skip


async def _refused(asker: Scope, technician: UUID, form: dict[str, str], error: LiftroundsError) -> Response[Any]:
    """Show the technician again with what was typed into one of the parts."""
    thing = await registry.technician(asker, technician)
    return await shown(TECHNICIANS, asker, thing, _as_texts(thing) | form, error)


async def _done(
    asker: Scope, technician: UUID, form: dict[str, str], prefix: str, act: Callable[[], Awaitable[Any]], said: str
) -> Response[Any]:
    """Do what a part of the page asks for, and go back to the page; or show it again with the faults beside their fields."""
    try:
        await act()
    except (InvalidInput, Conflict) as error:
        form.pop(f"{prefix}version", None)
        return await _refused(asker, technician, form, of_part(error, prefix))
    return redirect(f"/office/technicians/{technician}", message=said)


@post("/office/technicians/{id:uuid}/switch", roles=OFFICE, include_in_schema=False, status_code=200)
async def switch(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Note that a technician has left, or is back."""
    active = (await form_of(request)).get("active") == "yes"
    said = _("The technician works again.") if active else _("The technician is not planned any more.")
    return await _done(asker, id, {}, "", lambda: registry.change_technician(asker, id, TechnicianUpdate(active=active)), said)


@post("/office/technicians/{id:uuid}/certificates", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_certificate(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Enter a certificate."""
    form = await form_of(request)

    async def act() -> None:
        await registry.add_certificate(asker, id, parsed(CertificateCreate, part_of(form, CERTIFICATE)))

    return await _done(asker, id, form, CERTIFICATE, act, _("The certificate is entered."))


@post("/office/technicians/{id:uuid}/certificates/{of:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_certificate(
    request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID], of: FromPath[UUID]
) -> Response[Any]:
    """Change a certificate, such as to a renewed expiry."""
    form = await form_of(request)
    part = part_of(form, f"{of}-")

    async def act() -> None:
        await registry.change_certificate(asker, of, patched(CertificateUpdate, part), version=part.get("version"))

    return await _done(asker, id, form, f"{of}-", act, _("Saved."))


@post("/office/technicians/{id:uuid}/certificates/{of:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200)
async def remove_certificate(asker: Asker, id: FromPath[UUID], of: FromPath[UUID]) -> Response[Any]:
    """Remove a certificate."""
    return await _done(asker, id, {}, "", lambda: registry.remove_certificate(asker, of), _("Removed."))


@post("/office/technicians/{id:uuid}/absences", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_absence(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Enter days on which the technician does not work."""
    form = await form_of(request)

    async def act() -> None:
        await registry.add_absence(asker, id, parsed(AbsenceCreate, part_of(form, ABSENCE)))

    return await _done(asker, id, form, ABSENCE, act, _("The absence is entered."))


@post("/office/technicians/{id:uuid}/absences/{of:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_absence(
    request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID], of: FromPath[UUID]
) -> Response[Any]:
    """Change an absence."""
    form = await form_of(request)
    part = part_of(form, f"{of}-")

    async def act() -> None:
        await registry.change_absence(asker, of, patched(AbsenceUpdate, part), version=part.get("version"))

    return await _done(asker, id, form, f"{of}-", act, _("Saved."))


@post("/office/technicians/{id:uuid}/absences/{of:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200)
async def remove_absence(asker: Asker, id: FromPath[UUID], of: FromPath[UUID]) -> Response[Any]:
    """Remove an absence."""
    return await _done(asker, id, {}, "", lambda: registry.remove_absence(asker, of), _("Removed."))


HANDLERS: list[Any] = [
    *handlers_for(TECHNICIANS), switch, add_certificate, change_certificate, remove_certificate, add_absence, change_absence,
    remove_absence,
]  # fmt: skip
