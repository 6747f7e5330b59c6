"""Crews and technicians in the office, from nothing to a crew that can be planned."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from backend.registry import service as registry
from backend.scope import Role, Scope
from tests.support.factory import Factory
from tests.support.http import Site

WEEK = {f"week-{day}-{name}": text for day in range(5) for name, text in (("from", "08:00"), ("to", "17:00"))}


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


async def test_a_new_firm_makes_a_technician_with_a_certificate_and_a_crew_with_hours(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    assert "No technician yet" in (await browser.get("/office/technicians")).text
    page = await browser.post_and_follow(
        "/office/technicians/new", {"name": "王师傅", "badge": "T-1", "phone": "13800000000", "skills": "hydraulic; escalator"}
    )
    assert "No certificate yet" in page.text
    [technician] = (await registry.technicians(manager(firm))).rows
    page = await browser.post_and_follow(
        f"/office/technicians/{technician.id}/certificates",
        {"certificate-number": "C1", "certificate-expires_on": "2031-01-01", "certificate-code": "T"},
    )
    assert "valid 2031-01-01" in page.text
    page = await browser.post_and_follow("/office/crews/new", {"name": "一组", "base_lat": "28.68", "base_lon": "121.42"})
    assert "These hours are a suggestion" in page.text
    [crew] = (await registry.crews(manager(firm))).rows
    await browser.post_and_follow(
        f"/office/crews/{crew.id}/members", {"new-technician": str(technician.id), "new-starts_on": "2026-11-01"}
    )
    page = await browser.post_and_follow(
        f"/office/crews/{crew.id}/week", WEEK | {"version": (await registry.crew(manager(firm), crew.id)).version}
    )
    assert "These hours are a suggestion" not in page.text
    made = await registry.crew(manager(firm), crew.id)
    assert [(shift.weekday, shift.from_s, shift.to_s) for shift in made.shifts] == [(day, 28800, 61200) for day in range(5)]
    assert [member.technician for member in made.members] == [technician.id]
    assert "王师傅" in (await browser.get("/office/crews")).text


async def test_every_fault_of_a_week_stands_beside_its_field_and_nothing_is_saved(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew = await factory.crew(firm)
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.post(
        f"/office/crews/{crew}/week",
        {
            "week-0-from": "8 o'clock", "week-0-to": "17:00", "week-1-from": "09:00", "week-2-from": "09:00",
            "week-2-to": "17:00", "week-2-overtime_min": "999", "week-3-from": "08:00", "week-3-to": "16:00",
            "week-3-break_from": "12:00",
        },
    )  # fmt: skip
    assert answer.status_code == 400
    for field in ("0-from", "1-to", "2-overtime_min", "3-break_to", "3-break_min"):
        assert f'id="week-{field}-reason"' in answer.text
    assert 'value="8 o&#39;clock"' in answer.text
    assert (await registry.crew(manager(firm), crew)).shifts == []


async def test_a_break_outside_the_shift_is_told_at_the_break(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew = await factory.crew(firm)
    browser = await http.browser(Role.MANAGER, firm)
    form = {
        "week-4-from": "08:00",
        "week-4-to": "12:00",
        "week-4-break_from": "13:00",
        "week-4-break_to": "14:00",
        "week-4-break_min": "30",
    }
    answer = await browser.post(f"/office/crews/{crew}/week", form)
    assert answer.status_code == 400
    assert 'id="week-4-break_from-reason"' in answer.text


async def test_a_night_shift_ends_on_the_next_day(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew = await factory.crew(firm)
    browser = await http.browser(Role.MANAGER, firm)
    form = {
        "week-5-from": "22:00",
        "week-5-to": "06:00",
        "week-5-break_from": "01:00",
        "week-5-break_to": "02:00",
        "week-5-break_min": "30",
    }
    page = await browser.post_and_follow(f"/office/crews/{crew}/week", form)
    [shift] = (await registry.crew(manager(firm), crew)).shifts
    assert (shift.from_s, shift.to_s, shift.break_from_s, shift.break_duration_s) == (79200, 108000, 90000, 1800)
    assert 'name="week-5-to" type="time" value="06:00"' in page.text


async def test_a_week_that_somebody_else_changed_meanwhile_is_not_overwritten_at_once(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew = await factory.crew(firm)
    browser = await http.browser(Role.MANAGER, firm)
    seen = (await registry.crew(manager(firm), crew)).version
    other = await http.browser(Role.MANAGER, firm)
    await other.post_and_follow(f"/office/crews/{crew}", {"name": "二组", "version": seen})
    answer = await browser.post(f"/office/crews/{crew}/week", WEEK | {"version": seen})
    assert answer.status_code == 412
    assert (await registry.crew(manager(firm), crew)).shifts == []
    again = re.search(r'name="version" value="(\d+)"', answer.text)
    assert again
    await browser.post_and_follow(f"/office/crews/{crew}/week", WEEK | {"version": again[1]})
    assert len((await registry.crew(manager(firm), crew)).shifts) == 5


async def test_a_technician_cannot_be_in_two_crews_on_one_day_and_what_was_typed_stays(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    first, second = await factory.crew(firm, name="First crew"), await factory.crew(firm)
    technician = await factory.technician(firm)
    browser = await http.browser(Role.MANAGER, firm)
    form = {"new-technician": str(technician), "new-starts_on": "2026-03-01"}
    await browser.post_and_follow(f"/office/crews/{first}/members", form)
    answer = await browser.post(f"/office/crews/{second}/members", form)
    assert answer.status_code == 400
    assert "the technician is in a crew from 2026-03-01" in answer.text
    assert 'value="2026-03-01"' in answer.text
    [member] = await registry.members(manager(firm), first)
    form = {
        f"{member.id}-ends_on": "2026-03-31",
        f"{member.id}-starts_on": "2026-03-01",
        f"{member.id}-version": member.version,
    }
    await browser.post_and_follow(f"/office/crews/{first}/members/{member.id}", form)
    form = {"new-technician": str(technician), "new-starts_on": "2026-04-01"}
    await browser.post_and_follow(f"/office/crews/{second}/members", form)
    assert len(await registry.members(manager(firm), second)) == 1
    [later] = await registry.members(manager(firm), second)
    await browser.post_and_follow(f"/office/crews/{second}/members/{later.id}/remove")
    assert await registry.members(manager(firm), second) == []


async def test_a_crew_is_paused_and_works_again_and_an_empty_one_is_removed(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew = await factory.crew(firm)
    browser = await http.browser(Role.MANAGER, firm)
    page = await browser.post_and_follow(f"/office/crews/{crew}/switch", {"active": "no"})
    assert "paused" in page.text
    assert not (await registry.crew(manager(firm), crew)).active
    await browser.post_and_follow(f"/office/crews/{crew}/switch", {"active": "yes"})
    assert (await registry.crew(manager(firm), crew)).active
    await browser.post_and_follow(f"/office/crews/{crew}/remove")
    assert (await browser.get(f"/office/crews/{crew}")).status_code == 404


async def test_certificates_that_end_are_listed_and_renewed(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    sound, ending = await factory.technician(firm, name="Sound"), await factory.technician(firm, name="Ending")
    [certificate] = (await registry.technician(manager(firm), ending)).certificates
    await factory.row(
        "certificate", firm=firm, technician=sound, code="A", number="x", expires_on=certificate.expires_on.replace(year=2020)
    )
    browser = await http.browser(Role.MANAGER, firm)
    form = {f"{certificate.id}-expires_on": "2020-01-01", f"{certificate.id}-version": certificate.version}
    await browser.post_and_follow(f"/office/technicians/{ending}/certificates/{certificate.id}", form)
    listed = (await browser.get("/office/technicians?certificates=ending")).text
    assert "Ending" in listed
    assert "Sound" not in listed
    [certificate] = (await registry.technician(manager(firm), ending)).certificates
    form = {f"{certificate.id}-expires_on": "2030-01-01", f"{certificate.id}-version": certificate.version}
    await browser.post_and_follow(f"/office/technicians/{ending}/certificates/{certificate.id}", form)
    assert "Ending" not in (await browser.get("/office/technicians?certificates=ending")).text
    await browser.post_and_follow(f"/office/technicians/{ending}/certificates/{certificate.id}/remove")
    assert (await registry.technician(manager(firm), ending)).certificates == []


async def test_an_expired_certificate_is_refused_beside_its_field(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    technician = await factory.technician(firm)
    browser = await http.browser(Role.MANAGER, firm)
    form = {"certificate-number": "C9", "certificate-expires_on": "2020-01-01", "certificate-code": "T"}
    answer = await browser.post(f"/office/technicians/{technician}/certificates", form)
    assert answer.status_code == 400
    assert 'id="certificate-expires_on-reason"' in answer.text
    assert 'value="C9"' in answer.text


async def test_absences_are_entered_changed_and_removed(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    technician = await factory.technician(firm)
    browser = await http.browser(Role.MANAGER, firm)
    form = {"absence-starts_on": "2099-05-01", "absence-ends_on": "2099-05-03", "absence-reason": "leave"}
    page = await browser.post_and_follow(f"/office/technicians/{technician}/absences", form)
    assert "2099-05-03" in page.text
    answer = await browser.post(f"/office/technicians/{technician}/absences", form)
    assert answer.status_code == 400
    assert "the technician is already absent from 2099-05-01" in answer.text
    [absence] = (await registry.absences(manager(firm))).rows
    form = {
        f"{absence.id}-starts_on": "2099-05-01",
        f"{absence.id}-ends_on": "2099-04-01",
        f"{absence.id}-version": absence.version,
    }
    answer = await browser.post(f"/office/technicians/{technician}/absences/{absence.id}", form)
    assert answer.status_code == 400
    assert f'id="{absence.id}-ends_on-reason"' in answer.text
    await browser.post_and_follow(f"/office/technicians/{technician}/absences/{absence.id}/remove")
    assert (await registry.absences(manager(firm))).rows == []


async def test_who_has_left_leaves_the_list_and_comes_back(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    technician = await factory.technician(firm, name="Wang")
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow(f"/office/technicians/{technician}/switch", {"active": "no"})
    assert "Wang" not in (await browser.get("/office/technicians")).text
    assert "Wang" in (await browser.get("/office/technicians?state=left")).text
    await browser.post_and_follow(f"/office/technicians/{technician}/switch", {"active": "yes"})
    assert "Wang" in (await browser.get("/office/technicians")).text


@pytest.mark.parametrize("area", ["crews", "technicians"])
async def test_another_firms_people_answer_404(http: Site, factory: Factory, area: str) -> None:
    other = await factory.firm()
    thing = await (factory.crew(other) if area == "crews" else factory.technician(other))
    browser = await http.browser(Role.MANAGER, await factory.firm())
    assert (await browser.get(f"/office/{area}/{thing}")).status_code == 404
    parts = {
        "crews": ("", "/week", "/switch", "/members", "/remove"),
        "technicians": ("", "/switch", "/certificates", "/remove"),
    }
    form = WEEK | {"new-technician": str(await factory.technician(other)), "new-starts_on": "2026-01-01", "active": "no"}
    form |= {"certificate-number": "1", "certificate-expires_on": "2090-01-01", "name": "stolen"}
    form["certificate-expires_on"] = "2031-01-01"
    for part in parts[area]:
        answer = await browser.post(f"/office/{area}/{thing}{part}", form)
        assert answer.status_code == 404, part


async def test_a_regulator_sees_crews_without_forms_and_may_not_change_them(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew, technician = await factory.crew(firm), await factory.technician(firm)
    browser = await http.browser(Role.REGULATOR)
    for path in (f"/office/crews/{crew}", f"/office/technicians/{technician}"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert 'action="/office' not in page.text
    assert (await browser.post(f"/office/crews/{crew}/week", WEEK)).status_code == 403
    assert (await browser.post(f"/office/technicians/{technician}/switch", {"active": "no"})).status_code == 403


async def test_a_form_without_its_token_is_refused(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    crew = await factory.crew(firm)
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.client.post(f"/office/crews/{crew}/switch", data={"active": "no"})
    assert answer.status_code == 403
    assert (await registry.crew(manager(firm), crew)).active
