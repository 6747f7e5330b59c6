"""What was not accepted is replayed after its cause was put right: taken once, never lost, its outcome shown."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from backend.errors import InvalidInput, NotFound
from backend.people import service as people
from backend.scope import SYSTEM, Role, Scope, of_firm
from backend.telemetry import mqtt_batch, service
from backend.telemetry.messages import parse_body
from backend.telemetry.mqtt_batch import Incoming
from backend.telemetry.views import RejectedFilter, RejectedView, ReplayResult
from tests.integration.backend.telemetry.conftest import NOW, device_scope, hours, record
from tests.support.factory import Factory

ALL = RejectedFilter()


@pytest.fixture
async def device(firm_scope: Scope, elevator: UUID) -> UUID:
    made, _key = await service.add_device(firm_scope, elevator, "monitor-1")
    return made.id


def outcome(done: ReplayResult) -> tuple[int, int, int]:
    return done.accepted, done.duplicates, done.rejected


async def kept(scope: Scope, state: str | None = "open") -> list[RejectedView]:
    return (await service.rejected_records(scope, RejectedFilter(state=state))).rows


async def test_a_jump_is_taken_once_the_replaced_counter_is_noted(firm_scope: Scope, elevator: UUID, device: UUID) -> None:
    asker = device_scope(firm_scope.require_firm(), device)
    await service.ingest(asker, [record(1, 30, 1000), record(2, 90, 9_000_000), record(3, 150, 1040)])
    [line] = await kept(firm_scope)
    assert outcome(await service.replay(firm_scope, [line.id])) == (0, 0, 1)

    await service.note_counter_base(firm_scope, elevator, at=NOW.replace(hour=1), note="new board")
    await service.note_counter_base(firm_scope, elevator, at=NOW.replace(hour=2), note="and back")
    done = await service.replay(firm_scope, [line.id])

    assert outcome(done) == (1, 0, 0)
    assert await kept(firm_scope) == []
    assert sum(row[5] for row in await hours(elevator)) == 3  # readings


async def test_a_replay_is_done_once_however_often_it_is_asked_for(
    firm_scope: Scope, factory: Factory, elevator: UUID, device: UUID
) -> None:
    asker = device_scope(firm_scope.require_firm(), device)
    await service.ingest(asker, [record(1, 30, 1000)])
    await service.ingest(of_firm(firm_scope.require_firm()), [record(2, 90, 1040) | {"elevator": "LATER"}])
    [line] = await kept(firm_scope)
    later = await factory.elevator(firm_scope.require_firm(), registration_code="LATER")

    assert outcome(await service.replay(firm_scope, ALL)) == (1, 0, 0)
    assert outcome(await service.replay(firm_scope, [line.id])) == (0, 1, 0)
    assert outcome(await service.replay(firm_scope, ALL)) == (0, 0, 0)

    assert [row[5] for row in await hours(later)] == [1]
    [taken] = await kept(firm_scope, "taken")
    assert (taken.id, taken.replays, taken.replayed_at) == (line.id, 1, NOW)


async def test_what_is_still_rejected_shows_the_reason_of_now_and_keeps_that_of_then(firm_scope: Scope, elevator: UUID) -> None:
    scope = of_firm(firm_scope.require_firm())
    await service.ingest(scope, [record(1, 30, 1000)])
    await service.ingest(scope, [record(1, 30, 999_999_999)])
    [line] = await kept(firm_scope)

    done = await service.replay(firm_scope, ALL)

    assert [one.outcome for one in done.lines] == ["rejected"]
    [after] = await kept(firm_scope)
    assert (after.id, after.template, after.replays) == (line.id, line.template, 1)
    assert after.now_template == done.lines[0].template
    [reason] = await service.reason_counts(firm_scope)
    assert (reason.template, reason.records) == (after.now_template, 1)


async def test_a_record_sent_twice_is_one_line_and_taken_once(firm_scope: Scope, factory: Factory) -> None:
    scope = of_firm(firm_scope.require_firm())
    for _ in range(2):
        await service.ingest(scope, [record(2, 90, 1040) | {"elevator": "LATER"}])
    made = await factory.elevator(firm_scope.require_firm(), registration_code="LATER")
    await service.replay(firm_scope, ALL)
    assert await kept(firm_scope) == []
    [row] = await kept(firm_scope, "taken")

    assert (row.times, len(await hours(made))) == (2, 1)


async def test_a_whole_reason_or_a_selection_is_replayed_and_nothing_else(firm_scope: Scope, factory: Factory) -> None:
    scope = of_firm(firm_scope.require_firm())
    await service.ingest(scope, [record(n, n, 1000 + n) | {"elevator": "LATER"} for n in range(1, 6)])
    await service.ingest(scope, [record(9, 9, -1)])
    counted = {one.template: one.records for one in await service.reason_counts(firm_scope)}
    assert sorted(counted.values()) == [1, 5]
    of_elevator = next(template for template, records in counted.items() if records == 5)
    await factory.elevator(firm_scope.require_firm(), registration_code="LATER")

    assert outcome(await service.replay(firm_scope, RejectedFilter(template=of_elevator))) == (5, 0, 0)
    [left] = await kept(firm_scope)
    assert (left.field, left.replays) == ("counters.trips", 0)


async def test_a_record_too_long_to_be_shown_is_replayed_as_a_whole(firm_scope: Scope, factory: Factory) -> None:
    scope = of_firm(firm_scope.require_firm())
    events = [{"code": f"liftrounds:door_close_fault-{n}", "at": (NOW.timestamp() - n) * 1000 // 1} for n in range(300)]
    await service.ingest(scope, [record(1, 30, 1000, events=events) | {"elevator": "LATER"}])
    [line] = await kept(firm_scope)
    assert len(str(line.body)) <= 4000
    made = await factory.elevator(firm_scope.require_firm(), registration_code="LATER")

    assert outcome(await service.replay(firm_scope, ALL)) == (1, 0, 0)
    page = await service.elevator_events(firm_scope, made, limit=1000)
    assert len(page.rows) == 300


async def test_a_message_to_a_device_that_did_not_exist_is_nobodys_until_it_does(
    firm_scope: Scope, elevator: UUID, factory: Factory
) -> None:
    other = of_firm(await factory.firm())
    body = json.dumps({"records": [record(1, 30, 1000), record(2, 90, -5)]}).encode()
    await mqtt_batch.take([Incoming("liftrounds/v1/late-monitor/telemetry", body)], require_key=False)
    [line] = await kept(SYSTEM)
    assert (line.firm, line.topic, line.whole) == (None, "liftrounds/v1/late-monitor/telemetry", True)
    assert await kept(firm_scope) == []
    assert outcome(await service.replay(firm_scope, [line.id])) == (0, 0, 0)  # a manager sees nothing of it
    assert outcome(await service.replay(SYSTEM, [line.id])) == (0, 0, 1)
    assert (await kept(SYSTEM))[0].now_template == "no active device is called {device}"

    await service.add_device(firm_scope, elevator, "late-monitor")
    assert outcome(await service.replay(SYSTEM, [line.id])) == (1, 0, 0)

    assert len(await hours(elevator)) == 1
    [rest] = await kept(firm_scope)  # the record that is wrong in itself stands on its own now, with its firm
    assert (rest.field, rest.whole, rest.body) == ("counters.trips", False, record(2, 90, -5))
    assert await kept(other) == []
    assert outcome(await service.replay(SYSTEM, [line.id])) == (0, 1, 0)


async def test_a_body_that_is_no_batch_is_kept_and_stays_rejected(firm_scope: Scope, device: UUID) -> None:
    asker = device_scope(firm_scope.require_firm(), device)
    with pytest.raises(InvalidInput) as refused:
        parse_body(b'{"records": 7')
    await service.keep_message(asker, b'{"records": 7', refused.value, source="http")

    [line] = await kept(firm_scope)
    assert (line.whole, line.device, line.field) == (True, device, "message")
    assert outcome(await service.replay(firm_scope, ALL)) == (0, 0, 1)
    assert len(await kept(firm_scope)) == 1


async def test_a_device_that_is_switched_off_is_named_as_the_cause(firm_scope: Scope, device: UUID) -> None:
    asker = device_scope(firm_scope.require_firm(), device)
    await service.ingest(asker, [record(1, 30, -1)])
    await service.switch_device(firm_scope, device, active=False)

    done = await service.replay(firm_scope, ALL)

    assert (done.lines[0].field, outcome(done)) == ("device", (0, 0, 1))
    assert len(await kept(firm_scope)) == 1


async def test_replays_are_in_the_audit_trail_of_their_firm(firm_scope: Scope, factory: Factory) -> None:
    account = await factory.row("account", firm=firm_scope.require_firm(), role="manager", name="m", password_hash="-")
    asker = Scope(role=Role.MANAGER, firm=firm_scope.require_firm(), account=account)
    await service.ingest(of_firm(firm_scope.require_firm()), [record(1, 30, -1)])
    [line] = await kept(firm_scope)
    await service.replay(asker, ALL)

    [told] = (await people.trail(asker, action="records.replayed")).events
    assert told.account == account
    assert told.detail == {"accepted": 0, "duplicates": 0, "rejected": 1, "ids": [line.id]}


async def test_another_firms_are_neither_seen_nor_replayed(firm_scope: Scope, factory: Factory) -> None:
    await service.ingest(of_firm(firm_scope.require_firm()), [record(1, 30, -1)])
    [line] = await kept(firm_scope)
    foreign = of_firm(await factory.firm())

    assert outcome(await service.replay(foreign, [line.id])) == (0, 0, 0)
    assert outcome(await service.replay(foreign, ALL)) == (0, 0, 0)
    with pytest.raises(NotFound):
        await service.rejected_record(foreign, line.id)
    assert (await service.rejected_record(firm_scope, line.id)).replays == 0


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, 3), ({"source": "http"}, 3), ({"source": "mqtt"}, 0), ({"adapter": ""}, 3), ({"adapter": "thingsboard"}, 0),
        ({"text": "monitor-1"}, 2), ({"text": "LATER"}, 1), ({"state": "taken"}, 0), ({"nobodys": True}, 0),
    ],
)  # fmt: skip
async def test_the_list_is_filtered(firm_scope: Scope, device: UUID, wanted: dict[str, Any], found: int) -> None:
    asker = device_scope(firm_scope.require_firm(), device)
    await service.ingest(asker, [record(1, 30, -1), record(2, 30, -2)])
    await service.ingest(of_firm(firm_scope.require_firm()), [record(1, 30, 1) | {"elevator": "LATER"}])

    assert len((await service.rejected_records(firm_scope, RejectedFilter(**wanted))).rows) == found


async def test_a_filter_that_means_nothing_is_refused(firm_scope: Scope) -> None:
    with pytest.raises(InvalidInput) as refused:
        await service.rejected_records(firm_scope, RejectedFilter(state="lost"))
    assert [fault.path for fault in refused.value.faults] == ["state"]


async def test_a_message_of_another_format_is_read_anew_by_its_devices_dialect_of_now(
    firm_scope: Scope, factory: Factory
) -> None:
    body = json.dumps({"ts": int(NOW.timestamp() * 1000) - 60_000, "values": {"trips": 1000}}).encode()
    topic = "liftrounds/v1/tb-1/telemetry/thingsboard"
    await mqtt_batch.take([Incoming(topic, body)], require_key=False)
    [line] = await kept(SYSTEM)
    assert (line.adapter, line.topic, line.whole, line.firm) == ("thingsboard", topic, True, None)
    made = await factory.elevator(firm_scope.require_firm(), registration_code="31103310020000000888")
    await service.add_device(firm_scope, made, "tb-1")

    assert outcome(await service.replay(SYSTEM, [line.id])) == (1, 0, 0)
    assert outcome(await service.replay(SYSTEM, [line.id])) == (0, 1, 0)
    assert len(await hours(made)) == 1
