"""The register as others see it: firms, owners, sites, elevators, contracts; crews and technicians stand in `workforce`.

A row's `version` changes with every write; an update that names the version it was made from is refused with `Outdated` if
somebody else wrote in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from uuid import UUID

from backend.paging import DEFAULT_LIMIT
from backend.registry.inputs import *  # noqa: F403
from backend.registry.views import *  # noqa: F403
from backend.scope import Scope


async def firm(scope: Scope, firm: UUID) -> FirmView:
    """Return a firm."""
    raise NotImplementedError


async def elevator(scope: Scope, elevator: UUID) -> ElevatorView:
    """Return an elevator."""
    raise NotImplementedError


async def find_elevator(scope: Scope, text: str) -> ElevatorView:
    """Return the elevator with this id, registration code or (if only one has it) rescue code.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If there are several.
    """
    raise NotImplementedError


async def elevators(
    scope: Scope, wanted: ElevatorFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ElevatorView]:
    """Return elevators by registration code."""
    raise NotImplementedError


async def add_elevator(scope: Scope, given: ElevatorCreate) -> ElevatorView:
    raise NotImplementedError


async def change_elevator(scope: Scope, elevator: UUID, given: ElevatorUpdate, *, version: str | None = None) -> ElevatorView:
    raise NotImplementedError


async def remove_elevator(scope: Scope, elevator: UUID) -> None:
    raise NotImplementedError


async def set_week(scope: Scope, crew: UUID, shifts: Sequence[ShiftInput]) -> CrewView:
    """Replace a crew's weekly hours."""
    raise NotImplementedError


async def set_up_crews(scope: Scope, crews: Sequence[CrewSetup]) -> list[CrewView]:
    """Make many crews with members, certificates and shifts in one transaction."""
    raise NotImplementedError


async def owner(scope: Scope, owner: UUID) -> OwnerView:
    raise NotImplementedError


async def owners(
    scope: Scope, *, text: str | None = None, firm: UUID | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[OwnerView]:
    raise NotImplementedError


async def add_owner(scope: Scope, given: OwnerCreate) -> OwnerView:
    raise NotImplementedError


async def change_owner(scope: Scope, owner: UUID, given: OwnerUpdate, *, version: str | None = None) -> OwnerView:
    raise NotImplementedError


async def remove_owner(scope: Scope, owner: UUID) -> None:
    raise NotImplementedError


async def site(scope: Scope, site: UUID) -> SiteView:
    raise NotImplementedError


async def sites(
    scope: Scope, *, text: str | None = None, firm: UUID | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[SiteView]:
    raise NotImplementedError


async def add_site(scope: Scope, given: SiteCreate) -> SiteView:
    raise NotImplementedError


async def change_site(scope: Scope, site: UUID, given: SiteUpdate, *, version: str | None = None) -> SiteView:
    raise NotImplementedError


async def remove_site(scope: Scope, site: UUID) -> None:
    raise NotImplementedError


async def contract(scope: Scope, contract: UUID) -> ContractView:
    raise NotImplementedError


async def contracts(
    scope: Scope, *, text: str | None = None, firm: UUID | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ContractView]:
    raise NotImplementedError


async def add_contract(scope: Scope, given: ContractCreate) -> ContractView:
    raise NotImplementedError


async def change_contract(scope: Scope, contract: UUID, given: ContractUpdate, *, version: str | None = None) -> ContractView:
    raise NotImplementedError


async def remove_contract(scope: Scope, contract: UUID) -> None:
    raise NotImplementedError


async def technician(scope: Scope, technician: UUID) -> TechnicianView:
    raise NotImplementedError


async def technicians(
    scope: Scope, *, text: str | None = None, firm: UUID | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[TechnicianView]:
    raise NotImplementedError


async def add_technician(scope: Scope, given: TechnicianCreate) -> TechnicianView:
    raise NotImplementedError


async def change_technician(
    scope: Scope, technician: UUID, given: TechnicianUpdate, *, version: str | None = None
) -> TechnicianView:
    raise NotImplementedError


async def remove_technician(scope: Scope, technician: UUID) -> None:
    raise NotImplementedError


async def crew(scope: Scope, crew: UUID) -> CrewView:
    raise NotImplementedError


async def crews(
    scope: Scope, *, text: str | None = None, firm: UUID | None = None, cursor: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[CrewView]:
    raise NotImplementedError


async def add_crew(scope: Scope, given: CrewCreate) -> CrewView:
    raise NotImplementedError


async def change_crew(scope: Scope, crew: UUID, given: CrewUpdate, *, version: str | None = None) -> CrewView:
    raise NotImplementedError


async def remove_crew(scope: Scope, crew: UUID) -> None:
    raise NotImplementedError
