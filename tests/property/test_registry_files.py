"""What the register writes it reads back the same, and no bytes whatever make it do anything but refuse them clearly."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import uuid4

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import LiftroundsError
from backend.registry import cells, exporter, importer, mapping, rows, rules, sheet
from backend.registry.columns import by_name
from backend.registry.merge import Merge, Stored
from backend.registry.report import Notes
from planner.intervals.items import EQUIPMENT_TYPES, items_by_code
from planner.intervals.rules import pack_ids

FEW = settings(max_examples=60, deadline=None)
MANY = settings(max_examples=200, deadline=None)

DAYS = st.dates(date(1900, 1, 1), date(2020, 12, 31))
LATER = st.dates(date(2021, 1, 1), date(2100, 1, 1))
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(LETTERS, max_size=30).map(rules.tidy_text)
AWKWARD = st.sampled_from(
    ["", "=1+1", "+86", "-", "–", "'", "'=x", "''", "@x", '"quoted"', "a,b;c\td", "line\nbreak", "001", "1e5", "TRUE",
     "2026-01-05", "_x0041_", "&amp;<b>", "extra.x", "台州", " ".join("ab")]
)  # fmt: skip
TEXT = TEXTS | AWKWARD
NAME = TEXT.filter(bool)
KEY = NAME.map(lambda name: " ".join(name.split())).filter(lambda name: not name.casefold().startswith("extra."))
CODE = st.from_regex(rules.REGISTRATION_CODE, fullmatch=True).map(str.strip).filter(bool)
SKILLS = st.lists(st.from_regex(r"[a-z台]{1,5}", fullmatch=True).map(str.strip), unique=True, max_size=3)
PAIRS = st.dictionaries(
    st.sampled_from(sorted(items_by_code())), st.from_regex(r"[a-z无:：=\-]{1,9}", fullmatch=True).map(str.strip), max_size=3
)


def number(name: str) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(*rules.LIMITS[name])


PLACES = st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(lambda place: (round(place[0], 7), round(place[1], 7)))
DEGREES = st.none() | PLACES.filter(lambda place: place != (0, 0))


@st.composite
def hours(draw: st.DrawFn) -> list[dict[str, int]]:
    ends = sorted(draw(st.lists(st.integers(0, rules.DAY_S), unique=True, max_size=4)))
    return [{"from_s": a, "to_s": b} for a, b in zip(ends[::2], ends[1::2], strict=False)]


@st.composite
def register(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows as the export's query gives them, of one firm, each at a site of its own."""
    made = []
    for i, code in enumerate(sorted(draw(st.lists(CODE, min_size=1, max_size=4, unique_by=lambda code: code)))):
        owner, place = draw(NAME | st.none()), draw(DEGREES) or (None, None)
        contract = None if owner is None else draw(st.none() | NAME)
        row: dict[str, Any] = {name: draw(number(name)) for name in rules.LIMITS}
        row |= {name: draw(TEXT) for name in (
            "unit_name", "bank", "manufacturer", "model", "product_number", "use_registration", "installed_by", "drive",
            "inspection_body", "on_demand_filing", "state_reason", "on_demand_target", "programme_document",
        )}  # fmt: skip
        row |= {name: draw(st.none() | DAYS) for name in (
            "in_use_since", "inspected_on", "on_demand_filed_on", "monitored_since", "on_demand_declared_on",
            "programme_dated_on",
        )}  # fmt: skip
        row |= {
            "id": uuid4(), "firm_name": "Firm", "registration_code": code,
            "rescue_code": draw(st.just("") | st.from_regex(r"[0-9]{6}", fullmatch=True).map(str.strip)),
            "site_code": f"S{i}", "site_name": draw(NAME), "address": draw(TEXT), "district": draw(TEXT),
            "site_kind": draw(st.sampled_from(["", "hospital", "other"])),
            "sector": draw(st.sampled_from(["", "health", "other"])),
            "special_kind": draw(st.sampled_from(["", "firefighter"])),
            "watch_list": draw(st.sampled_from(["", "three_without"])),
            "lat": place[0], "lon": place[1],
            "access_notes": draw(TEXT), "access_hours": draw(hours()), "owner_name": owner,
            "safety_officer": "", "owner_phone": "", "contract_number": None if contract is None else f"{contract}{i}",
            "starts_on": None if contract is None else draw(DAYS), "ends_on": None if contract is None else draw(LATER),
            "on_demand_consent_on": None, "on_demand_withdrawn_on": None,
            "insurance_until": None if contract is None else draw(st.none() | LATER),
            "demanded_grade": "" if contract is None else draw(st.sampled_from(["", "A", "B", "C"])), "contract_owner": None,
            "contract_owner_differs": False, "equipment_type": draw(st.sampled_from(EQUIPMENT_TYPES)),
            "inspection_due_on": draw(st.none() | LATER), "mode": draw(st.sampled_from(["fixed", "on_demand"])),
            "rule_pack": draw(st.sampled_from(pack_ids())), "state": draw(st.sampled_from(["in_use", "stopped", "scrapped"])),
            "skills": draw(SKILLS), "item_exclusions": draw(PAIRS),
            "extra": draw(st.dictionaries(KEY, NAME, max_size=3)),
        }  # fmt: skip
        made.append(row)
    return made


def imported(content: bytes) -> tuple[Merge, list[Any]]:
    """What importing a file into an empty database would write."""
    table, notes = sheet.read(content, rows.recogniser(None)), Notes()
    plan = rows.layout(table, None, notes)
    merge = Merge(uuid4(), Stored(owners=[], sites=[], contracts=[], elevators=[], told={}, last={}), date(2020, 12, 31),
                  plan.header_of, notes)  # fmt: skip
    bad: list[Any] = []
    for found in rows.read_rows(table, plan, notes):
        bad += found if isinstance(found, list) else merge.take(found)
    return merge, bad + [note for note in notes.listed() if "rescue code" not in note.template]  # two may have one


def as_exported(merge: Merge) -> list[dict[str, Any]]:
    """The rows that the export's query would give after that."""
    made = []
    owners = {thing.id: thing.row for thing in merge.owners.values()}
    sites = {thing.id: thing.row for thing in merge.sites.values()}
    contracts = {thing.id: thing.row for thing in merge.contracts.values()}
    for code in sorted(merge.elevators):
        row = merge.elevators[code].row
        site, contract = sites[row["site"]], contracts.get(row["contract"], {})
        owner = owners.get(site["owner"], {})
        hours = [{"from_s": span.from_s, "to_s": span.to_s} for span in site["access_hours"]]
        row = contract | site | row
        made.append(row | {
            "firm_name": "Firm", "site_code": site["code"], "site_name": site["name"], "site_kind": site["kind"],
            "access_hours": hours, "owner_name": owner.get("name"), "safety_officer": owner.get("safety_officer"),
            "owner_phone": owner.get("phone"), "contract_number": contract.get("number"),
            "starts_on": contract.get("starts_on"), "ends_on": contract.get("ends_on"),
            "on_demand_consent_on": None, "on_demand_withdrawn_on": None, "insurance_until": contract.get("insurance_until"),
            "demanded_grade": contract.get("demanded_grade", ""), "contract_owner": None, "contract_owner_differs": False,
        })  # fmt: skip
    return made


@FEW
@given(register(), st.sampled_from(["csv", "xlsx"]), st.sampled_from(["en", "zh"]))
def test_every_register_that_is_exported_is_imported_as_it_was(made: list[dict[str, Any]], kind: str, language: str) -> None:
    content = exporter._file([dict(row) for row in made], {}, kind, language)
    merge, problems = imported(content)
    assert problems == []
    assert exporter._file(as_exported(merge), {}, kind, language) == content


@MANY
@given(TEXT, st.booleans())
def test_a_protected_text_is_read_back_and_is_no_formula(text: str, csv: bool) -> None:
    safe = cells.protected(text, csv=csv)
    assert cells.unprotected(safe) == text
    if csv:
        assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))


@MANY
@given(TEXT)
def test_a_cell_in_a_file_of_bad_rows_is_read_as_in_the_file_itself(text: str) -> None:
    assert cells.unprotected(cells.protected_source(text)) == cells.unprotected(text)


@given(st.integers(20, 25_000))
def test_every_speed_is_written_and_read_the_same(speed_mm_s: int) -> None:
    column = by_name()["rated_speed_m_s"]
    assert cells.read(column, column.unit, cells.write(column, speed_mm_s)) == speed_mm_s


def refuses_clearly(content: bytes, how: str | None = None) -> None:
    with suppress(LiftroundsError):  # any other error fails the test
        importer._read(content, how, None, lambda *_told: None)


@MANY
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    refuses_clearly(content)


@MANY
@given(st.text(st.characters(codec="utf-8"), max_size=200), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_any_text_under_a_known_header_is_read_or_refused(text: str, encoding: str) -> None:
    refuses_clearly(f"注册代码,安装地点,额定载重量,层站门,下次检验日期,纬度,可作业时间,不适用项目\n{text}".encode(encoding))


@MANY
@given(st.lists(st.text(max_size=12), min_size=8, max_size=8))
def test_any_cells_under_a_known_header_are_read_or_refused(given_cells: list[str]) -> None:
    quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in given_cells)
    header = "注册代码,安装地点,额定载重量,层站门,下次检验日期,纬度,可作业时间,额定速度\n"
    refuses_clearly((header + quoted).encode("utf-8", errors="surrogatepass"))


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        tab = book.add_worksheet()
        for number, row in enumerate([["注册代码", "安装地点", "额定载重量"], ["1", "花园", 1000], ["2", "花园", "x"]]):
            tab.write_row(number, 0, row)
    return out.getvalue()


WORKBOOK = _workbook()
with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as _packed:
    PARTS = {name: _packed.read(name) for name in _packed.namelist()}


@MANY
@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 40))
def test_a_workbook_with_changed_bytes_is_read_or_refused(changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(WORKBOOK)
    for position, byte in changes:
        content[position] = byte
    refuses_clearly(bytes(content[: len(content) - cut]))


@MANY
@given(st.sampled_from(sorted(PARTS)), st.integers(0, 4000), st.binary(max_size=30), st.integers(0, 60))
def test_a_workbook_with_changed_parts_is_read_or_refused(name: str, position: int, inserted: bytes, removed: int) -> None:
    part = PARTS[name]
    position %= len(part) + 1
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for other, content in PARTS.items():
            changed = content[:position] + inserted + content[position + removed :]
            packed.writestr(other, changed if other == name else content)
    refuses_clearly(out.getvalue())


@MANY
@given(st.sampled_from(mapping.names()), st.binary(max_size=200))
def test_any_bytes_with_a_mapping_are_read_or_refused(how: str, content: bytes) -> None:
    header = b"device_number,bin,house_number,street_name,equipment,station,lat,lon\n"
    refuses_clearly(header + content, how)


@MANY
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", errors="replace")))
def test_any_mapping_file_is_read_or_refused(content: bytes) -> None:
    with suppress(LiftroundsError):  # any other error fails the test
        mapping.parse(content)
