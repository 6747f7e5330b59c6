"""Printing over the API: previews, Zebra printers, offsets kept for printers, batches that are ended, notices."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pypdfium2
import pytest

from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import Site


async def labels_of(client: httpx.AsyncClient, **body: object) -> list[dict[str, Any]]:
    answer = await client.post("/api/v1/labels", json=body)
    assert answer.status_code == 201, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def test_a_preview_is_a_picture_of_the_first_sheet_with_nothing_that_runs(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    await factory.elevator(firm, unit_name="<script>alert(1)</script>")
    client = await http.api(Role.MANAGER, firm)
    await labels_of(client, only_missing=True)
    answer = await client.get("/api/v1/labels/preview.svg", params={"stock": "L7160"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "image/svg+xml")
    assert answer.text.lstrip().startswith("<svg")
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_preview_starts_where_the_sheet_does(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    await labels_of(client, count=1)
    first, third = [(await client.get("/api/v1/labels/preview.svg", params={"start": start})).text for start in (1, 3)]
    assert first != third
    refused = await client.get("/api/v1/labels/preview.svg", params={"start": 9_999})
    assert refused.status_code == 400


async def test_labels_for_a_zebra_printer_are_one_format_each_of_the_size_asked_for(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    labels = await labels_of(client, count=3)
    answer = await client.get("/api/v1/labels/labels.zpl", params={"width_mm": 50, "height_mm": 30, "dots_per_mm": 12})
    assert answer.status_code == 200
    assert answer.content.count(b"^XA") == answer.content.count(b"^XZ") == 3
    assert answer.content.count(b"^PW600^LL360") == 3
    assert "labels.zpl" in answer.headers["content-disposition"]
    one = await client.get("/api/v1/labels/labels.zpl", params={"label": labels[1]["id"]})
    assert one.content.count(b"^XA") == 1


@pytest.mark.parametrize(
    "params", [{"width_mm": 5}, {"height_mm": 9_999}, {"dots_per_mm": 7}, {"offset_x_mm": 50}, {"width_mm": "nan"}]
)
async def test_a_size_that_no_printer_has_is_refused(http: Site, factory: Factory, params: dict[str, Any]) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    await labels_of(client, count=1)
    answer = await client.get("/api/v1/labels/labels.zpl", params=params)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"


async def test_stocks_say_how_many_labels_a_sheet_has_and_what_is_too_small(http: Site, factory: Factory) -> None:
    client = await http.api(Role.REGULATOR)
    stocks = {one["name"]: one for one in (await client.get("/api/v1/labels/stocks")).json()}
    assert {"L7160", "L7163", "L7165", "L4736", "5160", "5163", "62", "62x100"} <= set(stocks)
    assert stocks["L7160"]["per_sheet"] == 21


async def test_a_printers_offset_is_kept_by_name_and_changed_by_the_same_name(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    client = await http.api(Role.MANAGER, firm)
    for offset in (1.5, -0.5):
        body = {"name": "front desk", "offset_x_mm": offset, "offset_y_mm": 0}
        assert (await client.post("/api/v1/labels/printers", json=body)).status_code == 200
    (kept,) = (await client.get("/api/v1/labels/printers")).json()
    assert (kept["name"], kept["offset_x_mm"]) == ("front desk", -0.5)
    other = await http.api(Role.MANAGER, await factory.firm())
    assert (await other.get("/api/v1/labels/printers")).json() == []


@pytest.mark.parametrize("body", [{"name": " "}, {"name": "x" * 500}, {"offset_x_mm": 99}])
async def test_an_odd_printer_is_refused(http: Site, factory: Factory, body: dict[str, Any]) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    given = {"name": "desk", "offset_x_mm": 0, "offset_y_mm": 0} | body
    assert (await client.post("/api/v1/labels/printers", json=given)).status_code == 400
    assert (await client.get("/api/v1/labels/printers")).json() == []


async def test_a_batch_is_ended_but_for_what_is_in_use(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    await factory.elevator(firm, registration_code="31103310020000000077")
    client, batch = await http.api(Role.MANAGER, firm), str(uuid4())
    labels = await labels_of(client, count=3, batch=batch)
    claimed = {"code": labels[0]["code"], "elevator": "31103310020000000077"}
    assert (await client.post("/api/v1/labels/claim", json=claimed)).status_code == 200
    without_reason = await client.post(f"/api/v1/labels/batches/{batch}/end", json={"reason": " "})
    assert without_reason.status_code == 400
    done = await client.post(f"/api/v1/labels/batches/{batch}/end", json={"reason": "misprinted"})
    assert (done.json()["ended"], done.json()["left"]) == (2, 1)
    states = [(await client.get(f"/api/v1/labels/{one['id']}")).json()["state"] for one in labels]
    assert (states[0], set(states[1:])) == ("active", {"revoked"})
    listed = (await client.get("/api/v1/labels/batches")).json()
    assert batch in [one["batch"] for one in listed]
    other = await http.api(Role.MANAGER, await factory.firm())
    assert (await other.get("/api/v1/labels/batches")).json() == []
    assert (await other.post(f"/api/v1/labels/batches/{batch}/end", json={"reason": "mischief"})).status_code == 404


async def test_notices_are_one_page_an_elevator_with_a_label(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    elevators = [str(await factory.elevator(firm)) for _ in range(3)]
    client = await http.api(Role.MANAGER, firm)
    await labels_of(client, elevators=elevators[:2])

    async def pages(**params: Any) -> int:
        answer = await client.get("/api/v1/labels/notices.pdf", params=params)
        assert answer.status_code == 200, answer.text
        document = pypdfium2.PdfDocument(answer.content)
        try:
            return len(document)
        finally:
            document.close()

    assert await pages() == 2
    assert await pages(elevator=elevators[0]) == 1


@pytest.mark.parametrize(
    "path", ["sheet.pdf", "preview.svg", "labels.zpl", "notices.pdf", "calibration.pdf"], ids=lambda path: path
)
@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
async def test_only_the_office_prints(http: Site, factory: Factory, path: str, role: Role) -> None:
    client = await http.api(role, await factory.firm())
    assert (await client.get(f"/api/v1/labels/{path}")).status_code == 403
