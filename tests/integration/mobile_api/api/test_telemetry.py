"""Telemetry in foreign formats over HTTP: taken, counted once, kept as it came where it is not understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend import clock, database
from backend.scope import SYSTEM, Role
from tests.support.factory import Factory
from tests.support.http import Site

CODE = "31103310020000000556"


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    return await factory.firm()


@pytest.fixture
async def elevator(factory: Factory, firm: UUID) -> UUID:
    return await factory.elevator(firm, registration_code=CODE)


@pytest.fixture
async def manager(http: Site, firm: UUID) -> httpx.AsyncClient:
    return await http.api(Role.MANAGER, firm)


@pytest.fixture
async def made(manager: httpx.AsyncClient, elevator: UUID) -> dict[str, Any]:
    answer = await manager.post("/api/v1/devices", json={"name": "box-1", "elevator": str(elevator)})
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
async def device(http: Site, made: dict[str, Any]) -> httpx.AsyncClient:
    return http.device(made["key"])


@pytest.fixture
async def gateway(http: Site, manager: httpx.AsyncClient, elevator: UUID) -> httpx.AsyncClient:
    answer = await manager.post("/api/v1/devices", json={"name": "gateway-1"})
    return http.device(answer.json()["key"])


async def rows(sql: str, *args: Any) -> list[tuple[Any, ...]]:
    async with database.tx(SYSTEM):
        return [tuple(row) for row in await database.fetch(sql, *args)]


async def events(elevator: UUID) -> list[tuple[str, str]]:
    return [
        (code, kind)
        for code, kind in await rows(
            "SELECT raw_code, kind FROM telemetry_event WHERE elevator = $1 ORDER BY at, raw_code", elevator
        )
    ]


def local(minutes_ago: float) -> str:
    """A time of the firm's zone, without it."""
    at = clock.now() - timedelta(minutes=minutes_ago) + timedelta(hours=8)
    return at.strftime("%Y-%m-%d %H:%M:%S")


def jtc(value: Any, **params: Any) -> dict[str, Any]:
    return {"Version": "1.0", "Params": {"Value": value} | params}


async def send(device: httpx.AsyncClient, adapter: str, message: Any) -> dict[str, Any]:
    answer = await device.post(f"/api/v1/telemetry/{adapter}", json=message)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_message_counts_once_however_often_it_is_sent(device: httpx.AsyncClient, elevator: UUID) -> None:
    message = jtc({"ErrorType": 1001, "ErrorTime": local(50)}, Time=int(clock.now().timestamp()))
    assert await send(device, "jtc340", message) == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert await send(device, "jtc340", [message, message]) == {"accepted": 0, "duplicates": 2, "rejected": []}
    assert await events(elevator) == [("jtc340:1001", "unintended_movement")]


async def test_two_messages_of_one_instant_both_count(device: httpx.AsyncClient, elevator: UUID) -> None:
    at = local(50)
    both = [jtc({"ErrorType": 1006, "ErrorTime": at}), jtc({"ErrorType": 1007, "ErrorTime": at})]
    assert (await send(device, "jtc340", both))["accepted"] == 2
    assert await events(elevator) == [("jtc340:1006", "door_open_fault"), ("jtc340:1007", "door_close_fault")]


async def test_what_is_malformed_is_refused_with_its_field_and_kept_as_it_came(
    device: httpx.AsyncClient, manager: httpx.AsyncClient
) -> None:
    sound = jtc({"ErrorType": 1001, "ErrorTime": local(50)})
    broken = jtc({"ErrorType": 1001, "ErrorTime": "yesterday"})
    told = await send(device, "jtc340", [{"Params": 5}, sound, broken, 7, jtc({"StartTime": local(90), "RunCount": 5})])
    assert (told["accepted"], told["duplicates"]) == (1, 0)
    assert [(one["index"], one["field"]) for one in told["rejected"]] == [
        (0, "Params"), (2, "Params.Value.ErrorTime"), (3, "message"), (4, "Params.Value.EndTime"),
    ]  # fmt: skip
    assert "yesterday" in told["rejected"][1]["reason"]
    kept = await rows("SELECT adapter, source, field, body FROM rejected_record ORDER BY field")
    assert ("jtc340", "http", "Params.Value.ErrorTime", broken) in kept
    assert len(kept) == 4


async def test_a_body_that_is_no_json_is_refused_and_kept(device: httpx.AsyncClient) -> None:
    answer = await device.post("/api/v1/telemetry/es1500", content=b'{"Count": ')
    assert answer.status_code == 400
    assert [tuple(row) for row in await rows("SELECT adapter, body FROM rejected_record")] == [("es1500", '{"Count": ')]


async def test_there_is_no_other_adapter(device: httpx.AsyncClient) -> None:
    answer = await device.post("/api/v1/telemetry/modbus", json={})
    assert answer.status_code == 404
    assert "thingsboard" in answer.text


async def test_periods_that_overlap_count_each_second_once(
    device: httpx.AsyncClient, manager: httpx.AsyncClient, elevator: UUID
) -> None:
    midnight = clock.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)

    def period(begin: int, end: int, trips: int) -> dict[str, Any]:
        times = [(midnight + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ") for hour in (begin, end)]
        return jtc({"StartTime": times[0], "EndTime": times[1], "RunCount": str(trips)})

    told = await send(device, "jtc340", [period(0, 10, 40), period(8, 12, 20), period(0, 10, 40), period(2, 4, 99)])
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (3, 1, [])
    since = {"since": midnight.isoformat(), "until": (midnight + timedelta(days=1)).isoformat(), "by": "hour"}
    answer = await manager.get(f"/api/v1/elevators/{elevator}/usage", params=since)
    assert [(hour["total"], hour["readings"]) for hour in answer.json()] == [(4, 1)] * 10 + [(5, 1)] * 2


async def test_a_fault_that_is_told_every_minute_is_one_fault(device: httpx.AsyncClient, elevator: UUID) -> None:
    def report(minutes_ago: int, trapped: str, *codes: int) -> dict[str, Any]:
        return {
            "Parameters": {"Id": "6001", "Time": local(minutes_ago), "Version": "V2.2A"},
            "Alarm": {"PersonTrapped": trapped, "ErrorCode": list(codes)},
        }

    for minutes_ago in (50, 49, 48):
        await send(device, "es1500", report(minutes_ago, "1", 201))
    await send(device, "es1500", [report(47, "0"), report(46, "0"), report(45, "1", 201)])
    assert await events(elevator) == [
        ("es1500:201", "monitor_fault"), ("es1500:PersonTrapped", "entrapment"),
        ("es1500:201:close", "monitor_fault_closed"), ("es1500:PersonTrapped:close", "entrapment_released"),
        ("es1500:201", "monitor_fault"), ("es1500:PersonTrapped", "entrapment"),
    ]  # fmt: skip


async def test_how_long_a_fault_lasted_is_told(device: httpx.AsyncClient, manager: httpx.AsyncClient, elevator: UUID) -> None:
    began, ended = local(50), local(20)
    await send(device, "jtc340", jtc({"ErrorType": 1007, "ErrorTime": began}))
    await send(device, "jtc340", jtc({"ErrorType": 1007, "ErrorTime": began, "CloseTime": ended}))
    await send(device, "jtc340", jtc({"ErrorType": 1007, "ErrorTime": local(10)}))
    told = (await manager.get(f"/api/v1/elevators/{elevator}/openings")).json()
    assert [(one["raw_code"], one["kind"], one["closed_at"] is None) for one in told] == [
        ("jtc340:1007", "door_close_fault", False), ("jtc340:1007", "door_close_fault", True),
    ]  # fmt: skip
    lasted = datetime.fromisoformat(told[0]["closed_at"]) - datetime.fromisoformat(told[0]["opened_at"])
    assert lasted == timedelta(minutes=30)
    answer = await manager.get(f"/api/v1/elevators/{elevator}/openings", params={"since": "2026-01-01T00:00:00"})
    assert answer.status_code == 400


async def test_what_no_table_knows_costs_nothing_and_is_counted(
    device: httpx.AsyncClient, manager: httpx.AsyncClient, made: dict[str, Any], elevator: UUID
) -> None:
    at = int(clock.now().timestamp()) - 600
    message = {"ts": at, "values": {"runCount": "120", "vibe": 3.5, "gear": [1, {"a": 2}], "temperature": "warm"}}
    assert (await send(device, "thingsboard", message))["accepted"] == 1
    assert (await send(device, "thingsboard", {"ts": at + 60, "values": {"vibe": 4, "faultCode": 77}}))["accepted"] == 1
    names = (await manager.get(f"/api/v1/devices/{made['device']['id']}/foreign-names")).json()
    assert {(one["name"], one["why"], one["times"], one["example"]) for one in names} == {
        ("vibe", "unknown", 2, "4"), ("gear", "unknown", 1, '[1, {"a": 2}]'), ("temperature", "unreadable", 1, "warm"),
        ("thingsboard:77", "unknown", 1, "thingsboard:77"),
    }  # fmt: skip
    [(gauges,)] = await rows("SELECT gauges FROM telemetry_record WHERE gauges <> '{}' ORDER BY at LIMIT 1")
    assert gauges == {"thingsboard:vibe": 3.5, "thingsboard:gear": '[1, {"a": 2}]', "thingsboard:temperature": "warm"}
    assert await events(elevator) == [("thingsboard:77", "unknown")]


async def test_a_device_can_be_understood_by_its_own_names(
    device: httpx.AsyncClient, manager: httpx.AsyncClient, made: dict[str, Any], elevator: UUID
) -> None:
    path = f"/api/v1/devices/{made['device']['id']}/dialect"
    spoken = {"time_zone": "Asia/Tokyo", "codes": "gbt24476-local", "names": {"n1": {"to": "counters.run_s", "times": 3600}}}
    assert (await manager.put(path, json=spoken)).json() == spoken
    assert (await manager.get(path)).json() == spoken
    tokyo = (clock.now() + timedelta(hours=9, minutes=-30)).strftime("%Y/%m/%d %H:%M:%S")
    assert (await send(device, "thingsboard", {"time": tokyo, "n1": "1.5", "faultCode": "08"}))["accepted"] == 1
    [(at, totals)] = await rows("SELECT at, totals FROM telemetry_record")
    assert abs(clock.now() - timedelta(minutes=30) - at) < timedelta(minutes=1)
    assert list(totals) == [5400]
    assert await events(elevator) == [("gbt24476-local:08", "door_open_running")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"time_zone": "Mars"}, "time_zone"),
        ({"codes": "nobody's"}, "codes"),
        ({"names": {"n": {"to": "counters.dreams"}}}, "names.n"),
        ({"names": {"n": {"to": "counters.trips", "times": 0}}}, "names.n"),
        ({"elevators": {"A": "nowhere"}}, "elevators.A"),
    ],
)
async def test_a_dialect_that_cannot_be_is_refused_with_its_field(
    manager: httpx.AsyncClient, made: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    answer = await manager.put(f"/api/v1/devices/{made['device']['id']}/dialect", json=change)
    assert answer.status_code == 400
    assert [fault["path"] for fault in answer.json()["faults"]] == [field]


async def test_a_gateway_says_which_elevator_it_means(
    gateway: httpx.AsyncClient, manager: httpx.AsyncClient, elevator: UUID
) -> None:
    at = int(clock.now().timestamp() * 1000) - 60_000
    message = {"Lift A": [{"ts": at, "values": {"trips": 5}}], CODE: [{"ts": at + 1, "values": {"trips": 6}}]}
    told = await send(gateway, "thingsboard", message)
    assert told["accepted"] == 1
    assert [one["field"] for one in told["rejected"]] == ["elevator"]
    [listed] = (await manager.get("/api/v1/devices")).json()["rows"]
    await manager.put(f"/api/v1/devices/{listed['id']}/dialect", json={"elevators": {"Lift A": CODE}})
    assert await send(gateway, "thingsboard", message) == {"accepted": 1, "duplicates": 1, "rejected": []}
    nobodys = await send(gateway, "jtc340", jtc({"CurrentFloor": "1"}))
    assert "names no elevator" in nobodys["rejected"][0]["reason"]


async def test_bacnet_objects_are_elevators_by_their_identifiers(
    gateway: httpx.AsyncClient, manager: httpx.AsyncClient, elevator: UUID
) -> None:
    [listed] = (await manager.get("/api/v1/devices")).json()["rows"]
    await manager.put(f"/api/v1/devices/{listed['id']}/dialect", json={"elevators": {"lift,1": CODE}})
    objects = [
        {"object-identifier": "lift,1", "fault-signals": [6, "position-lost"], "energy-meter": 12.5, "car-position": 3},
        {
            "object-identifier": [59, 1],
            "fault-signals": [],
            "passenger-alarm": True,
            "time": int(datetime.now(UTC).timestamp()),
        },
    ]
    assert (await send(gateway, "bacnet", objects))["accepted"] == 2
    assert {code for code, _ in await events(elevator)} >= {"bacnet:door-closing-fault", "bacnet:position-lost"}


async def test_gbt24476_statistics_faults_and_events_are_read(device: httpx.AsyncClient, elevator: UUID) -> None:
    message = {
        "时间": local(10), "服务模式": 1, "当前楼层": "B1", "运行次数": "100", "钢丝绳折弯次数": 300, "平层触发次数": 250,
        "累计运行距离": 1200, "累计运行时间": "12.5", "故障代码": "0101", "events": [{"code": 43, "time": local(12)}],
    }  # fmt: skip
    assert await send(device, "gbt24476", message) == {"accepted": 1, "duplicates": 0, "rejected": []}
    [(counters, totals)] = await rows("SELECT counters, totals FROM telemetry_record")
    assert dict(zip(counters, totals, strict=True)) == {
        "trips": 100, "rope_bends": 300, "levelings": 250, "run_m": 1200, "run_s": 45000,
    }  # fmt: skip
    assert set(await events(elevator)) == {
        ("gbt24476:43", "inspection_mode"), ("gbt24476-vendor:0101", "entrapment"), ("gbt24476:mode-1", "normal_mode"),
    }  # fmt: skip
