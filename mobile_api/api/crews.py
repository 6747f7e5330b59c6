"""Who works: crews with members and weekly hours, technicians with certificates and absences."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, delete, get, patch, post, put
from msgspec import Struct

from backend.paging import DEFAULT_LIMIT
from backend.registry import service
from backend.registry.inputs import (
    AbsenceCreate,
    AbsenceUpdate,
    CertificateCreate,
    CertificateUpdate,
    CrewCreate,
    CrewUpdate,
    MemberCreate,
    MemberUpdate,
    ShiftInput,
    TechnicianCreate,
    TechnicianUpdate,
)
from backend.registry.views import AbsenceView, CertificateView, CrewView, MemberView, Page, TechnicianView
from mobile_api.api.registry import ForFirm, Text
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS
from mobile_api.tags import IfMatch, tagged, version_in


class WeekBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A crew's week: weekdays that are not named are free."""

    shifts: list[ShiftInput]


class MemberList(Struct, frozen=True, kw_only=True):
    """All memberships of a crew, by first day."""

    rows: list[MemberView]


@get("/api/v1/technicians", roles=OFFICE_READERS)
async def technicians(
    asker: Asker,
    text: Text = None,
    of_firm: ForFirm = None,
    active: FromQuery[bool | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[TechnicianView]:
    """List technicians by badge, with certificates and the crew of today."""
    return await service.technicians(asker, text=text, firm=of_firm, active=active, cursor=cursor, limit=limit)


@post("/api/v1/technicians", roles=OFFICE)
async def add_technician(asker: Asker, data: JSONBody[TechnicianCreate], of_firm: ForFirm = None) -> Response[TechnicianView]:
    """Make a technician."""
    return tagged(await service.add_technician(await service.acting_for(asker, of_firm), data))


@get("/api/v1/technicians/{id:uuid}", roles=OFFICE_READERS)
async def technician(asker: Asker, id: FromPath[UUID]) -> Response[TechnicianView]:
    """Return a technician."""
    return tagged(await service.technician(asker, id))


@patch("/api/v1/technicians/{id:uuid}", roles=OFFICE)
async def change_technician(
    asker: Asker, id: FromPath[UUID], data: JSONBody[TechnicianUpdate], if_match: IfMatch = None
) -> Response[TechnicianView]:
    """Change a technician; who has left is set to not active."""
    return tagged(await service.change_technician(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/technicians/{id:uuid}", roles=OFFICE)
async def remove_technician(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a technician without history."""
    await service.remove_technician(asker, id)


@post("/api/v1/technicians/{id:uuid}/certificates", roles=OFFICE)
async def add_certificate(asker: Asker, id: FromPath[UUID], data: JSONBody[CertificateCreate]) -> Response[CertificateView]:
    """Enter a certificate that holds today; code T is needed to maintain elevators."""
    return tagged(await service.add_certificate(asker, id, data))


@patch("/api/v1/certificates/{id:uuid}", roles=OFFICE)
async def change_certificate(
    asker: Asker, id: FromPath[UUID], data: JSONBody[CertificateUpdate], if_match: IfMatch = None
) -> Response[CertificateView]:
    """Change a certificate, such as to a renewed expiry."""
    return tagged(await service.change_certificate(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/certificates/{id:uuid}", roles=OFFICE)
async def remove_certificate(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a certificate."""
    await service.remove_certificate(asker, id)


@get("/api/v1/absences", roles=OFFICE_READERS)
async def absences(
    asker: Asker,
    technician: FromQuery[UUID | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    text: Text = None,
    of_firm: ForFirm = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[AbsenceView]:
    """List absences with a day in [since, until], by first day."""
    return await service.absences(
        asker, technician=technician, since=since, until=until, text=text, firm=of_firm, cursor=cursor, limit=limit
    )


@get("/api/v1/absences/{id:uuid}", roles=OFFICE_READERS)
async def absence(asker: Asker, id: FromPath[UUID]) -> Response[AbsenceView]:
    """Return an absence."""
    return tagged(await service.absence(asker, id))


@post("/api/v1/technicians/{id:uuid}/absences", roles=OFFICE)
async def add_absence(asker: Asker, id: FromPath[UUID], data: JSONBody[AbsenceCreate]) -> Response[AbsenceView]:
    """Enter days on which a technician does not work."""
    return tagged(await service.add_absence(asker, id, data))


@patch("/api/v1/absences/{id:uuid}", roles=OFFICE)
async def change_absence(
    asker: Asker, id: FromPath[UUID], data: JSONBody[AbsenceUpdate], if_match: IfMatch = None
) -> Response[AbsenceView]:
    """Change an absence."""
    return tagged(await service.change_absence(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/absences/{id:uuid}", roles=OFFICE)
async def remove_absence(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove an absence."""
    await service.remove_absence(asker, id)


@get("/api/v1/crews", roles=OFFICE_READERS)
async def crews(
    asker: Asker,
    text: Text = None,
    of_firm: ForFirm = None,
    active: FromQuery[bool | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[CrewView]:
    """List crews by name, with members of today and later and the weekly hours."""
    return await service.crews(asker, text=text, firm=of_firm, active=active, cursor=cursor, limit=limit)


@post("/api/v1/crews", roles=OFFICE)
async def add_crew(asker: Asker, data: JSONBody[CrewCreate], of_firm: ForFirm = None) -> Response[CrewView]:
    """Make a crew."""
    return tagged(await service.add_crew(await service.acting_for(asker, of_firm), data))


@get("/api/v1/crews/{id:uuid}", roles=OFFICE_READERS)
async def crew(asker: Asker, id: FromPath[UUID]) -> Response[CrewView]:
    """Return a crew."""
    return tagged(await service.crew(asker, id))


@patch("/api/v1/crews/{id:uuid}", roles=OFFICE)
async def change_crew(
    asker: Asker, id: FromPath[UUID], data: JSONBody[CrewUpdate], if_match: IfMatch = None
) -> Response[CrewView]:
    """Change a crew; one that no longer works is set to not active."""
    return tagged(await service.change_crew(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/crews/{id:uuid}", roles=OFFICE)
async def remove_crew(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a crew without members, hours and history."""
    await service.remove_crew(asker, id)


@put("/api/v1/crews/{id:uuid}/week", roles=OFFICE)
async def set_week(asker: Asker, id: FromPath[UUID], data: JSONBody[WeekBody], if_match: IfMatch = None) -> Response[CrewView]:
    """Write a crew's weekly hours in place of the old ones."""
    return tagged(await service.set_week(asker, id, data.shifts, version=version_in(if_match)))


@get("/api/v1/crews/{id:uuid}/members", roles=OFFICE_READERS)
async def members(asker: Asker, id: FromPath[UUID]) -> MemberList:
    """List all memberships of a crew, past ones too."""
    return MemberList(rows=await service.members(asker, id))


@post("/api/v1/crews/{id:uuid}/members", roles=OFFICE)
async def add_member(asker: Asker, id: FromPath[UUID], data: JSONBody[MemberCreate]) -> Response[MemberView]:
    """Let a technician join a crew; a technician is in one crew at a time."""
    return tagged(await service.add_member(asker, id, data))


@patch("/api/v1/crew-members/{id:uuid}", roles=OFFICE)
async def change_member(
    asker: Asker, id: FromPath[UUID], data: JSONBody[MemberUpdate], if_match: IfMatch = None
) -> Response[MemberView]:
    """Change the days of a membership."""
    return tagged(await service.change_member(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/crew-members/{id:uuid}", roles=OFFICE)
async def remove_member(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a membership that was entered by mistake; one that is over gets a last day instead."""
    await service.remove_member(asker, id)


HANDLERS: list[Any] = [
    technicians, add_technician, technician, change_technician, remove_technician,
    add_certificate, change_certificate, remove_certificate,
    absences, absence, add_absence, change_absence, remove_absence,
    crews, add_crew, crew, change_crew, remove_crew, set_week, members, add_member, change_member, remove_member,
]  # fmt: skip
