"""Things of the register are added, read, changed and removed, inside one firm, with all faults at once."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from backend import database
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound, Outdated
from backend.registry import service as registry
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
from backend.registry.views import Hours, Mode, SiteKind, State
from backend.scope import SYSTEM, Scope, of_firm
from tests.support.factory import Factory


def paths(error: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {fault.path for fault in error.value.faults}


async def jobs() -> int:
    async with database.tx(SYSTEM):
        return int(await database.fetch_value("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'due_windows'"))


async def test_an_owner_is_added_changed_and_removed(firm_scope: Scope) -> None:
    made = await registry.add_owner(firm_scope, OwnerCreate(name="  台州第一医院 ", phone="0576-88660000"))
    assert (made.name, made.sites, made.elevators) == ("台州第一医院", 0, 0)
    changed = await registry.change_owner(firm_scope, made.id, OwnerUpdate(safety_officer="王安全"))
    assert (changed.name, changed.safety_officer, changed.phone) == ("台州第一医院", "王安全", "0576-88660000")
    assert changed.version != made.version
    await registry.remove_owner(firm_scope, made.id)
    with pytest.raises(NotFound):
        await registry.owner(firm_scope, made.id)


async def test_a_change_made_from_an_older_version_is_refused(firm_scope: Scope) -> None:
    made = await registry.add_owner(firm_scope, OwnerCreate(name="A"))
    await registry.change_owner(firm_scope, made.id, OwnerUpdate(phone="123456"), version=made.version)
    with pytest.raises(Outdated):
        await registry.change_owner(firm_scope, made.id, OwnerUpdate(phone="654321"), version=made.version)
    assert (await registry.owner(firm_scope, made.id)).phone == "123456"


async def test_a_change_that_changes_nothing_keeps_the_version(firm_scope: Scope) -> None:
    made = await registry.add_owner(firm_scope, OwnerCreate(name="A"))
    assert await registry.change_owner(firm_scope, made.id, OwnerUpdate(name=" A ")) == made


async def test_a_name_that_is_taken_is_a_conflict(firm_scope: Scope) -> None:
    await registry.add_owner(firm_scope, OwnerCreate(name="A"))
    with pytest.raises(Conflict, match="owner of this name"):
        await registry.add_owner(firm_scope, OwnerCreate(name="A"))


async def test_what_is_referred_to_is_not_removed(factory: Factory, firm_scope: Scope) -> None:
    site = await factory.site(firm_scope.require_firm())
    await factory.elevator(firm_scope.require_firm(), site=site)
    with pytest.raises(Conflict, match="elevator"):
        await registry.remove_site(firm_scope, site)


async def test_all_faults_of_a_site_are_told_at_once(firm_scope: Scope) -> None:
    given = SiteCreate(name=" ", lat=91, lon=None, address="x" * 5000, access_hours=[Hours(9, 8)])
    with pytest.raises(InvalidInput) as refused:
        await registry.add_site(firm_scope, given)
    assert paths(refused) == {"name", "code", "lat", "lon", "address", "access_hours[0]"}


async def test_a_site_is_known_by_its_name_where_it_has_no_code(firm_scope: Scope) -> None:
    owner = await registry.add_owner(firm_scope, OwnerCreate(name="A"))
    site = await registry.add_site(
        firm_scope,
        SiteCreate(name="阳光花园", owner=owner.id, kind=SiteKind.RESIDENTIAL, access_hours=[Hours(0, 3600)]),
    )
    assert (site.code, site.owner_name, site.kind, site.access_hours) == ("阳光花园", "A", "residential", [Hours(0, 3600)])
    changed = await registry.change_site(firm_scope, site.id, SiteUpdate(lat=28.6, lon=121.4, owner=None, access_hours=[]))
    assert (changed.lat, changed.owner, changed.owner_name, changed.access_hours) == (28.6, None, "", [])


async def test_another_firm_s_things_do_not_exist(factory: Factory, firm_scope: Scope) -> None:
    other = await factory.firm()
    elevator, owner = await factory.elevator(other), await factory.owner(other)
    for refused in (
        registry.elevator(firm_scope, elevator),
        registry.change_elevator(firm_scope, elevator, ElevatorUpdate(bank="A")),
        registry.remove_elevator(firm_scope, elevator),
        registry.add_site(firm_scope, SiteCreate(name="x", owner=owner)),
        registry.firm(firm_scope, other),
        registry.acting_for(firm_scope, other),
    ):
        with pytest.raises(NotFound):
            await refused


async def test_an_admin_cannot_tie_two_firms_together(factory: Factory) -> None:
    mine, other = await factory.firm(), await factory.firm()
    site, owner = await factory.site(mine), await factory.owner(other)
    with pytest.raises(NotFound):
        await registry.change_site(SYSTEM, site, SiteUpdate(owner=owner))


async def test_an_admin_adds_for_a_firm_and_nobody_adds_for_none(factory: Factory) -> None:
    firm = await factory.firm()
    made = await registry.add_owner(await registry.acting_for(SYSTEM, firm), OwnerCreate(name="A"))
    assert made.firm == firm
    with pytest.raises(InvalidInput, match="one firm"):
        await registry.add_owner(SYSTEM, OwnerCreate(name="A"))


async def test_only_an_admin_makes_firms(db: str, firm_scope: Scope) -> None:
    made = await registry.add_firm(SYSTEM, FirmCreate(name="新维保"))
    assert (made.time_zone, made.rescue_phone) == ("Asia/Shanghai", "96333")
    with pytest.raises(NotAllowed):
        await registry.add_firm(firm_scope, FirmCreate(name="x"))
    with pytest.raises(InvalidInput) as refused:
        await registry.add_firm(SYSTEM, FirmCreate(name="", time_zone="Mars/Base", credit_class="E", phone_24h="call me"))
    assert paths(refused) == {"name", "time_zone", "credit_class", "phone_24h"}
    assert {row.name for row in (await registry.firms(SYSTEM)).rows} >= {"新维保"}
    assert [row.id for row in (await registry.firms(firm_scope)).rows] == [firm_scope.firm]


async def test_a_firm_s_change_computes_its_windows_anew(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    await factory.elevator(firm)
    changed = await registry.change_firm(firm_scope, firm, FirmUpdate(credit_class="C"))
    assert changed.credit_class == "C"
    assert await jobs() == 1


async def test_a_contract_s_days_are_in_order(factory: Factory, firm_scope: Scope) -> None:
    owner = await factory.owner(firm_scope.require_firm())
    given = ContractCreate(owner=owner, number="HT-1", starts_on=date(2026, 1, 1), ends_on=date(2025, 1, 1))
    with pytest.raises(InvalidInput) as refused:
        await registry.add_contract(firm_scope, given)
    assert paths(refused) == {"ends_on"}
    made = await registry.add_contract(firm_scope, ContractCreate(owner=owner, number="HT-1", starts_on=date(2026, 1, 1)))
    with pytest.raises(InvalidInput) as refused:
        await registry.change_contract(
            firm_scope,
            made.id,
            ContractUpdate(on_demand_consent_on=date(2026, 2, 2), on_demand_withdrawn_on=date(2026, 2, 1)),
        )
    assert paths(refused) >= {"on_demand_withdrawn_on"}
    assert (await registry.contracts(firm_scope, owner=owner)).rows == [made]
    await registry.remove_contract(firm_scope, made.id)


async def test_an_elevator_is_added_with_the_usual_pack_and_found_by_its_codes(factory: Factory, firm_scope: Scope) -> None:
    site = await factory.site(firm_scope.require_firm())
    given = ElevatorCreate(site=site, registration_code="31103310022018050001", rescue_code="031234", stops=18)
    made = await registry.add_elevator(firm_scope, given)
    assert (made.rule_pack, made.mode, made.state, made.stops) == ("cn-fixed-15", "fixed", "in_use", 18)
    assert await jobs() == 1
    for text in (str(made.id), " 31103310022018050001 ", "031234"):
        assert (await registry.find_elevator(firm_scope, text)).id == made.id
    with pytest.raises(NotFound):
        await registry.find_elevator(firm_scope, "nowhere")
    changed = await registry.change_elevator(firm_scope, made.id, ElevatorUpdate(mode=Mode.ON_DEMAND))
    assert changed.rule_pack == "cn-on-demand-30"
    await registry.remove_elevator(firm_scope, made.id)


async def test_a_rescue_code_of_two_elevators_finds_none_of_them(factory: Factory, firm_scope: Scope) -> None:
    for _ in range(2):
        await factory.elevator(firm_scope.require_firm(), rescue_code="111111")
    with pytest.raises(Conflict, match="several"):
        await registry.find_elevator(firm_scope, "111111")


async def test_all_faults_of_an_elevator_are_told_at_once(factory: Factory, firm_scope: Scope) -> None:
    site = await factory.site(firm_scope.require_firm())
    given = ElevatorCreate(
        site=site, registration_code="电梯", rescue_code="x y", equipment_type="rocket", rated_load_kg=1, travel_mm=1,
        inspected_on=date(2020, 1, 2), inspection_due_on=date(2020, 1, 1), rule_pack="none", skills=["a", "a"],
        item_exclusions={"Z-1": "no such part", "A-1-05": ""}, extra={"": "x"}, monitored_since=date(2190, 1, 1),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        await registry.add_elevator(firm_scope, given)
    assert paths(refused) == {
        "registration_code", "rescue_code", "equipment_type", "rated_load_kg", "travel_mm", "inspection_due_on", "rule_pack",
        "skills", "item_exclusions", "extra", "monitored_since",
    }  # fmt: skip


async def test_pages_hold_every_elevator_once_in_order(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    site = await factory.site(firm, name="长途汽车站", district="Luqiao")
    made = {await factory.elevator(firm, site=site) for _ in range(7)}
    await factory.elevator(firm, state=State.STOPPED)
    seen: list[UUID] = []
    cursor = None
    while True:
        page = await registry.elevators(firm_scope, ElevatorFilter(text="汽车", district="Luqiao"), cursor=cursor, limit=3)
        assert page.total == 7
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made
    stopped = await registry.elevators(firm_scope, ElevatorFilter(state=State.STOPPED))
    assert [row.state for row in stopped.rows] == ["stopped"]


async def test_a_search_takes_percent_and_underscore_as_they_are(firm_scope: Scope) -> None:
    await registry.add_owner(firm_scope, OwnerCreate(name="100% 物业"))
    await registry.add_owner(firm_scope, OwnerCreate(name="1000 物业"))
    assert [row.name for row in (await registry.owners(firm_scope, text="100%")).rows] == ["100% 物业"]
    assert (await registry.owners(firm_scope, text="_")).rows == []


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwgImIiXQ", "é", ""])
async def test_a_cursor_of_another_list_is_refused(firm_scope: Scope, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        await registry.owners(firm_scope, cursor=cursor)


async def test_a_page_has_a_possible_size(firm_scope: Scope) -> None:
    for limit in (0, 1001):
        with pytest.raises(InvalidInput, match="size"):
            await registry.owners(firm_scope, limit=limit)


async def test_every_change_is_in_the_audit_trail(factory: Factory) -> None:
    firm = await factory.firm()
    scope = of_firm(firm)
    made = await registry.add_owner(scope, OwnerCreate(name="A"))
    await registry.change_owner(scope, made.id, OwnerUpdate(phone="123456"))
    await registry.remove_owner(scope, made.id)
    async with database.tx(scope):
        rows = await database.fetch("SELECT action, subject FROM audit_event ORDER BY at, action")
    assert sorted(row["action"] for row in rows) == ["owner.changed", "owner.created", "owner.removed"]
    assert {row["subject"] for row in rows} == {str(made.id)}
