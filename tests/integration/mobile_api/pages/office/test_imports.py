"""Import and export in the office: a file with faults is looked at, mended and brought in."""

from __future__ import annotations

import base64
import csv
import html
import io
import re
import zlib
from uuid import UUID

from backend.registry import service as registry
from backend.registry.inputs import ElevatorFilter
from backend.scope import Role, Scope
from tests.support.factory import Factory
from tests.support.http import Browser, Site

GOOD = (
    "注册代码,使用地点,救援识别码,区县\n31100000000000000001,东方大厦,100001,椒江\n31100000000000000002,东方大厦,100002,椒江\n"
)
BAD = GOOD + ",西方大厦,100003,黄岩\n31100000000000000004,西方大厦,much too long a rescue code,黄岩\n"


def manager(firm: UUID) -> Scope:
    return Scope(role=Role.MANAGER, firm=firm)


async def codes(firm: UUID) -> list[str]:
    return [one.registration_code for one in (await registry.elevators(manager(firm), ElevatorFilter())).rows]


async def look(browser: Browser, content: str | bytes, name: str = "register.csv", **form: str) -> str:
    data = content.encode() if isinstance(content, str) else content
    answer = await browser.post("/office/import", {"do": "look"} | form, files={"file": (name, data)})
    assert answer.status_code == 200, answer.text[:3000]
    return answer.text


def travelling(page: str) -> dict[str, str]:
    """What the page carries from the look to the writing."""
    names = ("packed", "filename", "mapping", "packed_mapping")
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in names}
    return {name: html.unescape(match[1]) for name, match in found.items() if match}


async def test_a_file_with_faults_is_looked_at_mended_and_brought_in(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    page = await look(browser, BAD)
    assert "nothing is written yet" in page
    assert "2 rows with faults" in page
    assert re.search(r'class="number">4</td><td data-name="Column">注册代码', page)
    assert "much too long a rescue code" in page
    assert await codes(firm) == []
    form = travelling(page)
    answer = await browser.post("/office/import", form | {"do": "write"})
    assert "2 rows with faults" in answer.text
    assert await codes(firm) == []
    sheet = await browser.post("/office/import/bad-rows", form | {"kind": "xlsx"})
    assert "2 rows with faults" in await look(browser, sheet.content, "bad-rows.xlsx")
    await browser.post_and_follow("/office/import", form | {"do": "skip"})
    assert await codes(firm) == ["31100000000000000001", "31100000000000000002"]
    bad = await browser.post("/office/import/bad-rows", form | {"kind": "csv"})
    header, *lines = csv.reader(io.StringIO(bad.content.decode("utf-8-sig")))
    assert header[-1] == "reason (liftrounds)"
    assert [line[1] for line in lines] == ["西方大厦", "西方大厦"]
    assert all(line[-1] for line in lines)
    lines[0][0], lines[1][2] = "31100000000000000003", "100004"
    mended = io.StringIO()
    csv.writer(mended).writerows([header, *lines])
    page = await look(browser, mended.getvalue(), "bad-rows.csv")
    assert "no faults" in page
    await browser.post_and_follow("/office/import", travelling(page) | {"do": "write"})
    assert len(await codes(firm)) == 4


async def test_a_sound_file_is_written_without_being_sent_again_and_a_second_time_changes_nothing(
    http: Site, factory: Factory
) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    form = travelling(await look(browser, GOOD))
    page = await browser.post_and_follow("/office/import", form | {"do": "write"})
    assert "2 elevators are new" in page.text
    page = await browser.post_and_follow("/office/import", form | {"do": "write"})
    assert "2 were the same" in page.text


async def test_gb18030_and_a_mapping_of_ones_own_are_read(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    page = await look(browser, GOOD.encode("gb18030"))
    assert "no faults" in page
    mapping = b'title = "mine"\n[columns]\nregistration_code = {from = "Key"}\nsite = {from = "Place"}\n'
    data = {"file": ("a.csv", b"Key,Place\n31100000000000000009,Tower\n"), "mapping_file": ("m.toml", mapping)}
    answer = await browser.post("/office/import", {"do": "look", "mapping": "own"}, files=data)
    assert "no faults" in answer.text
    await browser.post_and_follow("/office/import", travelling(answer.text) | {"do": "write"})
    assert await codes(firm) == ["31100000000000000009"]


async def test_what_is_no_register_is_refused_with_a_way_out(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    browser = await http.browser(Role.MANAGER, firm)
    for content in (b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"a,b\n1,2\n"):
        answer = await browser.post("/office/import", {"do": "look"}, files={"file": ("x.csv", content)})
        assert answer.status_code == 400
        assert 'role="alert"' in answer.text
    answer = await browser.post("/office/import", {"do": "look"})
    assert answer.status_code == 400
    assert "choose a CSV or XLSX file" in answer.text
    answer = await browser.post("/office/import", {"do": "write", "packed": "!!!", "filename": "x.csv"})
    assert answer.status_code == 400
    data = {"file": ("a.csv", GOOD.encode()), "mapping_file": ("m.toml", b"this is no TOML")}
    answer = await browser.post("/office/import", {"do": "look", "mapping": "own"}, files=data)
    assert answer.status_code == 400


async def test_what_stands_in_a_file_is_shown_as_text(http: Site, factory: Factory) -> None:
    browser = await http.browser(Role.MANAGER, await factory.firm())
    page = await look(browser, GOOD + "31100000000000000005,塔楼,<script>alert(1)</script>,椒江\n")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_the_export_is_what_the_import_takes_and_holds_no_other_firms_elevators(http: Site, factory: Factory) -> None:
    firm, other = await factory.firm(), await factory.firm()
    await factory.elevator(other, registration_code="31100000000000000777")
    browser = await http.browser(Role.MANAGER, firm)
    await browser.post_and_follow("/office/import", travelling(await look(browser, GOOD)) | {"do": "write"})
    for kind in ("csv", "xlsx"):
        exported = await browser.get(f"/office/export?kind={kind}")
        assert f"elevators.{kind}" in exported.headers["content-disposition"]
        assert b"31100000000000000777" not in exported.content
        page = await browser.post_and_follow(
            "/office/import", travelling(await look(browser, exported.content, f"e.{kind}")) | {"do": "write"}
        )
        assert "2 were the same" in page.text
        template = await browser.get(f"/office/import/template?kind={kind}")
        assert "no faults" in await look(browser, template.content, f"t.{kind}")


async def test_a_regulator_has_no_form_an_admin_chooses_a_firm_and_a_post_needs_its_token(http: Site, factory: Factory) -> None:
    firm = await factory.firm()
    regulator = await http.browser(Role.REGULATOR)
    assert 'type="file"' not in (await regulator.get("/office/import")).text
    form = {"do": "write", "packed": base64.b64encode(zlib.compress(GOOD.encode())).decode(), "filename": "a.csv"}
    assert (await regulator.post("/office/import", form)).status_code == 403
    admin = await http.browser(Role.ADMIN)
    answer = await admin.post("/office/import", form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/office/firms")
    browser = await http.browser(Role.MANAGER, firm)
    answer = await browser.client.post("/office/import", data=form)
    assert answer.status_code == 403
    assert await codes(firm) == []
