"""Over HTTP: what grade the evidence of a signed visit deserves, and what the office can say to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from backend import clock, keyfile
from backend.scope import Role
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.phone import in_order
from tests.support.signed import SignedPlace, audited
from tests.support.visits import Workplace, value


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    """Two technicians with phones at an elevator."""
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)


async def proof(signed: SignedPlace, visit: UUID) -> dict[str, Any]:
    answer = await signed.manager.get(f"/api/v1/visits/{visit}/proof")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def newest(signed: SignedPlace, visit: UUID) -> tuple[str, dict[str, str]]:
    """The newest grade, and each question's answer."""
    grade = (await proof(signed, visit))["grades"][-1]
    return grade["grade"], {check["name"]: check["outcome"] for check in grade["checks"]}


async def honest(signed: SignedPlace) -> UUID:
    """A visit of two technicians, both with their own phones."""
    visit = signed.visit()
    other, code = signed.other_phone, signed.place.code
    other.wait(minutes=2)
    other.join(code, visit)
    other.wait(minutes=40)
    other.leave(code, visit)
    await signed.sync()
    await other.sync(signed.second)
    return visit


async def test_an_honest_visit_without_a_monitor_is_a_b(signed: SignedPlace) -> None:
    visit = await honest(signed)
    grade, told = await newest(signed, visit)
    assert (grade, "failed" in told.values()) == ("B", False), told
    passed = {"signed", "key", "chain", "time_bounded", "clock", "order", "place", "position_plausible", "own_scans"}
    assert {name for name in passed if told[name] != "passed"} == set()
    assert told["elevator"] == "skipped"


async def test_a_late_upload_is_no_worse(signed: SignedPlace) -> None:
    visit = signed.visit()
    with clock.stopped_at(clock.now() + timedelta(hours=9)):
        await signed.sync()
    grade, told = await newest(signed, visit)
    assert (grade, told["time_bounded"]) == ("B", "passed"), told


async def test_a_second_technician_who_is_only_named_is_not_proven(signed: SignedPlace) -> None:
    visit = signed.visit()
    await signed.sync()
    _, told = await newest(signed, visit)
    assert (told["technicians"], told["own_scans"]) == ("passed", "skipped")


async def test_own_scans_that_come_later_make_a_new_grade(signed: SignedPlace) -> None:
    visit = signed.visit()
    other, code = signed.other_phone, signed.place.code
    other.wait(minutes=2)
    other.join(code, visit)
    other.wait(minutes=40)
    other.leave(code, visit)
    await signed.sync()
    await other.sync(signed.second)
    grades = (await proof(signed, visit))["grades"]
    assert grades[-1]["why"] == "late_entries"
    assert {check["name"]: check["outcome"] for check in grades[-1]["checks"]}["own_scans"] == "passed"


async def test_a_clock_that_was_set_back_is_a_d_and_does_not_count(signed: SignedPlace) -> None:
    phone, code = signed.phone, signed.place.code
    phone.set_clock(phone.at - timedelta(days=2))
    visit = phone.arrive(code, second=signed.place.second.technician)
    phone.wait(minutes=45)
    phone.work(visit, answers=in_order(signed.items))
    phone.depart(visit, code)
    await signed.sync()
    grade, told = await newest(signed, visit)
    assert (grade, told["time_bounded"]) == ("D", "failed")
    found = await proof(signed, visit)
    assert (found["review"], found["counts"]) == ("waiting", False)


async def test_a_feigned_position_is_at_best_a_c(signed: SignedPlace) -> None:
    signed.phone.feigns_position = True
    visit = await honest(signed)
    grade, told = await newest(signed, visit)
    assert (grade, told["position_plausible"]) == ("C", "failed"), told


async def test_the_same_label_scanned_elsewhere_meanwhile_is_a_copy_and_told_at_the_label(
    signed: SignedPlace, http: Site
) -> None:
    phone, other, code = signed.phone, signed.other_phone, signed.place.code
    visit = phone.arrive(code)
    await signed.sync()
    other.place = (28.9, 121.6)
    other.wait(minutes=20)
    other.arrive(code)
    assert [result["state"] for result in await other.sync(signed.second)] == ["held"]  # the elevator has an open visit
    phone.wait(minutes=45)
    phone.work(visit, answers=in_order(signed.items))
    phone.depart(visit, code)
    await signed.sync()
    grade, told = await newest(signed, visit)
    assert (grade, told["label_once"]) == ("D", "failed")
    assert await audited("label.seen_twice") == 1
    label = await value("SELECT label FROM scan WHERE visit = $1 LIMIT 1", visit)
    page = await (await http.browser(Role.MANAGER, signed.place.firm)).get(f"/office/labels/{label}")
    assert "in two places at the same time" in page.text
    assert f"/office/visits/{visit}" in page.text


async def test_photos_that_arrive_later_make_a_new_grade(signed: SignedPlace) -> None:
    phone, code = signed.phone, signed.place.code
    visit = phone.arrive(code, second=signed.place.second.technician)
    phone.wait(minutes=45)
    taken = phone.photograph(1, item="A-1-01")
    phone.work(visit, answers=in_order(signed.items), photos=[taken])
    phone.depart(visit, code)
    await phone.send(signed.first, phone.queue)  # the entries alone: the photos follow when there is more signal
    assert (await newest(signed, visit))[1]["photos_arrived"] == "skipped"
    await signed.sync()
    assert (await newest(signed, visit))[1]["photos_arrived"] == "passed"


async def test_the_office_accepts_disputes_and_reopens_over_http(signed: SignedPlace) -> None:
    signed.phone.set_clock(signed.phone.at - timedelta(days=2))
    visit = signed.visit()
    await signed.sync()
    queue = (await signed.manager.get("/api/v1/reviews")).json()
    assert [row["summary"]["id"] for row in queue["rows"]] == [str(visit)]
    assert queue["rows"][0]["grade"]["reasons"]
    refused = await signed.manager.post(f"/api/v1/visits/{visit}/accept", json={"reason": ""})
    assert (refused.status_code, refused.json()["faults"][0]["path"]) == (400, "reason")
    accepted = await signed.manager.post(f"/api/v1/visits/{visit}/accept", json={"reason": "clock repaired"})
    assert (accepted.json()["review"], accepted.json()["counts"]) == ("accepted", True)
    reopened = await signed.manager.post(f"/api/v1/visits/{visit}/reopen", json={"reason": "hm"})
    assert (reopened.json()["review"], reopened.json()["counts"]) == ("waiting", False)
    disputed = await signed.manager.post(f"/api/v1/visits/{visit}/dispute", json={"reason": "no"})
    assert (disputed.json()["review"], disputed.json()["counts"]) == ("disputed", False)
    assert (await signed.manager.post(f"/api/v1/visits/{visit}/accept", json={"reason": "x"})).status_code == 409


async def test_the_owner_and_the_technician_see_the_grade_and_its_reasons(signed: SignedPlace, http: Site) -> None:
    visit = await honest(signed)
    owner = await http.api(Role.OWNER, signed.place.firm, owner=signed.place.owner)
    for client in (owner, signed.first):
        seen = (await client.get(f"/api/v1/visits/{visit}/proof")).json()
        assert seen["grades"][-1]["grade"] == "B"
        assert all(reason["zh"] and reason["en"] for reason in seen["grades"][-1]["reasons"])
    stranger = await Workplace.open(signed.place.factory)
    foreign = await http.api(Role.OWNER, stranger.firm, owner=stranger.owner)
    assert (await foreign.get(f"/api/v1/visits/{visit}/proof")).status_code == 404


async def test_visits_are_listed_by_grade(signed: SignedPlace) -> None:
    visit = await honest(signed)
    listed = (await signed.manager.get("/api/v1/visits", params={"grade": "B", "review": "none"})).json()["rows"]
    assert [(row["id"], row["grade"], row["review"]) for row in listed] == [(str(visit), "B", "none")]
    assert (await signed.manager.get("/api/v1/visits", params={"grade": "A"})).json()["rows"] == []
