"""The register: firms, owners, sites, contracts, elevators. Lists come in pages; things that two people edit carry an ETag."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.params import QueryParameter

from backend.paging import DEFAULT_LIMIT
from backend.registry import service
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
from backend.registry.views import ContractView, ElevatorView, FirmView, Mode, OwnerView, Page, SiteView, State
from backend.scope import Role
from mobile_api.inputs import Asker, FromPath, FromQuery, JSONBody
from mobile_api.security import OFFICE, OFFICE_READERS
from mobile_api.tags import IfMatch, tagged, version_in

ADMIN = (Role.ADMIN,)
Text = Annotated[str | None, QueryParameter(name="q", description="Part of a name, code, address, phone.")]
ForFirm = Annotated[UUID | None, QueryParameter(name="firm", description="Whose: for those who see every firm.")]
WantedState = Annotated[State | None, QueryParameter(name="state")]
"""`?state=`; the name itself is taken by Litestar."""


@get("/api/v1/firms", roles=OFFICE_READERS)
async def firms(
    asker: Asker, text: Text = None, cursor: FromQuery[str | None] = None, limit: FromQuery[int] = DEFAULT_LIMIT
) -> Page[FirmView]:
    """List the firms that you see, by name."""
    return await service.firms(asker, text=text, cursor=cursor, limit=limit)


@post("/api/v1/firms", roles=ADMIN)
async def add_firm(asker: Asker, data: JSONBody[FirmCreate]) -> Response[FirmView]:
    """Make a firm."""
    return tagged(await service.add_firm(asker, data))


@get("/api/v1/firms/{id:uuid}", roles=OFFICE_READERS)
async def firm(asker: Asker, id: FromPath[UUID]) -> Response[FirmView]:
    """Return a firm."""
    return tagged(await service.firm(asker, id))


@patch("/api/v1/firms/{id:uuid}", roles=OFFICE)
async def change_firm(
    asker: Asker, id: FromPath[UUID], data: JSONBody[FirmUpdate], if_match: IfMatch = None
) -> Response[FirmView]:
    """Change a firm; fields that are left out stay."""
    return tagged(await service.change_firm(asker, id, data, version=version_in(if_match)))


@get("/api/v1/owners", roles=OFFICE_READERS)
async def owners(
    asker: Asker,
    text: Text = None,
    of_firm: ForFirm = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[OwnerView]:
    """List owners (使用单位) by name."""
    return await service.owners(asker, text=text, firm=of_firm, cursor=cursor, limit=limit)


@post("/api/v1/owners", roles=OFFICE)
async def add_owner(asker: Asker, data: JSONBody[OwnerCreate], of_firm: ForFirm = None) -> Response[OwnerView]:
    """Make an owner."""
    return tagged(await service.add_owner(await service.acting_for(asker, of_firm), data))


@get("/api/v1/owners/{id:uuid}", roles=OFFICE_READERS)
async def owner(asker: Asker, id: FromPath[UUID]) -> Response[OwnerView]:
    """Return an owner."""
    return tagged(await service.owner(asker, id))


@patch("/api/v1/owners/{id:uuid}", roles=OFFICE)
async def change_owner(
    asker: Asker, id: FromPath[UUID], data: JSONBody[OwnerUpdate], if_match: IfMatch = None
) -> Response[OwnerView]:
    """Change an owner; fields that are left out stay."""
    return tagged(await service.change_owner(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/owners/{id:uuid}", roles=OFFICE)
async def remove_owner(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove an owner without sites and contracts."""
    await service.remove_owner(asker, id)


@get("/api/v1/sites", roles=OFFICE_READERS)
async def sites(
    asker: Asker,
    text: Text = None,
    of_firm: ForFirm = None,
    owner: FromQuery[UUID | None] = None,
    district: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[SiteView]:
    """List sites by name."""
    return await service.sites(asker, text=text, firm=of_firm, owner=owner, district=district, cursor=cursor, limit=limit)


@post("/api/v1/sites", roles=OFFICE)
async def add_site(asker: Asker, data: JSONBody[SiteCreate], of_firm: ForFirm = None) -> Response[SiteView]:
    """Make a site."""
    return tagged(await service.add_site(await service.acting_for(asker, of_firm), data))


@get("/api/v1/sites/{id:uuid}", roles=OFFICE_READERS)
async def site(asker: Asker, id: FromPath[UUID]) -> Response[SiteView]:
    """Return a site."""
    return tagged(await service.site(asker, id))


@patch("/api/v1/sites/{id:uuid}", roles=OFFICE)
async def change_site(
    asker: Asker, id: FromPath[UUID], data: JSONBody[SiteUpdate], if_match: IfMatch = None
) -> Response[SiteView]:
    """Change a site; fields that are left out stay."""
    return tagged(await service.change_site(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/sites/{id:uuid}", roles=OFFICE)
async def remove_site(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a site without elevators."""
    await service.remove_site(asker, id)


@get("/api/v1/contracts", roles=OFFICE_READERS)
async def contracts(
    asker: Asker,
    text: Text = None,
    of_firm: ForFirm = None,
    owner: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[ContractView]:
    """List contracts by number."""
    return await service.contracts(asker, text=text, firm=of_firm, owner=owner, cursor=cursor, limit=limit)


@post("/api/v1/contracts", roles=OFFICE)
async def add_contract(asker: Asker, data: JSONBody[ContractCreate], of_firm: ForFirm = None) -> Response[ContractView]:
    """Make a contract."""
    return tagged(await service.add_contract(await service.acting_for(asker, of_firm), data))


@get("/api/v1/contracts/{id:uuid}", roles=OFFICE_READERS)
async def contract(asker: Asker, id: FromPath[UUID]) -> Response[ContractView]:
    """Return a contract."""
    return tagged(await service.contract(asker, id))


@patch("/api/v1/contracts/{id:uuid}", roles=OFFICE)
async def change_contract(
    asker: Asker, id: FromPath[UUID], data: JSONBody[ContractUpdate], if_match: IfMatch = None
) -> Response[ContractView]:
    """Change a contract; consent, insurance and end decide on on-demand maintenance."""
    return tagged(await service.change_contract(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/contracts/{id:uuid}", roles=OFFICE)
async def remove_contract(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove a contract under which no elevator stands."""
    await service.remove_contract(asker, id)


@get("/api/v1/elevators", roles=OFFICE_READERS)
async def elevators(
    asker: Asker,
    text: Text = None,
    of_firm: ForFirm = None,
    site: FromQuery[UUID | None] = None,
    owner: FromQuery[UUID | None] = None,
    contract: FromQuery[UUID | None] = None,
    district: FromQuery[str | None] = None,
    mode: FromQuery[Mode | None] = None,
    elevator_state: WantedState = None,
    equipment_type: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = DEFAULT_LIMIT,
) -> Page[ElevatorView]:
    """List elevators by registration code."""
    wanted = ElevatorFilter(
        text=text, firm=of_firm, site=site, owner=owner, contract=contract, district=district, mode=mode,
        state=elevator_state, equipment_type=equipment_type,
    )  # fmt: skip
    return await service.elevators(asker, wanted, cursor=cursor, limit=limit)


@post("/api/v1/elevators", roles=OFFICE)
async def add_elevator(asker: Asker, data: JSONBody[ElevatorCreate], of_firm: ForFirm = None) -> Response[ElevatorView]:
    """Make an elevator; its due window is computed."""
    return tagged(await service.add_elevator(await service.acting_for(asker, of_firm), data))


@get("/api/v1/elevators/{id:uuid}", roles=OFFICE_READERS)
async def elevator(asker: Asker, id: FromPath[UUID]) -> Response[ElevatorView]:
    """Return an elevator."""
    return tagged(await service.elevator(asker, id))


@patch("/api/v1/elevators/{id:uuid}", roles=OFFICE)
async def change_elevator(
    asker: Asker, id: FromPath[UUID], data: JSONBody[ElevatorUpdate], if_match: IfMatch = None
) -> Response[ElevatorView]:
    """Change an elevator; its due window is computed anew."""
    return tagged(await service.change_elevator(asker, id, data, version=version_in(if_match)))


@delete("/api/v1/elevators/{id:uuid}", roles=OFFICE)
async def remove_elevator(asker: Asker, id: FromPath[UUID]) -> None:
    """Remove an elevator that was entered by mistake; one with a history is set to `scrapped` instead."""
    await service.remove_elevator(asker, id)


HANDLERS: list[Any] = [
    firms, add_firm, firm, change_firm,
    owners, add_owner, owner, change_owner, remove_owner,
    sites, add_site, site, change_site, remove_site,
    contracts, add_contract, contract, change_contract, remove_contract,
    elevators, add_elevator, elevator, change_elevator, remove_elevator,
]  # fmt: skip
