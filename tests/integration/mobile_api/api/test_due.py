"""Due windows over the API."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from backend.scope import Role, of_firm
from backend.upkeep import service
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.upkeep import TODAY, at_noon, told


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    return await factory.firm()


@pytest.fixture
async def elevator(factory: Factory, firm: UUID) -> UUID:
    """Seen on 20 November, and looked at on the 25th."""
    found = await factory.elevator(firm, registration_code="R-1")
    await told(of_firm(firm), found, date(2026, 11, 20))
    with at_noon(TODAY):
        await service.recompute(of_firm(firm))
    return found


async def test_the_office_and_the_regulator_list_what_is_due(http: Site, firm: UUID, elevator: UUID) -> None:
    manager, regulator = await http.api(Role.MANAGER, firm), await http.api(Role.REGULATOR)
    with at_noon(TODAY):
        for client in (manager, regulator):
            page = (await client.get("/api/v1/due", params={"until": "2026-12-05", "limit": 1})).json()
            assert [row["registration_code"] for row in page["rows"]] == ["R-1"]
            assert (page["rows"][0]["days_left"], page["total"], page["overdue"]) == (10, 1, 0)
        assert (await manager.get("/api/v1/due", params={"overdue": "true"})).json()["rows"] == []
    for wrong in ({"until": "soon"}, {"maintenance_class": "monthly"}, {"cursor": "x"}, {"limit": 0}):
        answer = await manager.get("/api/v1/due", params=wrong)
        assert answer.status_code == 400, wrong
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_technician_reads_why_an_elevator_of_the_firm_is_due(http: Site, firm: UUID, elevator: UUID) -> None:
    technician = await http.api(Role.TECHNICIAN, firm)
    with at_noon(TODAY):
        answer = await technician.get(f"/api/v1/elevators/{elevator}/due")
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert view["window"]["last_day"] == "2026-12-05"
    assert view["receipt"]["sentence"]["zh"].startswith("2026-12-05之前须完成半月维保")
    today = next(move for move in view["receipt"]["moves"] if move["key"] == "visit_today")
    assert (today["last_day"], today["days"]) == ("2026-12-10", 5)
    assert today["what"] == {
        "zh": "若今日完成半月维保", "en": "if a visit of the half-month class is completed today"
    }  # fmt: skip
    assert (await technician.get("/api/v1/due")).status_code == 403
    assert (await technician.get(f"/api/v1/elevators/{elevator}/mode-changes")).json() == []


async def test_another_firms_elevator_does_not_exist(http: Site, factory: Factory, elevator: UUID) -> None:
    manager = await http.api(Role.MANAGER, await factory.firm())
    for path in ("due", "mode-changes", "special-checks"):
        assert (await manager.get(f"/api/v1/elevators/{elevator}/{path}")).status_code == 404, path
    body = {"check": "A-4-06:governor_speed", "done_on": "2026-11-01"}
    assert (await manager.post(f"/api/v1/elevators/{elevator}/special-checks", json=body)).status_code == 404


async def test_nobody_and_owners_are_not_let_in(http: Site, firm: UUID, elevator: UUID) -> None:
    assert (await http.anybody().get("/api/v1/due")).status_code == 401
    owner = await http.api(Role.OWNER, firm)
    for path in ("/api/v1/due", f"/api/v1/elevators/{elevator}/due", "/api/v1/special-periods", "/api/v1/rule-packs"):
        assert (await owner.get(path)).status_code == 403, path


async def test_rule_packs_are_read_in_full_with_clause_and_source(http: Site, firm: UUID) -> None:
    manager = await http.api(Role.MANAGER, firm)
    packs: list[dict[str, Any]] = (await manager.get("/api/v1/rule-packs")).json()
    assert {"cn-fixed-15", "cn-on-demand-30"} <= {pack["id"] for pack in packs}
    for pack in packs:
        view = (await manager.get(f"/api/v1/rule-packs/{pack['id']}")).json()
        assert view["base"] == pack["base"]
        assert view["pack"]["visit_gap"]["days"] == pack["visit_gap_days"]
        assert view["pack"]["visit_gap"]["source"] in view["pack"]["sources"]
    answer = await manager.get("/api/v1/rule-packs/cn-weekly")
    assert answer.status_code == 404
    assert "cn-fixed-15" in answer.json()["detail"]


async def test_special_periods_are_added_listed_and_removed(http: Site, firm: UUID, elevator: UUID) -> None:
    manager, regulator = await http.api(Role.MANAGER, firm), await http.api(Role.REGULATOR)
    body = {
        "name": "City games",
        "kind": "major_event",
        "starts_on": "2099-11-28",
        "ends_on": "2099-12-06",
        "district": "Jiaojiang",
    }
    added = await manager.post("/api/v1/special-periods", json=body)
    assert added.status_code == 201, added.text
    assert (await manager.get("/api/v1/special-periods")).json() == [added.json()]
    assert (await regulator.get("/api/v1/special-periods")).json() == [added.json()]
    assert (await regulator.post("/api/v1/special-periods", json=body)).status_code == 403
    wrong = await manager.post("/api/v1/special-periods", json=body | {"ends_on": "2099-01-01", "gap_days": 0})
    assert [fault["path"] for fault in wrong.json()["faults"]] == ["ends_on", "gap_days"]
    assert (await manager.post("/api/v1/special-periods", json=body | {"until": "2099-12-06"})).status_code == 400
    path = f"/api/v1/special-periods/{added.json()['id']}"
    assert (await manager.delete(path)).status_code == 204
    assert (await manager.delete(path)).status_code == 404


async def test_a_special_check_moves_the_window(http: Site, firm: UUID, elevator: UUID) -> None:
    manager = await http.api(Role.MANAGER, firm)
    body = {"check": "A-4-06:governor_speed", "done_on": "2026-11-03", "note": "report 7"}
    with at_noon(TODAY):
        answer = await manager.post(f"/api/v1/elevators/{elevator}/special-checks", json=body)
    assert answer.status_code == 200, answer.text
    days = [one["day"] for one in answer.json()["receipt"]["candidates"] if one["kind"] == "special_check"]
    assert days == ["2028-11-03"]
    listed = (await manager.get(f"/api/v1/elevators/{elevator}/special-checks")).json()
    assert (listed[0]["done_on"], listed[0]["note"]) == ("2026-11-03", "report 7")
    wrong = await manager.post(f"/api/v1/elevators/{elevator}/special-checks", json=body | {"check": "A-1-01:none"})
    assert (wrong.status_code, wrong.json()["faults"][0]["path"]) == (400, "check")


async def test_an_admin_names_the_firm_of_a_special_period(http: Site, firm: UUID, elevator: UUID) -> None:
    admin = await http.api(Role.ADMIN)
    body = {"name": "Order 12", "kind": "authority_order", "starts_on": "2099-11-28"}
    assert (await admin.post("/api/v1/special-periods", json=body)).status_code == 400
    added = await admin.post("/api/v1/special-periods", params={"firm": str(firm)}, json=body)
    assert (added.status_code, added.json()["firm"]) == (201, str(firm))
