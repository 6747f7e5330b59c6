"""The owner's pages: what waits, the record, the word, the notices."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from backend import keyfile
from backend.scope import Role
from backend.settings import Settings
from backend.visits import service
from backend.visits.inputs import CorrectionInput, FindingInput, Severity
from mobile_api import staff_mark
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Browser, Site, account
from tests.support.visits import Workplace, value


@pytest.fixture
async def place(http: Site, factory: Factory, settings: Settings) -> Workplace:
    """A workplace whose labels the application knows."""
    return await Workplace.open(factory, keyfile.label_keys(settings))


@pytest.fixture
async def browser(http: Site, place: Workplace) -> Browser:
    """The owner's browser, in English."""
    return await http.browser(Role.OWNER, place.firm, owner=place.owner)


@pytest.fixture
async def visit(place: Workplace) -> UUID:
    """A finished visit."""
    return await place.finish()


async def hazard(place: Workplace, **values: object) -> UUID:
    """A finding of an open visit; return its notice."""
    opened = await place.arrive()
    given: dict[str, object] = {"id": uuid4(), "severity": Severity.SERIOUS, "description": "the rope is worn"}
    kept = await service.add_finding(place.technician, opened.summary.id, FindingInput(**(given | values)))  # type: ignore[arg-type]
    assert kept.notice is not None
    return kept.notice


async def test_nothing_to_do_says_so(browser: Browser) -> None:
    page = await browser.get("/owner/")
    assert "Nothing to confirm" in page.text
    assert "没有待确认的维保" in (await browser.get("/owner?lang=zh")).text


async def test_the_owner_confirms_in_the_browser(browser: Browser, place: Workplace, visit: UUID) -> None:
    assert str(visit) in (await browser.get("/owner")).text
    record = await browser.get(f"/owner/visits/{visit}")
    assert await value("SELECT sha256 FROM visit_record") in record.text
    page = await browser.post_and_follow(f"/owner/visits/{visit}/confirm", {"version": "1"})
    assert "You have confirmed the visit." in page.text
    assert "Nothing to confirm" in page.text
    assert "You confirmed this version" in (await browser.get(f"/owner/visits/{visit}")).text
    assert await value("SELECT decision FROM owner_decision") == "confirmed"


async def test_the_owner_refuses_with_a_reason_in_the_browser(browser: Browser, visit: UUID) -> None:
    refused = await browser.post(f"/owner/visits/{visit}/refuse", {"version": "1", "reason": " "})
    assert (refused.status_code, "give a reason" in refused.text) == (400, True)
    await browser.post_and_follow(f"/owner/visits/{visit}/refuse", {"version": "1", "reason": "nobody <came>"})
    page = await browser.get(f"/owner/visits/{visit}")
    assert "nobody &lt;came&gt;" in page.text
    assert str(visit) in (await browser.get("/owner/visits?confirmation=refused")).text


async def test_a_version_that_was_corrected_meanwhile_must_be_read_first(
    browser: Browser, place: Workplace, visit: UUID
) -> None:
    correction = CorrectionInput(version=1, reason="nobody was there", counts=False)
    await service.correct(place.manager, visit, correction)
    answer = await browser.post(f"/owner/visits/{visit}/confirm", {"version": "1"})
    assert (answer.status_code, "the record has version 2 by now" in answer.text) == (409, True)
    assert "nobody was there" in answer.text
    assert await value("SELECT count(*) FROM owner_decision") == 0


async def test_a_form_without_a_version_decides_nothing(browser: Browser, visit: UUID) -> None:
    for version in ("", "x", "²", "9" * 30):
        assert (await browser.post(f"/owner/visits/{visit}/confirm", {"version": version})).status_code == 409
    assert await value("SELECT count(*) FROM owner_decision") == 0


async def test_a_notice_is_received_by_a_form_and_not_by_looking(browser: Browser, place: Workplace) -> None:
    notice = await hazard(place)
    page = await browser.get("/owner")
    assert "Notices you have not read" in page.text
    closed = await browser.get(f"/owner/notices/{notice}")
    assert "the rope is worn" not in closed.text
    assert await value("SELECT read_at FROM notice") is None
    opened = await browser.post_and_follow(f"/owner/notices/{notice}")
    assert "the rope is worn" in opened.text
    assert "received by" in opened.text
    assert await value("SELECT read_at FROM notice") is not None
    assert "the rope is worn" in (await browser.get("/owner")).text  # among the open hazards


async def test_an_elevator_that_must_not_be_used_stands_first(browser: Browser, place: Workplace) -> None:
    await hazard(place, severity=Severity.STOP_USE, stop_use_condition="door_lock_circuit_shorted", description="")
    assert "must not be used" in (await browser.get("/owner")).text


async def test_another_owner_sees_and_signs_nothing(http: Site, place: Workplace, visit: UUID) -> None:
    notice = await hazard(place)
    other = await http.browser(Role.OWNER, place.firm)
    for path in ("/owner", "/owner/visits", "/owner/notices"):
        page = await other.get(path)
        assert page.status_code == 200
        assert str(visit) not in page.text
        assert str(notice) not in page.text
    assert (await other.get(f"/owner/visits/{visit}")).status_code == 404
    assert (await other.post(f"/owner/visits/{visit}/confirm", {"version": "1"})).status_code == 404
    assert (await other.get(f"/owner/notices/{notice}")).status_code == 404
    assert (await other.post(f"/owner/notices/{notice}")).status_code == 404
    assert await value("SELECT count(*) FROM owner_decision") == 0


async def test_every_page_comes_in_both_languages_to_its_role_alone(
    http: Site, browser: Browser, place: Workplace, visit: UUID
) -> None:
    notice = await hazard(place)
    technician, anybody = await http.browser(Role.TECHNICIAN, place.firm), http.browser_of_anybody()
    for address in ("/owner", "/owner/visits", f"/owner/visits/{visit}", "/owner/notices", f"/owner/notices/{notice}"):
        for language, tag in (("zh", 'lang="zh-CN"'), ("en", 'lang="en"')):
            page = await browser.get(address, headers={"Accept-Language": language})
            assert (page.status_code, tag in page.text) == (200, True), page.text[:2000]
        assert (await technician.get(address)).status_code == 403, address
        assert (await anybody.get(address)).headers["location"].startswith("/sign-in?next="), address


@pytest.mark.parametrize("word", ["confirm", "refuse"])
async def test_an_owners_account_gives_no_word_in_a_technicians_browser(
    http: Site, place: Workplace, visit: UUID, word: str
) -> None:
    """Signed out, the owner's password known: the technician's device never gives the owner's word."""
    phone = await http.browser(Role.TECHNICIAN, place.firm, technician=place.technician.technician)  # type: ignore[arg-type]
    await phone.post("/sign-out")
    login = await account(place.firm, Role.OWNER, owner=place.owner)
    assert (await phone.post("/sign-in", {"login": login, "password": PASSWORD})).status_code == 303
    shown = await phone.get(f"/owner/visits/{visit}")
    assert ("Sign in on another device" in shown.text, f"/owner/visits/{visit}/{word}" in shown.text) == (True, False)
    answer = await phone.post(f"/owner/visits/{visit}/{word}", {"version": "1", "reason": "no"})
    assert (answer.status_code, "on another device" in answer.text) == (403, True)
    token = (await phone.client.post("/api/v1/sessions", json={"login": login, "password": PASSWORD})).json()["token"]
    by_api = await phone.client.post(
        f"/api/v1/owner/visits/{visit}/{word}",
        json={"version": 1, "reason": "no"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert by_api.status_code == 403
    assert await value("SELECT count(*) FROM owner_decision") == 0
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'confirmation.staff_refused'") == 2


async def test_an_owner_may_share_a_computer_with_the_office(http: Site, place: Workplace, visit: UUID) -> None:
    shared = await http.browser(Role.MANAGER, place.firm)
    await shared.post("/sign-out")
    login = await account(place.firm, Role.OWNER, owner=place.owner)
    await shared.post("/sign-in", {"login": login, "password": PASSWORD})
    assert (await shared.post(f"/owner/visits/{visit}/confirm", {"version": "1"})).status_code == 303


async def test_a_technicians_mark_stays_a_technicians_when_the_office_uses_the_browser(http: Site, place: Workplace) -> None:
    browser = await http.browser(Role.MANAGER, place.firm)
    for role in (Role.TECHNICIAN, Role.MANAGER):
        await browser.post("/sign-out")
        login = await account(place.firm, role)
        await browser.post("/sign-in", {"login": login, "password": PASSWORD})
        await browser.get("/work/")
        await browser.get("/office/")
        assert browser.client.cookies[staff_mark.COOKIE].partition(".")[0].endswith("t")
