"""Data health and what was not accepted, in the office and over the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from backend import clock
from backend.scope import Role, Scope, of_firm
from backend.settings import Settings
from backend.telemetry import mqtt_batch
from backend.telemetry import service as telemetry
from backend.telemetry.mqtt_batch import Incoming
from backend.upkeep import service as upkeep
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.public_page import code_of
from tests.support.upkeep import NOW, heard, on_demand_elevator, told

CODE = "31103310020000000777"


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    return await factory.firm()


async def gap(factory: Factory, firm: UUID) -> UUID:
    """An elevator on demand whose monitor was silent for two days and speaks again."""
    scope = Scope(role=Role.MANAGER, firm=firm)
    made = await on_demand_elevator(factory, scope, CODE)
    await told(scope, made, date(2026, 11, 15))
    await heard(scope, CODE, NOW - timedelta(days=35), NOW - timedelta(days=5))
    await heard(scope, CODE, NOW - timedelta(days=3), NOW, hourly={"levelings": 1})
    await upkeep.recompute(scope)
    return made


def record(seq: int, trips: int, code: str = CODE) -> dict[str, object]:
    return {"elevator": code, "at": NOW.isoformat(), "seq": seq, "counters": {"trips": trips}}


async def test_the_list_shows_the_state_why_and_what_is_usual_without_any(http: Site, factory: Factory, firm: UUID) -> None:
    browser = await http.browser(Role.MANAGER, firm)
    assert "No monitor was heard of yet" in (await browser.get("/office/data-health")).text
    elevator = await gap(factory, firm)

    page = (await browser.get("/office/data-health")).text
    assert f"/office/elevators/{elevator}/data" in page
    assert "no data from the monitor for 47 h" in page
    assert "fallen back" in page
    chinese = (await browser.get("/office/data-health?lang=zh")).text
    assert "监测数据缺失47小时" in chinese
    assert "Nothing fits this choice" in (await browser.get("/office/data-health?status=good&lang=en")).text
    assert CODE in (await browser.get("/office/data-health?reason=gap&mode=on_demand&text=3110331")).text


async def test_an_elevators_page_draws_its_hours_and_says_what_it_does_to_the_window(
    http: Site, factory: Factory, firm: UUID
) -> None:
    elevator = await gap(factory, firm)
    browser = await http.browser(Role.MANAGER, firm)

    page = (await browser.get(f"/office/elevators/{elevator}/data")).text
    assert page.count('class="bar hours"') == 21
    assert page.count('class="lost"') == 47
    assert "2026-11-20 13:00 – 2026-11-22 12:00: 47 hours" in page
    assert "The longer interval does not count" in page
    silent = await factory.elevator(firm, registration_code="NEVER")
    assert "No monitor was heard of yet" in (await browser.get(f"/office/elevators/{silent}/data")).text


async def test_the_receipts_page_shows_from_when_to_when(http: Site, factory: Factory, firm: UUID) -> None:
    elevator = await gap(factory, firm)
    browser = await http.browser(Role.MANAGER, firm)

    page = (await browser.get(f"/office/elevators/{elevator}/receipt")).text
    assert "gap from: 2026-11-20 13:00" in page
    assert "a gap of 24 hours, values that stand still or a clock that is off end longer gaps" in page


async def test_everybody_reads_why_behind_the_code_in_the_car(
    http: Site, factory: Factory, settings: Settings, firm: UUID
) -> None:
    elevator = await gap(factory, firm)
    code = await code_of(settings, firm, elevator)
    anybody = http.anybody()

    page = (await anybody.get(f"/e/{code}", headers={"Accept-Language": "en"})).text
    assert "Monitor online, its data not usable" in page
    assert "the elevator is visited at the fixed interval, which is shorter" in page
    assert page.count("no data from the monitor for 47 h (2026-11-20 13:00 to 2026-11-22 12:00)") == 1
    assert "监测数据缺失47小时" in (await anybody.get(f"/e/{code}", headers={"Accept-Language": "zh-CN"})).text
    told_as_json = (await anybody.get(f"/api/v1/elevators/{code}/public")).json()["monitor"]
    assert (told_as_json["health"], told_as_json["shortens"], len(told_as_json["reasons_en"])) == ("not_usable", True, 1)


async def test_the_api_lists_health_and_tells_one_elevators(http: Site, factory: Factory, firm: UUID) -> None:
    elevator = await gap(factory, firm)
    browser = await http.api(Role.MANAGER, firm)

    found = (await browser.get("/api/v1/data-health?status=not_usable")).json()
    assert [row["registration_code"] for row in found["rows"]] == [CODE]
    assert found["counts"] == {"good": 0, "degraded": 0, "not_usable": 1}
    one = (await browser.get(f"/api/v1/elevators/{elevator}/data-health")).json()
    assert one["row"]["evidence"]["gaps"][0]["hours"] == 47
    assert (await browser.get("/api/v1/data-health?status=bad")).status_code == 400


async def test_a_manager_replays_a_reason_a_line_or_what_is_marked(http: Site, factory: Factory, firm: UUID) -> None:
    await telemetry.ingest(of_firm(firm), [record(n, 1000 + n) for n in range(3)] + [record(9, -1)])
    browser = await http.browser(Role.MANAGER, firm)
    page = (await browser.get("/office/devices/rejected")).text
    assert "Replay all 3" in page
    assert "a total is never negative (given: -1)" in page
    assert len(re.findall(r'name="ids" value="(\d+)"', page)) == 4
    rows = (await telemetry.rejected_records(of_firm(firm))).rows
    negative = next(row.id for row in rows if row.field == "counters.trips")
    unknown = next(row.id for row in rows if row.field == "elevator")
    await factory.elevator(firm, registration_code=CODE)

    answer = await browser.post_and_follow("/office/devices/rejected/replay", {"one": str(unknown), "status": "open"})
    assert "Replayed: 1 accepted, 0 known already, 0 still not accepted." in answer.text
    template = "your firm has no elevator {code}; register it first, or correct the registration code"
    answer = await browser.post_and_follow("/office/devices/rejected/replay", {"all_of": template})
    assert "Replayed: 2 accepted" in answer.text
    answer = await browser.post_and_follow("/office/devices/rejected/replay", {"ids": str(negative)})
    assert "1 still not accepted. First reason: a total is never negative (given: -1)." in answer.text
    assert "replayed once" in answer.text
    assert "Nothing was chosen" in (await browser.post_and_follow("/office/devices/rejected/replay", {})).text
    assert "taken" in (await browser.get("/office/devices/rejected?status=taken")).text


async def test_a_regulator_reads_and_cannot_replay(http: Site, firm: UUID) -> None:
    await telemetry.ingest(of_firm(firm), [record(9, -1)])
    browser = await http.browser(Role.REGULATOR, None)

    page = (await browser.get("/office/devices/rejected")).text
    assert "a total is never negative" in page
    assert "Replay" not in page.replace("then replay them", "")
    assert (await browser.post("/office/devices/rejected/replay", {"all_of": "x"})).status_code == 403


async def test_an_admin_sees_and_replays_what_belongs_to_nobody(http: Site, factory: Factory, firm: UUID) -> None:
    body = b'{"records": [{"elevator": "' + CODE.encode() + b'", "at": 1764000000000, "seq": 1, "counters": {"trips": 5}}]}'
    await mqtt_batch.take([Incoming("liftrounds/v1/nobody-1/telemetry", body)], require_key=False)
    admin = await http.browser(Role.ADMIN, None)
    page = (await admin.get("/office/devices/rejected")).text
    assert "belongs to nobody" in page
    assert "liftrounds/v1/nobody-1/telemetry" in page
    manager = await http.browser(Role.MANAGER, firm)
    assert "nobody-1" not in (await manager.get("/office/devices/rejected")).text
    await factory.elevator(firm, registration_code=CODE)
    await telemetry.add_device(Scope(role=Role.MANAGER, firm=firm), None, "nobody-1")
    [one] = re.findall(r'name="ids" value="(\d+)"', page)

    answer = await admin.post_and_follow("/office/devices/rejected/replay", {"one": one})

    assert "Replayed: 1 accepted" in answer.text


async def test_a_body_that_is_no_batch_is_refused_and_kept(http: Site, factory: Factory, firm: UUID) -> None:
    scope = Scope(role=Role.MANAGER, firm=firm)
    _device, key = await telemetry.add_device(scope, None, "gateway-1")
    answer = await http.device(key).post("/api/v1/telemetry", content=b'{"records": 7')
    assert answer.status_code == 400

    browser = await http.api(Role.MANAGER, firm)
    [line] = (await browser.get("/api/v1/devices/rejected")).json()["rows"]
    assert (line["whole"], line["device_name"], line["body"]) == (True, "gateway-1", '{"records": 7')


async def test_the_api_replays_and_asks_which(http: Site, factory: Factory, firm: UUID) -> None:
    await telemetry.ingest(of_firm(firm), [record(1, 1000), record(9, -1)])
    client = await http.api(Role.MANAGER, firm)
    reasons = (await client.get("/api/v1/devices/rejected/reasons")).json()
    assert sorted(one["records"] for one in reasons) == [1, 1]
    await factory.elevator(firm, registration_code=CODE)

    replay = "/api/v1/devices/rejected/replay"
    assert (await client.post(replay, json={})).status_code == 400
    assert (await client.post(replay, json={"ids": [1], "everything": True})).status_code == 400
    done = (await client.post(replay, json={"everything": True})).json()
    assert (done["accepted"], done["duplicates"], done["rejected"], done["left"]) == (1, 0, 1, 0)
    [still] = [row for row in done["rows"] if row["outcome"] == "rejected"]
    assert (still["field"], still["reason"]) == ("counters.trips", "a total is never negative (given: -1)")
