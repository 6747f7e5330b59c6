"""The register over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend import clock
from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import Site


async def test_a_manager_works_with_the_register_over_http(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())

    async def make(path: str, **body: Any) -> dict[str, Any]:
        answer = await api.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
        found: dict[str, Any] = answer.json()
        return found

    owner = await make("owners", name="台州第一医院")
    site = await make("sites", name="住院楼", owner=owner["id"], kind="hospital", lat=28.6, lon=121.4)
    contract = await make("contracts", owner=owner["id"], number="HT-1", starts_on="2026-01-01")
    elevator = await make(
        "elevators", site=site["id"], contract=contract["id"], registration_code="31103310022018050001", skills=["hydraulic"]
    )
    assert (elevator["owner_name"], elevator["contract_number"], elevator["site_kind"]) == ("台州第一医院", "HT-1", "hospital")
    for path, thing in (("owners", owner), ("sites", site), ("contracts", contract), ("elevators", elevator)):
        answer = await api.get(f"/api/v1/{path}/{thing['id']}")
        assert answer.status_code == 200
        listed = (await api.get(f"/api/v1/{path}?limit=1")).json()
        assert [row["id"] for row in listed["rows"]] == [thing["id"]]
        assert (listed["total"], listed["next_cursor"]) == (1, None)
    changed = await api.patch(f"/api/v1/elevators/{elevator['id']}", json={"stops": 18, "contract": None})
    assert (changed.json()["stops"], changed.json()["contract"]) == (18, None)
    found = (await api.get("/api/v1/elevators", params={"q": "住院", "state": "in_use", "mode": "fixed"})).json()
    assert found["total"] == 1
    assert (await api.delete(f"/api/v1/sites/{site['id']}")).status_code == 409
    for path in (f"elevators/{elevator['id']}", f"contracts/{contract['id']}", f"sites/{site['id']}", f"owners/{owner['id']}"):
        assert (await api.delete(f"/api/v1/{path}")).status_code == 204
        assert (await api.get(f"/api/v1/{path}")).status_code == 404


async def test_of_two_changes_made_from_one_version_the_second_is_refused(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    api = await http.api(Role.MANAGER, firm)
    path = f"/api/v1/owners/{await factory.owner(firm)}"
    tag = (await api.get(path)).headers["ETag"]
    assert (await api.patch(path, json={"phone": "123456"}, headers={"If-Match": tag})).status_code == 200
    refused = await api.patch(path, json={"phone": "654321"}, headers={"If-Match": tag})
    assert refused.status_code == 412
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert refused.json()["code"] == "outdated"
    assert (await api.patch(path, json={"phone": "654321"}, headers={"If-Match": "*"})).status_code == 200


async def test_faults_are_listed_with_path_value_and_reason(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    api = await http.api(Role.MANAGER, firm)
    body = {"site": str(await factory.site(firm)), "registration_code": "", "rated_load_kg": 5, "skills": ["a b"]}
    answer = await api.post("/api/v1/elevators", json=body)
    assert answer.status_code == 400
    faults = {fault["path"]: fault for fault in answer.json()["faults"]}
    assert set(faults) == {"registration_code", "rated_load_kg", "skills"}
    assert faults["rated_load_kg"] == {
        "path": "rated_load_kg", "value": "5", "reason": "use a whole number from 20 to 60000",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("owners", {"name": "x", "colour": "red"}),
        ("owners", {}),
        ("owners", {"name": 7}),
        ("sites", {"name": "x", "kind": "castle"}),
        ("contracts", {"owner": "x", "number": "1", "starts_on": "yesterday"}),
    ],
)
async def test_a_body_that_does_not_fit_is_refused(http: Site, factory: Factory, path: str, body: dict[str, Any]) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await api.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"


async def test_a_firm_is_made_by_an_admin_and_kept_by_its_manager(http: Site, factory: Factory) -> None:
    admin = await http.api(Role.ADMIN)
    firm = (await admin.post("/api/v1/firms", json={"name": "安运维保"})).json()["id"]
    owner = await admin.post("/api/v1/owners", params={"firm": firm}, json={"name": "医院"})
    assert owner.json()["firm"] == firm
    assert (await admin.post("/api/v1/owners", json={"name": "医院"})).status_code == 400
    manager = await http.api(Role.MANAGER, await factory.firm())
    assert (await manager.post("/api/v1/firms", json={"name": "x"})).status_code == 403
    assert (await manager.get(f"/api/v1/firms/{firm}")).status_code == 404
    assert (await manager.post("/api/v1/owners", params={"firm": firm}, json={"name": "x"})).status_code == 404
    own = (await manager.get("/api/v1/firms")).json()["rows"]
    assert len(own) == 1
    assert (await manager.patch(f"/api/v1/firms/{own[0]['id']}", json={"phone_24h": "0576-1234567"})).status_code == 200


async def test_a_regulator_reads_every_firm_and_changes_nothing(http: Site, factory: Factory) -> None:
    first, second = await factory.firm(), await factory.firm()
    elevator = await factory.elevator(first)
    await factory.elevator(second)
    api = await http.api(Role.REGULATOR)
    assert (await api.get("/api/v1/elevators")).json()["total"] == 2
    assert (await api.get("/api/v1/elevators", params={"firm": str(first)})).json()["total"] == 1
    assert (await api.patch(f"/api/v1/elevators/{elevator}", json={"stops": 3})).status_code == 403


async def test_a_crew_gets_its_week_its_members_and_loses_them(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    crew = (await api.post("/api/v1/crews", json={"name": "一组", "base_lat": 28.6, "base_lon": 121.4})).json()["id"]
    person = (await api.post("/api/v1/technicians", json={"name": "李工", "badge": "T1"})).json()["id"]
    certificate = {"number": "T33-1", "expires_on": str(clock.today("Asia/Shanghai") + timedelta(days=700))}
    made = await api.post(f"/api/v1/technicians/{person}/certificates", json=certificate)
    assert (made.status_code, made.json()["code"]) == (201, "T")
    week = {"shifts": [{"weekday": day, "from_s": 28800, "to_s": 61200} for day in range(5)]}
    answer = await api.put(f"/api/v1/crews/{crew}/week", json=week)
    assert [shift["weekday"] for shift in answer.json()["shifts"]] == [0, 1, 2, 3, 4]
    member = await api.post(f"/api/v1/crews/{crew}/members", json={"technician": person, "starts_on": "2020-01-01"})
    assert member.status_code == 201, member.text
    shown = (await api.get(f"/api/v1/technicians/{person}")).json()
    assert (shown["crew_name"], shown["certificates"][0]["number"]) == ("一组", "T33-1")
    again = await api.post(f"/api/v1/crews/{crew}/members", json={"technician": person, "starts_on": "2021-01-01"})
    assert again.status_code == 400
    assert "2020-01-01" in again.json()["faults"][0]["reason"]
    ended = await api.patch(f"/api/v1/crew-members/{member.json()['id']}", json={"ends_on": "2020-12-31"})
    assert ended.status_code == 200
    assert len((await api.get(f"/api/v1/crews/{crew}/members")).json()["rows"]) == 1
    assert (await api.get(f"/api/v1/crews/{crew}")).json()["members"] == []
    absent = await api.post(f"/api/v1/technicians/{person}/absences", json={"starts_on": "2026-10-01", "ends_on": "2026-10-07"})
    assert absent.status_code == 201
    listed = (await api.get("/api/v1/absences", params={"since": "2026-10-07", "until": "2026-10-30"})).json()
    assert listed["total"] == 1
    assert (await api.delete(f"/api/v1/absences/{absent.json()['id']}")).status_code == 204
