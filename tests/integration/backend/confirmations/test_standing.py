"""Whose number may sign: never that of those who did the work, and none that was entered to suit a visit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend import clock, database
from backend.confirmations import service
from backend.confirmations.limits import COOLING
from backend.confirmations.views import Bar, Opened, State
from backend.errors import InvalidInput
from backend.jobs import owner_number_replaced
from backend.registry import service as registry
from backend.registry.importer import import_elevators
from backend.registry.inputs import FirmUpdate, OwnerCreate, OwnerUpdate, TechnicianCreate, TechnicianUpdate
from backend.scope import SYSTEM
from backend.settings import Settings
from tests.support.confirming import NUMBER, finished_with_code, give_number, proved
from tests.support.factory import Factory, insert
from tests.support.visits import Workplace, value


async def opened(settings: Settings, code: str) -> Opened:
    return await service.opened(settings, code, [])


async def execute(sql: str, *args: object) -> None:
    async with database.tx(SYSTEM):
        await database.execute(sql, *args)


async def test_an_elevator_without_an_owner_has_nobody_to_sign(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await execute("UPDATE site SET owner = NULL WHERE id = $1", place.site)
    assert (await opened(settings, code)).bar is Bar.NO_OWNER


@pytest.mark.parametrize("number", ["", "96333"])
async def test_an_owner_without_a_number_of_their_own_cannot_sign(settings: Settings, place: Workplace, number: str) -> None:
    _visit, code = await finished_with_code(place)
    await give_number(place, number)
    assert (await opened(settings, code)).bar is Bar.NO_NUMBER


@pytest.mark.parametrize("written", ["13800138123", "+86 138-0013-8123", "0086 13800138123", "0576-88880001, 138 0013 8123"])
async def test_no_password_goes_to_a_number_that_a_technician_has(settings: Settings, place: Workplace, written: str) -> None:
    _visit, code = await finished_with_code(place)
    await execute("UPDATE technician SET phone = $2 WHERE id = $1", place.technician.technician, written)
    assert (await opened(settings, code)).bar is Bar.STAFF_NUMBER
    await service.send_password(settings, code, "192.0.2.7")
    assert await value("SELECT count(*) FROM message") == 0


async def test_technicians_of_other_firms_count_too(settings: Settings, place: Workplace, factory: Factory) -> None:
    _visit, code = await finished_with_code(place)
    other = await factory.firm()
    await factory.technician(other, phone=NUMBER)
    assert (await opened(settings, code)).bar is Bar.STAFF_NUMBER


async def test_no_password_goes_to_the_firms_number_or_to_one_of_a_managers_account(
    settings: Settings, place: Workplace
) -> None:
    _visit, code = await finished_with_code(place)
    await execute("UPDATE firm SET phone_24h = $2 WHERE id = $1", place.firm, NUMBER)
    assert (await opened(settings, code)).bar is Bar.STAFF_NUMBER
    await execute("UPDATE firm SET phone_24h = '' WHERE id = $1", place.firm)
    assert (await opened(settings, code)).state is State.ASK
    await insert("message_preference", firm=place.firm, account=place.manager.account, phone=NUMBER)
    assert (await opened(settings, code)).bar is Bar.STAFF_NUMBER


async def test_a_phone_signs_no_more_once_its_number_is_a_technicians(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    await execute("UPDATE technician SET phone = $2 WHERE id = $1", place.second.technician, NUMBER)
    assert (await service.opened(settings, code, [token])).bar is Bar.STAFF_NUMBER


async def test_the_register_refuses_a_staff_number_for_an_owner_and_says_whose_it_is(place: Workplace) -> None:
    await execute("UPDATE technician SET phone = '139 0000 7777' WHERE id = $1", place.technician.technician)
    name = await value("SELECT name FROM technician WHERE id = $1", place.technician.technician)
    with pytest.raises(InvalidInput) as refused:
        await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="+8613900007777"))
    assert [(fault.path, name in fault.reason) for fault in refused.value.faults] == [("phone", True)]
    with pytest.raises(InvalidInput):
        await registry.add_owner(place.manager, OwnerCreate(name="another", phone="13900007777"))
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(safety_officer="somebody else"))


async def test_the_register_refuses_an_owners_number_for_a_technician_or_the_firm(place: Workplace) -> None:
    technician = place.technician.technician
    assert technician is not None
    with pytest.raises(InvalidInput) as refused:
        await registry.change_technician(place.manager, technician, TechnicianUpdate(phone=NUMBER))
    assert refused.value.faults[0].path == "phone"
    with pytest.raises(InvalidInput):
        await registry.add_technician(place.manager, TechnicianCreate(name="new", badge="T-new", phone=NUMBER))
    with pytest.raises(InvalidInput) as refused:
        await registry.change_firm(place.manager, place.firm, FirmUpdate(phone_24h=NUMBER))
    assert refused.value.faults[0].path == "phone_24h"


async def test_an_import_refuses_the_row_with_a_staff_number(place: Workplace) -> None:
    await execute("UPDATE technician SET phone = '13900007777' WHERE id = $1", place.technician.technician)
    rows = "registration_code,site,owner,owner_phone\n{},A,Owner A,139 0000 7777\n{},B,Owner B,138 1111 2222\n"
    data = rows.format("31103310020000000001", "31103310020000000002").encode()
    report = await import_elevators(place.manager, data, "r.csv")
    assert [(bad.row, bad.column) for bad in report.bad] == [(2, "owner_phone")]
    assert "maintains elevators" in report.bad[0].reason
    report = await import_elevators(place.manager, data, "r.csv", skip_bad=True)
    assert report.written
    assert await value("SELECT count(*) FROM owner WHERE phone = '139 0000 7777'") == 0


async def test_a_replaced_number_signs_only_after_a_day(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    start = clock.now()
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="13700137999"))
    found = await opened(settings, code)
    assert (found.state, found.bar, found.number_tail) == (State.BARRED, Bar.NEW_NUMBER, "999")
    assert found.from_when is not None
    assert abs(found.from_when - start - COOLING) < timedelta(minutes=1)
    await service.send_password(settings, code, "192.0.2.7")
    assert await value("SELECT count(*) FROM message_secret") == 0
    with clock.stopped_at(start + COOLING + timedelta(minutes=1)):
        assert (await opened(settings, code)).state is State.ASK
        await service.send_password(settings, code, "192.0.2.7")
        assert await value("SELECT phone FROM message WHERE secret") == "+8613700137999"


async def test_taking_a_number_out_first_is_no_way_around_the_day(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone=""))
    assert (await opened(settings, code)).bar is Bar.NO_NUMBER
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="13700137999"))
    assert (await opened(settings, code)).bar is Bar.NEW_NUMBER


async def test_a_number_put_back_waits_as_well(settings: Settings, place: Workplace) -> None:
    """Otherwise a manager could swap numbers for a minute and back without anybody noticing a break."""
    _visit, code = await finished_with_code(place)
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="13700137999"))
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone=NUMBER))
    assert (await opened(settings, code)).bar is Bar.NEW_NUMBER


async def test_another_writing_of_the_same_number_does_not_wait(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="+86 13800138123"))
    assert (await opened(settings, code)).state is State.ASK


async def test_a_first_number_for_an_elevator_long_in_the_register_waits_too(settings: Settings, place: Workplace) -> None:
    """And so does a new owner that the site was given to: nobody picks a number for the visit at hand."""
    _visit, code = await finished_with_code(place)
    await execute("UPDATE elevator SET created_at = now() - interval '90 days' WHERE id = $1", place.elevator)
    new = await registry.add_owner(place.manager, OwnerCreate(name="brand new", phone="13700137999"))
    await execute("UPDATE site SET owner = $2 WHERE id = $1", place.site, new.id)
    assert (await opened(settings, code)).bar is Bar.NEW_NUMBER


async def test_an_import_that_replaces_a_number_starts_the_day_as_well(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    elevator = await value("SELECT registration_code FROM elevator WHERE id = $1", place.elevator)
    owner = await value("SELECT name FROM owner WHERE id = $1", place.owner)
    data = f"registration_code,owner,owner_phone\n{elevator},{owner},13700137999\n".encode()
    report = await import_elevators(place.manager, data, "r.csv")
    assert report.written, report.bad
    assert (await opened(settings, code)).bar is Bar.NEW_NUMBER


async def test_a_replaced_number_ends_known_phones(settings: Settings, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    assert (await service.opened(settings, code, [token])).state is State.SIGN
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="13700137999"))
    with clock.stopped_at(clock.now() + COOLING + timedelta(minutes=1)):
        assert (await service.opened(settings, code, [token])).state is State.ASK


async def test_whoever_had_the_former_number_is_told_and_the_trail_names_the_manager(place: Workplace) -> None:
    await registry.change_owner(place.manager, place.owner, OwnerUpdate(phone="13700137999"))
    async with database.tx(SYSTEM):
        (event,) = await database.fetch("SELECT account, detail FROM audit_event WHERE action = 'owner.number_replaced'")
    assert (event["account"], event["detail"]) == (place.manager.account, {"before": "…123", "now": "…999"})
    change = await value("SELECT id FROM owner_number WHERE number = '13700137999'")
    payload = owner_number_replaced.Change(firm=place.firm, owner=place.owner, number=change)
    for _ in range(2):  # a job may run twice
        await owner_number_replaced.run(payload)
    assert await value("SELECT count(*) FROM message WHERE phone = '+8613800138123'") == 1
    told = await value("SELECT array_agg(account ORDER BY account) FROM message WHERE account IS NOT NULL")
    assert told == sorted([place.manager.account, place.owner_scope.account])  # type: ignore[type-var]
    text = await value("SELECT text_en FROM message WHERE phone <> ''")
    assert ("…999" in text, "13700137999" in text) == (True, False)


async def test_an_owner_with_a_number_can_still_be_removed(place: Workplace) -> None:
    made = await registry.add_owner(place.manager, OwnerCreate(name="short-lived", phone="13700137999"))
    await registry.remove_owner(place.manager, made.id)
    assert await value("SELECT count(*) FROM owner_number WHERE owner = $1", made.id) == 0
