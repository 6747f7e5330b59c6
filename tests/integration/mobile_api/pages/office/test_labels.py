"""Labels in the office: made, printed, claimed, replaced, revoked; what was refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from backend.keyfile import label_keys
from backend.labels import service as labels
from backend.labels.views import LabelFilter, LabelState, LabelView
from backend.scope import Role, Scope
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Browser, Site


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


async def all_labels(settings: Settings, firm: UUID) -> list[LabelView]:
    return await labels.all_labels(manager(firm), label_keys(settings), LabelFilter())


async def pdf(browser: Browser, path: str, form: dict[str, object] | None = None) -> bytes:
    answer = await (browser.get(path) if form is None else browser.post(path, form))
    assert answer.status_code == 200, answer.text[:2000]
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    return answer.content


async def test_labels_are_made_for_every_elevator_without_one_and_printed(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm()
    elevators = [await factory.elevator(firm) for _n in range(3)]
    browser = await http.browser(Role.MANAGER, firm)
    page = (await browser.get("/office/labels")).text
    assert "Make labels for the 3 elevators without one" in page
    page = (await browser.post_and_follow("/office/labels/mint", {"what": "missing", "key": str(uuid4())})).text
    made = await all_labels(settings, firm)
    assert {label.elevator for label in made} == set(elevators)
    assert all(f"/office/labels/{label.id}" in page for label in made)
    how: dict[str, object] = {"stock": "L7160", "start": "20", "offset_x_mm": "0.5", "offset_y_mm": "-1"}
    whole = await pdf(browser, "/office/labels/print", how)
    assert whole.count(b"/Type /Page\n") == 2  # from place 20 of 21, so that the third is on a sheet of its own
    assert len(await pdf(browser, "/office/labels/print", how | {"label": str(made[0].id)})) < len(whole)
    assert await pdf(browser, "/office/labels/print", how | {"do": "calibrate"})
    assert await pdf(browser, "/office/labels/notices", {})
    assert await pdf(browser, f"/office/elevators/{elevators[0]}/notice.pdf")
    assert "Every elevator in use has a label." in (await browser.get("/office/labels")).text


async def test_pressed_twice_a_button_makes_labels_once(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    form = {"what": "blank", "count": "5", "key": str(uuid4())}
    for _press in range(2):
        await browser.post_and_follow("/office/labels/mint", form)
    assert len(await all_labels(settings, firm)) == 5
    await browser.post_and_follow("/office/labels/mint", form | {"count": "2"})
    assert len(await all_labels(settings, firm)) == 7


async def test_elevators_are_chosen_by_a_search(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    wanted = await factory.elevator(firm, site=await factory.site(firm, name="东方明珠"))
    other = await factory.elevator(firm, site=await factory.site(firm, name="火车站"))
    browser = await http.browser(Role.MANAGER, firm)
    page = (await browser.get("/office/labels?without=yes&site=明珠")).text
    assert f'value="{wanted}"' in page
    assert f'value="{other}"' not in page
    assert "Make labels for the 2 elevators without one" in page
    await browser.post_and_follow("/office/labels/mint", {"elevator": str(wanted)})
    [label] = await all_labels(settings, firm)
    assert label.elevator == wanted


async def test_a_blank_label_is_claimed_replaced_and_revoked(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    elevator = await factory.elevator(firm, registration_code="31100000000000000001")
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow("/office/labels/mint", {"what": "blank", "count": "2"})
    first, second = await all_labels(settings, firm)
    answer = await browser.post(f"/office/labels/{first.id}/claim", {"elevator": "nobody"})
    assert answer.status_code == 400
    assert 'id="elevator-reason"' in answer.text
    await browser.post_and_follow(f"/office/labels/{first.id}/claim", {"elevator": "31100000000000000001"})
    page = await browser.post_and_follow(f"/office/labels/{first.id}/replace", {"code": second.short_code})
    assert str(second.id) in str(page.url)
    answer = await browser.post(f"/office/labels/{second.id}/revoke", {"reason": " "})
    assert answer.status_code == 400
    assert 'id="reason-reason"' in answer.text
    page = await browser.post_and_follow(f"/office/labels/{second.id}/revoke", {"reason": "scratched"})
    assert "scratched" in page.text
    states = {label.id: label.state for label in await all_labels(settings, firm)}
    assert states == {first.id: LabelState.REPLACED, second.id: LabelState.REVOKED}
    answer = await browser.get(f"/office/elevators/{elevator}/notice.pdf")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/office/elevators/{elevator}")
    assert "has no label that works" in (await browser.get(answer.headers["location"])).text


async def test_a_code_is_claimed_from_the_list_and_filters_find_it(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    await factory.elevator(firm, registration_code="31100000000000000001")
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow("/office/labels/mint", {"what": "blank", "count": "2"})
    first, second = await all_labels(settings, firm)
    answer = await browser.post("/office/labels/claim", {"code": "nonsense", "elevator": "31100000000000000001"})
    assert answer.status_code == 404
    form = {"code": first.short_code, "elevator": "31100000000000000001"}
    await browser.post_and_follow("/office/labels/claim", form)
    page = (await browser.get("/office/labels?state=active")).text
    assert str(first.id) in page
    assert str(second.id) not in page
    assert str(first.id) in (await browser.get("/office/labels?text=31100000000000000001")).text


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"stock": "L7160", "start": "22"}, "use a place on the sheet"),
        ({"stock": "L7160", "offset_x_mm": "40"}, "use -10 to 10 mm"),
        ({"stock": "nothing"}, "use one of L7160"),
        ({"start": "first"}, "this does not fit the field"),
    ],
)
async def test_a_sheet_that_cannot_be_printed_is_refused_with_the_reason(
    http: Site, factory: Factory, form: dict[str, str], reason: str
) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow("/office/labels/mint", {"what": "blank", "count": "1"})
    answer = await browser.post("/office/labels/print", form)
    assert answer.status_code == 400
    assert reason in answer.text


async def test_nothing_to_print_is_said_and_not_an_empty_sheet(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    for path in ("/office/labels/print", "/office/labels/notices"):
        answer = await browser.post(path, {})
        assert answer.status_code == 400
        assert "there is none to print: make labels first" in answer.text


async def test_a_code_is_drawn_as_svg_and_png(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow("/office/labels/mint", {"what": "blank", "count": "1"})
    [label] = await all_labels(settings, firm)
    assert f"/office/labels/{label.id}/qr.svg" in (await browser.get(f"/office/labels/{label.id}")).text
    svg = await browser.get(f"/office/labels/{label.id}/qr.svg")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in svg.text
    png = await browser.get(f"/office/labels/{label.id}/qr.png")
    assert png.content.startswith(b"\x89PNG")


async def test_refused_codes_are_told_together_with_what_they_may_mean(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    assert "No code was refused" in (await browser.get("/office/labels/refused")).text
    await browser.post_and_follow("/office/labels/mint", {"what": "blank", "count": "1"})
    [label] = await all_labels(settings, firm)
    assert label.code
    for _scan in range(2):
        await http.anybody().get(f"/e/{label.code}")
    page = (await browser.get("/office/labels/refused")).text
    assert "claim it for its elevator" in page
    assert re.search(r'class="number">2</td>', page)
    assert f"/office/labels/{label.id}" in page
    other = await http.browser(Role.MANAGER, await factory.firm())
    assert "No code was refused" in (await other.get("/office/labels/refused?days=365")).text
    assert datetime.now(UTC).strftime("%Y") in page


async def test_another_firms_label_answers_404_and_is_not_printed(http: Site, factory: Factory, settings: Settings) -> None:
    other = await factory.firm()
    theirs = await http.browser(Role.MANAGER, other)
    await theirs.post_and_follow("/office/labels/mint", {"what": "blank", "count": "1"})
    [label] = await all_labels(settings, other)
    browser = await http.browser(Role.MANAGER, await factory.firm())
    for part in ("", "/qr.svg", "/qr.png"):
        assert (await browser.get(f"/office/labels/{label.id}{part}")).status_code == 404
    for part in ("/claim", "/revoke", "/replace"):
        assert (await browser.post(f"/office/labels/{label.id}{part}", {"reason": "x", "elevator": "x"})).status_code == 404
    assert (await browser.post("/office/labels/print", {"label": str(label.id)})).status_code == 404
    elevator = await factory.elevator(other)
    assert (await browser.post("/office/labels/mint", {"elevator": str(elevator)})).status_code == 404
    assert (await browser.get(f"/office/elevators/{elevator}/notice.pdf")).status_code == 404


async def test_a_regulator_reads_only_and_no_label_is_made_without_the_forms_token(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.client.post("/office/labels/mint", data={"what": "blank", "count": "1"})
    assert answer.status_code == 403
    regulator = await http.browser(Role.REGULATOR)
    page = (await regulator.get("/office/labels")).text
    assert 'action="/office' not in page
    for path in ("mint", "print", "notices", "claim"):
        assert (await regulator.post(f"/office/labels/{path}", {"what": "blank", "count": "1"})).status_code == 403
    assert await all_labels(settings, firm) == []
