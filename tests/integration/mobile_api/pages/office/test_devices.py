"""Telemetry devices in the office: made, spoken with, rotated, switched off; what they sent in vain."""

from __future__ import annotations

import re
from uuid import UUID

from backend.scope import Role, Scope
from backend.telemetry import service as telemetry
from tests.support.factory import Factory
from tests.support.http import Browser, Site

NEVER = '<span class="badge warn">never heard of</span>'


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


def key_in(page: str) -> str:
    found = re.search(r'value="(lrd_[^"]+)"', page)
    assert found
    return found[1]


async def add(browser: Browser, **form: str) -> str:
    answer = await browser.post("/office/devices", {"name": "gateway-1"} | form)
    assert answer.status_code == 200, answer.text[:2000]
    assert answer.headers["cache-control"] == "no-store"
    return key_in(answer.text)


async def test_a_device_is_made_speaks_gets_a_new_key_and_is_switched_off(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm, registration_code="31100000000000000001")
    browser = await http.browser(Role.MANAGER, firm)
    assert "No device yet" in (await browser.get("/office/devices")).text
    key = await add(browser, elevator="31100000000000000001")
    [device] = (await telemetry.list_devices(manager(firm))).rows
    assert device.elevator == elevator
    assert key not in (await browser.get(f"/office/devices/{device.id}")).text
    assert NEVER in (await browser.get("/office/devices")).text
    batch = {
        "records": [{"elevator": "31100000000000000001", "at": "2026-01-01T00:00:00Z", "seq": 1, "counters": {"trips": 1}}]
    }
    assert (await http.device(key).post("/api/v1/telemetry", json=batch)).json()["accepted"] == 1
    assert NEVER not in (await browser.get("/office/devices")).text
    answer = await browser.post(f"/office/devices/{device.id}/key")
    new = key_in(answer.text)
    assert (await http.device(key).post("/api/v1/telemetry", json=batch)).status_code == 401
    assert (await http.device(new).post("/api/v1/telemetry", json=batch)).json()["duplicates"] == 1
    page = await browser.post_and_follow(f"/office/devices/{device.id}/switch", {"active": "no"})
    assert "switched off" in page.text
    assert (await http.device(new).post("/api/v1/telemetry", json=batch)).status_code == 401
    await browser.post_and_follow(f"/office/devices/{device.id}/switch", {"active": "yes"})
    assert (await http.device(new).post("/api/v1/telemetry", json=batch)).status_code == 200


async def test_faults_stand_beside_the_fields_and_what_was_typed_stays(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.post("/office/devices", {"name": "g 1", "elevator": ""})
    assert answer.status_code == 400
    assert 'id="name-reason"' in answer.text
    assert 'value="g 1"' in answer.text
    answer = await browser.post("/office/devices", {"name": "g1", "elevator": "31109999999999999999"})
    assert answer.status_code == 400
    assert 'id="elevator-reason"' in answer.text
    await add(browser, name="g1")
    answer = await browser.post("/office/devices", {"name": "g1"})
    assert answer.status_code == 400
    assert "a device is called g1 already" in answer.text
    assert len((await telemetry.list_devices(manager(firm))).rows) == 1


async def test_widths_of_counters_are_kept_and_refused_beside_their_field(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    await add(browser)
    [device] = (await telemetry.list_devices(manager(firm))).rows
    answer = await browser.post(f"/office/devices/{device.id}", {"name": "g2", "widths.trips": "many"})
    assert answer.status_code == 400
    assert 'id="widths.trips-reason"' in answer.text
    await browser.post_and_follow(f"/office/devices/{device.id}", {"name": "g2", "widths.trips": "65536"})
    changed = await telemetry.device(manager(firm), device.id)
    assert (changed.name, changed.widths) == ("g2", {"trips": 65536})


async def test_records_that_were_not_accepted_are_listed_with_the_reason(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm, language="zh")
    key = await add(browser)
    [device] = (await telemetry.list_devices(manager(firm))).rows
    batch = {"records": [{"elevator": "nobody<b>", "at": "2026-01-01T00:00:00Z", "seq": 1}]}
    for _time in range(2):
        assert len((await http.device(key).post("/api/v1/telemetry", json=batch)).json()["rejected"]) == 1
    for path in (f"/office/devices/{device.id}", "/office/devices/rejected", f"/office/devices/rejected?device={device.id}"):
        page = (await browser.get(path)).text
        assert "nobody" in page
        assert "nobody<b>" not in page


async def test_another_firms_device_answers_404(http: Site, factory: Factory) -> None:
    other = await factory.firm()
    theirs = await http.browser(Role.MANAGER, other)
    await add(theirs, name="theirs-1")
    [device] = (await telemetry.list_devices(manager(other))).rows
    browser = await http.browser(Role.MANAGER, await factory.firm())
    assert (await browser.get(f"/office/devices/{device.id}")).status_code == 404
    assert (await browser.get(f"/office/devices/rejected?device={device.id}")).status_code == 404
    for part in ("", "/switch", "/key"):
        assert (await browser.post(f"/office/devices/{device.id}{part}", {"name": "x"})).status_code == 404
    assert device.name not in (await browser.get("/office/devices")).text


async def test_an_elevator_of_another_firm_is_not_found(http: Site, factory: Factory) -> None:
    await factory.elevator(await factory.firm(), registration_code="31100000000000000777")
    browser = await http.browser(Role.MANAGER, await factory.firm())
    answer = await browser.post("/office/devices", {"name": "g1", "elevator": "31100000000000000777"})
    assert answer.status_code == 400
    assert 'id="elevator-reason"' in answer.text


async def test_a_regulator_sees_devices_without_forms_and_an_admin_is_sent_to_choose_a_firm(
    http: Site, factory: Factory
) -> None:
    firm = await factory.firm()
    await add(await http.browser(Role.MANAGER, firm))
    [device] = (await telemetry.list_devices(manager(firm))).rows
    regulator = await http.browser(Role.REGULATOR)
    page = await regulator.get(f"/office/devices/{device.id}")
    assert 'action="/office' not in page.text
    assert (await regulator.post(f"/office/devices/{device.id}/key")).status_code == 403
    admin = await http.browser(Role.ADMIN)
    answer = await admin.post("/office/devices", {"name": "g"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/firms")


async def test_a_key_is_not_made_without_the_forms_token(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    assert (await browser.client.post("/office/devices", data={"name": "g"})).status_code == 403
    assert (await telemetry.list_devices(manager(firm))).rows == []


async def test_devices_are_found_by_name_or_elevator_and_by_silence(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    await factory.elevator(firm, registration_code="31100000000000000001")
    browser = await http.browser(Role.MANAGER, firm)
    await add(browser, name="alpha", elevator="31100000000000000001")
    key = await add(browser, name="b_ta")
    assert "alpha" in (await browser.get("/office/devices?text=0000001")).text
    assert "b_ta" not in (await browser.get("/office/devices?text=0000001")).text
    assert "alpha" not in (await browser.get("/office/devices?text=_")).text
    batch = {"records": [{"elevator": "31100000000000000001", "at": "2026-01-01T00:00:00Z", "seq": 1}]}
    await http.device(key).post("/api/v1/telemetry", json=batch)
    silent = (await browser.get("/office/devices?silent=yes")).text
    assert "alpha" in silent
    assert "b_ta" not in silent
    assert "Nothing fits this choice" in (await browser.get("/office/devices?text=gamma")).text
