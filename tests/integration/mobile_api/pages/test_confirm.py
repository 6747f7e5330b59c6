"""The page behind the owner's code: what the safety officer sees, and that maintenance staff never get through."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from backend import clock, database, keyfile
from backend.confirmations import codes, service
from backend.confirmations.limits import MOST_WRONG
from backend.confirmations.macs import macs_of
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from backend.visits import service as visits
from backend.visits.inputs import CorrectionInput
from mobile_api import staff_mark
from mobile_api.guesses import MOST_REFUSED
from mobile_api.pages.confirm import MOST_RELOADS, PHONE_COOKIE
from tests.support.confirming import (
    GATEWAY,
    another_than,
    finished_with_code,
    give_number,
    proved,
    proved_in,
    sent_password,
)
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Browser, Site, account
from tests.support.visits import Workplace, value

STEPS = ["password", "check", "confirm", "refuse"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation that can send text messages."""
    return msgspec.structs.replace(settings, sms_url=GATEWAY)


@pytest.fixture
async def place(http: Site, factory: Factory, settings: Settings) -> Workplace:
    """A workplace whose owner has a number."""
    made = await Workplace.open(factory, keyfile.label_keys(settings))
    await give_number(made)
    return made


async def decisions() -> int:
    found: int = await value("SELECT count(*) FROM owner_decision")
    return found


# What the safety officer sees.


async def test_the_safety_officer_confirms_with_a_password_by_text_message(http: Site, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody()
    first = await phone.get(f"/C/{code}")  # as the QR code has it
    assert (first.status_code, "Was this elevator maintained?" in first.text) == (200, True)
    assert await value("SELECT sha256 FROM visit_record") in first.text
    assert await value("SELECT badge FROM technician WHERE id = $1", place.technician.technician) in first.text
    sent = await phone.post_and_follow(f"/c/{code}/password")
    assert ("Type the six digits" in sent.text, "ends in 123" in sent.text) == (True, True)
    sign = await phone.post_and_follow(f"/c/{code}/check", {"password": await sent_password()})
    assert "Confirm this visit" in sign.text
    done = await phone.post_and_follow(f"/c/{code}/confirm", {"version": "1"})
    assert "Confirmed. Thank you." in done.text
    assert await value("SELECT confirmation FROM visit WHERE id = $1", visit) == "confirmed"
    assert "Confirmed. Thank you." in (await http.browser_of_anybody().get(f"/c/{code.lower()}")).text


async def test_the_safety_officer_refuses_and_everybody_who_may_reads_why(http: Site, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    phone = await proved_in(http, code)
    empty = await phone.post(f"/c/{code}/refuse", {"version": "1", "reason": " "})
    assert (empty.status_code, "give a reason" in empty.text) == (400, True)
    done = await phone.post_and_follow(f"/c/{code}/refuse", {"version": "1", "reason": "the <pit> is dirty"})
    assert ("You have refused this record" in done.text, "the &lt;pit&gt; is dirty" in done.text) == (True, True)
    office = await http.browser(Role.MANAGER, place.firm)
    for path in ("/office/visits", f"/office/visits/{visit}"):
        page = await office.get(path)
        assert "the &lt;pit&gt; is dirty" in page.text, path
    assert "password sent to the number that ends in 123" in page.text
    owner = await http.browser(Role.OWNER, place.firm, owner=place.owner)
    assert "the &lt;pit&gt; is dirty" in (await owner.get(f"/owner/visits/{visit}")).text
    technician = await http.browser(Role.TECHNICIAN, place.firm, technician=place.technician.technician)  # type: ignore[arg-type]
    assert "the &lt;pit&gt; is dirty" in (await technician.get(f"/work/visits/{visit}")).text
    passenger = await http.anybody().get(f"/e/{place.code}?lang=en")
    assert "Refused by the owner" in passenger.text
    assert "dirty" not in passenger.text  # nothing that somebody typed
    api = await http.api(Role.MANAGER, place.firm)
    (line,) = (await api.get("/api/v1/visits")).json()["rows"]
    assert (line["confirmation"], line["confirmation_reason"]) == ("refused", "the <pit> is dirty")
    (record,) = (await api.get(f"/api/v1/visits/{visit}/records")).json()["rows"]
    assert (record["decision_how"], record["number_tail"]) == ("one_time_password", "123")


async def test_before_the_visit_has_arrived_the_page_waits_and_then_shows_it(http: Site, place: Workplace) -> None:
    code, phone = codes.new_code(), http.browser_of_anybody()
    waiting = await phone.get(f"/C/{code}")
    assert (waiting.status_code, "has not arrived yet" in waiting.text) == (404, True)
    found = re.search(r'http-equiv="refresh" content="(\d+);url=([^"]+)"', waiting.text)
    assert found is not None
    visit = await place.finish()
    async with database.tx(place.technician):
        await service.keep_inside(place.firm, visit, codes.sha256_of(code))
    assert "Was this elevator maintained?" in (await phone.get(found[2])).text


async def test_the_page_does_not_ask_for_ever(http: Site) -> None:
    phone, code = http.browser_of_anybody(), codes.new_code()
    page = await phone.get(f"/c/{code}?n={MOST_RELOADS}")
    assert ("refresh" in page.text, "Look again now" in page.text) == (False, True)
    for odd in ("-1", "x", "９", "1e9"):
        assert (await phone.get(f"/c/{code}?n={odd}")).status_code == 404


async def test_after_a_refusal_the_same_page_asks_about_the_corrected_version(http: Site, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    phone = await proved_in(http, code)
    refused = await phone.post_and_follow(f"/c/{code}/refuse", {"version": "1", "reason": "the pit is wet"})
    assert "Keep the address of this page" in refused.text
    await visits.correct(place.manager, visit, CorrectionInput(version=1, reason="typed twice", counts=False))
    await visits.correct(place.manager, visit, CorrectionInput(version=2, reason="right after all", counts=True))
    again = await phone.get(f"/c/{code}")
    assert (again.status_code, "corrected after your answer" in again.text) == (200, True)
    assert "Send me the password" in again.text  # the phone was not remembered


async def test_what_is_no_code_says_so(http: Site) -> None:
    for text in ("nonsense", "0" * 25, "U" * 26, "%2e%2e", "%00", "<b>", "'--"):
        page = await http.browser_of_anybody().get(f"/c/{text}")
        assert (page.status_code, "This is not a code" in page.text or "no such page" in page.text) == (404, True), text


async def test_a_wrong_password_says_how_often_it_may_be_typed(http: Site, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody()
    await phone.post(f"/c/{code}/password")
    wrong = another_than(await sent_password())
    page = await phone.post(f"/c/{code}/check", {"password": wrong})
    assert (page.status_code, "You can try 4 more times." in page.text) == (400, True)
    for _ in range(MOST_WRONG - 1):
        page = await phone.post(f"/c/{code}/check", {"password": wrong})
    assert "Have a new one sent." in page.text
    assert await decisions() == 0


async def test_another_message_must_wait(http: Site, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody()
    await phone.post(f"/c/{code}/password")
    page = await phone.post(f"/c/{code}/password")
    wait_s = page.headers["retry-after"]
    assert (page.status_code, f"in {wait_s} seconds" in page.text) == (429, True)
    assert 50 <= int(wait_s) <= 61


async def test_a_corrected_record_must_be_read_before_it_is_confirmed(http: Site, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    phone = await proved_in(http, code)
    await visits.correct(place.manager, visit, CorrectionInput(version=1, reason="wrong", counts=False))
    gone = await phone.post(f"/c/{code}/confirm", {"version": "1"})
    assert (gone.status_code, "There is nothing to confirm" in gone.text) == (409, True)
    await visits.correct(place.manager, visit, CorrectionInput(version=2, reason="right after all", counts=True))
    stale = await phone.post(f"/c/{code}/confirm", {"version": "1"})
    assert (stale.status_code, "version 3 by now" in stale.text) == (409, True)
    assert "Version 3" in stale.text
    assert await decisions() == 0


async def test_without_a_gateway_the_account_is_the_way(
    http: Site, place: Workplace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit, code = await finished_with_code(place)
    monkeypatch.setattr("backend.confirmations.reading.can_send", lambda _settings: False)
    page = await http.browser_of_anybody().get(f"/c/{code}")
    assert "sends no text messages" in page.text
    assert f"/sign-in?next=/owner/visits/{visit}" in page.text
    owner = await http.browser(Role.OWNER, place.firm, owner=place.owner)
    assert f'href="/owner/visits/{visit}"' in (await owner.get(f"/c/{code}")).text


async def test_a_remembered_phone_is_listed_and_ended_by_owner_and_office(http: Site, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody()
    await phone.post(f"/c/{code}/password")
    await phone.post(f"/c/{code}/check", {"password": await sent_password(), "remember": "yes"})
    cookie = next(cookie for cookie in phone.client.cookies.jar if cookie.name == PHONE_COOKIE)
    assert cookie.has_nonstandard_attr("HttpOnly")
    known: UUID = await value("SELECT id FROM known_phone")
    owner = await http.browser(Role.OWNER, place.firm, owner=place.owner)
    assert str(known) in (await owner.get("/owner/known-phones")).text
    office = await http.browser(Role.MANAGER, place.firm)
    assert str(known) in (await office.get(f"/office/owners/{place.owner}")).text
    assert (await owner.post(f"/owner/known-phones/{known}/revoke", {"reason": ""})).status_code == 400
    page = await office.post_and_follow(f"/office/owners/{place.owner}/known-phones/{known}/revoke", {"reason": "lost"})
    assert ("lost" in page.text, str(known) in page.text) == (True, False)
    assert "Send me the password" in (await phone.get(f"/c/{code}")).text
    assert "No phone is known" not in (await owner.get("/owner/known-phones")).text


async def test_every_state_is_there_in_chinese(http: Site, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody("zh")
    assert "这台电梯做过维保了吗" in (await phone.get(f"/c/{code}")).text
    await phone.post(f"/c/{code}/password")
    assert "输入六位验证码" in (await phone.get(f"/c/{code}")).text


# Maintenance staff.


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MANAGER, Role.ADMIN, Role.REGULATOR])
async def test_a_browser_of_staff_is_refused_at_every_step_even_with_a_proved_phones_cookie(
    http: Site, place: Workplace, settings: Settings, role: Role
) -> None:
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    staff = await http.browser(role, place.firm)
    staff.client.cookies.set(PHONE_COOKIE, token, domain="testserver.local")
    assert (await staff.get(f"/C/{code}")).status_code == 403
    for step in STEPS:
        answer = await staff.post(f"/c/{code}/{step}", {"version": "1", "reason": "no", "password": "123456"})
        assert (answer.status_code, "owner's safety officer" in answer.text or "owner&#39;s" in answer.text) == (403, True)
    assert await decisions() == 0
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'confirmation.staff_refused'") == len(STEPS)


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MANAGER])
async def test_a_browser_that_staff_have_ever_signed_in_with_stays_refused(
    http: Site, place: Workplace, settings: Settings, role: Role
) -> None:
    """Signed out, session gone, a year later, and although the phone's cookie is genuine."""
    _visit, code = await finished_with_code(place)
    token = await proved(settings, code, remember=True)
    staff = await http.browser(role, place.firm)
    await staff.post("/sign-out")
    staff.client.cookies.set(PHONE_COOKIE, token, domain="testserver.local")
    for _ in range(2):
        assert (await staff.get(f"/c/{code}")).status_code == 403
        assert (await staff.post(f"/c/{code}/confirm", {"version": "1"})).status_code == 403
        staff.client.cookies.delete("liftrounds_session")
    assert await decisions() == 0


async def test_the_mark_lasts_as_long_as_browsers_keep_cookies_and_no_script_reads_it(http: Site, place: Workplace) -> None:
    browser = http.browser_of_anybody()
    login = await account(place.firm, Role.TECHNICIAN)
    answer = await browser.post("/sign-in", {"login": login, "password": PASSWORD})
    (line,) = [line for line in answer.headers.get_list("set-cookie") if line.startswith(staff_mark.COOKIE)]
    assert ("HttpOnly" in line, f"Max-Age={400 * 24 * 3600}" in line) == (True, True)
    again = await browser.get("/work/")
    assert not [line for line in again.headers.get_list("set-cookie") if line.startswith(staff_mark.COOKIE)]
    with clock.stopped_at(clock.now() + timedelta(hours=11)):  # still signed in
        assert (await browser.get("/work/")).status_code == 200


async def test_an_old_mark_is_renewed_and_a_made_up_one_is_replaced(http: Site, place: Workplace, settings: Settings) -> None:
    old = f"{clock.now() - timedelta(days=31):%Y%m%d}"
    for present in (f"{old}.{macs_of(settings).mark(old)}", "20261126.00", "nonsense"):
        browser = await http.browser(Role.MANAGER, place.firm)
        browser.client.cookies.delete(staff_mark.COOKIE)
        browser.client.cookies.set(staff_mark.COOKIE, present, domain="testserver.local")
        answer = await browser.get("/office/")
        assert any(line.startswith(staff_mark.COOKIE) for line in answer.headers.get_list("set-cookie")), present


async def test_owners_and_passengers_get_no_mark(http: Site, place: Workplace) -> None:
    owner = await http.browser(Role.OWNER, place.firm, owner=place.owner)
    await owner.get("/owner/")
    stranger = http.browser_of_anybody()
    await stranger.get(f"/e/{place.code}")
    for browser in (owner, stranger):
        assert staff_mark.COOKIE not in browser.client.cookies


async def test_a_phone_with_the_app_is_refused_by_its_token_and_by_the_mark_it_left(http: Site, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    app = await http.api(Role.TECHNICIAN, place.firm)
    assert (await app.get(f"/c/{code}")).status_code == 403
    assert staff_mark.COOKIE in app.cookies
    del app.headers["Authorization"]
    assert (await app.get(f"/c/{code}")).status_code == 403
    browser = Browser(app)
    for step in STEPS:
        assert (await browser.post(f"/c/{code}/{step}")).status_code == 403


@pytest.mark.parametrize("key", ["lrd_device", "lrt_token", "anything"])
async def test_no_program_with_a_key_calls_these_routes(http: Site, place: Workplace, key: str) -> None:
    _visit, code = await finished_with_code(place)
    browser = http.browser_of_anybody()
    browser.client.headers["Authorization"] = f"Bearer {key}"
    assert (await browser.get(f"/c/{code}")).status_code == 403
    for step in STEPS:
        assert (await browser.post(f"/c/{code}/{step}")).status_code == 403
    assert await value("SELECT count(*) FROM message") == 0


async def test_there_is_no_route_of_the_api_that_gives_the_owners_word_without_the_owner(http: Site, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    for role in (Role.TECHNICIAN, Role.MANAGER, Role.REGULATOR, Role.ADMIN):
        client = await http.api(role, place.firm)
        for word in ("confirm", "refuse"):
            answer = await client.post(f"/api/v1/owner/visits/{visit}/{word}", json={"version": 1, "reason": "no"})
            assert answer.status_code == 403
            assert (await client.post(f"/api/v1/c/{code}/{word}", json={"version": 1})).status_code == 404
    assert await decisions() == 0


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
async def test_nobody_but_the_office_replaces_the_owners_number(http: Site, place: Workplace, role: Role) -> None:
    client = await http.api(role, place.firm)
    answer = await client.patch(f"/api/v1/owners/{place.owner}", json={"phone": "13700137999"})
    assert answer.status_code == 403
    assert await value("SELECT phone FROM owner WHERE id = $1", place.owner) == "138 0013 8123"


async def test_staff_read_the_password_nowhere(http: Site, place: Workplace) -> None:
    """All pages and answers that a manager can open about the visit, its messages and the trail."""
    visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody()
    shown = await phone.post_and_follow(f"/c/{code}/password")
    password = await sent_password()
    office, api = await http.browser(Role.MANAGER, place.firm), await http.api(Role.MANAGER, place.firm)
    pages: list[httpx.Response] = [shown]
    pages += [await office.get(path) for path in ("/office/audit", f"/office/visits/{visit}", "/office/messages")]
    pages += [await api.get(path) for path in ("/api/v1/audit-events", f"/api/v1/visits/{visit}", "/api/v1/messages")]
    for page in pages:
        assert not re.search(rf"(?<![0-9a-f]){password}(?![0-9a-f])", page.text), page.url


async def test_codes_are_in_no_log(http: Site, place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    _visit, code = await finished_with_code(place)
    phone = http.browser_of_anybody()
    await phone.get(f"/C/{code}")
    await phone.post(f"/c/{code.lower()}/password")
    printed = capsys.readouterr()
    said = (printed.out + printed.err).upper()
    assert code not in said
    assert "/C/…/PASSWORD" in said


async def test_a_form_of_another_site_does_nothing(http: Site, place: Workplace, settings: Settings) -> None:
    _visit, code = await finished_with_code(place)
    client = http.anybody()
    client.cookies.set(PHONE_COOKIE, await proved(settings, code, remember=True), domain="testserver.local")
    answer = await client.post(f"/c/{code}/confirm", data={"version": "1"})
    assert answer.status_code == 403
    assert await decisions() == 0


async def test_made_up_codes_are_slowed_down_and_genuine_ones_still_open(http: Site, place: Workplace) -> None:
    _visit, code = await finished_with_code(place)
    client = http.anybody()
    answers = [(await client.get(f"/c/{codes.new_code()}")).status_code for _ in range(MOST_REFUSED + 1)]
    assert answers[0] == 404
    assert answers[-1] == 429
    assert (await client.get(f"/c/{code}")).status_code == 200


@pytest.mark.parametrize("version", ["", "0", "2", "-1", "x", "１", "99999999999999999999"])
async def test_odd_versions_decide_nothing(http: Site, place: Workplace, version: str) -> None:
    _visit, code = await finished_with_code(place)
    phone = await proved_in(http, code)
    assert (await phone.post(f"/c/{code}/confirm", {"version": version})).status_code == 409
    assert await decisions() == 0


# The technician's pages without script.


async def test_the_visit_page_shows_the_code_after_the_departure(http: Site, place: Workplace, settings: Settings) -> None:
    technician = await http.browser(Role.TECHNICIAN, place.firm, technician=place.technician.technician)  # type: ignore[arg-type]
    arrived = await place.arrive(at=clock.now() - timedelta(minutes=40))
    await place.answer_all(arrived)
    visit = arrived.summary.id
    form = {"scan": str(uuid4()), "code": place.code, "source": "typed"}
    page = await technician.post_and_follow(f"/work/visits/{visit}/departure", form)
    found = re.search(r"<code>HTTP://TESTSERVER\.LOCAL/C/([0-9A-Z]{26})</code>", page.text)
    assert found is not None
    assert ('src="data:image/svg+xml;base64,' in page.text, "safety officer" in page.text) == (True, True)
    assert (await service.opened(settings, found[1], [])).visit is not None
    again = await technician.post_and_follow(f"/work/visits/{visit}/owner-code")
    assert found[1] not in again.text
    assert "A newer code was shown" in (await http.browser_of_anybody().get(f"/c/{found[1]}")).text
    other = await http.browser(Role.TECHNICIAN, place.firm)
    assert (await other.post(f"/work/visits/{visit}/owner-code")).status_code == 403


async def test_the_visit_page_of_a_decided_visit_shows_no_code(http: Site, place: Workplace) -> None:
    visit, code = await finished_with_code(place)
    phone = await proved_in(http, code)
    await phone.post(f"/c/{code}/confirm", {"version": "1"})
    technician = await http.browser(Role.TECHNICIAN, place.firm, technician=place.technician.technician)  # type: ignore[arg-type]
    page = await technician.get(f"/work/visits/{visit}")
    assert ("owner-code" in page.text, "Confirmed by the owner" in page.text) == (False, True)
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT used_at IS NOT NULL FROM owner_code")
