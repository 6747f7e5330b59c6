"""Foreign messages from bytes to what is stored: counted whatever the order, and accounted for to the last."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.scope import SYSTEM, Scope
from backend.telemetry import service
from backend.telemetry.adapters.reading import ADAPTERS
from backend.telemetry.periods import HOUR_S, Statement, hours_of
from tests.integration.backend.telemetry.conftest import NOW, device_scope, value

MIDNIGHT = NOW.replace(hour=0) - timedelta(days=2)


@pytest.fixture
async def box(firm_scope: Scope, elevator: UUID) -> Scope:
    made, _key = await service.add_device(firm_scope, elevator, "box-1")
    return device_scope(firm_scope.require_firm(), made.id)


def iso(seconds: int) -> str:
    return (MIDNIGHT + timedelta(seconds=seconds)).isoformat()


def statistics(one: Statement) -> dict[str, Any]:
    value = {"StartTime": iso(one.from_s), "EndTime": iso(one.to_s), "RunCount": one.growth, "RunMeters": 3 * one.growth}
    return {"Params": {"Value": value, "Time": (MIDNIGHT + timedelta(days=2, seconds=one.stated_us)).timestamp()}}


async def stored(elevator: UUID, table: str, unit: str) -> dict[Any, int]:
    async with database.tx(SYSTEM):
        rows = await database.fetch(
            f"SELECT {unit} AS at, u.delta FROM elevator_{table} h, unnest(h.counters, h.deltas) AS u (counter, delta)"
            " WHERE h.elevator = $1 AND u.counter = 'trips'",
            elevator,
        )
    return {row["at"]: row["delta"] for row in rows if row["delta"]}


@pytest.mark.parametrize("seed", range(4))
async def test_hours_and_days_of_periods_are_the_same_in_any_order_and_batches(box: Scope, elevator: UUID, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test may be foreseen
    told = []
    for number in range(24):
        begin = chance.randrange(0, 40) * 1800
        length = chance.choice([900, 1800, 3600, 7200, 36_000])
        told.append(Statement(begin, begin + length, chance.randrange(0, length // 30), number))
    sent = [*told, *told[:6]]
    chance.shuffle(sent)
    accepted = 0
    while sent:
        size = chance.randrange(1, 8)
        batch, sent = sent[:size], sent[size:]
        result = await service.ingest_foreign(box, "jtc340", json.dumps([statistics(one) for one in batch]).encode())
        assert not result.rejected
        accepted += result.accepted
    assert accepted == len({(one.from_s, one.to_s, one.growth) for one in told})
    expected = {hour: grown for hour, grown in hours_of(told, 0, 48 * HOUR_S).items() if grown}
    hours = await stored(elevator, "hour", "hour")
    assert {int((at - MIDNIGHT).total_seconds()) // HOUR_S: grown for at, grown in hours.items()} == expected
    days = await stored(elevator, "day", "day")
    assert sum(days.values()) == sum(expected.values())


async def test_the_boxes_own_examples_are_taken_years_later(box: Scope) -> None:
    value = {
        "StartTime": "2021/4/14 00:00:00", "EndTime": "2021/4/15 00:00:00", "DoorToggleCount": 100, "RunMins": 100,
        "RunMileage": 100, "RunCount": 100, "RunMeters": 300,
    }  # fmt: skip
    examples = [
        {"Version": 1.0, "Params": {"Value": value, "Time": 1524448722000}},
        {"Version": "1.0", "Params": {"Value": {"ErrorType": 1001, "ErrorTime": "2023-08-16 16:25:07"}, "Time": 1692167107}},
    ]
    result = await service.ingest_foreign(box, "jtc340", json.dumps(examples).encode())
    assert (result.accepted, result.rejected) == (2, [])


async def test_a_boxs_totals_begin_anew_at_zero(box: Scope, elevator: UUID) -> None:
    def report(hour: int, trips: int) -> dict[str, Any]:
        return {"Parameters": {"Time": iso(hour * HOUR_S)}, "Count": {"RunNum": str(trips)}}

    reports = [report(1, 1000), report(2, 1040), report(3, 5), report(4, 25)]
    assert (await service.ingest_foreign(box, "es1500", json.dumps(reports).encode())).accepted == 4
    hours = await stored(elevator, "hour", "hour")
    assert [hours[MIDNIGHT + timedelta(hours=hour)] for hour in (2, 3, 4)] == [40, 5, 20]


async def test_totals_that_come_after_periods_count_beside_them(box: Scope, elevator: UUID) -> None:
    await service.ingest_foreign(box, "jtc340", json.dumps(statistics(Statement(0, HOUR_S, 60))).encode())
    reports = [{"ts": int((MIDNIGHT + timedelta(hours=1 + n)).timestamp()), "values": {"starts": 100 * n}} for n in range(3)]
    assert (await service.ingest_foreign(box, "thingsboard", json.dumps(reports).encode())).accepted == 3
    usage = await service.elevator_usage(SYSTEM, elevator, MIDNIGHT, NOW, by_day=False)
    found: dict[str, int] = {}
    for hour in usage:
        found[hour.counter] = found.get(hour.counter, 0) + hour.total
    assert found == {"trips": 60, "run_m": 180, "starts": 200}


ODD: list[Any] = [
    5, None, "x", [], {}, [[]], {"a": 1}, {"ts": 1, "values": {"a": 1}}, {"Params": {}}, {"Params": {"Value": {"Type": 1}}},
    {"Params": {"Value": [{"ErrorType": 1001}, 7, {"CurrentFloor": "G"}]}}, {"Count": {"RunNum": 5}}, {"Count": {"RunNum": -5}},
    {"Parameters": {"Time": "soon"}}, {"fault-signals": [6]}, {"time": "2026-11-25 10:00:00", "code": 43}, {"trips": 10**30},
    {"trips": "7", "ts": 4102444800}, {"Lift": [{"trips": 1}, 7]}, {"events": [{"code": 1}, {"at": 5}]},
    {"a" * 300: "b" * 3000},
    {"a": "\u0000", "b": "\ud800"}, {"Alarm": {"ErrorCode": "101,205", "Quake": "1"}},
]  # fmt: skip


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
async def test_every_statement_is_accepted_known_or_rejected_and_what_is_rejected_is_kept(box: Scope, adapter: str) -> None:
    messages = json.dumps(ODD).encode()
    first = await service.ingest_foreign(box, adapter, messages)
    assert {one.index for one in first.rejected} <= set(range(len(ODD)))
    assert all(one.reason for one in first.rejected)
    kept = await value("SELECT sum(times) FROM rejected_record WHERE adapter = $1", adapter)
    assert kept == len(first.rejected)
    again = await service.ingest_foreign(box, adapter, messages)
    assert again.accepted == 0
    assert again.duplicates == first.accepted + first.duplicates
    assert len(again.rejected) == len(first.rejected)
    assert first.accepted + first.duplicates + len(first.rejected) >= len(ODD)


async def test_a_rejected_message_is_taken_when_it_is_replayed(box: Scope, firm_scope: Scope, elevator: UUID) -> None:
    message = {"Params": {"Value": {"ErrorType": 1007, "ErrorTime": "2027-01-01 00:00:00"}}}
    result = await service.ingest_foreign(box, "jtc340", json.dumps(message).encode())
    assert [one.field for one in result.rejected] == ["Params.Value.ErrorTime"]
    [kept] = (await service.rejected_records(firm_scope)).rows
    assert (kept.adapter, kept.body) == ("jtc340", message)
    with clock.stopped_at(datetime(2027, 1, 2, tzinfo=UTC)):
        replayed = await service.replay(firm_scope, [kept.id])
    assert replayed.accepted == 1
    assert await value("SELECT count(*) FROM telemetry_event WHERE elevator = $1 AND kind = 'door_close_fault'", elevator) == 1


async def test_a_switched_off_device_and_an_unknown_adapter_are_refused(box: Scope, firm_scope: Scope) -> None:
    with pytest.raises(NotFound):
        await service.ingest_foreign(box, "modbus", b"{}")
    with pytest.raises(InvalidInput):
        await service.ingest_foreign(box, "es1500", b"{")


async def test_the_monitors_own_faults_have_no_window_computed_anew(box: Scope, elevator: UUID) -> None:
    own = {"Params": {"Value": {"ErrorType": 3001, "ErrorTime": NOW.isoformat()}}}
    await service.ingest_foreign(box, "jtc340", json.dumps(own).encode())
    assert await value("SELECT kind FROM telemetry_event WHERE elevator = $1", elevator) == "monitor_fault"
    jobs = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'due_windows' AND dedupe_key LIKE '%' || $1 || '%'"
    assert await value(jobs, str(elevator)) == 0
    real = {"Alarm": {"PersonTrapped": "1"}}
    await service.ingest_foreign(box, "es1500", json.dumps(real).encode())
    assert await value(jobs, str(elevator)) == 1
