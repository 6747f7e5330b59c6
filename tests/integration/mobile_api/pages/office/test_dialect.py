"""How a device speaks, as a manager tells it: what nobody knew is shown, told, and understood from then on."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.registry import service as registry
from backend.scope import Role, Scope
from backend.telemetry import service as telemetry
from backend.telemetry.adapters.dialect import Dialect, Target
from tests.support.factory import Factory
from tests.support.http import Browser, Site

CODE = "31100000000000000071"


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    firm = await factory.firm()
    await factory.elevator(firm, registration_code=CODE)
    return firm


async def told(http: Site, firm: UUID, *, gateway: bool = False) -> tuple[Browser, UUID]:
    """A browser, and a device that said what nobody knows."""
    elevator = None if gateway else (await elevator_of(firm))
    device, key = await telemetry.add_device(manager(firm), elevator, "box-1")
    message = {"elevator": CODE, "vibe": 3.5, "hoursRun": "2", "Floor": "G", "faultCode": 77}
    answer = await http.device(key).post("/api/v1/telemetry/thingsboard", json=message)
    assert answer.json()["accepted"] == 1, answer.text
    return await http.browser(Role.MANAGER, firm), device.id


async def elevator_of(firm: UUID) -> UUID:
    return (await registry.find_elevator(manager(firm), CODE)).id


async def test_the_devices_page_shows_what_no_table_knows(http: Site, firm: UUID) -> None:
    browser, device = await told(http, firm)
    page = (await browser.get(f"/office/devices/{device}")).text
    for shown in ("vibe", "3.5", "hoursRun", "thingsboard:77", "text, kept as it is", "no table knows it"):
        assert shown in page, shown


async def test_a_name_that_is_told_is_understood_from_then_on(http: Site, firm: UUID) -> None:
    browser, device = await told(http, firm)
    path = f"/office/devices/{device}/dialect"
    page = (await browser.get(path)).text
    assert "vibe" in page
    assert "thingsboard:77" not in page  # a code is told by its table
    form = {
        "time_zone": "Asia/Shanghai", "codes": "gbt24476-local", "name.0": "hoursRun", "to.0": "counters.run_s",
        "times.0": "3600",
        "name.1": "vibe", "to.1": "", "times.1": "", "name.2": "", "to.2": "", "times.2": "",
    }  # fmt: skip
    page = (await browser.post_and_follow(path, form)).text
    assert "it holds for the messages to come" in page
    spoken = await telemetry.dialect(manager(firm), device)
    assert spoken == Dialect(
        time_zone="Asia/Shanghai", codes="gbt24476-local", names={"hoursRun": Target(to="counters.run_s", times=3600)}
    )
    assert 'value="3600"' in (await browser.get(path)).text


async def test_faults_stand_beside_their_fields_and_what_was_typed_stays(http: Site, firm: UUID) -> None:
    browser, device = await told(http, firm, gateway=True)
    path = f"/office/devices/{device}/dialect"
    form = {
        "time_zone": "Mars/Olympus",
        "name.0": "vibe",
        "to.0": "counters.trips",
        "times.0": "0",
        "elevators": "Lift A = 999",
    }
    answer = await browser.post(path, form)
    assert answer.status_code == 400, answer.text[:500]
    for shown in (
        "Mars/Olympus",
        "give a zone such as",
        "give a factor such as",
        "no elevator of this registration code",
        "Lift A",
    ):
        assert shown in answer.text, shown
    answer = await browser.post(path, {"name.0": "", "to.0": "counters.trips", "times.0": "many", "elevators": "Lift A"})
    for shown in ("give the name as the device writes it", "give a number, such as 3600", "write a line for each elevator"):
        assert shown in answer.text, shown
    assert (await telemetry.dialect(manager(firm), device)) == Dialect()


async def test_readers_see_what_is_unknown_and_do_not_tell(http: Site, firm: UUID) -> None:
    _browser, device = await told(http, firm)
    reader = await http.browser(Role.REGULATOR, firm)
    page = (await reader.get(f"/office/devices/{device}")).text
    assert "vibe" in page
    assert f"/office/devices/{device}/dialect" not in page
