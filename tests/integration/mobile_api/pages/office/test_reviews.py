"""The office's review of visits: what a manager sees, says, and takes back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from backend import clock, keyfile
from backend.scope import Role
from backend.settings import Settings
from backend.visits import service
from backend.visits.inputs import DecisionInput, PositionInput
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.visits import Workplace, value


@pytest.fixture
async def place(factory: Factory, settings: Settings) -> Workplace:
    return await Workplace.open(factory, keyfile.label_keys(settings))


async def waiting(place: Workplace) -> UUID:
    """A visit whose two scans were made far away."""
    start = clock.now() - timedelta(minutes=50)
    far = [PositionInput(lat=28.9 + n / 1000, lon=121.42, accuracy_m=9.0) for n in (1, 2)]
    opened = await place.arrive(scan=place.scan(at=start, position=far[0]), second_technician=place.second.technician)
    await place.answer_all(opened)
    await service.depart(place.technician, place.ring, opened.summary.id, place.scan(position=far[1]))
    return opened.summary.id


@pytest.mark.parametrize(("language", "words"), [("en", "away from the site"), ("zh", "手机都不在现场")])
async def test_a_visit_that_waits_is_listed_with_its_reasons_and_counted_in_the_navigation(
    place: Workplace, http: Site, language: str, words: str
) -> None:
    visit = await waiting(place)
    manager = await http.browser(Role.MANAGER, place.firm, language)
    page = (await manager.get("/office/reviews")).text
    assert f'href="/office/visits/{visit}"' in page
    assert words in page
    assert '<span class="count">1</span>' in (await manager.get("/office/")).text
    assert words in (await manager.get(f"/office/visits/{visit}")).text


async def test_whoever_reviews_reads_what_the_owner_has_said(place: Workplace, http: Site) -> None:
    visit = await waiting(place)
    manager = await http.browser(Role.MANAGER, place.firm)
    assert "Waits for the owner" in (await manager.get("/office/reviews")).text
    refusal = DecisionInput(version=1, reason="nobody came")
    await service.decide(place.owner_scope, visit, refusal, confirmed=False)
    assert "nobody came" in (await manager.get("/office/reviews")).text


async def test_accepted_in_one_step_it_is_gone_and_can_be_taken_back(place: Workplace, http: Site) -> None:
    visit = await waiting(place)
    manager = await http.browser(Role.MANAGER, place.firm)
    done = await manager.post_and_follow(f"/office/reviews/{visit}", {"word": "accept", "reason": "saw the film"})
    assert "No visit waits for a review" in done.text
    accepted = (await manager.get("/office/reviews?review=accepted")).text
    assert "saw the film" in accepted
    await manager.post_and_follow(f"/office/reviews/{visit}", {"word": "reopen", "reason": "another day"})
    assert await value("SELECT review FROM visit") == "waiting"


async def test_disputed_it_does_not_count_and_its_record_says_why(place: Workplace, http: Site) -> None:
    visit = await waiting(place)
    manager = await http.browser(Role.MANAGER, place.firm)
    await manager.post_and_follow(f"/office/reviews/{visit}", {"word": "dispute", "reason": "hall locked"})
    assert "hall locked" in (await manager.get(f"/office/visits/{visit}")).text
    assert await value("SELECT withdrawn FROM visit") == "hall locked"


@pytest.mark.parametrize("form", [{"word": "accept", "reason": " "}, {"word": "shrug", "reason": "x"}, {"reason": "x"}])
async def test_what_is_missing_is_told_and_nothing_is_decided(place: Workplace, http: Site, form: dict[str, str]) -> None:
    visit = await waiting(place)
    manager = await http.browser(Role.MANAGER, place.firm)
    answer = await manager.post(f"/office/reviews/{visit}", form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert await value("SELECT review FROM visit") == "waiting"


async def test_an_authority_reads_and_does_not_decide(place: Workplace, http: Site) -> None:
    visit = await waiting(place)
    regulator = await http.browser(Role.REGULATOR)
    page = (await regulator.get("/office/reviews")).text
    assert f"visit-{visit}" in page
    assert 'value="accept"' not in page


async def test_owner_and_technician_see_the_grade_and_that_it_is_no_verdict(place: Workplace, http: Site) -> None:
    visit = await waiting(place)
    owner = await http.browser(Role.OWNER, place.firm, owner=place.owner)
    assert place.technician.technician is not None
    technician = await http.browser(Role.TECHNICIAN, place.firm, technician=place.technician.technician)
    for browser, address in ((owner, f"/owner/visits/{visit}"), (technician, f"/work/visits/{visit}")):
        page = (await browser.get(address)).text
        assert "Proof of this visit: D" in page
        assert "no verdict on anybody" in page
        for word in ("fraud", "fake", "cheat"):
            assert word not in page.lower()


async def test_where_nothing_waits_the_page_says_what_would(place: Workplace, http: Site) -> None:
    manager = await http.browser(Role.MANAGER, place.firm)
    page = (await manager.get("/office/reviews")).text
    assert "No visit waits for a review" in page
    assert '<span class="count">' not in page
    assert "Nothing fits this choice" in (await manager.get("/office/reviews?grade=A")).text


async def test_the_contracts_demand_is_chosen_in_its_form(place: Workplace, http: Site) -> None:
    manager = await http.browser(Role.MANAGER, place.firm)
    form = {"number": "C-7", "owner": str(place.owner), "starts_on": "2026-01-01", "demanded_grade": "B"}
    await manager.post_and_follow("/office/contracts/new", form)
    assert await value("SELECT demanded_grade FROM contract") == "B"
