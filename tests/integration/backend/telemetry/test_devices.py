"""Devices and their keys."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.errors import Conflict, InvalidInput, NotFound
from backend.scope import SYSTEM, Role, Scope, of_firm
from backend.telemetry import service
from tests.integration.backend.telemetry.conftest import CODE, NOW, device_scope, record, value
from tests.support.factory import Factory


async def test_a_device_is_known_by_its_key_which_is_not_stored(firm_scope: Scope, elevator: UUID) -> None:
    device, key = await service.add_device(firm_scope, elevator, "monitor-1", {"trips": 65_536})
    assert key.startswith("lrd_")
    scope = await service.authenticate_device(key)
    assert scope == Scope(role=Role.DEVICE, firm=firm_scope.firm, device=device.id)
    assert (device.registration_code, device.widths, device.active) == (CODE, {"trips": 65_536}, True)
    assert await value("SELECT count(*) FROM device WHERE key_hash = $1 OR device::text LIKE '%' || $1 || '%'", key) == 0


@pytest.mark.parametrize("key", ["", "lrd_", "lrd_wrong", "\x00", "\ud800", "lrd_" + "x" * 100_000])
async def test_a_wrong_key_is_nobody_s(firm_scope: Scope, elevator: UUID, key: str) -> None:
    await service.add_device(firm_scope, elevator, "monitor-1")
    assert await service.authenticate_device(key) is None


async def test_a_new_key_ends_the_old_one(firm_scope: Scope, elevator: UUID) -> None:
    device, old = await service.add_device(firm_scope, elevator, "monitor-1")
    _, new = await service.rotate_key(firm_scope, device.id)
    assert await service.authenticate_device(old) is None
    assert await service.authenticate_device(new) is not None


async def test_a_device_that_is_switched_on_again_has_its_key(firm_scope: Scope, elevator: UUID) -> None:
    device, key = await service.add_device(firm_scope, elevator, "monitor-1")
    assert (await service.switch_device(firm_scope, device.id, active=False)).active is False
    assert await service.authenticate_device(key) is None
    await service.switch_device(firm_scope, device.id, active=True)
    assert await service.authenticate_device(key) is not None


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a+b", "a#", "$SYS", "a b", "x" * 65, "a\nb"])
async def test_a_name_that_is_no_level_of_a_topic_is_refused(firm_scope: Scope, elevator: UUID, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await service.add_device(firm_scope, elevator, name)
    assert [fault.path for fault in refused.value.faults] == ["name"]


async def test_all_faults_of_a_device_are_told_at_once(firm_scope: Scope, elevator: UUID) -> None:
    with pytest.raises(InvalidInput) as refused:
        await service.add_device(firm_scope, elevator, "a/b", {"tirps": 5, "trips": 1, "run_s": 2**63})
    assert [fault.path for fault in refused.value.faults] == ["name", "widths.tirps", "widths.trips", "widths.run_s"]


async def test_a_name_is_one_device_s_within_a_firm(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    device, _ = await service.add_device(firm_scope, elevator, "monitor-1")
    second, _ = await service.add_device(firm_scope, elevator, "monitor-2")
    with pytest.raises(Conflict):
        await service.add_device(firm_scope, elevator, "monitor-1")
    with pytest.raises(Conflict):
        await service.change_device(firm_scope, second.id, name="monitor-1")
    assert (await service.change_device(firm_scope, device.id, name="monitor-1")).name == "monitor-1"
    other = await factory.firm()
    await service.add_device(of_firm(other), None, "monitor-1")


async def test_another_firm_s_elevators_and_devices_do_not_exist(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    device, _ = await service.add_device(firm_scope, elevator, "monitor-1")
    other = of_firm(await factory.firm())
    with pytest.raises(NotFound):
        await service.add_device(other, elevator, "spy")
    with pytest.raises(NotFound):
        await service.switch_device(other, device.id, active=False)
    with pytest.raises(NotFound):
        await service.rotate_key(other, device.id)
    with pytest.raises(NotFound):
        await service.device(other, device.id)
    assert (await service.list_devices(other)).rows == []


async def test_a_device_belongs_to_a_firm(elevator: UUID) -> None:
    with pytest.raises(InvalidInput):
        await service.add_device(SYSTEM, elevator, "monitor-1")


async def test_devices_come_in_pages_by_name(firm_scope: Scope, elevator: UUID) -> None:
    for n in (3, 1, 2):
        await service.add_device(firm_scope, elevator, f"monitor-{n}")
    first = await service.list_devices(firm_scope, limit=2)
    second = await service.list_devices(firm_scope, limit=2, cursor=first.next_cursor)
    assert [device.name for device in [*first.rows, *second.rows]] == ["monitor-1", "monitor-2", "monitor-3"]
    assert second.next_cursor is None


async def test_a_device_that_spoke_was_seen(firm_scope: Scope, elevator: UUID) -> None:
    device, _ = await service.add_device(firm_scope, elevator, "monitor-1")
    assert device.last_seen_at is None
    await service.ingest(device_scope(firm_scope.require_firm(), device.id), [record(1, 30, 5)])
    assert (await service.device(firm_scope, device.id)).last_seen_at == NOW


async def test_what_managers_do_to_devices_is_in_the_audit_trail(firm_scope: Scope, elevator: UUID) -> None:
    device, _ = await service.add_device(firm_scope, elevator, "monitor-1")
    await service.rotate_key(firm_scope, device.id)
    await service.switch_device(firm_scope, device.id, active=False)
    await service.note_counter_base(firm_scope, elevator, counter="trips")
    told = await value("SELECT string_agg(action, ' ' ORDER BY at, action) FROM audit_event")
    assert set(told.split()) == {"device.added", "device.key_rotated", "device.changed", "counter.replaced"}
