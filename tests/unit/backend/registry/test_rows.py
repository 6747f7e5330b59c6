"""Headers become columns, cells become values; every fault of a row is told, with the way out."""

from __future__ import annotations

from datetime import date

import pytest

from backend.errors import InvalidInput, NotFound
from backend.registry import mapping, rows, sheet
from backend.registry.cells import CLEAR
from backend.registry.columns import by_name, columns, folded_header, header
from backend.registry.mapping import Mapping
from backend.registry.report import BadCell, ImportNote, Notes
from backend.registry.rows import Draft
from planner.intervals.items import EQUIPMENT_TYPES


def read(text: str, how: Mapping | None = None) -> tuple[list[Draft], list[BadCell], list[ImportNote]]:
    table = sheet.read(text.encode(), rows.recogniser(how))
    notes = Notes()
    drafts: list[Draft] = []
    bad: list[BadCell] = []
    for found in rows.read_rows(table, rows.layout(table, how, notes), notes):
        if isinstance(found, Draft):
            drafts.append(found)
        else:
            bad += found
    return drafts, bad, notes.listed()


def only(text: str, how: Mapping | None = None) -> Draft:
    drafts, bad, _notes = read(text, how)
    assert bad == []
    assert len(drafts) == 1
    return drafts[0]


def test_no_two_columns_share_a_header() -> None:
    seen: dict[str, str] = {}
    for column in columns():
        for name in (column.name, column.zh, *column.aliases):
            assert seen.setdefault(folded_header(name), column.name) == column.name, name


def test_every_equipment_type_has_words_in_both_languages() -> None:
    assert set(by_name()["equipment_type"].words) == set(EQUIPMENT_TYPES)


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("注册代码", "registration_code", ""),
        ("设备 代码*", "registration_code", ""),
        ("Registration_Code", "registration_code", ""),
        ("ＲＥＧＩＳＴＲＡＴＩＯＮ　ＣＯＤＥ", "registration_code", ""),
        ("使用单位（盖章）", "owner", ""),
        ("维保单位", "firm", ""),
        ("层/站/门", "floors_stops_doors", ""),
        ("层站", "floors_stops_doors", ""),
        ("站数", "stops", ""),
        ("额定载重量", "rated_load_kg", "kg"),
        ("额定载重量(t)", "rated_load_kg", "t"),
        ("额定载重量（KG）", "rated_load_kg", "kg"),
        ("额定速度m/s", "rated_speed_m_s", "m/s"),
        ("Rated speed [fpm]", "rated_speed_m_s", "fpm"),
        ("下次检验日期", "inspection_due_on", ""),
        ("救援识别码", "rescue_code", ""),
        ("安装地点", "site", ""),
        ("上次维保日期", "last_visit_on", ""),
        ("RATED-LOAD-KG", "rated_load_kg", "kg"),
    ],
)
def test_headers_are_known_in_both_languages_in_any_case_and_width(text: str, name: str, unit: str) -> None:
    found = header(text)
    assert found is not None
    assert (found.column.name, found.unit) == (name, unit)


def test_a_row_is_read_into_our_columns() -> None:
    text = (
        "注册代码,使用单位,安装地点,设备品种,额定载重量(t),额定速度,层站门,下次检验日期,维保模式,使用状态,上次维保日期,救援识别码\n"
        "31103310022018050001,物业,花园,曳引驱动乘客电梯,1.05,1.75m/s,18/17/17,2027年4月30日,按需,在用,2026/1/5,031234\n"
    )
    assert only(text).values == {
        "registration_code": "31103310022018050001", "owner": "物业", "site": "花园",
        "equipment_type": "traction_or_positive_drive_lift", "rated_load_kg": 1050, "rated_speed_m_s": 1750, "floors": 18,
        "stops": 17, "doors": 17, "inspection_due_on": date(2027, 4, 30), "mode": "on_demand", "state": "in_use",
        "last_visit_on": date(2026, 1, 5), "rescue_code": "031234",
    }  # fmt: skip


def test_an_empty_cell_keeps_and_a_dash_empties() -> None:
    draft = only("registration_code,model,stops,skills,owner,contract,note\n1,,-,—,-,-,-\n")
    assert draft.values == {"registration_code": "1", "stops": CLEAR, "skills": CLEAR, "owner": CLEAR, "contract": CLEAR}
    assert draft.extra == {"note": CLEAR}


def test_what_cannot_be_emptied_is_told() -> None:
    _drafts, bad, _notes = read("registration_code,site,mode,last_visit_on\n-,-,-,-\n")
    assert {fault.column for fault in bad} == {"registration_code", "site", "mode", "last_visit_on"}
    assert all("cannot be emptied" in fault.reason for fault in bad)


def test_a_protected_text_is_read_without_its_mark() -> None:
    draft = only("registration_code,model,site,note\n1,'=1+1,'s Hof,'-\n")
    assert draft.values["model"] == "=1+1"
    assert draft.values["site"] == "'s Hof"
    assert draft.extra == {"note": "-"}


def test_every_fault_of_a_row_is_told_with_row_column_value_and_reason() -> None:
    _drafts, bad, _notes = read("注册代码,额定载重量,下次检验日期,设备品种\n电梯一,heavy,2027-02-30,rocket\n")
    told = {(fault.row, fault.column, fault.value) for fault in bad}
    assert told == {
        (2, "注册代码", "电梯一"), (2, "额定载重量", "heavy"), (2, "下次检验日期", "2027-02-30"), (2, "设备品种", "rocket"),
    }  # fmt: skip
    assert all(len(fault.reason) > 15 for fault in bad)


def test_a_code_that_is_there_twice_names_the_other_row() -> None:
    drafts, bad, _notes = read("注册代码,站数\n1,2\n2,2\n1,x\n")
    assert [draft.row for draft in drafts] == [2, 3]
    assert {(fault.row, fault.column) for fault in bad} == {(4, "注册代码"), (4, "站数")}
    assert any("row 2 has the same code" in fault.reason for fault in bad)


def test_a_missing_code_is_told_beside_other_faults() -> None:
    _drafts, bad, _notes = read("注册代码,站数\n,x\n")
    assert {fault.column for fault in bad} == {"注册代码", "站数"}


def test_two_firms_in_one_file_may_know_one_code() -> None:
    drafts, bad, _notes = read("维保单位,注册代码\nA,1\nB,1\n")
    assert len(drafts) == 2
    assert bad == []


def test_unknown_columns_are_kept_and_told() -> None:
    drafts, _bad, notes = read("registration_code,,colour,extra.price,colour,,\n1,,red,7,blue,x,\n")
    assert drafts[0].extra == {"colour": "red", "price": "7", "colour (2)": "blue", "column 6": "x"}
    assert [note.column for note in notes] == ["colour", "column 6"]


def test_of_two_headers_for_one_column_the_better_one_counts() -> None:
    drafts, _bad, notes = read("设备类别,设备品种,注册代码\n其他,自动扶梯,1\n")
    assert drafts[0].values["equipment_type"] == "escalator_or_moving_walk"
    assert drafts[0].extra == {"设备类别": "其他"}
    assert "设备品种" in str(notes[0].params)


def test_a_row_with_more_cells_than_the_header_is_bad() -> None:
    _drafts, bad, _notes = read("registration_code,site\n1,Main Street 1, Springfield\n")
    assert "more cells" in bad[0].reason
    assert bad[0].value == "Springfield"


def test_a_file_without_the_needed_column_names_what_was_found_and_what_is_accepted() -> None:
    with pytest.raises(InvalidInput) as refused:
        read("电梯,地点\n1,2\n")
    reason = refused.value.faults[0].reason
    assert "电梯, 地点" in reason
    assert "注册代码" in reason
    assert "registration_code" in reason


def test_a_mapping_joins_translates_and_converts() -> None:
    how = mapping.parse(
        b"""
        title = "test"
        keep = ["speed"]
        ignore = ["secret"]
        [columns.registration_code]
        from = "id"
        whole = true
        [columns.site]
        from = ["street", "number"]
        separator = " No. "
        [columns.equipment_type]
        from = "kind"
        constant = "hydraulic_lift"
        values = { rope = "traction_or_positive_drive_lift" }
        [columns.rated_speed_m_s]
        from = "speed"
        unit = "fpm"
        unreadable = "keep"
        [columns.lat]
        from = "y"
        decimal = "comma"
        [columns.lon]
        from = "x"
        decimal = "comma"
        least = 5
        unreadable = "keep"
        [columns.in_use_since]
        from = "built"
        formats = ["%d.%m.%Y"]
        [columns.district]
        constant = "Mitte"
        """
    )
    text = (
        "id;street;number;kind;speed;y;x;built;secret;colour\n"
        "7.0;Hauptstr.;5;rope;100;53,5;10,2;31.12.1999;s;red\n"
        "8;Allee;;;fast;53,5;1,2;;;\n"
    )
    drafts, bad, notes = read(text, how)
    assert bad == []
    assert drafts[0].values == {
        "registration_code": "7", "site": "Hauptstr. No. 5", "equipment_type": "traction_or_positive_drive_lift",
        "rated_speed_m_s": 508, "lat": 53.5, "lon": 10.2, "in_use_since": date(1999, 12, 31), "district": "Mitte",
    }  # fmt: skip
    assert drafts[0].extra == {"speed": "100", "colour": "red"}
    assert drafts[1].values == {
        "registration_code": "8", "site": "Allee", "equipment_type": "hydraulic_lift", "district": "Mitte",
    }  # fmt: skip
    assert drafts[1].extra == {"speed": "fast", "x": "1,2"}
    assert {note.column for note in notes} == {"speed", "x"}


@pytest.mark.parametrize("name", mapping.names())
def test_built_in_mappings_say_what_they_are(name: str) -> None:
    found = mapping.built_in(name)
    assert found.title
    assert found.source
    assert found.licence


def test_a_mapping_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(NotFound, match="nyc-dob-2015"):
        mapping.built_in("atlantis")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("not = [toml", {"mapping"}),
        ('title = "x"\ncolours = 1\n[columns]', {"mapping"}),
        ('title = "x"\n[columns.registration_code]\nfrom = 7', {"mapping"}),
        ('title = "x"\n[columns]', {"columns.registration_code"}),
        (
            'title = "x"\n[columns.registration_code]\n[columns.wings]\nfrom = "w"\n'
            '[columns.rated_load_kg]\nfrom = ""\nunit = "fpm"',
            {"columns.registration_code", "columns.wings", "columns.rated_load_kg.unit", "columns.rated_load_kg.from"},
        ),
    ],
)
def test_a_faulty_mapping_is_refused_with_all_faults(text: str, paths: set[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        mapping.parse(text.encode())
    assert {fault.path for fault in refused.value.faults} == paths


def test_a_header_that_the_mapping_names_and_the_file_lacks_is_told() -> None:
    how = mapping.parse(b'title = "x"\n[columns.registration_code]\nfrom = "id"\n[columns.model]\nfrom = "model"')
    _drafts, _bad, notes = read("id,x\n1,2\n", how)
    assert notes[0].column == "model"
    with pytest.raises(InvalidInput, match="registration code"):
        read("no,x\n1,2\n", how)
