"""Who works: crews with members and weekly hours, technicians with certificates and absences; others import `service`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput
from backend.paging import DEFAULT_LIMIT
from backend.people.service import audit
from backend.registry import owner_numbers, queries, records, rules
from backend.registry.inputs import (
    AbsenceCreate,
    AbsenceUpdate,
    CertificateCreate,
    CertificateUpdate,
    CrewCreate,
    CrewSetup,
    CrewUpdate,
    MemberCreate,
    MemberUpdate,
    ShiftInput,
    TechnicianCreate,
    TechnicianSetup,
    TechnicianUpdate,
)
from backend.registry.kind_queries import ABSENCE, CERTIFICATE, CREW, MEMBER, TECHNICIAN
from backend.registry.queries import Condition
from backend.registry.views import AbsenceView, CertificateView, CrewView, MemberView, Page, TechnicianView
from backend.scope import Scope


async def technician(scope: Scope, technician: UUID) -> TechnicianView:
    """Return a technician with certificates and the crew of today."""
    return await records.get(scope, TECHNICIAN, technician)


async def technicians(
    scope: Scope,
    *,
    text: str | None = None,
    firm: UUID | None = None,
    active: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[TechnicianView]:
    """Return technicians by badge; `text` is part of the name, badge or phone."""
    wanted = [] if active is None else [Condition("t.active = {}", active)]
    return await records.listing(scope, TECHNICIAN, wanted, text=text, firm=firm, cursor=cursor, limit=limit)


async def add_technician(scope: Scope, given: TechnicianCreate) -> TechnicianView:
    """Make a technician."""
    async with records.writing(scope):
        firm = scope.require_firm()
        return await records.add_inside(
            scope, TECHNICIAN, firm, records.as_values(given), rules.technician, before=_no_owners_number
        )


async def _no_owners_number(firm: UUID, values: dict[str, Any]) -> list[Fault]:
    return await owner_numbers.faults_of_staff_inside(firm, values["phone"])


async def change_technician(
    scope: Scope, technician: UUID, given: TechnicianUpdate, *, version: str | None = None
) -> TechnicianView:
    """Change a technician; who has left is set to not active."""
    before = records.no_faults if given.phone is UNSET else _no_owners_number
    return await records.change(scope, TECHNICIAN, technician, given, rules.technician, version=version, before=before)


async def remove_technician(scope: Scope, technician: UUID) -> None:
    """Remove a technician without history."""
    await records.remove(scope, TECHNICIAN, technician)


async def add_certificate(scope: Scope, technician: UUID, given: CertificateCreate) -> CertificateView:
    """Enter a certificate that holds today.

    Raises
    ------
    InvalidInput
        If it has expired, or its fields have other faults.
    """

    async def holds(firm: UUID, values: dict[str, Any]) -> list[Fault]:
        return rules.not_expired(values["expires_on"], await records.today_of(firm))

    async with records.writing(scope):
        firm = (await records.get_inside(TECHNICIAN, technician)).firm
        values = {"technician": technician} | records.as_values(given)
        return await records.add_inside(scope, CERTIFICATE, firm, values, rules.certificate, before=holds)


async def change_certificate(
    scope: Scope, certificate: UUID, given: CertificateUpdate, *, version: str | None = None
) -> CertificateView:
    """Change a certificate, such as to a renewed expiry."""
    return await records.change(scope, CERTIFICATE, certificate, given, rules.certificate, version=version)


async def remove_certificate(scope: Scope, certificate: UUID) -> None:
    """Remove a certificate."""
    await records.remove(scope, CERTIFICATE, certificate)


async def crew(scope: Scope, crew: UUID) -> CrewView:
    """Return a crew with its members of today and later and its weekly hours."""
    return await records.get(scope, CREW, crew)


async def crews(
    scope: Scope,
    *,
    text: str | None = None,
    firm: UUID | None = None,
    active: bool | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[CrewView]:
    """Return crews by name; `text` is part of the name or area."""
    wanted = [] if active is None else [Condition("t.active = {}", active)]
    return await records.listing(scope, CREW, wanted, text=text, firm=firm, cursor=cursor, limit=limit)


async def add_crew(scope: Scope, given: CrewCreate) -> CrewView:
    """Make a crew without members or hours."""
    async with records.writing(scope):
        return await records.add_inside(scope, CREW, scope.require_firm(), records.as_values(given), rules.crew)


async def change_crew(scope: Scope, crew: UUID, given: CrewUpdate, *, version: str | None = None) -> CrewView:
    """Change a crew; one that no longer works is set to not active."""
    return await records.change(scope, CREW, crew, given, rules.crew, version=version)


async def remove_crew(scope: Scope, crew: UUID) -> None:
    """Remove a crew without members, hours and history."""
    await records.remove(scope, CREW, crew)


async def set_week(scope: Scope, crew: UUID, shifts: Sequence[ShiftInput], *, version: str | None = None) -> CrewView:
    """Write a crew's weekly hours in place of the old ones; weekdays that are not named are free."""
    faults = rules.week(shifts)
    if faults:
        raise InvalidInput("the week cannot be stored like this", faults=faults)
    async with records.writing(scope):
        old = await records.locked(CREW, crew, version)
        await queries.replace_week(old.firm, crew, shifts)
        await audit(old.firm, scope.account, "crew.week_changed", str(crew))
        return await records.get_inside(CREW, crew)


async def members(scope: Scope, crew: UUID) -> list[MemberView]:
    """Return all memberships of a crew, past ones too, by first day."""
    async with database.tx(scope):
        await records.get_inside(CREW, crew)
        return await queries.some(MEMBER, clock.now(), [Condition("t.crew = {}", crew)])


async def add_member(scope: Scope, crew: UUID, given: MemberCreate) -> MemberView:
    """Let a technician join a crew.

    Raises
    ------
    NotFound
        If the scope sees no such crew or technician.
    Conflict
        If the crew or the technician is not active.
    InvalidInput
        If the technician is in a crew on one of these days.
    """
    async with records.writing(scope):
        team = await records.get_inside(CREW, crew)
        await records.same_firm(TECHNICIAN, given.technician, team.firm)
        person = await records.locked(TECHNICIAN, given.technician, None)  # one membership of a technician at a time
        if not (person.active and team.active):
            raise Conflict("the technician and the crew must be active")
        values = {"crew": crew} | records.as_values(given)
        return await records.add_inside(scope, MEMBER, team.firm, values, rules.membership, before=_in_one_crew(None))


async def change_member(scope: Scope, member: UUID, given: MemberUpdate, *, version: str | None = None) -> MemberView:
    """Change the days of a membership."""
    return await records.change(
        scope, MEMBER, member, given, rules.membership, version=version, keep=("technician",), before=_in_one_crew(member)
    )


async def remove_member(scope: Scope, member: UUID) -> None:
    """Remove a membership that was entered by mistake; one that is over gets a last day instead."""
    await records.remove(scope, MEMBER, member)


def _in_one_crew(member: UUID | None) -> records.Before:
    async def look(_firm: UUID, values: dict[str, Any]) -> list[Fault]:
        reason = "the technician is in a crew from {day}: end that membership first"
        return await _overlap("crew_member", values, member, reason)

    return look


def _absent_once(absence: UUID | None) -> records.Before:
    async def look(_firm: UUID, values: dict[str, Any]) -> list[Fault]:
        reason = "the technician is already absent from {day}: change that absence"
        return await _overlap("absence", values, absence, reason)

    return look


async def _overlap(table: str, values: dict[str, Any], but: UUID | None, reason: str) -> list[Fault]:
    """Return the fault that another row of the technician shares a day; the technician is locked until the end."""
    starts_on, ends_on = values["starts_on"], values["ends_on"]
    if ends_on is not None and ends_on < starts_on:
        return []  # the rule of the kind says so
    await queries.lock(TECHNICIAN, values["technician"])
    day = await queries.overlapping(table, values["technician"], starts_on, ends_on, but)
    return [] if day is None else [Fault.of("starts_on", starts_on.isoformat(), reason, day=str(day))]


async def absences(
    scope: Scope,
    *,
    technician: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    firm: UUID | None = None,
    text: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[AbsenceView]:
    """Return absences by first day: those with a day in [since, until]."""
    wanted = [] if technician is None else [Condition("t.technician = {}", technician)]
    wanted += [] if since is None else [Condition("t.ends_on >= {}", since)]
    wanted += [] if until is None else [Condition("t.starts_on <= {}", until)]
    return await records.listing(scope, ABSENCE, wanted, text=text, firm=firm, cursor=cursor, limit=limit)


async def absence(scope: Scope, absence: UUID) -> AbsenceView:
    """Return an absence."""
    return await records.get(scope, ABSENCE, absence)


async def add_absence(scope: Scope, technician: UUID, given: AbsenceCreate) -> AbsenceView:
    """Enter days on which a technician does not work."""
    async with records.writing(scope):
        firm = (await records.get_inside(TECHNICIAN, technician)).firm
        values = {"technician": technician} | records.as_values(given)
        return await records.add_inside(scope, ABSENCE, firm, values, rules.absence, before=_absent_once(None))


async def change_absence(scope: Scope, absence: UUID, given: AbsenceUpdate, *, version: str | None = None) -> AbsenceView:
    """Change an absence."""
    return await records.change(
        scope, ABSENCE, absence, given, rules.absence, version=version, keep=("technician",), before=_absent_once(absence)
    )


async def remove_absence(scope: Scope, absence: UUID) -> None:
    """Remove an absence."""
    await records.remove(scope, ABSENCE, absence)


async def set_up_crews(scope: Scope, crews: Sequence[CrewSetup]) -> list[CrewView]:
    """Make many crews with members, certificates and weekly hours in one transaction: a firm's first day, or a demonstration.

    Certificates that have expired are taken as they are.

    Raises
    ------
    InvalidInput
        With the faults of the first thing that has any.
    """
    firm = scope.require_firm()
    made: list[CrewView] = []
    async with records.writing(scope):
        for given in crews:
            values = {name: getattr(given, name) for name in ("name", "base_lat", "base_lon", "area")}
            new = await records.add_inside(scope, CREW, firm, values, rules.crew)
            faults = rules.week(given.shifts)
            if faults:
                raise InvalidInput("the week cannot be stored like this", faults=faults)
            await queries.replace_week(firm, new.id, given.shifts)
            for person in given.members:
                await _set_up_technician(scope, firm, new.id, given.members_since, person)
            made.append(await records.get_inside(CREW, new.id))
    return made


async def _set_up_technician(scope: Scope, firm: UUID, crew: UUID, since: date, given: TechnicianSetup) -> None:
    values = {name: getattr(given, name) for name in ("name", "badge", "phone", "skills")}
    person = await records.add_inside(scope, TECHNICIAN, firm, values, rules.technician, before=_no_owners_number)
    for certificate in given.certificates:
        values = {"technician": person.id} | records.as_values(certificate)
        await records.add_inside(scope, CERTIFICATE, firm, values, rules.certificate)
    row = {"id": uuid4(), "firm": firm, "crew": crew, "technician": person.id, "starts_on": since}
    await queries.insert("crew_member", row)
