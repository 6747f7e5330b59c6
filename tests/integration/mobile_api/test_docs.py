"""The examples of docs/api.md do what the text says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from backend.scope import Role, of_firm
from backend.telemetry import service as telemetry
from tests.support.factory import Factory
from tests.support.http import Site

API = Path(__file__).parents[3] / "docs" / "api.md"


def bodies() -> list[str]:
    """The JSON bodies of the text's curl examples, in order."""
    return re.findall(r"-d '(.*?)'", API.read_text(encoding="utf-8"), re.DOTALL)


async def test_the_sign_in_of_the_example_is_understood(http: Site) -> None:
    body = json.loads(bodies()[0])
    answer = await http.anybody().post("/api/v1/sessions", json=body)
    assert answer.status_code == 401, "the shape is right, the password is not"


async def test_the_telemetry_of_the_example_is_taken_and_seen_by_the_office(factory: Factory, http: Site) -> None:
    body = json.loads(bodies()[1])
    firm = await factory.firm()
    elevator = await factory.elevator(firm, registration_code=body["records"][0]["elevator"])
    _, key = await telemetry.add_device(of_firm(firm), elevator, "monitor-1")
    answer = await http.device(key).post("/api/v1/telemetry", json=body)
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    manager = await http.api(Role.MANAGER, firm)
    events = (await manager.get(f"/api/v1/elevators/{elevator}/events")).json()
    assert [row["raw_code"] for row in events["rows"]] == ["gbt24476:43"]
