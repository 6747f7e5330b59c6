"""Visits over HTTP: the technician's day, arrival to departure, corrections; who may do what."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from backend import clock, keyfile
from backend.scope import Role
from backend.settings import Settings
from backend.visits.record import sha256_of
from mobile_api.security import handlers_of
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.visits import ZONE, Workplace, value


@pytest.fixture
async def place(http: Site, factory: Factory, settings: Settings) -> Workplace:
    """A workplace whose labels the application knows."""
    return await Workplace.open(factory, keyfile.label_keys(settings))


@pytest.fixture
async def phone(http: Site, place: Workplace) -> httpx.AsyncClient:
    """The technician's phone."""
    assert place.technician.technician is not None
    return await http.api(Role.TECHNICIAN, place.firm, technician=place.technician.technician)


def body(thing: Any) -> Any:
    """A struct as the phone sends it."""
    return msgspec.to_builtins(thing)


async def arrived(phone: httpx.AsyncClient, place: Workplace, **values: Any) -> dict[str, Any]:
    answer = await phone.post("/api/v1/visits", json=body(place.arrival(**values)))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def answered(phone: httpx.AsyncClient, visit: dict[str, Any]) -> str:
    answers = [{"item": item, "result": "ok"} for item in visit["open_items"]]
    answer = await phone.put(f"/api/v1/visits/{visit['summary']['id']}/answers", json={"answers": answers})
    assert (answer.status_code, answer.json()["open_items"]) == (200, [])
    found: str = visit["summary"]["id"]
    return found


async def finished(phone: httpx.AsyncClient, place: Workplace) -> str:
    visit = await answered(phone, await arrived(phone, place))
    answer = await phone.post(f"/api/v1/visits/{visit}/departure", json=body(place.scan()))
    assert answer.status_code == 200, answer.text
    return visit


async def test_a_day_of_work_from_the_round_to_the_record(phone: httpx.AsyncClient, place: Workplace) -> None:
    (order,) = await place.publish()
    day = (await phone.get("/api/v1/day")).json()
    assert [stop["work_order"] for stop in day["stops"]] == [str(order)]
    visit = await arrived(phone, place, work_order=order, second_technician=place.second.technician)
    made = await answered(phone, visit)
    finding = {"id": str(uuid4()), "severity": "general", "description": "worn", "item": "A-1-01"}
    answer = await phone.post(f"/api/v1/visits/{made}/findings", json=finding)
    assert answer.status_code == 201, answer.text
    departed = (await phone.post(f"/api/v1/visits/{made}/departure", json=body(place.scan()))).json()
    assert departed["window_after"]["maintenance_class"]
    record = (await phone.get(f"/api/v1/visits/{made}/records/1")).json()
    assert record["sha256"] == departed["record_sha256"]
    assert record["intact"] is True
    assert sha256_of(record["body"]) == record["sha256"]  # whoever holds the answer can check it
    assert len((await phone.get(f"/api/v1/visits/{made}/records")).json()["rows"]) == 1
    (line,) = (await phone.get("/api/v1/visits", params={"state": "finished", "elevator": str(place.elevator)})).json()["rows"]
    assert (line["id"], line["findings"], line["planned"]) == (made, 1, "own_round")
    assert (await phone.get("/api/v1/day")).json()["stops"][0]["state"] == "done"


async def test_the_day_is_sent_once_per_version(phone: httpx.AsyncClient, place: Workplace) -> None:
    await place.publish()
    first = await phone.get("/api/v1/day")
    etag = first.headers["ETag"]
    assert first.json()["etag"] == etag
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = await phone.get("/api/v1/day", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag), known
    await arrived(phone, place)
    changed = await phone.get("/api/v1/day", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


async def test_a_day_by_its_date(phone: httpx.AsyncClient, place: Workplace) -> None:
    day = clock.today(ZONE)
    await place.publish(day=day)
    assert len((await phone.get("/api/v1/day", params={"day": day.isoformat()})).json()["stops"]) == 1
    assert (await phone.get("/api/v1/day", params={"day": "tomorrow"})).status_code == 400


async def test_the_same_request_again_is_the_same_answer(phone: httpx.AsyncClient, place: Workplace) -> None:
    arrival = body(place.arrival())
    first = await phone.post("/api/v1/visits", json=arrival)
    again = await phone.post("/api/v1/visits", json=arrival)
    assert (again.status_code, again.json()) == (201, first.json())
    changed = await phone.post("/api/v1/visits", json=arrival | {"second_technician": str(place.second.technician)})
    assert (changed.status_code, changed.json()["code"]) == (409, "conflict")


async def test_a_departure_too_early_lists_what_is_missing(phone: httpx.AsyncClient, place: Workplace) -> None:
    visit = await arrived(phone, place)
    answer = await phone.post(f"/api/v1/visits/{visit['summary']['id']}/departure", json=body(place.scan()))
    assert answer.status_code == 400
    assert [fault["path"] for fault in answer.json()["faults"]] == [f"items.{code}" for code in visit["open_items"]]
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_refused_codes_say_why(phone: httpx.AsyncClient, place: Workplace, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    answer = await phone.post("/api/v1/visits", json=body(place.arrival(elsewhere.code)))
    assert (answer.status_code, answer.json()["code"]) == (404, "label_foreign")
    answer = await phone.post("/api/v1/visits", json=body(place.arrival("nonsense")))
    assert (answer.status_code, answer.json()["code"]) == (404, "label_malformed")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"unknown": 1},
        {"scan": None},
        {"scan": {"id": str(uuid4())}},
        {"work_order": "x"},
        {"second_technician": 7},
    ],
)
async def test_a_body_that_does_not_fit_is_refused(phone: httpx.AsyncClient, place: Workplace, change: dict[str, Any]) -> None:
    answer = await phone.post("/api/v1/visits", json=body(place.arrival()) | change)
    assert answer.status_code == 400, answer.text
    assert await value("SELECT count(*) FROM visit") == 0


async def test_a_time_without_a_zone_is_refused(phone: httpx.AsyncClient, place: Workplace) -> None:
    arrival = body(place.arrival())
    arrival["scan"]["at"] = "2026-11-24T08:00:00"
    assert (await phone.post("/api/v1/visits", json=arrival)).status_code == 400


async def test_the_office_abandons_closes_and_returns(http: Site, phone: httpx.AsyncClient, place: Workplace) -> None:
    office = await http.api(Role.MANAGER, place.firm)
    made = (await arrived(phone, place))["summary"]["id"]
    condition = {"id": str(uuid4()), "severity": "stop_use", "stop_use_condition": "door_lock_circuit_shorted"}
    finding = (await phone.post(f"/api/v1/visits/{made}/findings", json=condition)).json()
    assert (await office.post(f"/api/v1/visits/{made}/abandon", json={"reason": ""})).status_code == 400
    assert (await office.post(f"/api/v1/visits/{made}/abandon", json={"reason": "called away"})).json()["closed_reason"]
    assert (await office.post(f"/api/v1/visits/{made}/abandon", json={"reason": "other"})).status_code == 409
    path = f"/api/v1/elevators/{place.elevator}/return-to-use"
    assert (await office.post(path, json={"reason": "repaired"})).status_code == 409
    assert len((await office.get("/api/v1/findings")).json()["rows"]) == 1
    closed = await office.post(f"/api/v1/findings/{finding['id']}/close", json={"reason": "bridge removed"})
    assert closed.json()["closed_reason"] == "bridge removed"
    assert (await office.post(path, json={"reason": "repaired"})).status_code == 204
    (notice,) = (await office.get("/api/v1/notices")).json()["rows"]
    assert (await office.get(f"/api/v1/notices/{notice['id']}")).json()["report_zh"]


async def test_a_correction_over_http(http: Site, phone: httpx.AsyncClient, place: Workplace) -> None:
    made = await finished(phone, place)
    office = await http.api(Role.MANAGER, place.firm)
    correction = {"version": 1, "reason": "forgot", "items": [{"item": "A-1-01", "result": "adjusted", "note": "0.2 mm"}]}
    answer = await office.post(f"/api/v1/visits/{made}/corrections", json=correction)
    assert (answer.status_code, answer.json()["version"]) == (201, 2)
    assert (await office.post(f"/api/v1/visits/{made}/corrections", json=correction)).json() == answer.json()
    assert (await office.get(f"/api/v1/visits/{made}/records/3")).status_code == 404
    assert (await office.get(f"/api/v1/visits/{made}/records/1")).json()["version"] == 1


async def test_the_list_of_visits_comes_in_pages(http: Site, phone: httpx.AsyncClient, place: Workplace) -> None:
    made = [await finished(phone, place) for _ in range(3)]
    office = await http.api(Role.REGULATOR)
    first = (await office.get("/api/v1/visits", params={"limit": 2})).json()
    rest = (await office.get("/api/v1/visits", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [row["id"] for row in first["rows"] + rest["rows"]] == made[::-1]
    assert (await office.get("/api/v1/visits", params={"limit": 0})).status_code == 400
    assert (await office.get("/api/v1/visits", params={"state": "sideways"})).status_code == 400


WRITES = [
    ("post", "/api/v1/visits"),
    ("put", "/api/v1/visits/{visit}/second-technician"),
    ("put", "/api/v1/visits/{visit}/answers"),
    ("post", "/api/v1/visits/{visit}/findings"),
    ("post", "/api/v1/visits/{visit}/departure"),
]
"""What only a technician does."""


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.OWNER, Role.REGULATOR])
async def test_the_office_and_the_owner_do_no_work_on_elevators(
    http: Site, phone: httpx.AsyncClient, place: Workplace, role: Role
) -> None:
    made = (await arrived(phone, place))["summary"]["id"]
    client = await http.api(role, None if role in (Role.ADMIN, Role.REGULATOR) else place.firm)
    for method, path in WRITES:
        answer = await client.request(method, path.format(visit=made), json={})
        assert answer.status_code == 403, path


async def test_nobody_without_an_account_sees_anything(http: Site, place: Workplace) -> None:
    for path in ("/api/v1/day", "/api/v1/visits", "/api/v1/findings", "/api/v1/notices", "/api/v1/owner/visits"):
        assert (await http.anybody().get(path)).status_code == 401


async def test_another_firms_visit_answers_404_on_every_route(
    http: Site, phone: httpx.AsyncClient, place: Workplace, factory: Factory
) -> None:
    made = (await arrived(phone, place))["summary"]["id"]
    condition = {"id": str(uuid4()), "severity": "stop_use", "stop_use_condition": "door_lock_circuit_shorted"}
    finding = (await phone.post(f"/api/v1/visits/{made}/findings", json=condition)).json()
    elsewhere = await factory.firm()
    clients = {role: await http.api(role, elsewhere) for role in (Role.TECHNICIAN, Role.MANAGER, Role.OWNER)}
    reason = {"reason": "because"}
    requests: list[tuple[Role, str, str, Any]] = [
        (Role.MANAGER, "get", f"/api/v1/visits/{made}", None),
        (Role.TECHNICIAN, "get", f"/api/v1/visits/{made}", None),
        (Role.MANAGER, "get", f"/api/v1/visits/{made}/records", None),
        (Role.MANAGER, "get", f"/api/v1/visits/{made}/records/1", None),
        (Role.TECHNICIAN, "put", f"/api/v1/visits/{made}/answers", {"answers": []}),
        (Role.TECHNICIAN, "put", f"/api/v1/visits/{made}/second-technician", {"technician": None}),
        (Role.TECHNICIAN, "post", f"/api/v1/visits/{made}/findings", condition),
        (Role.TECHNICIAN, "post", f"/api/v1/visits/{made}/departure", body(place.scan())),
        (Role.MANAGER, "post", f"/api/v1/visits/{made}/abandon", reason),
        (Role.MANAGER, "post", f"/api/v1/visits/{made}/corrections", {"version": 1} | reason),
        (Role.MANAGER, "post", f"/api/v1/findings/{finding['id']}/close", reason),
        (Role.MANAGER, "post", f"/api/v1/elevators/{place.elevator}/return-to-use", reason),
        (Role.MANAGER, "get", f"/api/v1/notices/{finding['notice']}", None),
        (Role.OWNER, "post", f"/api/v1/owner/notices/{finding['notice']}/read", None),
        (Role.OWNER, "get", f"/api/v1/owner/visits/{made}", None),
        (Role.OWNER, "post", f"/api/v1/owner/visits/{made}/confirm", {"version": 1}),
        (Role.OWNER, "post", f"/api/v1/owner/visits/{made}/refuse", {"version": 1} | reason),
    ]
    for role, method, path, sent in requests:
        answer = await clients[role].request(method, path, json=sent)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"
    for role, path in ((Role.MANAGER, "/api/v1/visits"), (Role.MANAGER, "/api/v1/findings"), (Role.MANAGER, "/api/v1/notices")):
        assert (await clients[role].get(path)).json()["rows"] == []


async def test_no_route_lets_the_technician_or_the_office_sign_for_the_owner(
    http: Site, phone: httpx.AsyncClient, place: Workplace
) -> None:
    """Walk all routes of owners, of pages and API, with every other role."""
    made = await finished(phone, place)
    paths = sorted(
        (path, method)
        for path, handler in handlers_of(http.app)
        if "owner" in path.split("/") or "confirm" in path or "refuse" in path
        for method in getattr(handler, "http_methods", ())
        if method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    )
    assert len(paths) >= 14
    clients = [phone] + [await http.api(role, place.firm) for role in (Role.MANAGER, Role.ADMIN, Role.REGULATOR)]
    technician = place.technician.technician
    assert technician is not None
    browsers = [await http.browser(Role.TECHNICIAN, place.firm, technician=technician)]
    browsers += [await http.browser(role, place.firm) for role in (Role.MANAGER, Role.ADMIN)]
    for path, method in paths:
        address = path.replace("{id:uuid}", made)
        if not address.startswith("/api/v1/owner") and not address.startswith("/owner"):
            continue  # registers of owners, which the office keeps
        if address.startswith("/api/"):
            answers = [await client.request(method, address, json={"version": 1, "reason": ""}) for client in clients]
        elif method == "GET":
            answers = [await browser.get(address) for browser in browsers]
        else:
            answers = [await browser.post(address, {"version": "1", "reason": "x"}) for browser in browsers]
        if address.startswith(("/api/v1/owners", "/owners")):
            continue
        assert {answer.status_code for answer in answers} == {403}, f"{method} {address}"
    assert await value("SELECT count(*) FROM owner_decision") == 0
    assert await value("SELECT confirmation FROM visit WHERE id = $1", made) == "pending"


async def test_the_owner_confirms_refuses_and_reads_over_http(http: Site, phone: httpx.AsyncClient, place: Workplace) -> None:
    owner = await http.api(Role.OWNER, place.firm, owner=place.owner)
    first = await finished(phone, place)
    (line,) = (await owner.get("/api/v1/owner/visits", params={"confirmation": "pending"})).json()["rows"]
    assert line["id"] == first
    seen = (await owner.get(f"/api/v1/owner/visits/{first}")).json()
    assert seen["records"][0]["intact"] is True
    confirmed = await owner.post(f"/api/v1/owner/visits/{first}/confirm", json={"version": 1})
    assert confirmed.json()["summary"]["confirmation"] == "confirmed"
    second = await finished(phone, place)
    assert (await owner.post(f"/api/v1/owner/visits/{second}/refuse", json={"version": 1})).status_code == 400
    refused = await owner.post(f"/api/v1/owner/visits/{second}/refuse", json={"version": 1, "reason": "nobody came"})
    assert refused.json()["summary"]["confirmation"] == "refused"
    third = (await arrived(phone, place))["summary"]["id"]
    finding = {"id": str(uuid4()), "severity": "serious", "description": "the rope is worn"}
    await phone.post(f"/api/v1/visits/{third}/findings", json=finding)
    (notice,) = (await owner.get("/api/v1/owner/notices")).json()["rows"]
    assert (notice["text_en"], notice["read_at"]) == ("", None)
    read = (await owner.post(f"/api/v1/owner/notices/{notice['id']}/read")).json()
    assert "the rope is worn" in read["text_en"]
    assert (await owner.get("/api/v1/owner/findings")).json()["rows"][0]["description"] == "the rope is worn"
    office = await http.api(Role.MANAGER, place.firm)
    assert (await office.get(f"/api/v1/notices/{notice['id']}")).json()["read_at"] == read["read_at"]


async def test_refusals_come_in_chinese(http: Site, phone: httpx.AsyncClient, place: Workplace) -> None:
    visit = (await arrived(phone, place))["summary"]["id"]
    answer = await phone.post(
        f"/api/v1/visits/{visit}/departure", json=body(place.scan()), headers={"Accept-Language": "zh-CN"}
    )
    assert answer.json()["detail"] == "还不能结束维保：缺少 31 项"
    assert answer.json()["faults"][0]["reason"] == "请填写该项目"
