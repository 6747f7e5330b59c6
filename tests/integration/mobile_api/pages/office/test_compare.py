"""What on-demand maintenance would change, in the office: ask, follow, read, take away; the same over the API."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from backend import clock
from backend.rounds import comparisons
from backend.scope import Role
from tests.support.compared import compare_here
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.planned_firm import FRIDAY, PlannedFirm, planned_firm


@pytest.fixture(autouse=True)
def stopped_clock() -> Iterator[None]:
    with clock.stopped_at(FRIDAY):
        yield


@pytest.fixture(autouse=True)
def compared_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same runs in this process: tests/integration/backend/rounds/test_comparisons.py is about the other one."""
    monkeypatch.setattr(comparisons, "compare", compare_here)


@pytest.fixture
async def firm(factory: Factory) -> PlannedFirm:
    return await planned_firm(factory)


@pytest.fixture
async def manager(http: Site, firm: PlannedFirm) -> Browser:
    return await http.browser(Role.MANAGER, firm.firm)


@pytest.fixture
async def api(http: Site, firm: PlannedFirm) -> httpx.AsyncClient:
    return await http.api(Role.MANAGER, firm.firm)


async def asked(manager: Browser) -> str:
    """Ask as the page does; the address of the comparison."""
    answer = await manager.post("/office/compare", {"days": "14", "seeds": "2"})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def done(manager: Browser) -> str:
    address = await asked(manager)
    await comparisons.execute_comparison(UUID(address.rpartition("/")[2]))
    return address


async def test_one_that_waits_is_followed_without_script_and_can_be_stopped(manager: Browser) -> None:
    address = await asked(manager)
    page = (await manager.get(address)).text
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "<progress" in page
    assert (await manager.get(f"{address}/figures.csv")).status_code == 409
    assert (await manager.post(f"{address}/stop", {})).status_code == 303
    assert "Stopped" in (await manager.get(address)).text
    assert (await manager.post(f"{address}/stop", {})).status_code == 200


async def test_the_figures_stand_side_by_side_with_a_picture_and_their_source(manager: Browser) -> None:
    page = (await manager.get(await done(manager))).text
    for part in ("Fixed, 15 days", "On demand, with consent and filing", "Technician hours", "Kilometres", "Overdue days",
                 '<svg xmlns="http://www.w3.org/2000/svg"', "EPA-420-F-23-014", "0.2485 kg per kilometre",
                 "No elevator fulfils the conditions"):  # fmt: skip
        assert part in page


async def test_the_figures_can_be_taken_away_as_table_and_json(manager: Browser) -> None:
    address = await done(manager)
    table = (await manager.get(f"{address}/figures.csv")).text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {row["policy"] for row in rows} == {"cn-fixed-15", "cn-on-demand-30", "cn-on-demand-30+paperwork"}
    visits = next(row for row in rows if (row["policy"], row["figure"]) == ("cn-fixed-15", "visits"))
    whole = (await manager.get(f"{address}/figures.json")).json()
    assert float(visits["mean"]) == whole["policies"][0]["visits"]["mean"] > 0


async def test_wrong_numbers_are_told_beside_their_fields(manager: Browser) -> None:
    answer = await manager.post("/office/compare", {"days": "3", "seeds": "99"})
    assert answer.status_code == 400
    assert "use a whole number from 14 to 120" in answer.text
    assert "use a whole number from 1 to 10" in answer.text
    assert 'value="99"' in answer.text


async def test_a_firm_with_nothing_is_told_what_to_do_first(http: Site, factory: Factory) -> None:
    page = (await (await http.browser(Role.MANAGER, await factory.firm())).get("/office/compare")).text
    assert "No elevator yet" in page
    assert 'name="seeds"' not in page


async def test_the_list_leads_to_every_comparison_and_speaks_chinese(manager: Browser) -> None:
    address = await done(manager)
    page = (await manager.get("/office/compare", headers={"Accept-Language": "zh-CN"})).text
    assert f'<a href="{address}">' in page
    assert "按需维保对比" in page


async def test_the_api_says_the_same(api: httpx.AsyncClient) -> None:
    made = await api.post("/api/v1/comparisons", json={"days": 14, "seeds": 1})
    assert made.status_code == 202, made.text
    id_ = made.json()["id"]
    await comparisons.execute_comparison(UUID(id_))
    found = (await api.get(f"/api/v1/comparisons/{id_}")).json()
    assert (found["state"], found["result"]["seeds"]) == ("done", 1)
    assert [row["id"] for row in (await api.get("/api/v1/comparisons")).json()["rows"]] == [id_]
    assert (await api.post(f"/api/v1/comparisons/{id_}/stop")).status_code == 409
    assert (await api.post("/api/v1/comparisons", json={"days": 1})).status_code == 400
