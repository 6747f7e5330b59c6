"""The whole story on real input: register → telemetry → due windows → rounds → two scans → public record.

Everything runs in processes of its own (PostgreSQL, Mosquitto, pages and API, worker, MQTT intake) and is driven from
outside: at the terminal, over HTTP and over MQTT.
"""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiomqtt
import httpx
import pytest

from planner import simulate
from tests.support.installation import Installation, installed, must, wait_for

MIDTOWN = Path(__file__).parents[2] / "backend" / "demo" / "data" / "nyc_midtown_passenger.csv"
PASSWORD = "correct horse battery"
SEED = 7
DAYS = 30
SEEN_DAYS_AGO = 14
MORNING_H = 9


@pytest.fixture(scope="module")
def site() -> Iterator[Installation]:
    """A fresh installation with everything running."""
    with installed() as installation:
        installation.start_mosquitto()
        installation.command("migrate")
        installation.serve()
        installation.start("worker")
        installation.start("ingest")
        yield installation


def test_the_loop_runs_on_a_real_register(site: Installation) -> None:
    """A month in the life of a firm, from the register it was given to the record that anybody can read."""
    admin, firm = register_is_imported(site)
    now = now_of(admin, firm)
    manager = firm_gets_its_people(site, admin, firm)
    chosen = fleet_was_seen_a_fortnight_ago(manager, now.date())
    crew = crew_is_set_up(site, manager, now.date())
    month_of_telemetry_arrives(site, manager, chosen[:4])
    before = wait_for_due_windows(manager, chosen, now.date())
    day = rounds_are_planned(manager, now.date())
    technician = site.client(crew["login"], PASSWORD)
    stop = technicians_day_shows_the_round(technician, day)
    code = label_is_printed(manager, stop["elevator"]["id"])
    visit = visit_is_made(technician, stop, code, crew["second"])
    assert_window_moved(manager, stop["elevator"]["id"], before, now.date())
    assert_public_page_shows_it(site, code, now.date())
    assert_only_the_owner_confirms(site, manager, technician, stop, visit)


def register_is_imported(site: Installation) -> tuple[httpx.Client, dict[str, Any]]:
    """All 4 605 elevators come in at the terminal; a second import changes nothing."""
    arguments = ("import", "elevators", str(MIDTOWN), "--mapping", "nyc-dob-2015", "--firm", "Midtown Lifts", "--json")
    assert json.loads(site.command(*arguments))["elevators"]["created"] == 4605
    assert json.loads(site.command(*arguments))["elevators"] == {"created": 0, "updated": 0, "unchanged": 4605}
    site.command("account", "add", "--role", "admin", "--login", "admin", "--password", PASSWORD)
    admin = site.client("admin", PASSWORD)
    [firm] = must(admin.get("/api/v1/firms"))["rows"]
    # A zone in which it is morning now, so that a day's work lies ahead whenever this test runs.
    offset = (MORNING_H - datetime.now(UTC).hour + 12) % 24 - 12
    zone = f"Etc/GMT{-offset:+d}" if offset else "Etc/UTC"
    changed = {"time_zone": zone, "licence_number": "L-1", "licence_expires_on": "2099-12-31", "phone_24h": "+1 212 555 0100"}
    return admin, must(admin.patch(f"/api/v1/firms/{firm['id']}", json=changed))


def now_of(admin: httpx.Client, firm: dict[str, Any]) -> datetime:
    """The present time where the firm is."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(firm["time_zone"]))


def firm_gets_its_people(site: Installation, admin: httpx.Client, firm: dict[str, Any]) -> httpx.Client:
    """The admin makes the firm's manager, who signs in."""
    given = {"login": "manager", "password": PASSWORD, "role": "manager", "name": "Manager", "firm": firm["id"]}
    must(admin.post("/api/v1/accounts", json=given))
    return site.client("manager", PASSWORD)


def fleet_was_seen_a_fortnight_ago(manager: httpx.Client, today: date) -> list[dict[str, Any]]:
    """A second file tells when some elevators of two buildings were last maintained; everything else stays as it was."""
    with MIDTOWN.open(encoding="utf-8") as file:
        codes = [row["device_number"] for row in csv.DictReader(file)][:12]
    seen = (today - timedelta(days=SEEN_DAYS_AGO)).isoformat()
    lines = ["registration_code,last_visit_on,last_quarter_on,last_half_year_on,last_year_on"]
    lines += [f"{code},{seen},{seen},{seen},{seen}" for code in codes]
    file_ = {"file": ("seen.csv", "\n".join(lines).encode())}
    report = must(manager.post("/api/v1/imports/elevators", files=file_))
    assert report["bad"] == []
    assert report["rows"] == len(codes)
    return [elevator_of(manager, code) for code in codes]


def elevator_of(manager: httpx.Client, code: str) -> dict[str, Any]:
    """The elevator with a registration code, found by the office's search."""
    found = must(manager.get("/api/v1/elevators", params={"text": code}))["rows"]
    [elevator] = [each for each in found if each["registration_code"] == code]
    return dict(elevator)


def crew_is_set_up(site: Installation, manager: httpx.Client, today: date) -> dict[str, Any]:
    """Two technicians with certificates work one round from eight to six on every day of the week."""
    people = []
    for number in (1, 2):
        made = must(manager.post("/api/v1/technicians", json={"name": f"Technician {number}", "badge": f"T{number}"}))
        certificate = {"number": f"C{number}", "expires_on": (today + timedelta(days=900)).isoformat()}
        must(manager.post(f"/api/v1/technicians/{made['id']}/certificates", json=certificate))
        people.append(made)
    crew = must(manager.post("/api/v1/crews", json={"name": "Crew 1", "base_lat": 40.7505, "base_lon": -73.9934}))
    for person in people:
        membership = {"technician": person["id"], "starts_on": today.isoformat()}
        must(manager.post(f"/api/v1/crews/{crew['id']}/members", json=membership))
    week = [{"weekday": weekday, "from_s": 8 * 3600, "to_s": 18 * 3600} for weekday in range(7)]
    must(manager.put(f"/api/v1/crews/{crew['id']}/week", json={"shifts": week}))
    account = {"login": "technician", "password": PASSWORD, "role": "technician", "name": "Technician 1",
               "technician": people[0]["id"]}  # fmt: skip
    must(manager.post("/api/v1/accounts", json=account))
    return {"id": crew["id"], "login": "technician", "second": people[1]["id"]}


def month_of_telemetry_arrives(site: Installation, manager: httpx.Client, elevators: Sequence[dict[str, Any]]) -> None:
    """Half of the monitors send over HTTP, half over MQTT; sent twice counts once, and no hour is lost or made up."""
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    since = until - timedelta(days=DAYS)
    half = len(elevators) // 2
    for each in elevators[:half]:
        device = must(manager.post("/api/v1/devices", json={"name": each["registration_code"], "elevator": each["id"]}))
        post_twice(site, device["key"], records_of(each, since, until))
    for each in elevators[half:]:
        name = f"mqtt-{each['registration_code']}"
        device = must(manager.post("/api/v1/devices", json={"name": name, "elevator": each["id"]}))
        publish(site, name, records_of(each, since, until))
    for each in elevators:
        wait_for(partial(is_all_told, manager, each, since, until))
        assert_usage_is_the_truth(manager, each, since, until)


def records_of(elevator: dict[str, Any], since: datetime, until: datetime) -> list[dict[str, Any]]:
    """What an elevator's monitor tells."""
    one = simulate.elevator(elevator["registration_code"], "office", SEED)
    return list(simulate.records(one, since, until))


def post_twice(site: Installation, key: str, records: list[dict[str, Any]]) -> None:
    """Everything is accepted once and known the second time."""
    with httpx.Client(base_url=site.base_url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as device:
        for answer in ("accepted", "duplicates"):
            for start in range(0, len(records), 500):
                part = records[start : start + 500]
                got = must(device.post("/api/v1/telemetry", json={"records": part}))
                assert got[answer] == len(part), got
                assert got["rejected"] == []
        stranger = {"elevator": "nobody's", "at": records[0]["at"], "seq": 1, "counters": {"trips": "many"}}
        got = must(device.post("/api/v1/telemetry", json={"records": [stranger, records[0]]}))
        assert (got["accepted"], got["duplicates"], [each["index"] for each in got["rejected"]]) == (0, 1, [0])


def publish(site: Installation, device: str, records: list[dict[str, Any]]) -> None:
    """Send batches with quality of service 1 and wait until the broker has them all."""
    asyncio.run(_publish(site.mqtt_port, f"liftrounds/v1/{device}/telemetry", records))


async def _publish(port: int, topic: str, records: list[dict[str, Any]]) -> None:
    async with aiomqtt.Client("127.0.0.1", port) as client:
        for start in range(0, len(records), 100):
            await client.publish(topic, json.dumps({"records": records[start : start + 100]}), qos=1)


def is_all_told(manager: httpx.Client, elevator: dict[str, Any], since: datetime, until: datetime) -> bool:
    """Whether usage is known of every hour with a record; the first one only says where the counter stood."""
    told = [row for row in usage_of(manager, elevator, since, until) if row["counter"] == "trips"]
    return len(told) >= len(records_of(elevator, since, until)) - 1


def usage_of(manager: httpx.Client, elevator: dict[str, Any], since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Usage per hour as the office sees it."""
    asked = {"since": since.isoformat(), "until": until.isoformat(), "by": "hour"}
    rows: list[dict[str, Any]] = must(manager.get(f"/api/v1/elevators/{elevator['id']}/usage", params=asked))
    return rows


def assert_usage_is_the_truth(manager: httpx.Client, elevator: dict[str, Any], since: datetime, until: datetime) -> None:
    """The trips stored are those that the simulated elevator made since its first record, hours of silence included."""
    one = simulate.elevator(elevator["registration_code"], "office", SEED)
    truth = {growth.hour: growth.counters["trips"] for growth in simulate.truth(one, since, until)}
    stored = [row for row in usage_of(manager, elevator, since, until) if row["counter"] == "trips"]
    assert all(row["jumps"] == 0 for row in stored)
    if not any(row["restarts"] for row in stored):  # what was made before a restart and never told is lost to everybody
        first = min(datetime.fromisoformat(row["hour"]) for row in stored)
        told = sum(row["total"] for row in stored)
        after_first = sum(trips for hour, trips in truth.items() if hour > first)
        assert told in (after_first, after_first + truth[first])


def wait_for_due_windows(manager: httpx.Client, chosen: Sequence[dict[str, Any]], today: date) -> dict[str, date]:
    """The worker computes a window for every elevator, with the rule behind it; last days by elevator.

    Those of the chosen ones were there before the second file told when they were last seen: a plan made from them then would
    rightly be refused as outdated.
    """

    def all_there() -> bool:
        if must(manager.get("/api/v1/due", params={"limit": 1}))["total"] != 4605:
            return False
        windows = [window_of(manager, each["id"]) for each in chosen]
        last = today - timedelta(days=SEEN_DAYS_AGO) + timedelta(days=15)
        return all(date.fromisoformat(window["last_day"]) <= last for window in windows)

    wait_for(all_there)
    last_days = {}
    for each in chosen:
        answer = must(manager.get(f"/api/v1/elevators/{each['id']}/due"))
        last_days[each["id"]] = date.fromisoformat(answer["window"]["last_day"])
        assert "15" in answer["window"]["reason_en"]
        assert answer["receipt"]["candidates"]
    return last_days


def window_of(manager: httpx.Client, elevator: str) -> dict[str, Any]:
    """The elevator's due window."""
    window: dict[str, Any] = must(manager.get(f"/api/v1/elevators/{elevator}/due"))["window"]
    return window


def rounds_are_planned(manager: httpx.Client, today: date) -> date:
    """A run is asked for, watched, committed and published; a second one for the same days cannot take the crew's day."""
    asked = {"start_date": today.isoformat(), "days": 2, "time_limit_s": 10}
    run = must(manager.post("/api/v1/plan-runs", json=asked))
    address = f"/api/v1/plan-runs/{run['id']}"
    wait_for(lambda: must(manager.get(address))["state"] in ("proposed", "failed"))
    assert must(manager.get(address))["state"] == "proposed"
    plan = must(manager.get(f"{address}/plan"))
    assert any(route["stops"] for route in plan["rounds"])
    assert must(manager.post(f"{address}/commit"))["state"] == "committed"
    assert must(manager.post(f"{address}/publish"))["state"] == "published"
    assert manager.post(f"{address}/publish").status_code in (200, 409)
    published = must(manager.get("/api/v1/rounds", params={"day": today.isoformat()}))
    rows = published["rows"] if isinstance(published, dict) else published
    assert len(rows) == 1
    return today


def technicians_day_shows_the_round(technician: httpx.Client, day: date) -> dict[str, Any]:
    """One GET gives the day; asked again with its ETag it costs nothing. The stop that matters was seen a fortnight ago."""
    answer = technician.get("/api/v1/day", params={"date": day.isoformat()})
    found = must(answer)
    again = technician.get("/api/v1/day", params={"date": day.isoformat()}, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert found["stops"]
    urgent: dict[str, Any] = min(found["stops"], key=lambda stop: stop["due_last_day"])
    assert date.fromisoformat(urgent["due_last_day"]) == day - timedelta(days=SEEN_DAYS_AGO) + timedelta(days=15)
    assert urgent["checklist"]
    assert urgent["why_en"]
    return urgent


def label_is_printed(manager: httpx.Client, elevator: str) -> str:
    """The elevator gets a label, which prints as a vector PDF."""
    [label] = must(manager.post("/api/v1/labels", json={"elevators": [elevator]}))["rows"]
    sheet = manager.get("/api/v1/labels/sheet.pdf", params={"label": label["id"], "stock": "L7163"})
    assert sheet.headers["content-type"].startswith("application/pdf"), sheet.text[:500]
    code: str = label["code"]
    return code


def scan(code: str, at: datetime) -> dict[str, Any]:
    """A scan as a phone sends it, standing before the elevator."""
    return {"id": str(uuid4()), "code": code, "at": at.isoformat()}


def visit_is_made(technician: httpx.Client, stop: dict[str, Any], code: str, second: str) -> str:
    """Arrival scan, all items of the class, one finding, departure scan; the phone had no signal in between and sends late."""
    now = datetime.now(UTC)
    visit = str(uuid4())
    arrival = {"id": visit, "scan": scan(code, now - timedelta(minutes=50)), "work_order": stop["work_order"],
               "second_technician": second}  # fmt: skip
    opened = must(technician.post("/api/v1/visits", json=arrival))
    assert opened["summary"]["state"] == "open"
    must(technician.post("/api/v1/visits", json=arrival))  # the phone could not know that it had arrived
    leaving = scan(code, now)
    early = technician.post(f"/api/v1/visits/{visit}/departure", json=leaving)
    assert early.status_code in (400, 409), early.text
    answers = [answer_of(item) for item in opened["checklist"]]
    saved = must(technician.put(f"/api/v1/visits/{visit}/answers", json={"answers": answers}))
    assert saved["open_items"] == []
    finding = {"id": str(uuid4()), "severity": "general", "description": "The car's lamp flickers.", "proposal": "Replace it."}
    must(technician.post(f"/api/v1/visits/{visit}/findings", json=finding))
    done = must(technician.post(f"/api/v1/visits/{visit}/departure", json=leaving))
    assert done["record_version"] == 1
    again = must(technician.post(f"/api/v1/visits/{visit}/departure", json=leaving))
    assert again["record_sha256"] == done["record_sha256"]
    return visit


def answer_of(item: dict[str, Any]) -> dict[str, Any]:
    """In order, and measured where there is a limit."""
    answer: dict[str, Any] = {"item": item["code"], "result": "ok"}
    if item["limit"]:
        answer["measured"] = item["limit"]["least"] if item["limit"]["least"] is not None else item["limit"]["most"]
    return answer


def assert_window_moved(manager: httpx.Client, elevator: str, before: dict[str, date], today: date) -> None:
    """The next visit is due fifteen days after this one."""
    after = date.fromisoformat(window_of(manager, elevator)["last_day"])
    assert after == today + timedelta(days=15)
    assert after > before[elevator]


def assert_public_page_shows_it(site: Installation, code: str, today: date) -> None:
    """Anybody who scans the label reads it, in their language, in less than 20 KB, without a script."""
    english = httpx.get(f"{site.base_url}/E/{code}", headers={"Accept-Language": "en"})
    assert english.status_code == 200
    assert len(english.content) < 20_000
    assert "<script" not in english.text
    chinese = httpx.get(f"{site.base_url}/e/{code.lower()}", headers={"Accept-Language": "zh-CN"})
    assert "维保" in chinese.text
    facts = must(httpx.get(f"{site.base_url}/api/v1/elevators/{code}/public"))
    assert today.isoformat() in json.dumps(facts)
    assert "The car's lamp flickers" not in english.text or "general" in json.dumps(facts)
    wrong = httpx.get(f"{site.base_url}/e/{'0' * 8}-{'0' * 6}")
    assert wrong.status_code == 404
    assert "Traceback" not in wrong.text


def assert_only_the_owner_confirms(
    site: Installation, manager: httpx.Client, technician: httpx.Client, stop: dict[str, Any], visit: str
) -> None:
    """Neither the technician nor the manager can; the owner's safety officer does, with an account of their own."""
    owner = must(manager.post("/api/v1/owners", json={"name": "Tower LLC", "safety_officer": "S. Officer"}))
    elevator = must(manager.get(f"/api/v1/elevators/{stop['elevator']['id']}"))
    must(manager.patch(f"/api/v1/sites/{elevator['site']}", json={"owner": owner["id"]}))
    account = {"login": "owner", "password": PASSWORD, "role": "owner", "name": "S. Officer", "owner": owner["id"]}
    must(manager.post("/api/v1/accounts", json=account))
    body = {"version": 1}
    for client in (technician, manager):
        assert client.post(f"/api/v1/owner/visits/{visit}/confirm", json=body).status_code == 403
    officer = site.client("owner", PASSWORD)
    must(officer.post(f"/api/v1/owner/visits/{visit}/confirm", json=body))
    assert must(manager.get(f"/api/v1/visits/{visit}"))["summary"]["confirmation"] == "confirmed"
