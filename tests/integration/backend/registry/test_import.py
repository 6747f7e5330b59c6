"""Registers are imported all or nothing, twice without change, and exported as they are imported."""

from __future__ import annotations

import asyncio
import csv
import io
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.registry import importer
from backend.registry import service as registry
from backend.registry.exporter import export_elevators, template
from backend.registry.importer import import_elevators
from backend.registry.inputs import ElevatorFilter, FirmCreate
from backend.registry.report import Counts, ImportReport, bad_rows_file, outcome
from backend.registry.sheet import read
from backend.registry.views import ElevatorView
from backend.scope import SYSTEM, Scope
from tests.support.factory import Factory

DATA = Path(__file__).parents[3] / "data"
HEAD = "注册代码,使用单位,安装地点,区县,额定载重量,下次检验日期\n"
GOOD = "31103310022018050001,物业,花园,椒江区,1000kg,2027-04-30\n31103310022018050002,物业,花园,椒江区,1000kg,2027-04-30\n"


async def load(scope: Scope, text: str | bytes, **how: Any) -> ImportReport:
    data = text if isinstance(text, bytes) else text.encode()
    return await import_elevators(scope, data, "register.csv", **how)


async def all_elevators(scope: Scope) -> list[ElevatorView]:
    return (await registry.elevators(scope, ElevatorFilter(), limit=1000)).rows


async def count(table: str) -> int:
    async with database.tx(SYSTEM):
        return int(await database.fetch_value(f'SELECT count(*) FROM "{table}"'))


async def test_a_register_is_imported_with_owners_and_sites(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + GOOD)
    assert (report.rows, report.written, report.bad, report.notes) == (2, True, [], [])
    assert report.elevators == Counts(created=2)
    assert report.owners == report.sites == Counts(created=1)
    elevators = await all_elevators(firm_scope)
    assert {(row.owner_name, row.site_name, row.district, row.rated_load_kg) for row in elevators} == {
        ("物业", "花园", "椒江区", 1000)
    }
    assert {row.rule_pack for row in elevators} == {"cn-fixed-15"}


async def test_the_same_again_changes_nothing_and_says_so(firm_scope: Scope) -> None:
    await load(firm_scope, HEAD + GOOD)
    before = await all_elevators(firm_scope)
    jobs = await count("pgqueuer")
    report = await load(firm_scope, HEAD + GOOD)
    assert report.elevators == Counts(unchanged=2)
    assert report.owners == report.sites == Counts(unchanged=1)
    assert await all_elevators(firm_scope) == before  # the versions too: no row was written
    assert await count("pgqueuer") == jobs


async def test_one_bad_row_means_that_nothing_is_written(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + GOOD + "3,物业,别处,椒江区,heavy,2027-02-30\n")
    assert (report.written, report.refused, report.dry_run) == (False, True, False)
    assert [(bad.row, bad.column, bad.value) for bad in report.bad] == [
        (4, "额定载重量", "heavy"),
        (4, "下次检验日期", "2027-02-30"),
    ]
    for table in ("elevator", "site", "owner", "audit_event", "pgqueuer"):
        assert await count(table) == 0, table


async def test_with_skip_bad_the_good_rows_are_written_and_bad_ones_leave_no_trace(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + GOOD + "3,医院,别处,椒江区,heavy,\n", skip_bad=True)
    assert (report.written, report.elevators.created, len(report.bad_rows)) == (True, 2, 1)
    assert (await count("site"), await count("owner")) == (1, 1)


async def test_a_dry_run_tells_all_and_writes_nothing(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + GOOD, dry_run=True)
    assert (report.written, report.refused, report.elevators) == (False, False, Counts(created=2))
    assert await count("elevator") == 0


async def test_the_bad_rows_are_a_file_that_can_be_mended_and_imported(firm_scope: Scope) -> None:
    text = HEAD + GOOD + '3,"物业, 二期",-别处,椒江区,heavy,\n4,医院,=A1,椒江区,1,2027-04-30\n'
    report = await load(firm_scope, text, skip_bad=True)
    for kind in ("csv", "xlsx"):
        content = bad_rows_file(report, kind)
        again = await import_elevators(firm_scope, content, f"bad.{kind}", dry_run=True)
        assert [(bad.column, bad.value) for bad in again.bad] == [("额定载重量", "heavy"), ("额定载重量", "1")]
        assert again.notes == []  # the column of reasons is passed over
    table = list(csv.reader(io.StringIO(bad_rows_file(report, "csv").decode("utf-8-sig"))))
    assert table[0][-1] == "reason (liftrounds)"
    assert table[1][:3] == ["3", "物业, 二期", "'-别处"]
    assert "write a number" in table[1][-1]
    mended = bad_rows_file(report, "csv").replace(b"heavy", b"800").replace("椒江区,1,".encode(), "椒江区,1000,".encode())
    assert (await load(firm_scope, mended)).elevators == Counts(created=2)
    assert {row.site_name for row in await all_elevators(firm_scope)} == {"花园", "-别处", "=A1"}


async def test_an_empty_cell_keeps_and_a_dash_empties(firm_scope: Scope) -> None:
    await load(firm_scope, "registration_code,site,model,stops,owner,skills,colour\n1,花园,X1,18,物业,a;b,red\n")
    await load(firm_scope, "registration_code,site,model,stops,owner,skills,colour\n1,,,,,,\n")
    kept = (await all_elevators(firm_scope))[0]
    assert (kept.model, kept.stops, kept.owner_name, kept.skills, kept.extra) == (
        "X1",
        18,
        "物业",
        ["a", "b"],
        {"colour": "red"},
    )
    report = await load(firm_scope, "registration_code,site,model,stops,owner,skills,colour\n1,,-,-,-,-,-\n")
    assert report.elevators == Counts(updated=1)
    emptied = (await all_elevators(firm_scope))[0]
    assert (emptied.model, emptied.stops, emptied.owner, emptied.skills, emptied.extra) == ("", None, None, [], {})


async def test_a_file_of_codes_and_one_column_changes_only_that_column(firm_scope: Scope) -> None:
    await load(firm_scope, HEAD + GOOD)
    before = (await all_elevators(firm_scope))[0]
    report = await load(firm_scope, "注册代码,站数\n31103310022018050001,18\n")
    assert report.elevators == Counts(updated=1)
    after = (await all_elevators(firm_scope))[0]
    assert (after.stops, after.rated_load_kg, after.site, after.owner_name) == (18, before.rated_load_kg, before.site, "物业")


async def test_a_file_without_a_place_cannot_bring_new_elevators_and_says_so_once(firm_scope: Scope) -> None:
    with pytest.raises(InvalidInput) as refused:
        await load(firm_scope, "注册代码,站数\n1,18\n2,18\n")
    assert "安装地点" in refused.value.faults[0].reason
    assert "注册代码, 站数" in refused.value.faults[0].reason


async def test_a_new_elevator_without_a_place_is_a_bad_row(firm_scope: Scope) -> None:
    report = await load(firm_scope, "注册代码,安装地点\n1,花园\n2,\n")
    assert [(bad.row, bad.column) for bad in report.bad] == [(3, "安装地点")]


async def test_elevators_of_one_owner_and_name_share_a_site_and_those_of_two_owners_do_not(firm_scope: Scope) -> None:
    text = "注册代码,使用单位,安装地点\n1,甲物业,1号楼\n2,甲物业,1号楼\n3,乙物业,1号楼\n"
    assert (await load(firm_scope, text)).sites == Counts(created=2)
    assert (await load(firm_scope, text)).sites == Counts(unchanged=2)


async def test_of_two_rows_that_contradict_each_other_on_a_site_the_first_is_kept_and_told(firm_scope: Scope) -> None:
    text = "注册代码,场所编号,安装地点,地址,纬度,经度\n1,S1,花园,路1号,28.6,121.4\n2,S1,花园,路2号,28.7,121.4\n"
    report = await load(firm_scope, text)
    assert {(note.column, tuple(note.rows)) for note in report.notes} == {("地址", (3,)), ("纬度", (3,))}
    site = (await registry.sites(firm_scope)).rows[0]
    assert (site.address, site.lat) == ("路1号", 28.6)


async def test_a_position_needs_both_halves(firm_scope: Scope) -> None:
    report = await load(firm_scope, "注册代码,安装地点,纬度,经度\n1,花园,28.6,\n2,别处,128.6,121\n")
    assert [(bad.row, bad.column) for bad in report.bad] == [(2, "经度"), (3, "纬度")]


async def test_days_are_in_order_and_not_in_the_future(firm_scope: Scope) -> None:
    text = (
        "注册代码,安装地点,上次检验日期,下次检验日期,上次维保日期\n"
        "1,花园,2026-01-02,2026-01-01,\n2,花园,2199-01-01,,2199-01-01\n"
    )
    report = await load(firm_scope, text)
    assert [(bad.row, bad.column) for bad in report.bad] == [(2, "下次检验日期"), (3, "上次检验日期"), (3, "上次维保日期")]


async def test_contracts_come_with_their_elevators(firm_scope: Scope) -> None:
    text = (
        "注册代码,使用单位,安装地点,合同编号,合同开始日期,合同结束日期,按需维保同意日期,保险有效期至,维保模式,备案编号\n"
        "1,物业,花园,HT-1,2026-01-01,2026-12-31,2026-01-15,2026-12-31,按需,BA-7\n2,物业,花园,HT-1,,,,,,\n"
    )
    with clock.stopped_at(clock.now()):
        report = await load(firm_scope, text)
    assert report.bad == []
    assert report.contracts == Counts(created=1)
    contract = (await registry.contracts(firm_scope)).rows[0]
    assert (contract.elevators, contract.owner_name, contract.insurance_until) == (2, "物业", date(2026, 12, 31))
    first = (await all_elevators(firm_scope))[0]
    assert (first.mode, first.rule_pack, first.on_demand_filing) == ("on_demand", "cn-on-demand-30", "BA-7")


async def test_a_contract_that_cannot_be_is_told(firm_scope: Scope) -> None:
    text = (
        "注册代码,使用单位,安装地点,合同编号,合同开始日期,合同结束日期\n"
        "1,物业,花园,HT-1,,\n2,,别处,HT-2,2026-01-01,\n3,物业,花园,HT-3,2026-01-02,2026-01-01\n4,物业,花园,,2026-01-01,\n"
    )
    report = await load(firm_scope, text)
    assert [(bad.row, bad.column) for bad in report.bad] == [
        (2, "合同开始日期"), (3, "contract_owner"), (4, "合同结束日期"), (5, "合同开始日期"),
    ]  # fmt: skip


async def test_visits_told_at_import_reach_upkeep_once(firm_scope: Scope) -> None:
    day = clock.today("Asia/Shanghai") - timedelta(days=5)
    text = f"注册代码,安装地点,上次维保日期,上次季度维保日期\n1,花园,{day},{day - timedelta(days=30)}\n"
    assert (await load(firm_scope, text)).elevators == Counts(created=1)
    async with database.tx(SYSTEM):
        told = await database.fetch("SELECT maintenance_class FROM visit_done WHERE told ORDER BY 1")
    assert [row["maintenance_class"] for row in told] == ["half_month", "quarter"]
    assert (await load(firm_scope, text)).elevators == Counts(unchanged=1)
    later = text.replace(str(day), str(day + timedelta(days=1)))
    assert (await load(firm_scope, later)).elevators == Counts(updated=1)


async def test_due_windows_are_computed_for_what_has_changed(firm_scope: Scope) -> None:
    await load(firm_scope, HEAD + GOOD)
    async with database.tx(SYSTEM):
        payload = await database.fetch_value(
            "SELECT convert_from(payload, 'UTF8') FROM pgqueuer WHERE entrypoint = 'due_windows'"
        )
    assert {str(row.id) for row in await all_elevators(firm_scope)} == {
        text for text in payload.split('"') if len(text) == 36 and text != str(firm_scope.firm)
    }


async def test_a_manager_writes_only_into_their_own_firm(factory: Factory, firm_scope: Scope) -> None:
    await registry.add_firm(SYSTEM, FirmCreate(name="别的维保"))
    report = await load(firm_scope, "维保单位,注册代码,安装地点\n别的维保,1,花园\n", firm_name="别的维保")
    assert report.firms_made == []
    assert "another firm" in report.notes[0].template
    assert {row.firm for row in await all_elevators(SYSTEM)} == {firm_scope.firm}


async def test_without_a_firm_of_one_s_own_the_file_s_column_says_which(db: str) -> None:
    text = "维保单位,注册代码,安装地点\n甲维保,1,花园\n乙维保,1,花园\n"
    report = await load(SYSTEM, text)
    assert (report.firms, report.firms_made) == (["乙维保", "甲维保"], ["甲维保", "乙维保"])
    assert {(row.firm_name, row.registration_code) for row in await all_elevators(SYSTEM)} == {("甲维保", "1"), ("乙维保", "1")}


async def test_a_named_firm_is_made_and_outweighs_the_column(db: str) -> None:
    report = await load(SYSTEM, "维保单位,注册代码,安装地点\n甲维保,1,花园\n", firm_name=" 乙维保 ")
    assert (report.firms, report.firms_made) == (["乙维保"], ["乙维保"])
    assert report.notes[0].count == 1


async def test_without_any_firm_one_is_made_and_of_several_none_is_guessed(db: str) -> None:
    report = await load(SYSTEM, "注册代码,安装地点\n1,花园\n")
    assert report.firms_made == [importer.DEFAULT_FIRM]
    assert (await load(SYSTEM, "注册代码,安装地点\n2,花园\n")).firms == [importer.DEFAULT_FIRM]
    await registry.add_firm(SYSTEM, FirmCreate(name="乙维保"))
    with pytest.raises(InvalidInput, match="which firm") as refused:
        await load(SYSTEM, "注册代码,安装地点\n3,花园\n")
    assert "乙维保" in refused.value.faults[0].reason


async def test_of_two_imports_at_once_one_makes_what_the_other_finds(firm_scope: Scope) -> None:
    done = await asyncio.gather(*(load(firm_scope, HEAD + GOOD) for _ in range(3)))
    assert sorted(report.elevators.created for report in done) == [0, 0, 2]
    assert sorted(report.elevators.unchanged for report in done) == [0, 2, 2]
    assert await count("site") == 1


async def test_two_elevators_with_one_rescue_code_are_told(firm_scope: Scope) -> None:
    report = await load(firm_scope, "注册代码,救援识别码,安装地点\n1,031234,花园\n2,031234,花园\n")
    assert [(note.column, note.rows) for note in report.notes] == [("救援识别码", [3])]


async def test_both_foreign_registers_are_imported_with_their_mappings(db: str) -> None:
    midtown = await import_elevators(
        SYSTEM, (DATA / "nyc_midtown_extract.csv").read_bytes(), "m.csv", mapping="nyc-dob-2015", firm_name="Midtown"
    )
    assert (midtown.bad, midtown.elevators.created) == ([], 199)
    first = await registry.find_elevator(SYSTEM, "1P10594")
    assert (first.site_code, first.site_name, first.bank) == ("1035336", "44 EAST 42ND ST", "1 to 24")
    assert (first.rated_speed_mm_s, first.rated_load_kg, first.travel_mm) == (3048, 907, 85_344)
    assert (first.lat, first.lon) == (40.7524522, -73.9791599)
    assert (first.inspected_on, first.in_use_since) == (date(2014, 10, 21), date(2010, 4, 9))
    assert first.extra["tax_block"] == "1276"
    firm = await registry.firm(SYSTEM, first.firm)
    assert (firm.time_zone, firm.rescue_phone) == ("America/New_York", "911")
    bahn = await import_elevators(
        SYSTEM, (DATA / "db_station_lifts_extract.csv").read_bytes(), "b.csv", mapping="db-station-2018", firm_name="Bahn"
    )
    assert (bahn.bad, bahn.elevators.created, bahn.owners.created) == ([], 104, 1)
    lift = await registry.find_elevator(SYSTEM, "10004708")
    assert (lift.site_code, lift.site_name, lift.site_kind) == ("317", "Bad Oldesloe", "station")
    assert (lift.equipment_type, lift.rated_speed_mm_s, lift.travel_mm) == ("hydraulic_lift", 400, 6000)
    assert (lift.stops, lift.doors, lift.in_use_since, lift.bank) == (2, 2, date(1998, 1, 1), "Bahnsteig 2 Gl. 4")
    assert lift.address == "23843 Bad Oldesloe"
    assert lift.extra["lat"] == "53,8054481"


async def test_a_known_foreign_register_is_recognised_and_the_report_says_so(db: str) -> None:
    report = await load(SYSTEM, (DATA / "db_station_lifts_extract.csv").read_bytes())
    assert (report.bad, report.elevators.created) == ([], 104)
    assert report.notes[0].params == {"name": "db-station-2018"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_export_is_taken_by_the_import_and_exported_the_same(db: str, kind: str, language: str) -> None:
    await load(SYSTEM, (DATA / "nyc_midtown_extract.csv").read_bytes(), mapping="nyc-dob-2015", firm_name="Midtown")
    day = clock.today("Asia/Shanghai") - timedelta(days=9)
    await load(
        SYSTEM,
        "注册代码,使用单位,安全管理员,安全管理员电话,安装地点,合同编号,合同开始日期,合同甲方,"
        "可作业时间,不适用项目,技能要求,上次维保日期,上次年度维保日期,进场说明,型号\n"
        "9,物业,王安全,123456,花园,HT-1,2026-01-01,集团,"
        f'08:00-12:00; 14:00-18:00,"A-1-05: 无此部件",hydraulic,{day},{day},"多行\n说明",\'=1+1\n',
        firm_name="安运",
    )
    before = await export_elevators(SYSTEM, kind, language=language)
    assert before.startswith(b"\xef\xbb\xbf") == (kind == "csv")
    same = await import_elevators(SYSTEM, before, f"e.{kind}")
    assert (same.bad, same.notes, same.elevators) == ([], [], Counts(unchanged=200))
    assert same.owners.updated == same.sites.updated == same.contracts.updated == 0
    await empty_register(db)
    elsewhere = await import_elevators(SYSTEM, before, f"e.{kind}")
    assert (elsewhere.bad, elsewhere.elevators, elsewhere.firms_made) == ([], Counts(created=200), ["Midtown", "安运"])
    assert await export_elevators(SYSTEM, kind, language=language) == before


async def empty_register(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET session_replication_role = replica")  # also past the write-once triggers
        await connection.execute("TRUNCATE firm CASCADE")
    finally:
        await connection.close()


async def test_an_export_holds_the_elevators_of_the_scope_only(factory: Factory, firm_scope: Scope) -> None:
    other = await factory.firm(name="别的维保")
    await factory.elevator(other, registration_code="X1")
    assert b"X1" not in await export_elevators(firm_scope, "csv")
    assert b"X1" in await export_elevators(SYSTEM, "csv", firm_name="别的维保")
    with pytest.raises(NotFound):
        await export_elevators(firm_scope, "csv", firm_name="别的维保")


async def test_no_exported_text_is_run_as_a_formula(factory: Factory, firm_scope: Scope) -> None:
    site = await factory.site(firm_scope.require_firm(), name='=HYPERLINK("http://x")', address="+1", lon=-73.9, lat=40.7)
    await factory.elevator(firm_scope.require_firm(), site=site, model="@x", unit_name="-1+1", extra={"=a": "-b"})
    table = list(csv.reader(io.StringIO((await export_elevators(firm_scope, "csv")).decode("utf-8-sig"))))
    for cell in [*table[0], *table[1]]:
        assert not cell.startswith(("=", "+", "@", "-")) or cell == "-73.9", cell
    again = await load(firm_scope, await export_elevators(firm_scope, "csv"))
    assert (again.bad, again.elevators) == ([], Counts(unchanged=1))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_template_is_a_register_that_can_be_imported(firm_scope: Scope, kind: str, language: str) -> None:
    report = await import_elevators(firm_scope, template(kind, language=language), f"t.{kind}")
    assert report.bad == []
    assert report.elevators == Counts(created=1)


async def test_what_was_imported_is_in_the_audit_trail(firm_scope: Scope) -> None:
    await load(firm_scope, HEAD + GOOD)
    async with database.tx(firm_scope):
        rows = await database.fetch("SELECT action, detail FROM audit_event")
    assert [(row["action"], row["detail"]) for row in rows] == [
        ("elevators.imported", {"file": "register.csv", "created": 2, "updated": 0})
    ]


async def test_progress_is_told_to_the_end(firm_scope: Scope) -> None:
    seen: list[tuple[str, int, int]] = []
    await load(firm_scope, HEAD + GOOD, progress=lambda doing, done, of: seen.append((doing, done, of)))
    assert seen[-1] == ("writing", 2, 2)
    assert ("reading", 2, 2) in seen


async def test_ten_thousand_elevators_are_imported_in_seconds(firm_scope: Scope) -> None:
    rows = "".join(f"3110331002{n:010d},物业{n % 900},花园{n % 900},椒江区,1000kg,2027-04-30\n" for n in range(10_000))
    started = time.perf_counter()
    report = await load(firm_scope, HEAD + rows)
    assert report.elevators == Counts(created=10_000)
    assert time.perf_counter() - started < 10


async def test_an_outcome_tells_the_reasons_in_the_reader_s_language(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + "1,物业,花园,椒江区,1,\n")
    told = outcome(report, lambda template, params: f"<{template}> {sorted(params)}")
    assert told.bad[0].reason == "<is not possible: use {least} to {most}> ['least', 'most']"
    assert (told.bad_rows, told.written) == (1, False)


async def test_a_file_of_bad_rows_of_a_workbook_keeps_numbers(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + "1,物业,花园,椒江区,1,\n")
    table = read(bad_rows_file(report, "xlsx", language="zh"), lambda cells: len([c for c in cells if c]))
    assert table.header[-1] == "原因 (liftrounds)"
    with pytest.raises(InvalidInput, match="kind of file"):
        bad_rows_file(report, "pdf")
