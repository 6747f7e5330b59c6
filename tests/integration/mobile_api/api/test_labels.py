"""Labels over the API."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pypdfium2
import pytest
import zxingcpp

from backend.keyfile import label_keys
from backend.scope import Role
from backend.settings import Settings
from qr import code
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.labels import refused_counts


async def minted(client: httpx.AsyncClient, **body: object) -> list[dict[str, str]]:
    answer = await client.post("/api/v1/labels", json=body)
    assert answer.status_code == 201, answer.text
    rows: list[dict[str, str]] = answer.json()["rows"]
    return rows


def codes_in(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=200 / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()
    return sorted(found.text for page in pages for found in zxingcpp.read_barcodes(page))


async def test_minted_codes_are_genuine_and_listed(http: Site, factory: Factory, settings: Settings) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    rows = await minted(client, count=3)
    ring = label_keys(settings)
    assert all(code.verify(ring, code.parse(row["code"])) is not None for row in rows)
    listed = (await client.get("/api/v1/labels", params={"state": "blank", "limit": 2})).json()
    assert (listed["rows"], listed["total"]) == (rows[:2], 3)
    rest = (await client.get("/api/v1/labels", params={"cursor": listed["next_cursor"]})).json()
    assert (rest["rows"], rest["next_cursor"]) == (rows[2:], None)
    assert (await client.get(f"/api/v1/labels/{rows[0]['id']}")).json() == rows[0]


async def test_a_batch_sent_twice_is_minted_once(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    batch = str(uuid4())
    assert await minted(client, count=2, batch=batch) == await minted(client, count=2, batch=batch)


async def test_a_technician_claims_a_label_by_its_typed_code_and_the_rescue_code(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    await factory.elevator(firm, rescue_code="310234", registration_code="31103310022015030001")
    manager, technician = await http.api(Role.MANAGER, firm), await http.api(Role.TECHNICIAN, firm)
    [label] = await minted(manager, count=1)
    body = {"code": label["short_code"].lower(), "elevator": "310234"}
    answer = await technician.post("/api/v1/labels/claim", json=body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["registration_code"]) == ("active", "31103310022015030001")
    assert (await technician.post("/api/v1/labels/claim", json=body)).json() == answer.json()
    other = await factory.elevator(firm)
    again = await technician.post("/api/v1/labels/claim", json=body | {"elevator": str(other)})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_labels_end_by_being_revoked_or_replaced(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    elevator = str(await factory.elevator(firm))
    client = await http.api(Role.MANAGER, firm)
    [first] = await minted(client, elevators=[elevator])
    new = (await client.post(f"/api/v1/labels/{first['id']}/replace", json={})).json()
    assert (new["elevator"], new["state"]) == (elevator, "active")
    assert (await client.get(f"/api/v1/labels/{first['id']}")).json()["replaced_by"] == new["id"]
    [blank] = await minted(client, count=1)
    third = (await client.post(f"/api/v1/labels/{new['id']}/replace", json={"code": blank["code"]})).json()
    assert third["id"] == blank["id"]
    revoked = await client.post(f"/api/v1/labels/{third['id']}/revoke", json={"reason": "stolen"})
    assert (revoked.json()["state"], revoked.json()["state_reason"]) == ("revoked", "stolen")
    silent = await client.post(f"/api/v1/labels/{third['id']}/revoke", json={"reason": " "})
    assert (silent.status_code, silent.json()["faults"][0]["path"]) == (400, "reason")


@pytest.mark.parametrize(
    "body", [{}, {"count": 0}, {"count": -5}, {"count": 10**9}, {"count": "many"}, {"elevators": ["x"]}, {"color": "red"}]
)
async def test_a_wrong_order_is_refused_with_the_fault_named(http: Site, factory: Factory, body: dict[str, object]) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    answer = await client.post("/api/v1/labels", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_sheet_carries_the_codes_that_were_asked_for_and_reads(
    http: Site, factory: Factory, settings: Settings
) -> None:
    firm = await factory.firm()
    client = await http.api(Role.MANAGER, firm)
    labels = await minted(client, elevators=[str(await factory.elevator(firm)) for _ in range(3)])
    blanks = await minted(client, count=2)
    prefix = f"{settings.public_url}/e/".upper()

    async def printed(**query: object) -> list[str]:
        answer = await client.get("/api/v1/labels/sheet.pdf", params=query)  # type: ignore[arg-type]
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text[:500]
        return codes_in(answer.content)

    assert await printed(label=[labels[2]["id"], labels[0]["id"]]) == sorted(prefix + labels[i]["code"] for i in (0, 2))
    assert await printed(state="blank", stock="5163", start=3) == sorted(prefix + label["code"] for label in blanks)
    assert await printed(batch=labels[0]["batch"], stock="L7165") == sorted(prefix + label["code"] for label in labels)
    assert len(await printed()) == 5


async def test_all_faults_of_a_print_order_are_named_at_once(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    [label] = await minted(client, count=1)
    query: dict[str, str] = {"label": label["id"], "start": "22", "offset_x_mm": "nan", "offset_y_mm": "11"}
    answer = await client.get("/api/v1/labels/sheet.pdf", params=query)
    assert answer.status_code == 400
    assert [fault["path"] for fault in answer.json()["faults"]] == ["offset_x_mm", "offset_y_mm", "start"]
    assert (await client.get("/api/v1/labels/sheet.pdf", params={"stock": "L9999"})).status_code == 400


async def test_an_ended_label_is_not_printed(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    [label] = await minted(client, count=1)
    await client.post(f"/api/v1/labels/{label['id']}/revoke", json={"reason": "test"})
    answer = await client.get("/api/v1/labels/sheet.pdf", params={"label": label["id"]})
    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (400, "labels[0]")


async def test_the_notice_of_an_elevator_reads_and_says_what_to_do(http: Site, factory: Factory, settings: Settings) -> None:
    firm = await factory.firm(phone_24h="0576-12345678", rescue_phone="96333")
    elevator = await factory.elevator(firm, rescue_code="310234")
    client = await http.api(Role.MANAGER, firm)
    address = f"/api/v1/elevators/{elevator}/notice.pdf"
    without = await client.get(address)
    assert (without.status_code, without.json()["code"]) == (409, "conflict")
    [first] = await minted(client, elevators=[str(elevator)])
    newest = (await client.post(f"/api/v1/labels/{first['id']}/replace", json={})).json()
    await minted(client, elevators=[str(elevator)], zone="pit")
    answer = await client.get(address)
    assert codes_in(answer.content) == [f"{settings.public_url}/e/{newest['code']}".upper()]
    document = pypdfium2.PdfDocument(answer.content)
    text = str(document[0].get_textpage().get_text_range())
    document.close()
    assert all(said in text.replace("\ufffe", "-") for said in ("96333", "310234", "0576-12345678", "请勿扒门", "Do not force"))
    assert len(codes_in((await client.get("/api/v1/labels/notices.pdf")).content)) == 1


async def test_a_code_is_drawn_for_the_screen(http: Site, factory: Factory, settings: Settings) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    [label] = await minted(client, count=1)
    svg = await client.get(f"/api/v1/labels/{label['id']}/qr.svg")
    assert (svg.headers["content-type"].split(";")[0], svg.text[:4]) == ("image/svg+xml", "<svg")
    png = await client.get(f"/api/v1/labels/{label['id']}/qr.png")
    assert (png.headers["content-type"], png.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")


async def test_the_calibration_page_is_a_pdf(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    answer = await client.get("/api/v1/labels/calibration.pdf", params={"stock": "L4736"})
    assert answer.content.startswith(b"%PDF-")


async def test_another_firm_s_labels_and_elevators_answer_404(http: Site, factory: Factory) -> None:
    firm, other = await factory.firm(), await factory.firm()
    elevator = str(await factory.elevator(firm))
    mine, theirs = await http.api(Role.MANAGER, firm), await http.api(Role.MANAGER, other)
    [label] = await minted(mine, elevators=[elevator])
    own = str(await factory.elevator(other))
    for answer in (
        await theirs.get(f"/api/v1/labels/{label['id']}"),
        await theirs.get(f"/api/v1/labels/{label['id']}/qr.svg"),
        await theirs.get(f"/api/v1/labels/{label['id']}/qr.png"),
        await theirs.get("/api/v1/labels/sheet.pdf", params={"label": label["id"]}),
        await theirs.get(f"/api/v1/elevators/{elevator}/notice.pdf"),
        await theirs.get("/api/v1/labels/notices.pdf", params={"elevator": elevator}),
        await theirs.post(f"/api/v1/labels/{label['id']}/revoke", json={"reason": "x"}),
        await theirs.post(f"/api/v1/labels/{label['id']}/replace", json={}),
        await theirs.post("/api/v1/labels", json={"elevators": [elevator]}),
        await theirs.post("/api/v1/labels/claim", json={"code": label["code"], "elevator": own}),
        await mine.post("/api/v1/labels/claim", json={"code": label["code"], "elevator": own}),
    ):
        assert answer.status_code == 404, f"{answer.request.url}: {answer.text}"
    assert (await theirs.get("/api/v1/labels")).json()["total"] == 0
    assert await refused_counts() == {"foreign": 1}


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
async def test_only_the_office_mints_and_ends_labels(http: Site, factory: Factory, role: Role) -> None:
    firm = await factory.firm()
    client = await http.api(role, firm)
    for path in ("", f"/{uuid4()}/revoke", f"/{uuid4()}/replace"):
        assert (await client.post(f"/api/v1/labels{path}", json={"reason": "x"})).status_code == 403
    assert (await http.anybody().post("/api/v1/labels", json={"count": 1})).status_code == 401


async def test_refusals_of_own_labels_are_told_to_the_office(http: Site, factory: Factory) -> None:
    client = await http.api(Role.MANAGER, await factory.firm())
    [label] = await minted(client, count=1)
    for _ in range(2):
        await http.anybody().get(f"/e/{label['code']}")
    [row] = (await client.get("/api/v1/labels/refused")).json()
    assert (row["reason"], row["times"], UUID(row["label"])) == ("blank", 2, UUID(label["id"]))
