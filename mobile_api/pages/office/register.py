"""Owners, sites, contracts and elevators in the office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from backend import clock
from backend.confirmations import service as confirmations
from backend.registry import service as registry
from backend.registry.inputs import (
    ContractCreate,
    ContractUpdate,
    ElevatorCreate,
    ElevatorFilter,
    ElevatorUpdate,
    OwnerCreate,
    OwnerUpdate,
    SiteCreate,
    SiteUpdate,
)
from backend.registry.values import read_hours, read_pairs, read_words
from backend.registry.views import ContractView, ElevatorView, Hours, Mode, OwnerView, Sector, SiteKind, SiteView, State
from backend.scope import Scope
from backend.upkeep.service import rule_packs
from mobile_api.pages.account import client_name
from mobile_api.pages.office.base import is_id, time_zone_of
from mobile_api.pages.office.kinds import Kind, converted, handlers_for
from mobile_api.pages.render import as_form, clock_time
from planner.intervals.items import EQUIPMENT_TYPES

INSPECTION_DAYS = 30
"""An inspection within this many days is near."""

CHOICES = 1_000
"""Lines of a list to choose from."""


async def _owners(asker: Scope, query: Mapping[str, str], cursor: str | None, limit: int) -> Any:
    return await registry.owners(asker, text=query.get("text") or None, cursor=cursor, limit=limit)


async def _of_owner(asker: Scope, owner: OwnerView | None) -> dict[str, Any]:
    if owner is None:
        return {}
    return {
        "sites": await registry.sites(asker, owner=owner.id, limit=100),
        "contracts": await registry.contracts(asker, owner=owner.id, limit=100),
        "phones": await confirmations.known_phones(asker, owner.id),
        "client_name": client_name,
    }


OWNERS = Kind(
    name="owner", path="/office/owners", create=OwnerCreate, update=OwnerUpdate, find=registry.owner, listing=_owners,
    add=registry.add_owner, change=registry.change_owner, remove=registry.remove_owner, more=_of_owner,
)  # fmt: skip


async def _sites(asker: Scope, query: Mapping[str, str], cursor: str | None, limit: int) -> Any:
    return await registry.sites(
        asker, text=query.get("text") or None, owner=is_id(query.get("owner", "")), district=query.get("district") or None,
        without_position=bool(query.get("position")), cursor=cursor, limit=limit,
    )  # fmt: skip


async def _of_site(asker: Scope, site: SiteView | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "owners": await registry.owners(asker, limit=CHOICES),
        "site_kinds": [kind.value for kind in SiteKind],
        "sectors": [sector.value for sector in Sector],
    }
    if site is not None:
        found["elevators"] = await registry.elevators(asker, ElevatorFilter(site=site.id), limit=CHOICES)
    return found


def _hours_as_text(hours: list[Hours]) -> str:
    return "; ".join(f"{clock_time(span.from_s)}-{clock_time(span.to_s)}" for span in hours)


SITES = Kind(
    name="site", path="/office/sites", create=SiteCreate, update=SiteUpdate, find=registry.site, listing=_sites,
    add=registry.add_site, change=registry.change_site, remove=registry.remove_site, more=_of_site,
    convert=converted({"access_hours": read_hours}),
    as_texts=lambda site: as_form(site) | {"access_hours": _hours_as_text(site.access_hours)},
)  # fmt: skip


async def _contracts(asker: Scope, query: Mapping[str, str], cursor: str | None, limit: int) -> Any:
    return await registry.contracts(
        asker, text=query.get("text") or None, owner=is_id(query.get("owner", "")), cursor=cursor, limit=limit
    )


async def _of_contract(asker: Scope, contract: ContractView | None) -> dict[str, Any]:
    found: dict[str, Any] = {"owners": await registry.owners(asker, limit=CHOICES)}
    if contract is not None:
        found["elevators"] = await registry.elevators(asker, ElevatorFilter(contract=contract.id), limit=CHOICES)
    return found


CONTRACTS = Kind(
    name="contract", path="/office/contracts", create=ContractCreate, update=ContractUpdate, find=registry.contract,
    listing=_contracts, add=registry.add_contract, change=registry.change_contract, remove=registry.remove_contract,
    more=_of_contract,
)  # fmt: skip


def _one_of(kind: Any, text: str) -> Any:
    """Return a word of an address as a choice, None where it is none."""
    return kind(text) if text in set(kind) else None


async def _in_days(asker: Scope, days: int) -> date:
    return clock.today(await time_zone_of(asker)) + timedelta(days=days)


async def _elevators(asker: Scope, query: Mapping[str, str], cursor: str | None, limit: int) -> Any:
    wanted = ElevatorFilter(
        text=query.get("text") or None, district=query.get("district") or None, mode=_one_of(Mode, query.get("mode", "")),
        state=_one_of(State, query.get("state", "")), site=is_id(query.get("site", "")), owner=is_id(query.get("owner", "")),
        inspection_until=await _in_days(asker, INSPECTION_DAYS) if query.get("inspection") else None,
        without_label=bool(query.get("without_label")),
    )  # fmt: skip
    return await registry.elevators(asker, wanted, cursor=cursor, limit=limit)


async def _of_elevator(asker: Scope, elevator: ElevatorView | None) -> dict[str, Any]:
    owner = elevator.owner if elevator else None
    return {
        "sites": await registry.sites(asker, owner=owner, limit=CHOICES),
        "contracts": await registry.contracts(asker, owner=owner, limit=CHOICES),
        "equipment_types": EQUIPMENT_TYPES,
        "packs": rule_packs(),
    }


def _elevator_as_texts(elevator: ElevatorView) -> dict[str, str]:
    return as_form(elevator) | {
        "skills": "; ".join(elevator.skills),
        "item_exclusions": "\n".join(f"{code}: {reason}" for code, reason in sorted(elevator.item_exclusions.items())),
    }


ELEVATORS = Kind(
    name="elevator_form", path="/office/elevators", create=ElevatorCreate, update=ElevatorUpdate, find=registry.elevator,
    listing=_elevators, add=registry.add_elevator, change=registry.change_elevator, remove=registry.remove_elevator,
    more=_of_elevator, convert=converted({"skills": read_words, "item_exclusions": read_pairs}), as_texts=_elevator_as_texts,
    edit="/edit",
)  # fmt: skip

HANDLERS: list[Any] = [handler for kind in (OWNERS, SITES, CONTRACTS, ELEVATORS) for handler in handlers_for(kind)]
