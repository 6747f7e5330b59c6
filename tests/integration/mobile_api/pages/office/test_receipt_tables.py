"""The receipt on the elevator's own page: every rule with its source, and what would move the window."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.scope import Role, of_firm
from backend.settings import Settings
from backend.upkeep import service as upkeep
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.public_page import code_of
from tests.support.upkeep import TODAY, at_noon, told


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    """The firm of the tests."""
    return await factory.firm()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_elevators_page_has_the_tables_of_its_receipt(
    http: Site, factory: Factory, firm: UUID, language: str
) -> None:
    elevator = await factory.elevator(firm, registration_code="R-7")
    with at_noon(TODAY):
        manager = await http.browser(Role.MANAGER, firm, language)
        await told(of_firm(firm), elevator, TODAY)
        page = (await manager.get(f"/office/elevators/{elevator}")).text
        receipt = (await manager.get(f"/office/elevators/{elevator}/receipt")).text
    for text in (page, receipt):
        assert ("第三十一条" if language == "zh" else "Article 31") in text
        assert ("若今日完成半月维保" if language == "zh" else "If a visit of the half-month class is completed today") in text
        assert "2026-12-10" in text


async def test_the_public_page_and_its_json_name_the_rule_that_decides_with_its_source(
    http: Site, factory: Factory, firm: UUID, settings: Settings
) -> None:
    elevator = await factory.elevator(firm, registration_code="R-8")
    code = await code_of(settings, firm, elevator)
    with at_noon(TODAY):
        await told(of_firm(firm), elevator, TODAY)
        await upkeep.recompute(of_firm(firm))
        rules = (await http.anybody().get(f"/api/v1/elevators/{code}/public")).json()["next_visit"]["rules"]
        page = await http.anybody(headers={"Accept-Language": "zh"}).get(f"/e/{code}")
    assert [rule["decides"] for rule in rules] == [True, False, False, False, False]
    assert rules[0]["last_day"] == "2026-12-10"
    assert rules[0]["source_en"].startswith("Regulations on Safety Supervision of Special Equipment")
    assert rules[0]["clause_zh"] in page.text
    assert len(page.content) < 100_000
