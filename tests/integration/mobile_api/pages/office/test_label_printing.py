"""Printing in the office: preview before paper, large orders in parts, Zebra printers, offsets of printers, batches undone."""

from __future__ import annotations

import re
from uuid import UUID

import pypdfium2
import pytest

from backend.keyfile import label_keys
from backend.labels import service as labels
from backend.labels.views import LabelFilter, LabelState
from backend.scope import Role, Scope
from backend.settings import Settings
from mobile_api.pages.office.label_printing import PART_LABELS, parts_of
from qr.stock import STOCKS
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.visits import value


@pytest.fixture
async def firm(factory: Factory) -> UUID:
    return await factory.firm()


@pytest.fixture
async def browser(http: Site, firm: UUID) -> Browser:
    """A manager's, with five blank labels made."""
    made = await http.browser(Role.MANAGER, firm)
    await made.post_and_follow("/office/labels/mint", {"what": "blank", "count": "5"})
    return made


async def test_a_preview_shows_the_sheet_and_hands_on_what_was_chosen(browser: Browser) -> None:
    page = await browser.post("/office/labels/print", {"do": "preview", "stock": "L7160", "start": "3"})
    assert page.status_code == 200
    assert "<svg" in page.text
    assert 'name="start" value="3"' in page.text
    assert "Cache-Control" not in page.text


async def test_zpl_is_saved_as_a_file_with_a_format_for_each_label(browser: Browser) -> None:
    answer = await browser.post("/office/labels/print", {"do": "zpl", "width_mm": "50", "height_mm": "30"})
    assert (answer.status_code, answer.content.count(b"^XA")) == (200, 5)
    assert 'attachment; filename="labels.zpl"' in answer.headers["content-disposition"]
    wrong = await browser.post("/office/labels/print", {"do": "zpl", "width_mm": "1"})
    assert (wrong.status_code, "use 30 to 168 mm: measure the label" in wrong.text) == (400, True)


async def test_a_printers_offset_is_remembered_offered_and_forgotten(browser: Browser, firm: UUID) -> None:
    form = {"do": "calibrate", "printer": "front desk", "offset_x_mm": "1.5", "offset_y_mm": "-0.5"}
    assert (await browser.post("/office/labels/print", form)).content.startswith(b"%PDF")
    assert "front desk" in (await browser.get("/office/labels")).text
    kept = await labels.printers(Scope(role=Role.MANAGER, firm=firm))
    assert [(one.name, one.offset_x_mm, one.offset_y_mm) for one in kept] == [("front desk", 1.5, -0.5)]
    page = await browser.post_and_follow("/office/labels/printers/forget", {"printer": "front desk"})
    assert "The printer is forgotten." in page.text
    assert await labels.printers(Scope(role=Role.MANAGER, firm=firm)) == []


async def test_a_batch_is_undone_with_a_reason(browser: Browser, firm: UUID, settings: Settings) -> None:
    batch = await value("SELECT batch FROM label LIMIT 1")
    refused = await browser.post(f"/office/labels/batches/{batch}/end", {"reason": ""})
    assert refused.status_code == 400
    page = await browser.post_and_follow(f"/office/labels/batches/{batch}/end", {"reason": "misprinted"})
    assert "5 labels ended, 0 stay in use." in page.text
    every = await labels.all_labels(Scope(role=Role.MANAGER, firm=firm), label_keys(settings), LabelFilter())
    assert {one.state for one in every} == {LabelState.REVOKED}


async def test_a_batch_of_another_firm_is_not_there(http: Site, factory: Factory, browser: Browser) -> None:
    batch = await value("SELECT batch FROM label LIMIT 1")
    other = await http.browser(Role.MANAGER, await factory.firm())
    assert (await other.post(f"/office/labels/batches/{batch}/end", {"reason": "mischief"})).status_code == 404
    assert await value("SELECT count(*) FROM label WHERE state = 'blank'") == 5


async def test_a_large_order_is_offered_in_parts_and_each_part_is_a_file_of_its_own(
    http: Site, firm: UUID, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mobile_api.pages.office.label_printing.PART_LABELS", 2)
    page = await browser.post("/office/labels/print", {"do": "print", "stock": "62"})  # one label a sheet
    assert "text/html" in page.headers["content-type"]
    assert re.findall(r'name="part" value="(\d)"', page.text) == ["1", "2", "3"]
    counts = []
    for part in ("1", "2", "3"):
        answer = await browser.post("/office/labels/print", {"do": "print", "stock": "62", "part": part})
        document = pypdfium2.PdfDocument(answer.content)
        counts.append(len(document))
        document.close()
    assert counts == [2, 2, 1]


@pytest.mark.parametrize("stock", sorted(STOCKS))
@pytest.mark.parametrize("start", [1, 2])
@pytest.mark.parametrize("count", [1, PART_LABELS, PART_LABELS + 1, 3 * PART_LABELS + 7])
def test_parts_hold_every_label_once_and_all_but_the_last_fill_their_sheets(stock: str, start: int, count: int) -> None:
    parts, per_sheet = parts_of(count, stock, start), STOCKS[stock].per_sheet
    skipped = min(start, per_sheet) - 1
    assert [number for part in parts for number in range(part.first, part.last + 1)] == list(range(1, count + 1))
    for part in parts[:-1]:
        assert (part.last + skipped) % per_sheet == 0
    assert all(part.last - part.first < PART_LABELS + per_sheet for part in parts)


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OWNER, Role.REGULATOR])
@pytest.mark.parametrize("path", ["print", "notices", "printers/forget"])
async def test_only_the_office_prints(http: Site, firm: UUID, role: Role, path: str) -> None:
    other = await http.browser(role, firm)
    assert (await other.post(f"/office/labels/{path}", {"do": "zpl"})).status_code == 403
