"""A firm with some elevators at one site, two technicians and a published round; the clock of its installation can be moved."""

from __future__ import annotations

import csv
import io
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.support.installation import Installation, must, wait_for

PASSWORD = "correct horse battery"
AT_SITE = (28.6764, 121.4208)
"""Latitude and longitude of the site, WGS-84."""

SEEN_DAYS_AGO = 14
PLANNED_S = 180
"""A plan of one crew takes a few seconds; a machine that is busy with other tests takes its time to begin."""

MORNING_H = 9
CODE = "311010050120150700{:02d}"
"""Registration code of an elevator by its number."""

MOVED = Path(__file__).parent / "moved_clock"


class SmallFirm:
    """A firm at work.

    Parameters
    ----------
    site
        A fresh installation, nothing started yet.
    elevators
        How many it looks after; each is a stop of the round.
    behind
        How far the installation's clock is behind the real one at the beginning.
    shift_h
        From which hour to which the crew works.
    """

    def __init__(
        self, site: Installation, *, elevators: int = 2, behind: timedelta = timedelta(), shift_h: tuple[int, int] = (8, 18)
    ) -> None:
        self.site = site
        self._shift_h = shift_h
        self.codes = [CODE.format(number) for number in range(1, elevators + 1)]
        self._clock = site.folder / "clock"
        self.set_clock(-behind)
        site.environment |= {
            "LIFTROUNDS_TEST_CLOCK": str(self._clock), "LIFTROUNDS_MQTT_URL": "",
            "PYTHONPATH": os.pathsep.join([str(MOVED), os.environ.get("PYTHONPATH", "")]),
        }  # fmt: skip
        site.command("migrate")
        self.serving = site.start("serve")
        self.working = site.start("worker")
        wait_for(self.answers)
        site.command("account", "add", "--role", "admin", "--login", "admin", "--password", PASSWORD)
        self.admin = site.client("admin", PASSWORD)
        self.zone = _zone_of_morning(self.now())
        self.today: date = self.now().astimezone(ZoneInfo(self.zone)).date()
        self.manager = self._manager()
        self._import_register()
        self.elevators = [self._elevator(code) for code in self.codes]
        self.people = [self._technician(number) for number in (1, 2)]
        self._crew()
        self._publish()
        self.labels = [self._label(elevator) for elevator in self.elevators]
        self._sheets = [self._printed(label) for label in self.labels]

    def now(self) -> datetime:
        """The installation's time."""
        return datetime.now(UTC) + timedelta(seconds=float(self._clock.read_text()))

    def set_clock(self, off: timedelta) -> None:
        """Move the clocks of all its processes at once."""
        beside = self._clock.with_suffix(".part")
        beside.write_text(str(off.total_seconds()))
        beside.replace(self._clock)

    def answers(self) -> bool:
        """Whether it is being served."""
        try:
            return httpx.get(f"{self.site.base_url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop_serving(self) -> None:
        """End the server; the database and everything that was taken stay."""
        self.serving.terminate()
        self.serving.wait(40)

    def serve_again(self) -> None:
        """Start the server anew at the same address."""
        self.serving = self.site.start("serve")
        wait_for(self.answers)

    def invite(self, person: int = 0) -> str:
        """The code by which a technician enrols a phone."""
        code: str = must(self.manager.post(f"/api/v1/technicians/{self.people[person]['id']}/phone-invites"))["code"]
        return code

    def technician(self, person: int = 0) -> httpx.Client:
        """A client of a technician, signed in."""
        return self.site.client(f"technician-{person + 1}", PASSWORD)

    def label_sheet(self, elevator: int = 0) -> bytes:
        """The printed label of an elevator, as PDF; it was printed when the firm began."""
        return self._sheets[elevator]

    def visits(self) -> list[dict[str, Any]]:
        """All visits, newest first."""
        rows: list[dict[str, Any]] = must(self.manager.get("/api/v1/visits"))["rows"]
        return rows

    def tell(self, events: list[tuple[datetime, str]], elevator: int = 0) -> None:
        """Let an elevator's monitor tell what happened, event by event, and that it is alive: its clock is judged by that."""
        device = must(
            self.manager.post("/api/v1/devices", json={"name": f"m{elevator}", "elevator": self.elevators[elevator]["id"]})
        )
        records = [
            {
                "elevator": self.codes[elevator],
                "at": at.isoformat(),
                "seq": number,
                "events": [{"code": code, "at": at.isoformat()}],
            }
            for number, (at, code) in enumerate(events, start=1)
        ]
        records.append(
            {
                "elevator": self.codes[elevator],
                "at": self.now().isoformat(),
                "seq": len(records) + 1,
                "counters": {"trips": 1000},
            }
        )
        headers = {"Authorization": f"Bearer {device['key']}"}
        got = must(httpx.post(f"{self.site.base_url}/api/v1/telemetry", json={"records": records}, headers=headers, timeout=30))
        assert got["accepted"] == len(records), got

    def _manager(self) -> httpx.Client:
        firm = {
            "name": "Small Firm",
            "time_zone": self.zone,
            "licence_number": "L-1",
            "licence_expires_on": "2099-12-31",
            "phone_24h": "0576 8888",
        }
        made = must(self.admin.post("/api/v1/firms", json=firm))
        account = {"login": "manager", "password": PASSWORD, "role": "manager", "name": "Manager", "firm": made["id"]}
        must(self.admin.post("/api/v1/accounts", json=account))
        return self.site.client("manager", PASSWORD)

    def _import_register(self) -> None:
        seen = (self.today - timedelta(days=SEEN_DAYS_AGO)).isoformat()
        same = {
            "equipment_type": "traction_or_positive_drive_lift", "owner": "Tower Ltd", "site_code": "tower",
            "site": "Taizhou Bay Tower", "address": "1 Shifu Road", "lat": AT_SITE[0], "lon": AT_SITE[1],
            "last_visit_on": seen, "last_quarter_on": seen, "last_half_year_on": seen, "last_year_on": seen,
        }  # fmt: skip
        rows = [
            {"registration_code": code, "rescue_code": f"3000{number:02d}", "unit_name": f"Lift {number}"} | same
            for number, code in enumerate(self.codes, start=1)
        ]
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        report = must(
            self.manager.post("/api/v1/imports/elevators", files={"file": ("register.csv", text.getvalue().encode())})
        )
        assert report["bad"] == [], report

    def _elevator(self, code: str) -> dict[str, Any]:
        found = must(self.manager.get("/api/v1/elevators", params={"text": code}))["rows"]
        [elevator] = [each for each in found if each["registration_code"] == code]
        return dict(elevator)

    def _technician(self, number: int) -> dict[str, Any]:
        made = must(self.manager.post("/api/v1/technicians", json={"name": f"Technician {number}", "badge": f"T{number}"}))
        certificate = {"number": f"C{number}", "expires_on": (self.today + timedelta(days=900)).isoformat()}
        must(self.manager.post(f"/api/v1/technicians/{made['id']}/certificates", json=certificate))
        account = {
            "login": f"technician-{number}",
            "password": PASSWORD,
            "role": "technician",
            "name": made["name"],
            "technician": made["id"],
        }
        must(self.manager.post("/api/v1/accounts", json=account))
        return dict(made)

    def _crew(self) -> None:
        crew = must(self.manager.post("/api/v1/crews", json={"name": "Crew 1", "base_lat": AT_SITE[0], "base_lon": AT_SITE[1]}))
        for person in self.people:
            joined = {"technician": person["id"], "starts_on": self.today.isoformat()}
            must(self.manager.post(f"/api/v1/crews/{crew['id']}/members", json=joined))
        week = [{"weekday": day, "from_s": self._shift_h[0] * 3600, "to_s": self._shift_h[1] * 3600} for day in range(7)]
        must(self.manager.put(f"/api/v1/crews/{crew['id']}/week", json={"shifts": week}))

    def _publish(self) -> None:
        wait_for(lambda: all(_is_due(self.manager, each["id"]) for each in self.elevators))
        run = must(
            self.manager.post("/api/v1/plan-runs", json={"start_date": self.today.isoformat(), "days": 1, "time_limit_s": 5})
        )
        address = f"/api/v1/plan-runs/{run['id']}"
        wait_for(lambda: must(self.manager.get(address))["state"] in ("proposed", "failed"), longest_s=PLANNED_S)
        must(self.manager.post(f"{address}/commit"))
        must(self.manager.post(f"{address}/publish"))

    def _label(self, elevator: dict[str, Any]) -> dict[str, Any]:
        [label] = must(self.manager.post("/api/v1/labels", json={"elevators": [elevator["id"]]}))["rows"]
        return dict(label)

    def _printed(self, label: dict[str, Any]) -> bytes:
        answer = self.manager.get("/api/v1/labels/sheet.pdf", params={"label": label["id"], "stock": "L7163"})
        assert answer.is_success, answer.text
        return answer.content


def _is_due(manager: httpx.Client, elevator: str) -> bool:
    answer = manager.get(f"/api/v1/elevators/{elevator}/due")
    return answer.is_success and must(answer)["window"] is not None


def _zone_of_morning(now: datetime) -> str:
    """A zone in which it is morning, so that a day's work lies ahead whenever this runs."""
    offset = (MORNING_H - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/UTC"
