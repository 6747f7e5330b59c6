"""The register as others see it: firms, owners, sites, contracts, elevators; who works (crews, technicians) is in `workforce`.

A row's `version` changes with every write: an update that names the version it was made from is refused with `Outdated` if
somebody wrote in between. Somebody who sees every firm (an admin) adds things with the scope that `acting_for` gives.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from msgspec import UNSET, structs

from backend import database
from backend.errors import Conflict, Fault, NotAllowed, NotFound
from backend.jobs.service import enqueue
from backend.paging import DEFAULT_LIMIT
from backend.people.service import audit
from backend.registry import owner_numbers, queries, records, rules, state_queries
from backend.registry.inputs import (
    ContractCreate,
    ContractUpdate,
    ElevatorCreate,
    ElevatorFilter,
    ElevatorUpdate,
    FirmCreate,
    FirmUpdate,
    OwnerCreate,
    OwnerUpdate,
    SiteCreate,
    SiteUpdate,
)
from backend.registry.kind_queries import CONTRACT, ELEVATOR, FIRM, OWNER, SITE
from backend.registry.queries import Condition
from backend.registry.views import ContractView, ElevatorView, FirmView, OwnerView, Page, SiteView, State
from backend.registry.workforce import (
    absence,
    absences,
    add_absence,
    add_certificate,
    add_crew,
    add_member,
    add_technician,
    change_absence,
    change_certificate,
    change_crew,
    change_member,
    change_technician,
    crew,
    crews,
    members,
    remove_absence,
    remove_certificate,
    remove_crew,
    remove_member,
    remove_technician,
    set_up_crews,
    set_week,
    technician,
    technicians,
)
from backend.scope import Role, Scope

__all__ = [
    "absence", "absences", "acting_for", "add_absence", "add_certificate", "add_contract", "add_crew", "add_elevator",
    "add_firm", "add_member", "add_owner", "add_site", "add_technician", "change_absence", "change_certificate",
    "change_contract", "change_crew", "change_elevator", "change_firm", "change_member", "change_owner", "change_site",
    "change_technician", "contract", "contracts", "crew", "crews", "elevator", "elevators", "find_elevator", "firm",
    "firms", "members", "owner", "owners", "remove_absence", "remove_certificate", "remove_contract", "remove_crew",
    "remove_elevator", "remove_member", "remove_owner", "remove_site", "remove_technician", "set_up_crews", "set_week",
    "site", "sites", "technician", "technicians",
]  # fmt: skip


async def acting_for(scope: Scope, firm: UUID | None) -> Scope:
    """Return the scope in which an admin writes into a firm; everybody else writes into their own.

    Raises
    ------
    NotFound
        If there is no such firm, or it is not the asker's.
    """
    if firm is None or firm == scope.firm:
        return scope
    await records.get(scope, FIRM, firm)
    return structs.replace(scope, firm=firm)


async def firm(scope: Scope, firm: UUID) -> FirmView:
    """Return a firm."""
    return await records.get(scope, FIRM, firm)


async def firms(
    scope: Scope, *, text: str | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[FirmView]:
    """Return the firms that the scope sees, by name: one for a manager, all for an admin."""
    return await records.listing(scope, FIRM, (), text=text, firm=None, cursor=cursor, limit=limit)


async def add_firm(scope: Scope, given: FirmCreate) -> FirmView:
    """Make a firm; only an admin may.

    Raises
    ------
    NotAllowed
        For anybody else.
    """
    if scope.role is not Role.ADMIN or scope.firm is not None:
        raise NotAllowed("only an admin makes firms")
    values = rules.tidy(records.as_values(given))
    row = uuid4()
    async with records.writing(scope):
        records.refuse(rules.firm(values, rules.LAST_DAY))
        await queries.insert("firm", {"id": row} | values)
        await audit(row, scope.account, "firm.created", str(row))
        return await records.get_inside(FIRM, row)


async def change_firm(scope: Scope, firm: UUID, given: FirmUpdate, *, version: str | None = None) -> FirmView:
    """Change a firm; its credit class and licence decide on on-demand maintenance, so due windows are computed anew."""

    async def no_owners_number(_firm: UUID, values: dict[str, Any]) -> list[Fault]:
        if given.phone_24h is UNSET:
            return []
        return await owner_numbers.faults_of_staff_inside(firm, values["phone_24h"], path="phone_24h")

    return await records.change(
        scope, FIRM, firm, given, rules.firm, version=version, before=no_owners_number, after=_windows_of_firm
    )


async def _windows_of_firm(new: FirmView) -> None:
    await _recompute(new.id, await queries.elevators_of("firm", new.id))


async def owner(scope: Scope, owner: UUID) -> OwnerView:
    """Return an owner."""
    return await records.get(scope, OWNER, owner)


async def owners(
    scope: Scope,
    *,
    text: str | None = None,
    firm: UUID | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[OwnerView]:
    """Return owners by name; `text` is part of the name, the safety officer's name or the phone."""
    return await records.listing(scope, OWNER, (), text=text, firm=firm, cursor=cursor, limit=limit)


async def add_owner(scope: Scope, given: OwnerCreate) -> OwnerView:
    """Make an owner."""
    async with records.writing(scope):
        firm = scope.require_firm()
        new = await records.add_inside(scope, OWNER, firm, records.as_values(given), rules.owner, before=_owners_own_number)
        await owner_numbers.note_inside(firm, scope.account, new.id)
        return new


async def _owners_own_number(_firm: UUID, values: dict[str, Any]) -> list[Fault]:
    return await owner_numbers.faults_of_owner_inside(values["phone"])


async def change_owner(scope: Scope, owner: UUID, given: OwnerUpdate, *, version: str | None = None) -> OwnerView:
    """Change an owner; a number that is replaced is noted, and gets no one-time passwords for a day."""

    async def own_number(firm: UUID, values: dict[str, Any]) -> list[Fault]:
        await owner_numbers.note_standing_inside(firm, owner)
        return [] if given.phone is UNSET else await owner_numbers.faults_of_owner_inside(values["phone"])

    async def noted(new: OwnerView) -> None:
        await owner_numbers.note_inside(new.firm, scope.account, owner)

    return await records.change(scope, OWNER, owner, given, rules.owner, version=version, before=own_number, after=noted)


async def remove_owner(scope: Scope, owner: UUID) -> None:
    """Remove an owner without sites and contracts."""
    await records.remove(scope, OWNER, owner, first=lambda: owner_numbers.forget_inside(owner))


async def site(scope: Scope, site: UUID) -> SiteView:
    """Return a site."""
    return await records.get(scope, SITE, site)


async def sites(
    scope: Scope,
    *,
    text: str | None = None,
    firm: UUID | None = None,
    owner: UUID | None = None,
    district: str | None = None,
    without_position: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[SiteView]:
    """Return sites by name; `text` is part of the name, code, address, district or owner's name."""
    wanted = _equal({"t.owner": owner, "t.district": district})
    if without_position:
        wanted.append(Condition("(t.lat IS NULL OR t.lon IS NULL) = {0}", True))
    return await records.listing(scope, SITE, wanted, text=text, firm=firm, cursor=cursor, limit=limit)


async def add_site(scope: Scope, given: SiteCreate) -> SiteView:
    """Make a site; without a code its name is its code."""
    values = records.as_values(given)
    values["code"] = values["code"].strip() or values["name"]
    async with records.writing(scope):
        return await records.add_inside(scope, SITE, scope.require_firm(), values, rules.site, before=_site_refers)


async def change_site(scope: Scope, site: UUID, given: SiteUpdate, *, version: str | None = None) -> SiteView:
    """Change a site; its district and use decide on due windows, which are computed anew."""
    return await records.change(
        scope, SITE, site, given, rules.site, version=version, before=_site_refers, after=_windows_of_site
    )


async def _site_refers(firm: UUID, values: dict[str, Any]) -> list[Fault]:
    await records.same_firm(OWNER, values["owner"], firm)
    return []


async def _windows_of_site(new: SiteView) -> None:
    await _recompute(new.firm, await queries.elevators_of("site", new.id))


async def remove_site(scope: Scope, site: UUID) -> None:
    """Remove a site without elevators."""
    await records.remove(scope, SITE, site)


async def contract(scope: Scope, contract: UUID) -> ContractView:
    """Return a contract."""
    return await records.get(scope, CONTRACT, contract)


async def contracts(
    scope: Scope,
    *,
    text: str | None = None,
    firm: UUID | None = None,
    owner: UUID | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[ContractView]:
    """Return contracts by number; `text` is part of the number or the owner's name."""
    return await records.listing(scope, CONTRACT, _equal({"t.owner": owner}), text=text, firm=firm, cursor=cursor, limit=limit)


async def add_contract(scope: Scope, given: ContractCreate) -> ContractView:
    """Make a contract."""
    async with records.writing(scope):
        firm = scope.require_firm()
        return await records.add_inside(
            scope, CONTRACT, firm, records.as_values(given), rules.contract, before=_contract_refers
        )


async def change_contract(scope: Scope, contract: UUID, given: ContractUpdate, *, version: str | None = None) -> ContractView:
    """Change a contract; consent, insurance and end decide on on-demand maintenance, so due windows are computed anew."""
    return await records.change(
        scope, CONTRACT, contract, given, rules.contract, version=version, before=_contract_refers,
        after=_windows_of_contract,
    )  # fmt: skip


async def _contract_refers(firm: UUID, values: dict[str, Any]) -> list[Fault]:
    await records.same_firm(OWNER, values["owner"], firm)
    return []


async def _windows_of_contract(new: ContractView) -> None:
    await _recompute(new.firm, await queries.elevators_of("contract", new.id))


async def remove_contract(scope: Scope, contract: UUID) -> None:
    """Remove a contract under which no elevator stands."""
    await records.remove(scope, CONTRACT, contract)


async def elevator(scope: Scope, elevator: UUID) -> ElevatorView:
    """Return an elevator."""
    return await records.get(scope, ELEVATOR, elevator)


async def find_elevator(scope: Scope, text: str) -> ElevatorView:
    """Return the elevator with this id, registration code or rescue code.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If there are several: two firms may know one registration code, and rescue codes are not unique everywhere.
    """
    text = text.strip()
    async with database.tx(scope):
        try:
            found = [UUID(text)] if len(text) >= 32 else []
        except ValueError:
            found = []
        found = found or await queries.elevators_called(text)
        if not found:
            raise NotFound("there is no elevator with the id, registration code or rescue code {text}", text=text[:60])
        if len(found) > 1:
            raise Conflict("several elevators have the code {text}: use the id of one of them", text=text[:60])
        return await records.get_inside(ELEVATOR, found[0])


async def elevators(
    scope: Scope, wanted: ElevatorFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ElevatorView]:
    """Return elevators by registration code."""
    conditions = _equal(
        {
            "t.site": wanted.site, "s.owner": wanted.owner, "t.contract": wanted.contract, "s.district": wanted.district,
            "t.mode": wanted.mode, "t.state": wanted.state, "t.equipment_type": wanted.equipment_type,
        }
    )  # fmt: skip
    if wanted.inspection_until is not None:
        conditions.append(Condition("t.inspection_due_on <= {0}", wanted.inspection_until))
    if wanted.without_label:
        active = "EXISTS (SELECT FROM label l WHERE l.elevator = t.id AND l.state = 'active' AND l.zone = '')"
        conditions.append(Condition(f"({active}) <> {{0}}", True))
    return await records.listing(scope, ELEVATOR, conditions, text=wanted.text, firm=wanted.firm, cursor=cursor, limit=limit)


async def add_elevator(scope: Scope, given: ElevatorCreate) -> ElevatorView:
    """Make an elevator; its due window is computed."""
    values = records.as_values(given)
    values["rule_pack"] = values["rule_pack"].strip() or rules.USUAL_PACK[given.mode]
    async with records.writing(scope):
        firm = scope.require_firm()
        new = await records.add_inside(scope, ELEVATOR, firm, values, rules.elevator, before=_elevator_refers)
        await _recompute(firm, [new.id])
        return new


async def change_elevator(scope: Scope, elevator: UUID, given: ElevatorUpdate, *, version: str | None = None) -> ElevatorView:
    """Change an elevator; its due window is computed anew. A change of mode alone takes the usual pack of the new mode."""
    return await records.change(
        scope, ELEVATOR, elevator, given, rules.elevator, version=version, adjust=_usual_pack, before=_elevator_refers,
        after=_window_of_elevator,
    )  # fmt: skip


def _usual_pack(old: ElevatorView, given: ElevatorUpdate) -> ElevatorUpdate:
    if given.mode is UNSET or given.mode is old.mode or given.rule_pack is not UNSET:
        return given
    return structs.replace(given, rule_pack=rules.USUAL_PACK[given.mode])


async def _elevator_refers(firm: UUID, values: dict[str, Any]) -> list[Fault]:
    await records.same_firm(SITE, values["site"], firm)
    await records.same_firm(CONTRACT, values["contract"], firm)
    return []


async def _window_of_elevator(new: ElevatorView) -> None:
    if new.state is State.IN_USE and (count := await state_queries.open_stop_use(new.id)):
        raise Conflict("close the stop-use findings first: {count} are open", count=count)
    await _recompute(new.firm, [new.id])


async def remove_elevator(scope: Scope, elevator: UUID) -> None:
    """Remove an elevator that was entered by mistake; one with a history is set to the state `scrapped` instead."""
    await records.remove(scope, ELEVATOR, elevator)


def _equal(values: dict[str, Any]) -> list[Condition]:
    return [Condition(f"{column} = {{}}", value) for column, value in values.items() if value is not None]


async def _recompute(firm: UUID, elevators: list[UUID]) -> None:
    """Have due windows computed anew after the transaction under way."""
    if elevators:
        await enqueue("due_windows", {"firm": firm, "elevators": elevators})
