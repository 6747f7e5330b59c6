"""A manager reviews visits, hazards and due windows in the office."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from backend import clock, keyfile
from backend.scope import Role
from backend.settings import Settings
from backend.visits import service as visits
from backend.visits.inputs import FindingInput, Severity
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.visits import Workplace


@pytest.fixture
async def place(factory: Factory, settings: Settings) -> Workplace:
    return await Workplace.open(factory, keyfile.label_keys(settings))


@pytest.fixture
async def manager(http: Site, place: Workplace) -> Browser:
    return await http.browser(Role.MANAGER, place.firm)


async def hazard(place: Workplace, severity: Severity, condition: str = "") -> UUID:
    """A finding of a visit under way."""
    arrived = await place.arrive(at=clock.now() - timedelta(minutes=40))
    found = await visits.add_finding(
        place.technician, arrived.summary.id,
        FindingInput(id=uuid4(), severity=severity, description="water in the pit", stop_use_condition=condition),
    )  # fmt: skip
    return found.id


async def test_an_open_visit_is_abandoned_with_a_reason_and_does_not_count(manager: Browser, place: Workplace) -> None:
    visit = (await place.arrive()).summary.id
    assert str(visit) in (await manager.get("/office/visits?state=open")).text
    assert (await manager.post(f"/office/visits/{visit}/abandon", {"reason": ""})).status_code == 400
    page = await manager.post_and_follow(f"/office/visits/{visit}/abandon", {"reason": "phone broke"})
    assert "phone broke" in page.text
    assert str(visit) not in (await manager.get("/office/visits?state=open")).text


async def test_a_correction_is_a_new_version_beside_the_old_one(manager: Browser, place: Workplace) -> None:
    visit = await place.finish()
    record = (await visits.records(place.manager, visit))[-1]
    item = record.body.items[0].item
    assert "Correct the record" in (await manager.get(f"/office/visits/{visit}")).text
    form = {"version": "1", "reason": "wrong line", f"result:{item}": "adjusted", f"note:{item}": "tightened"}
    page = await manager.post_and_follow(f"/office/visits/{visit}/correct", form)
    assert "Earlier versions" in page.text
    assert "tightened" in page.text
    corrected = (await visits.records(place.manager, visit))[-1]
    assert (corrected.version, corrected.body.items[0].result) == (2, "adjusted")
    assert [line.result for line in corrected.body.items[1:]] == [line.result for line in record.body.items[1:]]


async def test_a_correction_of_a_version_that_is_no_longer_the_newest_is_refused(manager: Browser, place: Workplace) -> None:
    visit = await place.finish()
    form = {"version": "1", "reason": "first", "counts": "no"}
    await manager.post(f"/office/visits/{visit}/correct", form)
    answer = await manager.post(f"/office/visits/{visit}/correct", form | {"reason": "second"})
    assert answer.status_code in (409, 412)


async def test_a_hazard_names_its_elevator_and_is_closed_with_what_was_done(manager: Browser, place: Workplace) -> None:
    finding = await hazard(place, Severity.SERIOUS)
    page = (await manager.get("/office/hazards")).text
    assert "water in the pit" in page
    assert f"/office/elevators/{place.elevator}" in page
    assert (await manager.post(f"/office/findings/{finding}/close", {"reason": ""})).status_code == 400
    page = (await manager.post_and_follow(f"/office/findings/{finding}/close", {"reason": "pumped out"})).text
    assert "The hazard is closed." in page
    assert "pumped out" in (await manager.get("/office/hazards?closed=yes")).text


async def test_a_stopped_elevator_is_put_back_into_use_only_after_its_hazards_are_closed(
    manager: Browser, place: Workplace
) -> None:
    arrived = await place.arrive(at=clock.now() - timedelta(minutes=40))
    condition = arrived.stop_use_conditions[0].key
    finding = await visits.add_finding(
        place.technician, arrived.summary.id,
        FindingInput(id=uuid4(), severity=Severity.STOP_USE, description="rope worn", stop_use_condition=condition),
    )  # fmt: skip
    elevator = f"/office/elevators/{place.elevator}"
    assert "This elevator is stopped" in (await manager.get(elevator)).text
    assert (await manager.post(f"{elevator}/return-to-use", {"reason": "done"})).status_code == 409
    await manager.post(f"/office/findings/{finding.id}/close", {"reason": "ropes replaced"})
    page = await manager.post_and_follow(f"{elevator}/return-to-use", {"reason": "ropes replaced, tested"})
    assert "The elevator is in use again." in page.text


async def test_a_notice_shows_whether_the_owner_has_received_it(manager: Browser, place: Workplace) -> None:
    await hazard(place, Severity.GENERAL)
    page = (await manager.get("/office/hazards")).text
    address = page.partition('href="/office/notices/')[2].partition('"')[0]
    assert "not received yet" in (await manager.get(f"/office/notices/{address}")).text


async def test_the_receipt_shows_every_rule_with_clause_and_source(manager: Browser, place: Workplace) -> None:
    await place.finish()
    page = (await manager.get(f"/office/elevators/{place.elevator}/receipt")).text
    assert "Article 31" in page
    assert page.count("decides") == 1
    assert page.count("in force since") > 3


async def test_what_is_due_is_filtered_and_the_filter_stays_over_pages(
    manager: Browser, place: Workplace, factory: Factory
) -> None:
    for _ in range(55):
        await factory.elevator(place.firm, site=place.site)
    await manager.post_and_follow("/office/due/recompute")
    first = (await manager.get("/office/due?days=400")).text
    assert first.count("/receipt") == 50
    following = first.partition('href="/office/due?')[2].partition('"')[0].replace("&amp;", "&")
    while "cursor=" not in following:
        first = first.partition('href="/office/due?')[2]
        following = first.partition('href="/office/due?')[2].partition('"')[0].replace("&amp;", "&")
    assert "days=400" in following
    assert (await manager.get(f"/office/due?{following}")).text.count("/receipt") == 6
    assert "Nothing fits this choice" in (await manager.get("/office/due?text=no-such-thing")).text


async def test_the_first_page_counts_what_needs_somebody(manager: Browser, place: Workplace) -> None:
    await place.finish()
    await hazard(place, Severity.SERIOUS)
    page = (await manager.get("/office")).text
    numbers = {label: number for number, label in re.findall(r"<b>([^<]*)</b><span>([^<]*)</span>", page)}
    assert numbers["open visits"] == "1"
    assert numbers["open hazards"] == "1"
    assert numbers["wait for the owner"] == "1"
    assert numbers["elevators in use"] == "1"
