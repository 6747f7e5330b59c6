"""Telemetry over HTTP, and devices for the office."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from backend import clock
from backend.scope import Role
from mobile_api.api.devices import MAX_BATCH_BYTES
from tests.support.factory import Factory
from tests.support.http import Site

CODE = "31103310020000000555"


def record(seq: int, hours_ago: float, trips: int, **more: Any) -> dict[str, Any]:
    at = clock.now() - timedelta(hours=hours_ago)
    return {"elevator": CODE, "at": at.isoformat(), "seq": seq, "counters": {"trips": trips}} | more


@pytest.fixture
async def elevator(factory: Factory, firm: UUID) -> UUID:
    return await factory.elevator(firm, registration_code=CODE)


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    return await factory.firm()


@pytest.fixture
async def manager(http: Site, firm: UUID) -> httpx.AsyncClient:
    return await http.api(Role.MANAGER, firm)


@pytest.fixture
async def device(http: Site, manager: httpx.AsyncClient, elevator: UUID) -> httpx.AsyncClient:
    answer = await manager.post("/api/v1/devices", json={"name": "monitor-1", "elevator": str(elevator)})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return http.device(answer.json()["key"])


async def send(device: httpx.AsyncClient, *records: Any) -> httpx.Response:
    return await device.post("/api/v1/telemetry", json={"records": list(records)})


async def test_a_batch_is_answered_record_by_record(device: httpx.AsyncClient) -> None:
    batch = [
        record(1, 3, 1000), record(2, 2, 1040), record(2, 2, 1040, at="2026-01-01"), record(3, 1, -5),
        record(4, 1, 5, elevator="nobody"), record(5, 1, 5_000_000), record(6, -1, 1100), record(7, 1, 1050, colour=1),
        record(8, 1, 1050, counters={"tirps": 1}), record(9, 1, 1050, counters={"trips": True}), record(10, 0.5, 1060),
    ]  # fmt: skip
    answer = await send(device, *batch)
    assert answer.status_code == 200
    told = answer.json()
    assert (told["accepted"], told["duplicates"]) == (3, 0)
    assert [(one["index"], one["field"]) for one in told["rejected"]] == [
        (2, "at"), (3, "counters.trips"), (4, "elevator"), (5, "counters.trips"), (6, "at"), (7, "colour"),
        (8, "counters.tirps"), (9, "counters.trips"),
    ]  # fmt: skip
    assert all(set(one) == {"index", "field", "reason"} and one["reason"] for one in told["rejected"])
    assert (await send(device, batch[0], batch[1])).json() == {"accepted": 0, "duplicates": 2, "rejected": []}


async def test_nan_in_one_record_costs_that_record(device: httpx.AsyncClient) -> None:
    at = clock.now().isoformat()
    body = (
        '{"records": ['
        f'{{"elevator": "{CODE}", "at": "{at}", "seq": 1, "counters": {{"trips": NaN}}}},'
        f'{{"elevator": "{CODE}", "at": "{at}", "seq": 2, "counters": {{"trips": 5}}}}]}}'
    )
    answer = await device.post("/api/v1/telemetry", content=body)
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert [one["field"] for one in answer.json()["rejected"]] == ["counters.trips"]


async def test_what_is_no_batch_is_a_problem_with_the_way_out(device: httpx.AsyncClient) -> None:
    for body in (b"", b"{", b"[]", b"{}", b'{"records": 7}', b'{"records": [], "x": 1}', b"\xff", b"[" * 9999):
        answer = await device.post("/api/v1/telemetry", content=body)
        assert answer.status_code == 400, body[:20]
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["faults"][0]["reason"]


async def test_a_body_that_is_too_large_is_refused_with_the_way_out(device: httpx.AsyncClient) -> None:
    answer = await device.post("/api/v1/telemetry", content=b'{"records": [' + b" " * MAX_BATCH_BYTES + b"]}")
    assert answer.status_code == 413
    assert "split" in answer.json()["detail"]


async def test_only_a_device_s_key_opens_the_intake(http: Site, manager: httpx.AsyncClient, device: httpx.AsyncClient) -> None:
    assert (await send(http.anybody(), record(1, 1, 5))).status_code == 401
    assert (await send(http.device("lrd_wrong"), record(1, 1, 5))).status_code == 401
    assert (await send(manager, record(1, 1, 5))).status_code == 403
    for path in ("/api/v1/devices", "/api/v1/devices/rejected"):
        assert (await device.get(path)).status_code == 403


async def test_the_reasons_are_told_in_chinese_too(http: Site, device: httpx.AsyncClient) -> None:
    device.headers["Accept-Language"] = "zh"
    [rejected] = (await send(device, record(1, 1, -5))).json()["rejected"]
    assert "负" in rejected["reason"]


async def test_parallel_posts_count_each_step_once(
    manager: httpx.AsyncClient, device: httpx.AsyncClient, elevator: UUID
) -> None:
    records = [record(n, 50 - n, 1000 + 9 * n) for n in range(50)]
    answers = await asyncio.gather(
        *(send(device, *records[n::5]) for n in range(5)), *(send(device, *records) for _ in range(3))
    )
    assert sum(answer.json()["accepted"] for answer in answers) == 50
    usage = (await manager.get(f"/api/v1/elevators/{elevator}/usage", params={"by": "hour"})).json()
    assert sum(hour["total"] for hour in usage) == 49 * 9
    assert sum(hour["readings"] for hour in usage) == 50


async def test_usage_is_told_per_day_and_hour(manager: httpx.AsyncClient, device: httpx.AsyncClient, elevator: UUID) -> None:
    await send(device, record(1, 30, 1000), record(2, 3, 1040))
    days = (await manager.get(f"/api/v1/elevators/{elevator}/usage")).json()
    assert sum(day["total"] for day in days) == 40
    assert {day["counter"] for day in days} == {"trips"}
    since = (clock.now() - timedelta(hours=5)).isoformat()
    hours = (await manager.get(f"/api/v1/elevators/{elevator}/usage", params={"by": "hour", "since": since})).json()
    assert [hour["total"] for hour in hours] == [40]


async def test_a_span_that_cannot_be_told_is_refused(manager: httpx.AsyncClient, elevator: UUID) -> None:
    for query in (
        {"by": "week"}, {"since": "2026-01-01T00:00:00"}, {"since": "2020-01-01T00:00:00Z"}, {"since": "x"},
        {"since": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    ):  # fmt: skip
        answer = await manager.get(f"/api/v1/elevators/{elevator}/usage", params=query)
        assert answer.status_code == 400, query
        assert answer.json()["faults"], query


async def test_events_and_rejected_records_are_told(
    manager: httpx.AsyncClient, device: httpx.AsyncClient, elevator: UUID
) -> None:
    bad = record(2, 2, -1)
    await send(device, record(1, 3, 1000, events=[{"code": "gbt24476:43"}]), bad, bad)
    events = (await manager.get(f"/api/v1/elevators/{elevator}/events")).json()
    assert [(event["raw_code"], event["kind"]) for event in events["rows"]] == [("gbt24476:43", "inspection_mode")]
    [kept] = (await manager.get("/api/v1/devices/rejected")).json()["rows"]
    assert (kept["device_name"], kept["field"], kept["times"]) == ("monitor-1", "counters.trips", 2)
    assert kept["body"]["seq"] == 2
    assert "negative" in kept["reason"]


async def test_a_device_is_changed_switched_off_and_given_a_new_key(
    http: Site, manager: httpx.AsyncClient, device: httpx.AsyncClient
) -> None:
    [row] = (await manager.get("/api/v1/devices")).json()["rows"]
    path = f"/api/v1/devices/{row['id']}"
    changed = await manager.patch(path, json={"name": "m-1", "widths": {"trips": 65536}})
    assert (changed.json()["name"], changed.json()["widths"]) == ("m-1", {"trips": 65536})
    assert (await manager.get(path)).json()["name"] == "m-1"
    new = (await manager.post(f"{path}/key")).json()["key"]
    assert (await send(device, record(1, 1, 5))).status_code == 401
    fresh = http.device(new)
    assert (await send(fresh, record(1, 1, 5))).status_code == 200
    assert (await manager.patch(path, json={"active": False})).json()["active"] is False
    assert (await send(fresh, record(2, 0.5, 6))).status_code == 401
    assert (await manager.patch(path, json={"activ": True})).status_code == 400
    assert (await manager.patch(path, json={"name": "a/b"})).status_code == 400


async def test_a_replaced_counter_is_noted(manager: httpx.AsyncClient, device: httpx.AsyncClient, elevator: UUID) -> None:
    await send(device, record(1, 3, 1000))
    assert (await send(device, record(2, 1, 900_000))).json()["rejected"][0]["field"] == "counters.trips"
    at = (clock.now() - timedelta(hours=2)).isoformat()
    noted = await manager.post(f"/api/v1/elevators/{elevator}/counter-bases", json={"at": at, "note": "new board"})
    assert noted.status_code == 201
    assert (await send(device, record(2, 0.9, 900_000))).json()["accepted"] == 1
    bad = await manager.post(f"/api/v1/elevators/{elevator}/counter-bases", json={"at": "2026-01-01T00:00:00"})
    assert bad.status_code == 400


async def test_regulators_read_and_change_nothing(http: Site, manager: httpx.AsyncClient, elevator: UUID) -> None:
    await manager.post("/api/v1/devices", json={"name": "monitor-1", "elevator": str(elevator)})
    regulator = await http.api(Role.REGULATOR)
    assert len((await regulator.get("/api/v1/devices")).json()["rows"]) == 1
    assert (await regulator.post("/api/v1/devices", json={"name": "x"})).status_code == 403


async def test_what_another_firm_has_does_not_exist(
    http: Site, factory: Factory, manager: httpx.AsyncClient, elevator: UUID
) -> None:
    made = (await manager.post("/api/v1/devices", json={"name": "monitor-1", "elevator": str(elevator)})).json()["device"]
    other = await http.api(Role.MANAGER, await factory.firm())
    for path in (
        f"/api/v1/devices/{made['id']}",
        f"/api/v1/elevators/{elevator}/usage",
        f"/api/v1/elevators/{elevator}/events",
    ):
        assert (await other.get(path)).status_code == 404, path
    assert (await other.patch(f"/api/v1/devices/{made['id']}", json={"active": False})).status_code == 404
    assert (await other.post(f"/api/v1/devices/{made['id']}/key")).status_code == 404
    assert (await other.post("/api/v1/devices", json={"name": "x", "elevator": str(elevator)})).status_code == 404
    assert (await other.post(f"/api/v1/elevators/{elevator}/counter-bases", json={})).status_code == 404
    assert (await manager.get(f"/api/v1/devices/{uuid4()}")).status_code == 404


async def test_the_intake_is_described(http: Site) -> None:
    schema = (await http.anybody().get("/schema/openapi.json")).json()
    operation = schema["paths"]["/api/v1/telemetry"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["records"]["items"]["required"] == ["elevator", "at", "seq"]
    assert "200" in operation["responses"]
