"""What a phone and its office have of a visit, for tests to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2

from tests.support.browser_phone import BrowserPhone
from tests.support.installation import must, wait_for
from tests.support.small_firm import SmallFirm


def order_of(phone: BrowserPhone, firm: SmallFirm, number: int) -> str:
    """The work order of an elevator's stop."""
    stops = phone.kept("days")[0]["view"]["stops"]
    [order] = [stop["work_order"] for stop in stops if stop["elevator"]["id"] == firm.elevators[number]["id"]]
    return str(order)


def scans(phone: BrowserPhone) -> list[tuple[str, str, str]]:
    """Kind, source and zone of the scans that the phone signed."""
    kinds = ("arrival", "departure", "zone", "join", "leave")
    entries = [entry for entry in phone.kept("entries") if entry["kind"] in kinds]
    return [(entry["kind"], entry["body"]["source"], entry["body"]["zone"]) for entry in entries]


def grade_of(firm: SmallFirm, visit: str) -> dict[str, Any]:
    """The grade of a visit as it stands, with its checks."""
    wait_for(lambda: bool(must(firm.manager.get(f"/api/v1/visits/{visit}/proof"))["grades"]))
    grade: dict[str, Any] = must(firm.manager.get(f"/api/v1/visits/{visit}/proof"))["grades"][-1]
    return grade


def parts_of(firm: SmallFirm, visit: str) -> list[dict[str, Any]]:
    """The parts in the newest record of a visit."""
    records = must(firm.manager.get(f"/api/v1/visits/{visit}/records"))
    return list((records["rows"] if isinstance(records, dict) else records)[-1]["body"]["parts"])


def zone_label(firm: SmallFirm, number: int, zone: str) -> bytes:
    """The printed label of an elevator's zone, as PDF."""
    asked = {"elevators": [firm.elevators[number]["id"]], "zone": zone}
    [label] = must(firm.manager.post("/api/v1/labels", json=asked))["rows"]
    answer = firm.manager.get("/api/v1/labels/sheet.pdf", params={"label": label["id"], "stock": "L7163"})
    assert answer.is_success, answer.text
    return answer.content


def picture_of(firm: SmallFirm, number: int) -> Path:
    """A picture of a label as it lies in a gallery."""
    path = firm.site.folder / f"label-{number}.png"
    pypdfium2.PdfDocument(firm.label_sheet(number))[0].render(scale=2).to_pil().convert("RGB").save(path)
    return path
