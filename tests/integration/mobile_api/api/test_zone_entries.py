"""Zone labels over HTTP: what a phone signed at the machine room, the car top or the pit, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend import clock, database, keyfile
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.phone import in_order
from tests.support.signed import SignedPlace, audited
from tests.support.visits import Workplace

ZONES = ("machine_room", "car_top", "pit")


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    """Two technicians with phones at an elevator."""
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)


async def hang(signed: SignedPlace, zone: str) -> str:
    """A label that has hung in a zone since yesterday, as its code."""
    with clock.stopped_at(clock.now() - timedelta(days=1)):
        return await signed.place.label_of(signed.place.elevator, zone)


async def visit_with(signed: SignedPlace, scans: dict[str, str], *, source: str = "camera") -> UUID:
    """A whole visit in which zones were scanned, each with the label of a code."""
    phone, place = signed.phone, signed.place
    visit = phone.arrive(place.code)
    for zone, code in scans.items():
        phone.wait(minutes=10)
        body, opened = phone.scan_body(code, zone=zone)
        phone.append("zone", visit, body | {"source": source}, opened)
    phone.wait(minutes=20)
    phone.work(visit, answers=in_order(signed.items))
    phone.depart(visit, place.code)
    return visit


async def proven(signed: SignedPlace, visit: UUID) -> tuple[str, str]:
    """The outcome and reason of the question whether zones are proven."""
    body: dict[str, Any] = (await signed.manager.get(f"/api/v1/visits/{visit}/proof")).json()
    [check] = [one for one in body["grades"][-1]["checks"] if one["name"] == "zones_proven"]
    return check["outcome"], check["reason_en"]


async def test_zones_are_proven_by_their_own_labels(signed: SignedPlace) -> None:
    codes = {zone: await hang(signed, zone) for zone in ZONES}
    visit = await visit_with(signed, codes)
    assert {result["state"] for result in await signed.sync()} == {"applied"}
    assert await proven(signed, visit) == ("passed", "Labels were read in: machine room, car top, pit.")
    async with database.tx(SYSTEM):
        met = await database.fetch("SELECT zone, label_zone FROM scan WHERE visit = $1 ORDER BY at, label_zone", visit)
    assert [(row["zone"], row["label_zone"]) for row in met] == [("", ""), *((zone, zone) for zone in ZONES), ("", "")]


@pytest.mark.parametrize(("hangs", "outcome"), [(True, "failed"), (False, "skipped")])
async def test_with_the_car_s_label_a_zone_is_only_told(signed: SignedPlace, hangs: bool, outcome: str) -> None:
    if hangs:
        await hang(signed, "pit")
    visit = await visit_with(signed, {"pit": signed.place.code})
    assert {result["state"] for result in await signed.sync()} == {"applied"}
    assert (await proven(signed, visit))[0] == outcome


async def test_a_zone_s_label_that_was_typed_leaves_the_zone_told(signed: SignedPlace) -> None:
    pit = await hang(signed, "pit")
    visit = await visit_with(signed, {"pit": pit}, source="typed")
    await signed.sync()
    outcome, reason = await proven(signed, visit)
    assert (outcome, "did not read it" in reason) == ("failed", True)


async def test_the_label_of_another_zone_is_held_with_its_reason_and_applies_once_the_office_corrects_its_place(
    signed: SignedPlace, http: Site
) -> None:
    wrong = await signed.place.label_of(signed.place.elevator, "machine_room")
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.scan_zone(visit, wrong, "pit")
    arrived, held = await signed.sync()
    assert (arrived["state"], held["state"]) == ("applied", "held")
    assert held["reason_en"] == "this label hangs in the machine room, and another zone was told"
    assert held["reason_zh"] == "这是机房的标签，与所报区域不符"
    [row] = (await signed.manager.get("/api/v1/labels", params={"zone": "machine_room"})).json()["rows"]
    moved = await signed.manager.post(f"/api/v1/labels/{row['id']}/zone", json={"zone": "pit"})
    assert (moved.status_code, moved.json()["zone"]) == (200, "pit")
    signed.phone.wait(minutes=5)
    signed.phone.scan_zone(visit, wrong, "pit")
    assert {result["state"] for result in await signed.sync()} == {"applied"}


async def test_another_elevator_s_zone_label_is_held(signed: SignedPlace) -> None:
    other, _code = await signed.place.another_elevator()
    pit = await signed.place.label_of(other, "pit")
    visit = signed.phone.arrive(signed.place.code)
    signed.phone.scan_zone(visit, pit, "pit")
    assert [result["state"] for result in await signed.sync()] == ["applied", "held"]


@pytest.mark.parametrize("zone", ZONES)
async def test_an_arrival_from_a_zone_s_label_is_held_and_says_which_label_to_scan(signed: SignedPlace, zone: str) -> None:
    code = await signed.place.label_of(signed.place.elevator, zone)
    signed.phone.arrive(code)
    [held] = await signed.sync()
    assert held["state"] == "held"
    assert held["reason_en"].endswith("scan the label in the car")
    assert held["reason_zh"].endswith("请扫描轿厢内的标签")
    assert await audited("entry.held") == 1


async def test_a_second_technician_does_not_join_from_a_zone_s_label(signed: SignedPlace) -> None:
    pit = await signed.place.label_of(signed.place.elevator, "pit")
    signed.phone.arrive(signed.place.code)
    await signed.sync()
    signed.other_phone.join(pit)
    [held] = await signed.other_phone.sync(signed.second)
    assert (held["state"], held["reason_en"]) == ("held", "this label hangs in the pit: scan the label in the car")


async def test_the_page_of_a_zone_s_label_says_for_whom_it_is_and_shows_the_record_and_the_rescue_number(
    signed: SignedPlace, http: Site
) -> None:
    pit = await signed.place.label_of(signed.place.elevator, "pit")
    anybody = http.anybody(headers={"Accept-Language": "en"})
    page = (await anybody.get(f"/e/{pit}")).text
    same = (await anybody.get(f"/e/{signed.place.code}")).text
    assert "for maintenance staff (Pit)" in page
    assert "for maintenance staff" not in same
    assert all("tel:" in one and "Last maintenance visit" in one for one in (page, same))
    zh = (await anybody.get(f"/e/{pit}", headers={"Accept-Language": "zh"})).text
    assert "此标签供维保人员使用（底坑）" in zh
    assert (await anybody.get(f"/api/v1/elevators/{pit}/public")).json()["zone"] == "pit"


async def test_the_phone_knows_the_zones_of_labels(signed: SignedPlace) -> None:
    await signed.place.publish()
    pit = await signed.place.label_of(signed.place.elevator, "pit")
    labels = (await signed.first.get("/api/v1/phone/labels")).json()["rows"]
    known = {label["id"]: label["zone"] for label in labels}
    assert (known[pit.partition("-")[0]], known[signed.place.code.partition("-")[0]]) == ("pit", "")


async def test_the_office_makes_claims_and_moves_zone_labels_on_its_pages(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm, registration_code="31103310022015030077")
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post("/office/labels/mint", {"what": "missing", "zone": "pit"})
    client: httpx.AsyncClient = await http.api(Role.MANAGER, firm)
    [pit] = (await client.get("/api/v1/labels", params={"zone": "pit"})).json()["rows"]
    assert pit["elevator"] == str(elevator)
    await browser.post(f"/office/labels/{pit['id']}/zone", {"zone": "car_top"})
    assert (await client.get(f"/api/v1/labels/{pit['id']}")).json()["zone"] == "car_top"
    assert "Car top" in (await browser.get("/office/labels?zone=car_top")).text
