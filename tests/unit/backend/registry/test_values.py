"""Cells are read as people write them; what can be read in two ways is refused with the way out."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from backend.registry import values
from backend.registry.values import LENGTH, LOAD, SPEED, Cell, Units, Unreadable
from backend.registry.views import Hours

MIDNIGHT = datetime.fromisoformat("2026-01-05")
MORNING = datetime.fromisoformat("2026-01-05T08:30")


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-05",
        "2026/1/5",
        "2026.1.5",
        "2026年1月5日",
        "20260105",
        " 2026-1-5 ",
        "２０２６－０１－０５",
        "2026-01-05 00:00:00",
        "2026-01-05T08:30:00",
        46027,
        46027.0,
        "46027",
        20260105,
        20260105.0,
        date(2026, 1, 5),
        MORNING,
    ],
)
def test_a_day_is_read_in_every_usual_form(cell: Cell) -> None:
    assert values.read_date(cell) == date(2026, 1, 5)


@pytest.mark.parametrize("cell", ["05/01/2026", "5.1.26", "2026", 2026, "2026年1月", "soon", "", True, "12345678901", 0, -3])
def test_what_may_be_another_day_is_not_guessed(cell: Cell) -> None:
    with pytest.raises(Unreadable, match="2026-01-05"):
        values.read_date(cell)


@pytest.mark.parametrize("cell", ["2026-02-30", "20261301", "2026-00-01"])
def test_a_day_that_the_calendar_lacks_is_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable, match="no such day"):
        values.read_date(cell)


def test_further_forms_of_days_come_from_the_mapping() -> None:
    assert values.read_date("05.01.2026", ["%d.%m.%Y"]) == date(2026, 1, 5)


def test_a_year_stands_for_its_first_day() -> None:
    assert values.read_year("2007") == values.read_year(2007.0) == values.read_year("2007年") == date(2007, 1, 1)
    with pytest.raises(Unreadable, match="four digits"):
        values.read_year("07")


@pytest.mark.parametrize(
    ("cell", "units", "unit", "expected"),
    [
        ("1000", LOAD, "kg", 1000),
        ("1000kg", LOAD, "kg", 1000),
        ("1,000 KG", LOAD, "kg", 1000),
        ("1000公斤", LOAD, "kg", 1000),
        ("1t", LOAD, "kg", 1000),
        ("1.6吨", LOAD, "kg", 1600),
        ("2500", LOAD, "lb", 1134),
        ("2500.0 lbs", LOAD, "kg", 1134),
        (1000.0, LOAD, "kg", 1000),
        ("１０００", LOAD, "kg", 1000),
        ("1.75", SPEED, "m/s", 1750),
        ("1.75 m/s", SPEED, "m/s", 1750),
        ("1.75m／s", SPEED, "m/s", 1750),
        ("1.75米/秒", SPEED, "m/s", 1750),
        ("105 m/min", SPEED, "m/s", 1750),
        ("500", SPEED, "fpm", 2540),
        ("350.0fpm", SPEED, "m/s", 1778),
        ("60", LENGTH, "m", 60_000),
        ("60m", LENGTH, "m", 60_000),
        ("4.02", LENGTH, "m", 4_020),
        ("75'", LENGTH, "ft", 22_860),
        ("75'6\"", LENGTH, "ft", 23_012),
        ("75'6", LENGTH, "m", 23_012),
        ("75’6”", LENGTH, "ft", 23_012),
        ("144-5", LENGTH, "ft", 44_018),
        ("129.6", LENGTH, "ft", 39_502),
        ("58'11", LENGTH, "ft", 17_958),
    ],
)
def test_a_quantity_is_read_with_and_without_its_unit(cell: Cell, units: Units, unit: str, expected: int) -> None:
    assert values.read_quantity(cell, units, unit) == expected


@pytest.mark.parametrize(
    ("cell", "units", "unit"),
    [("1,75", SPEED, "m/s"), ("1.000,5", LOAD, "kg"), ("heavy", LOAD, "kg"), ("13 persons", LOAD, "kg"), ("60 kg", LENGTH, "m"),
     ("13'.6", LENGTH, "ft"), ("144-15", LENGTH, "ft"), ("1e9", LOAD, "kg"), ("nan", LOAD, "kg"), ("inf", LOAD, "kg"),
     ("9" * 30, LOAD, "kg"), ("1-2", LOAD, "kg")],
)  # fmt: skip
def test_a_quantity_that_can_be_read_in_two_ways_or_none_is_refused(cell: Cell, units: Units, unit: str) -> None:
    with pytest.raises(Unreadable):
        values.read_quantity(cell, units, unit)


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [("1.234,5", "comma", "1234.5"), ("10,236206", "comma", "10.236206"), ("48.789555", "either", "48.789555"),
     ("10,236206", "either", "10.236206"), ("1,234.5", "point", "1234.5"), ("-0.5", "point", "-0.5")],
)  # fmt: skip
def test_decimal_marks_are_read_as_the_mapping_says(text: str, decimal: str, expected: str) -> None:
    assert values.read_decimal(text, decimal) == Decimal(expected)


def test_floors_stops_and_doors_may_stand_in_one_cell() -> None:
    read = values.read_floors_stops_doors
    assert read("18/17/17") == read("18层17站17门") == read("18层/17站/17门") == read(" 18 / 17 / 17 ") == (18, 17, 17)
    assert read("18/18") == (18, 18, None)
    assert read("18") == (18, None, None)
    for wrong in ("a/b", "1818", "18/18/18/18", ""):
        with pytest.raises(Unreadable, match="18/18/18"):
            read(wrong)


def test_whole_numbers_may_have_a_word_behind_them_or_zeros() -> None:
    assert values.read_whole("18层", ("层",)) == values.read_whole(18.0) == values.read_whole("18.0") == 18
    for wrong in ("18.5", "x", "-3", "", "9" * 20):
        with pytest.raises(Unreadable):
            values.read_whole(wrong)


@pytest.mark.parametrize(("cell", "expected"), [("121.42", 121.42), ("121.42°E", 121.42), ("73.98W", -73.98), (-73.98, -73.98)])
def test_degrees_are_read_with_and_without_their_side(cell: Cell, expected: float) -> None:
    assert values.read_degrees(cell) == expected


@pytest.mark.parametrize("cell", ["121°25'", "121,42", "east", "", "1e2", "--1"])
def test_degrees_in_other_forms_are_refused(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        values.read_degrees(cell)


def test_a_code_that_a_spreadsheet_has_rounded_is_refused() -> None:
    for cell in (31103310022018050001.0, 31103310022018050001, "3.11033E+19"):
        with pytest.raises(Unreadable, match="format the column as text"):
            values.read_code(cell)


def test_a_code_is_read_without_blanks_and_full_width_forms() -> None:
    assert values.read_code(" ３１１０ 3310\t02 ") == "3110331002"
    assert values.read_code(10347915.0) == "10347915"


def test_hours_are_read_in_both_writings() -> None:
    expected = [Hours(28_800, 43_200), Hours(50_400, 64_800)]
    assert values.read_hours("08:00-12:00; 14:00-18:00") == values.read_hours("8:00至12:00，14:00～18:00") == expected
    assert values.read_hours("00:00:30-24:00") == [Hours(30, 86_400)]
    for wrong in ("morning", "8-12", "08:00", "08:75-09:00"):
        with pytest.raises(Unreadable):
            values.read_hours(wrong)


def test_items_that_do_not_apply_are_read_with_their_reasons() -> None:
    assert values.read_pairs("A-1-05: no such part；A-1-06：无此部件\n") == {"A-1-05": "no such part", "A-1-06": "无此部件"}
    with pytest.raises(Unreadable):
        values.read_pairs("A-1-05")


def test_words_of_a_choice_are_read_in_any_case_and_width() -> None:
    words = {"inuse": "in_use", "在用": "in_use"}
    assert values.read_choice(" In Use ", words, ["in_use"]) == values.read_choice("在　用", words, ["in_use"]) == "in_use"
    with pytest.raises(Unreadable, match="use one of in_use"):
        values.read_choice("broken", words, ["in_use"])


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (True, "TRUE"), (False, "FALSE"), (1.5, "1.5"), (2.0, "2"), (1e-7, "0.0000001"), ("a\r\nb ", "a\nb"),
     (MIDNIGHT, "2026-01-05"), (MORNING, "2026-01-05 08:30:00"), (time(8, 30), "08:30:00")],
)  # fmt: skip
def test_a_cell_is_shown_as_a_person_sees_it(cell: Cell, text: str) -> None:
    assert values.text_of(cell) == text


def test_long_values_are_shortened_in_messages() -> None:
    assert len(values.shown("x" * 1000)) == 60
    assert values.shown(31103310022018050001.0) == "3.110331002201805e+19"
