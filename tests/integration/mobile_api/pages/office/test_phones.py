"""The office's pages of technicians' phones."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from backend import database
from backend.phones import service
from backend.scope import SYSTEM, Role
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.handset import Handset, enrolled
from tests.support.http import Browser, Site
from tests.support.visits import Workplace, value


class Office:
    """A manager at the browser, and a workplace."""

    def __init__(self, place: Workplace, browser: Browser) -> None:
        self.place, self.browser = place, browser

    @property
    def technician(self) -> UUID:
        assert self.place.technician.technician is not None
        return self.place.technician.technician


@pytest.fixture
async def office(http: Site, factory: Factory) -> Office:
    place = await Workplace.open(factory)
    return Office(place, await http.browser(Role.MANAGER, place.firm, "en"))


async def revoked_phone(office: Office, settings: Settings) -> Handset:
    phone = await enrolled(office.place, office.place.technician, settings)
    await service.revoke(office.place.manager, phone.id, "lost in the pit")
    return phone


async def test_without_phones_the_page_says_how_to_begin(office: Office) -> None:
    page = await office.browser.get("/office/phones")
    assert "No phone yet" in page.text
    assert "Make the code" in page.text


async def test_an_invitation_is_shown_once_as_code_and_qr_code_and_kept_by_no_cache(office: Office) -> None:
    page = await office.browser.post("/office/phones/invites", {"technician": str(office.technician)})
    code = re.search(r'value="([0-9A-Z]{4}-[0-9A-Z]{4})"', page.text)
    assert code is not None
    assert "data:image/svg+xml;base64," in page.text
    assert page.headers["cache-control"] == "no-store"
    listed = await office.browser.get("/office/phones")
    assert "Open invitations" in listed.text
    assert code[1] not in listed.text
    assert code[1].replace("-", "") not in str(await value("SELECT code_sha256 FROM phone_invite"))


async def test_an_invitation_is_taken_back(office: Office) -> None:
    await office.browser.post(f"/office/technicians/{office.technician}/phone-invites", {})
    await office.browser.post(f"/office/technicians/{office.technician}/phone-invites/withdraw", {})
    page = await office.browser.get("/office/phones")
    assert "Open invitations" not in page.text
    assert "taken back" in page.text


async def test_choosing_nobody_is_told(office: Office) -> None:
    answer = await office.browser.post("/office/phones/invites", {"technician": ""})
    assert answer.status_code in (302, 303)
    assert "Choose the technician first" in (await office.browser.get("/office/phones")).text


async def test_a_phone_is_revoked_with_a_reason_only(office: Office, settings: Settings) -> None:
    phone = await enrolled(office.place, office.place.technician, settings)
    address = f"/office/phones/{phone.id}"
    assert "Revoke this phone" in (await office.browser.get(address)).text
    refused = await office.browser.post(f"{address}/revoke", {"reason": " "})
    assert refused.status_code == 400
    assert "say why" in refused.text
    await office.browser.post(f"{address}/revoke", {"reason": "lost in the pit"})
    page = (await office.browser.get(address)).text
    assert "lost in the pit" in page
    assert "Revoke this phone" not in page


async def test_what_is_odd_about_a_phone_is_said_without_blaming_anybody(office: Office, settings: Settings) -> None:
    phone = await enrolled(office.place, office.place.technician, settings)
    sent = [phone.note(minute) for minute in range(3)]
    await phone.send(sent[0], sent[2])
    page = (await office.browser.get(f"/office/phones/{phone.id}")).text
    assert "1 entry waits for earlier ones" in page
    phone.writer.seq, phone.writer.prev = 0, (await value("SELECT prev FROM chain_entry WHERE seq = 1"))
    await phone.send(phone.note(9))
    page = (await office.browser.get(f"/office/phones/{phone.id}")).text
    assert "Ask what happened before you judge" in page
    listed = (await office.browser.get("/office/phones")).text
    assert "two entries in one place" in listed


async def test_entries_after_the_revocation_are_counted(office: Office, settings: Settings) -> None:
    phone = await revoked_phone(office, settings)
    await phone.send(phone.note(1))
    assert "1 entry came after the phone was revoked" in (await office.browser.get(f"/office/phones/{phone.id}")).text


async def test_the_technicians_page_has_their_phones(office: Office, settings: Settings) -> None:
    empty = (await office.browser.get(f"/office/technicians/{office.technician}")).text
    assert "No phone yet" in empty
    phone = await enrolled(office.place, office.place.technician, settings)
    page = (await office.browser.get(f"/office/technicians/{office.technician}")).text
    assert f"/office/phones/{phone.id}" in page
    assert "nothing sent yet" in page


async def test_the_pages_speak_chinese(office: Office, http: Site, settings: Settings) -> None:
    phone = await revoked_phone(office, settings)
    browser = await http.browser(Role.MANAGER, office.place.firm, "zh")
    assert "维保人员手机" in (await browser.get("/office/phones")).text
    assert "手机情况" in (await browser.get(f"/office/phones/{phone.id}")).text
    trail = (await browser.get(f"/office/audit?subject={phone.id}")).text
    assert "撤销了维保人员手机" in trail


async def test_a_regulator_sees_and_changes_nothing(office: Office, http: Site, settings: Settings) -> None:
    phone = await enrolled(office.place, office.place.technician, settings)
    regulator = await http.browser(Role.REGULATOR, office.place.firm, "en")
    page = (await regulator.get(f"/office/phones/{phone.id}")).text
    assert "Revoke this phone" not in page
    assert (await regulator.post(f"/office/phones/{phone.id}/revoke", {"reason": "x"})).status_code == 403
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM phone WHERE revoked_at IS NOT NULL") == 0
