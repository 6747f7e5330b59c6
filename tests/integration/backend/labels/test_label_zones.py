"""Labels of machine room, car top and pit through their life: made, claimed, moved, replaced, ended; one a place."""

from __future__ import annotations

import asyncio
import secrets
from uuid import UUID

import pytest

from backend import database
from backend.errors import Conflict, InvalidInput
from backend.labels import service
from backend.labels.views import LabelFilter, LabelState, LabelView, LabelZone
from backend.scope import Scope, of_firm
from qr import keys
from tests.support.factory import Factory
from tests.support.labels import audited

RING = keys.generate(secrets.token_bytes)
ZONES = (LabelZone.MACHINE_ROOM, LabelZone.CAR_TOP, LabelZone.PIT)
zones = pytest.mark.parametrize("zone", ZONES)


async def made(scope: Scope, zone: LabelZone, elevator: UUID | None = None) -> LabelView:
    [view] = await service.mint(scope, RING, 0 if elevator else 1, elevators=[elevator] if elevator else [], zone=zone)
    return view


async def zone_of(scope: Scope, label: LabelView) -> LabelZone:
    """The zone of what a code opens."""
    async with database.tx(of_firm(scope.require_firm())):
        return (await service.resolve_inside(RING, label.code or "", firm=scope.firm)).zone


async def test_an_elevator_has_one_label_a_place_and_all_of_them_open_it(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    labels = [await made(firm_scope, zone, elevator) for zone in LabelZone]
    assert [await zone_of(firm_scope, label) for label in labels] == list(LabelZone)
    for zone in LabelZone:
        with pytest.raises(InvalidInput):
            await made(firm_scope, zone, elevator)


@zones
async def test_a_blank_label_takes_the_zone_that_is_named_at_the_claim(
    factory: Factory, firm_scope: Scope, zone: LabelZone
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    blank = await made(firm_scope, LabelZone.CAR)
    claimed = await service.claim(firm_scope, RING, blank.code or "", elevator, zone)
    assert (claimed.zone, claimed.state) == (zone, LabelState.ACTIVE)
    assert await service.claim(firm_scope, RING, blank.code or "", elevator) == claimed, "the same again changes nothing"
    with pytest.raises(Conflict, match="another place"):
        await service.claim(firm_scope, RING, blank.code or "", elevator, LabelZone.CAR)
    second = await made(firm_scope, LabelZone.CAR)
    with pytest.raises(Conflict, match="already"):
        await service.claim(firm_scope, RING, second.code or "", elevator, zone)
    assert (await service.claim(firm_scope, RING, second.code or "", elevator)).zone is LabelZone.CAR


async def test_a_label_that_is_printed_for_a_zone_is_claimed_for_that_zone_only(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    pit = await made(firm_scope, LabelZone.PIT)
    for other in (LabelZone.CAR, LabelZone.CAR_TOP):
        with pytest.raises(Conflict, match="printed for another place"):
            await service.claim(firm_scope, RING, pit.code or "", elevator, other)
    assert (await service.claim(firm_scope, RING, pit.code or "", elevator)).zone is LabelZone.PIT


async def test_of_two_who_claim_two_labels_for_one_pit_at_once_one_is_refused(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    blanks = [await made(firm_scope, LabelZone.PIT) for _ in range(2)]
    done = await asyncio.gather(
        *(service.claim(firm_scope, RING, one.code or "", elevator) for one in blanks), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "LabelView"]


@zones
async def test_a_replacement_hangs_where_the_old_one_hung_and_the_car_s_label_stays(
    factory: Factory, firm_scope: Scope, zone: LabelZone
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    car, old = await made(firm_scope, LabelZone.CAR, elevator), await made(firm_scope, zone, elevator)
    new = await service.replace(firm_scope, RING, old.id)
    assert (new.zone, new.elevator) == (zone, elevator)
    plain = await made(firm_scope, LabelZone.CAR)
    again = await service.replace(firm_scope, RING, new.id, plain.code)
    assert (again.id, again.zone) == (plain.id, zone)
    assert (await service.label(firm_scope, RING, new.id)).replaced_by == plain.id
    with pytest.raises(Conflict):
        await service.replace(firm_scope, RING, again.id, car.code)
    assert (await service.label(firm_scope, RING, again.id)).state is LabelState.ACTIVE, "what is refused changes nothing"
    assert (await service.label(firm_scope, RING, car.id)).state is LabelState.ACTIVE


async def test_the_office_moves_a_label_with_an_audit_event_unless_another_one_hangs_there(
    factory: Factory, firm_scope: Scope
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    pit, room = [await made(firm_scope, zone, elevator) for zone in (LabelZone.PIT, LabelZone.MACHINE_ROOM)]
    with pytest.raises(Conflict, match="machine room already"):
        await service.set_zone(firm_scope, RING, pit.id, LabelZone.MACHINE_ROOM)
    moved = await service.set_zone(firm_scope, RING, pit.id, LabelZone.CAR_TOP)
    assert moved.zone is LabelZone.CAR_TOP
    assert await service.set_zone(firm_scope, RING, pit.id, LabelZone.CAR_TOP) == moved
    assert (await audited(pit.id)).count("label.zone_changed") == 1
    await service.revoke(firm_scope, RING, room.id, "torn off")
    with pytest.raises(Conflict, match="has ended"):
        await service.set_zone(firm_scope, RING, room.id, LabelZone.PIT)
    assert (await service.set_zone(firm_scope, RING, pit.id, LabelZone.MACHINE_ROOM)).zone is LabelZone.MACHINE_ROOM


async def test_second_labels_are_made_for_every_elevator_that_lacks_one_there_but_for_escalators(
    factory: Factory, firm_scope: Scope
) -> None:
    firm = firm_scope.require_firm()
    with_pit, without = await factory.elevator(firm), await factory.elevator(firm)
    escalator = await factory.elevator(firm, equipment_type="escalator_or_moving_walk")
    await made(firm_scope, LabelZone.PIT, with_pit)
    minted = await service.mint(firm_scope, RING, only_missing=True, zone=LabelZone.PIT)
    assert [label.elevator for label in minted] == [without]
    with pytest.raises(InvalidInput):
        await made(firm_scope, LabelZone.PIT, escalator)
    assert {label.elevator for label in await service.mint(firm_scope, RING, only_missing=True)} == {
        with_pit,
        without,
        escalator,
    }


async def test_a_batch_is_repeated_for_the_same_zone_only(firm_scope: Scope) -> None:
    first = await service.mint(firm_scope, RING, 3, zone=LabelZone.PIT)
    assert await service.mint(firm_scope, RING, 3, batch=first[0].batch, zone=LabelZone.PIT) == first
    with pytest.raises(Conflict, match="another zone"):
        await service.mint(firm_scope, RING, 3, batch=first[0].batch)


async def test_the_list_is_narrowed_to_a_zone(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    car, pit = await made(firm_scope, LabelZone.CAR, elevator), await made(firm_scope, LabelZone.PIT, elevator)
    for zone, label in ((LabelZone.CAR, car), (LabelZone.PIT, pit)):
        assert [row.id for row in await service.all_labels(firm_scope, RING, LabelFilter(zone=zone))] == [label.id]
    assert await service.labelled_elevators(firm_scope, RING) == [elevator], "notices are for the car"
