"""Crews in the office: base, members with their days, weekly hours. Technicians are in `office_technicians`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, post

from backend.errors import Conflict, InvalidInput, LiftroundsError, NotFound
from backend.registry import service as registry
from backend.registry.inputs import CrewCreate, CrewUpdate, MemberCreate, MemberUpdate
from backend.registry.views import CrewView
from backend.scope import Scope
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath
from mobile_api.pages.forms import form_of, parsed, patched
from mobile_api.pages.office import week as office_week
from mobile_api.pages.office.kinds import Kind, handlers_for, shown
from mobile_api.pages.office.parts import of_part, part_of
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE

CHOICES = 1_000
NEW_MEMBER = "new-"


async def _crews(asker: Scope, query: Mapping[str, str], cursor: str | None, limit: int) -> Any:
    active = {"active": True, "paused": False}.get(query.get("state", ""))
    return await registry.crews(asker, text=query.get("text") or None, active=active, cursor=cursor, limit=limit)


async def _of_crew(asker: Scope, crew: CrewView | None) -> dict[str, Any]:
    if crew is None:
        return {}
    return {
        "members": await registry.members(asker, crew.id),
        "people": (await registry.technicians(asker, firm=crew.firm, active=True, limit=CHOICES)).rows,
        "week_fields": office_week.FIELDS,
        "suggested": not crew.shifts,
    }


def _as_texts(crew: CrewView) -> dict[str, str]:
    texts = {"name": crew.name, "area": crew.area, "base_lat": str(crew.base_lat), "base_lon": str(crew.base_lon)}
    return texts | {"version": crew.version} | office_week.as_texts(crew.shifts)


CREWS = Kind(
    name="crew", path="/office/crews", create=CrewCreate, update=CrewUpdate, find=registry.crew, listing=_crews,
    add=registry.add_crew, change=registry.change_crew, remove=registry.remove_crew, more=_of_crew, as_texts=_as_texts,
)  # fmt: skip


async def _refused(asker: Scope, crew: UUID, form: dict[str, str], error: LiftroundsError) -> Response[Any]:
    """Show the crew again with what was typed into one of its parts."""
    thing = await registry.crew(asker, crew)
    return await shown(CREWS, asker, thing, _as_texts(thing) | form, error)


@post("/office/crews/{id:uuid}/week", roles=OFFICE, include_in_schema=False, status_code=200)
async def set_week(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Write the weekly hours."""
    form = await form_of(request)
    try:
        shifts = office_week.read(form)
        try:
            await registry.set_week(asker, id, shifts, version=form.get("version"))
        except InvalidInput as error:
            raise office_week.named(error, shifts) from None
    except (InvalidInput, Conflict) as error:
        form.pop("version", None)
        return await _refused(asker, id, form, error)
    return redirect(f"/office/crews/{id}#week", message=_("The weekly hours are saved."))


@post("/office/crews/{id:uuid}/switch", roles=OFFICE, include_in_schema=False, status_code=200)
async def switch(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Pause a crew, or let it work again."""
    active = (await form_of(request)).get("active") == "yes"
    await registry.change_crew(asker, id, CrewUpdate(active=active))
    said = _("The crew works again.") if active else _("The crew is paused: nothing is planned for it.")
    return redirect(f"/office/crews/{id}", message=said)


@post("/office/crews/{id:uuid}/members", roles=OFFICE, include_in_schema=False, status_code=200)
async def add_member(request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID]) -> Response[Any]:
    """Let a technician join."""
    form = await form_of(request)
    try:
        await registry.add_member(asker, id, parsed(MemberCreate, part_of(form, NEW_MEMBER)))
    except (InvalidInput, Conflict, NotFound) as error:
        return await _refused(asker, id, form, of_part(error, NEW_MEMBER))
    return redirect(f"/office/crews/{id}#members", message=_("The technician is in the crew."))


@post("/office/crews/{id:uuid}/members/{member:uuid}", roles=OFFICE, include_in_schema=False, status_code=200)
async def change_member(
    request: Request[Any, Any, Any], asker: Asker, id: FromPath[UUID], member: FromPath[UUID]
) -> Response[Any]:
    """Change the days of a membership."""
    form = await form_of(request)
    prefix = f"{member}-"
    part = part_of(form, prefix)
    try:
        await registry.change_member(asker, member, patched(MemberUpdate, part), version=part.get("version"))
    except (InvalidInput, Conflict) as error:
        form.pop(f"{prefix}version", None)
        return await _refused(asker, id, form, of_part(error, prefix))
    return redirect(f"/office/crews/{id}#members", message=_("Saved."))


@post("/office/crews/{id:uuid}/members/{member:uuid}/remove", roles=OFFICE, include_in_schema=False, status_code=200)
async def remove_member(asker: Asker, id: FromPath[UUID], member: FromPath[UUID]) -> Response[Any]:
    """Remove a membership that was entered by mistake."""
    try:
        await registry.remove_member(asker, member)
    except Conflict as error:
        return await _refused(asker, id, {}, error)
    return redirect(f"/office/crews/{id}#members", message=_("Removed."))


HANDLERS: list[Any] = [*handlers_for(CREWS), set_week, switch, add_member, change_member, remove_member]
