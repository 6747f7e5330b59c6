"""Import and export over HTTP."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.scope import Role
from tests.support.factory import Factory
from tests.support.http import Site

DATA = Path(__file__).parents[3] / "data"
HEAD = "注册代码,使用单位,安装地点,额定载重量\n"
GOOD = "1,物业,花园,1000\n"


async def send(api: httpx.AsyncClient, content: str | bytes, answer: str = "json", **form: str) -> httpx.Response:
    data = content if isinstance(content, bytes) else content.encode()
    return await api.post("/api/v1/imports/elevators", params={"answer": answer}, files={"file": ("r.csv", data)}, data=form)


async def test_a_manager_imports_and_exports_their_register(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await send(api, HEAD + GOOD)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["written"], told["elevators"], told["bad"]) == (True, {"created": 1, "updated": 0, "unchanged": 0}, [])
    exported = await api.get("/api/v1/exports/elevators")
    assert exported.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert exported.headers["Content-Disposition"] == 'attachment; filename="elevators.csv"'
    assert exported.content.startswith(b"\xef\xbb\xbffirm,registration_code")
    again = (await send(api, exported.content)).json()
    assert again["elevators"] == {"created": 0, "updated": 0, "unchanged": 1}
    chinese = await api.get("/api/v1/exports/elevators", params={"headers": "zh", "format": "xlsx"})
    assert chinese.content.startswith(b"PK")


async def test_bad_rows_are_answered_as_a_problem_with_the_report(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await send(api, HEAD + GOOD + "2,物业,花园,heavy\n")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    told = answer.json()
    assert (told["code"], told["written"], told["bad_rows"]) == ("invalid_input", False, 1)
    assert told["bad"][0] | {"reason": ""} == {"row": 3, "column": "额定载重量", "value": "heavy", "reason": ""}
    assert told["faults"][0]["path"] == "row 3: 额定载重量"
    assert (await api.get("/api/v1/elevators")).json()["total"] == 0
    skipped = await send(api, HEAD + GOOD + "2,物业,花园,heavy\n", skip_bad="true")
    assert (skipped.status_code, skipped.json()["written"]) == (200, True)
    dry = await send(api, HEAD + "3,物业,花园,1000\n", dry_run="true")
    assert (dry.json()["written"], dry.json()["elevators"]["created"]) == (False, 1)


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")])
async def test_bad_rows_are_answered_as_a_file(http: Site, factory: Factory, kind: str, start: bytes) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await send(api, HEAD + "2,物业,花园,heavy\n", answer=kind)
    assert answer.status_code == 400
    assert answer.content.startswith(start)
    assert f"bad-rows.{kind}" in answer.headers["Content-Disposition"]


async def test_the_reasons_are_in_the_reader_s_language(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    api.headers["Accept-Language"] = "zh-CN"
    told = (await send(api, HEAD + "2,物业,花园,heavy\n2,物业,花园,1000\n")).json()
    assert told["bad"][0]["reason"].startswith("请填写数字")
    assert "第2行" in told["bad"][1]["reason"]
    table = list(csv.reader(io.StringIO((await send(api, HEAD + "2,物业,花园,x\n", "csv")).text[1:])))
    assert table[0][-1] == "原因 (liftrounds)"
    assert "请填写数字" in table[1][-1]


async def test_an_admin_names_the_firm_and_a_mapping(http: Site, factory: Factory) -> None:
    api = await http.api(Role.ADMIN)
    content = (DATA / "nyc_midtown_extract.csv").read_bytes()
    told = (await send(api, content, mapping="nyc-dob-2015", firm="Midtown")).json()
    assert (told["firms_made"], told["elevators"]["created"]) == (["Midtown"], 199)
    assert (await api.get("/api/v1/imports/mappings")).json()["names"] == ["db-station-2018", "nyc-dob-2015"]
    own = b'title = "mine"\n[columns.registration_code]\nfrom = "device_number"\n[columns.model]\nfrom = "machine_type"'
    files: dict[str, Any] = {"file": ("r.csv", content), "mapping_file": ("m.toml", own)}
    answer = await api.post("/api/v1/imports/elevators", files=files, data={"firm": "Midtown"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["elevators"]["updated"] > 150
    both = await api.post("/api/v1/imports/elevators", files=files, data={"firm": "Midtown", "mapping": "nyc-dob-2015"})
    assert both.status_code == 400


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", {}),
        (b"PK\x03\x04rubbish", {}),
        (b"\x89PNG\r\n\x1a\n\0\0", {}),
        (b"a,b\n1,2\n", {}),
        (b"a,b\n1,2\n", {"encoding": "x"}),
    ],
)
async def test_a_file_that_is_no_register_is_a_problem(
    http: Site, factory: Factory, content: bytes, form: dict[str, str]
) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    answer = await send(api, content, **form)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_input"
    assert len(answer.json()["detail"]) > 10


async def test_a_mapping_that_does_not_exist_and_a_missing_file_are_problems(http: Site, factory: Factory) -> None:
    api = await http.api(Role.MANAGER, await factory.firm())
    assert (await send(api, HEAD + GOOD, mapping="atlantis")).status_code == 404
    assert (await api.post("/api/v1/imports/elevators", data={"dry_run": "true"})).status_code == 400
    assert (await api.post("/api/v1/imports/elevators", json={"file": "x"})).status_code == 400


async def test_a_regulator_downloads_and_does_not_import(http: Site, factory: Factory) -> None:
    api = await http.api(Role.REGULATOR)
    assert (await send(api, HEAD + GOOD)).status_code == 403
    assert (await api.get("/api/v1/exports/elevators")).status_code == 200
    template = await api.get("/api/v1/imports/elevators/template", params={"format": "csv", "headers": "zh"})
    assert "设备代码" in template.text
    assert (await api.get("/api/v1/exports/elevators", params={"format": "pdf"})).status_code == 400


async def test_a_manager_exports_no_other_firm(http: Site, factory: Factory) -> None:
    await factory.firm(name="别的维保")
    api = await http.api(Role.MANAGER, await factory.firm())
    assert (await api.get("/api/v1/exports/elevators", params={"firm": "别的维保"})).status_code == 404
