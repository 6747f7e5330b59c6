"""The page of held entries names the item, not a path."""

from __future__ import annotations

from backend import keyfile
from backend.scope import Role
from backend.settings import Settings
from backend.visits.inputs import Result
from planner.intervals.signals import item_of
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.phone import answer, in_order
from tests.support.signed import SignedPlace
from tests.support.visits import Workplace


async def test_a_held_answer_is_told_by_its_item(factory: Factory, http: Site, settings: Settings) -> None:
    signed = await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)
    visit = signed.phone.arrive(signed.place.code)
    good, bad = signed.items[0], signed.items[1]
    signed.phone.work(visit, answers=[*in_order([good]), answer(bad, Result.NOT_APPLICABLE.value)])
    results = await signed.sync()
    (path,) = {fault["path"].partition(".")[0] for result in results for fault in result["faults"]}
    assert path == "answers[1]"
    for language in ("en", "zh"):
        page = (await (await http.browser(Role.MANAGER, signed.place.firm, language)).get("/office/entries")).text
        item = item_of(bad)
        assert item is not None
        assert f"{bad} {item.name_en if language == 'en' else item.name_zh}" in page
        assert "answers[" not in page
