"""A technician claims a blank label in the browser."""

from __future__ import annotations

from backend.keyfile import label_keys
from backend.labels import service
from backend.scope import Role, of_firm
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site


async def test_a_technician_finds_the_elevator_and_binds_the_label(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    [label] = await service.mint(of_firm(firm), label_keys(settings), 1)
    elevator = await factory.elevator(firm, rescue_code="310234", unit_name="2号梯")
    await factory.elevator(firm, rescue_code="999999")
    browser = await http.browser(Role.TECHNICIAN, firm)
    public = await browser.get(f"/e/{label.code}")
    assert public.status_code == 404
    assert f'href="/claim/{label.code}"' in public.text
    found = await browser.get(f"/claim/{label.code}", params={"q": "310234"})
    assert "2号梯" in found.text
    assert "999999" not in found.text
    done = await browser.post_and_follow(f"/claim/{label.code}", {"elevator": str(elevator), "q": "310234"})
    assert "its code opens this elevator now" in done.text
    assert "2号梯" in done.text
    assert f'href="/e/{label.code}"' in done.text
    again = await browser.post_and_follow(f"/claim/{label.code}", {"elevator": str(elevator)})
    assert again.status_code == 200


async def test_a_search_without_a_hit_says_what_to_do(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    [label] = await service.mint(of_firm(firm), label_keys(settings), 1)
    browser = await http.browser(Role.MANAGER, firm)
    assert "No elevator of your firm fits" in (await browser.get(f"/claim/{label.code}", params={"q": "nowhere"})).text


async def test_what_cannot_be_bound_is_told_on_the_page(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    [label] = await service.mint(of_firm(firm), label_keys(settings), 1)
    foreign = await factory.elevator(await factory.firm())
    browser = await http.browser(Role.TECHNICIAN, firm)
    for elevator, status in ((str(foreign), 404), ("x", 400), ("", 400)):
        answer = await browser.post(f"/claim/{label.code}", {"elevator": elevator, "q": "1"})
        assert answer.status_code == status
        assert 'role="alert"' in answer.text


async def test_a_revoked_label_offers_nothing_to_bind(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    ring = label_keys(settings)
    [label] = await service.mint(of_firm(firm), ring, 1)
    await service.revoke(of_firm(firm), ring, label.id, "stolen")
    page = await (await http.browser(Role.TECHNICIAN, firm)).get(f"/claim/{label.code}")
    assert "no longer valid" in page.text
    assert '<form method="get"' not in page.text


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(http: Site, factory: Factory, settings: Settings) -> None:
    [label] = await service.mint(of_firm(await factory.firm()), label_keys(settings), 1)
    answer = await http.browser_of_anybody().get(f"/claim/{label.code}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next=/claim/{label.code}")


async def test_another_firm_s_technician_cannot_claim_it(http: Site, factory: Factory, settings: Settings) -> None:
    [label] = await service.mint(of_firm(await factory.firm()), label_keys(settings), 1)
    other = await factory.firm()
    browser = await http.browser(Role.TECHNICIAN, other)
    assert (await browser.get(f"/claim/{label.code}")).status_code == 404
    elevator = await factory.elevator(other)
    assert (await browser.post(f"/claim/{label.code}", {"elevator": str(elevator)})).status_code == 404


async def test_an_owner_has_nothing_to_claim(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.OWNER, await factory.firm())
    assert (await browser.get("/claim/8KQ3T-4ZVXA-BC0D7")).status_code == 403
