"""The office's first page: what needs somebody today, and for a new firm the next step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie

from backend.errors import InvalidInput, LiftroundsError
from backend.overview import service as overview
from backend.overview.views import Overview
from backend.registry import service as registry
from backend.registry.inputs import FirmCreate, FirmUpdate
from backend.scope import Role, Scope
from backend.settings import Settings
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation
from mobile_api.pages.forms import form_of, parsed, patched
from mobile_api.pages.office.base import LISTED, is_id, office_page
from mobile_api.pages.render import redirect
from mobile_api.security import FIRM_COOKIE, OFFICE, OFFICE_READERS

SEES_ALL = (Role.ADMIN, Role.REGULATOR)


def steps_of(seen: Overview) -> list[tuple[bool, str, str, str]]:
    """Return the steps of a new firm, in order: whether it is done, its name, why, and where."""
    return [
        (seen.elevators > 0, _("Bring in the elevators"), _("From a spreadsheet, or one by one."), "/office/import"),
        (
            seen.technicians > 0,
            _("Enter the technicians"),
            _("With their certificates: without a certificate T nobody is planned."),
            "/office/technicians",
        ),
        (
            seen.crews > 0 and not seen.crews_without_hours and not seen.crews_without_people,
            _("Make crews"),
            _("Each with its base, its members and its weekly hours."),
            "/office/crews",
        ),
        (seen.windows > 0, _("See what is due"), _("Every elevator gets its due window with the reason."), "/office/due"),
        (
            seen.elevators > 0 and seen.without_label < seen.elevators,
            _("Print the labels"),
            _("A code for every car: it opens the record and proves the visit."),
            "/office/labels",
        ),
        (seen.accounts > 1, _("Make accounts"), _("For technicians and for the owners who confirm."), "/office/accounts"),
    ]


@get("/office", roles=OFFICE_READERS, include_in_schema=False)
async def start_page(asker: Asker) -> Response[Any]:
    """Show what needs somebody today."""
    seen, run = await overview.overview(asker)
    steps = steps_of(seen)
    return await office_page(
        asker, "office/start.html", seen=seen, run=run, steps=steps, is_new=not all(done for done, *_rest in steps)
    )


@get("/office/silent", roles=OFFICE_READERS, include_in_schema=False)
async def silent_page(asker: Asker) -> Response[Any]:
    """Show the monitors that say nothing."""
    return await office_page(asker, "office/silent.html", silent=await overview.silent_monitors(asker))


@get("/office/firms", roles=OFFICE_READERS, include_in_schema=False)
async def firms_page(asker: Asker, text: FromQuery[str] = "", cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Show the firms that the asker may work in: to a manager their own."""
    return await _firms(asker, text=text, cursor=cursor)


async def _firms(
    asker: Scope,
    *,
    text: str = "",
    cursor: str | None = None,
    form: dict[str, str] | None = None,
    error: LiftroundsError | None = None,
) -> Response[Any]:
    everything = Scope(role=asker.role, firm=None, account=asker.account) if asker.role in SEES_ALL else asker
    found = await registry.firms(everything, text=text or None, cursor=cursor, limit=LISTED)
    return await office_page(asker, "office/firms.html", firms=found, text=text, form=form, error=error)


@post("/office/firms", roles=(Role.ADMIN,), include_in_schema=False, status_code=200)
async def add_firm(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Make a firm and work in it."""
    form = await form_of(request)
    everything = Scope(role=asker.role, firm=None, account=asker.account)
    try:
        made = await registry.add_firm(everything, parsed(FirmCreate, form))
    except LiftroundsError as error:
        return await _firms(asker, form=form, error=error)
    return _into(made.id, "/office/accounts", _("The firm is made. Now make the account of its first manager."), settings)


@post("/office/firms/choose", roles=SEES_ALL, include_in_schema=False, status_code=200)
async def choose_firm(request: Request[Any, Any, Any], asker: Asker, settings: Installation) -> Response[Any]:
    """Work in one firm, or see all again."""
    chosen = is_id((await form_of(request)).get("firm", ""))
    if chosen is None:
        return _into(None, "/office/firms", _("You see all firms."), settings)
    everything = Scope(role=asker.role, firm=None, account=asker.account)
    firm = await registry.firm(everything, chosen)
    return _into(firm.id, "/office", _("You are in %(firm)s now.") % {"firm": firm.name}, settings)


def _into(firm: UUID | None, path: str, message: str, settings: Settings) -> Response[Any]:
    answer = redirect(path, message=message)
    value, age = (str(firm), None) if firm else ("", 0)
    answer.cookies.append(
        Cookie(
            key=FIRM_COOKIE, value=value, path="/", httponly=True, samesite="lax", secure=settings.secure_cookies, max_age=age
        )
    )
    return answer


@get("/office/firms/{id:uuid}", roles=OFFICE_READERS, include_in_schema=False)
async def firm_page(asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Show a firm, to be changed."""
    return await office_page(asker, "office/firm.html", shown=await registry.firm(asker, id))


@post("/office/firms/{id:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_firm(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Change a firm."""
    form = await form_of(request)
    try:
        await registry.change_firm(asker, id, patched(FirmUpdate, form), version=form.get("version"))
    except InvalidInput as error:
        shown = await registry.firm(asker, id)
        return await office_page(asker, "office/firm.html", shown=shown, form=form, error=error)
    return redirect(f"/office/firms/{id}", message=_("Saved."))


HANDLERS: list[Any] = [start_page, silent_page, firms_page, add_firm, choose_firm, firm_page, change_firm]
