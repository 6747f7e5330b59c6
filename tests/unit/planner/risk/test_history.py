"""Histories are read from files of several shapes; holes are no zeros, and what cannot be is refused with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from planner.risk.files import read_counts
from planner.risk.history import HistoryError, Period, age_band, build_history
from tests.support.outages import DB, MTA, mta


def written(folder: Path, *lines: str) -> Path:
    path = folder / "counts.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_long_shape_is_read_with_its_groups(tmp_path: Path) -> None:
    path = written(
        tmp_path, "elevator,from,to,exposure_days,faults,entrapments,make,built_on,site",
        "a,2026-01-01,2026-01-31,31,2,1,OTIS,2010-05-01,North", "b,2026-01-01,2026-01-31,0,0,0,KONE,,South",
        "b,2026-02-01,2026-02-28,14,3,0,KONE,,South",
    )  # fmt: skip
    source = read_counts(path)
    history = source.history
    assert (history.elevators, source.holes) == (("a", "b"), 1)
    assert history.faults.tolist() == [[2, 0], [0, 3]]
    assert history.exposure.tolist() == [[31, 0], [0, 14]]
    assert {factor.name for factor in history.factors} == {"make", "site", "age"}


def test_a_row_without_a_count_is_a_hole_and_one_without_days_has_all_of_them(tmp_path: Path) -> None:
    path = written(tmp_path, "elevator,from,exposure_days,faults,entrapments", "a,2026-01-01,,,", "a,2026-02-01,,3,1")
    source = read_counts(path)
    assert source.holes == 1
    assert source.history.exposure.tolist() == [[0, 28]]
    with pytest.raises(HistoryError, match=r"line 2\.entrapments"):
        read_counts(written(tmp_path, "elevator,from,faults,entrapments", "a,2026-01-01,2,"))


def test_headers_in_chinese_are_found_and_others_can_be_named(tmp_path: Path) -> None:
    history = read_counts(written(tmp_path, "电梯,月份,故障次数", "a,2026-01,4")).history
    assert history.faults.tolist() == [[4]]
    path = written(tmp_path, "Lift,Start,Stops,Colour", "a,2026-01-01,4,red", "b,2026-01-01,1,blue")
    named = read_counts(path, {"elevator": "Lift", "from": "Start", "faults": "Stops", "colour": "Colour"}).history
    assert [factor.name for factor in named.factors] == ["colour"]


def test_months_of_new_yorks_transit_are_read_as_they_come() -> None:
    source = read_counts(MTA)
    assert len(source.history.elevators) == 120
    assert len(source.history.months) == 36
    assert source.holes > 0
    assert source.columns["faults"] == "Unscheduled Outages"
    assert [factor.name for factor in source.history.factors] == ["area", "complex", "site", "age"]


def test_days_of_standing_still_become_faults_where_a_spell_begins(tmp_path: Path) -> None:
    path = written(
        tmp_path, "equipmentnumber,day,inactive_slots", *(f"7,{day},{slots}" for day, slots in enumerate((0, 5, 9, 0, 1, 0))),
        "7,8,3",
    )  # fmt: skip
    history = read_counts(path).history
    assert history.faults.sum() == 3  # days 1, 4, and 8 after a hole
    assert history.exposure.sum() == 7
    whole = read_counts(DB).history
    assert len(whole.elevators) == 100
    assert whole.exposure.sum() == 36_500
    assert set(whole.season) == {12}  # days are numbers: nobody knows which season it was


def test_a_file_may_give_its_attributes_beside(tmp_path: Path) -> None:
    path = written(tmp_path, "equipmentnumber,day,inactive_slots", "7,0,1", "8,0,0")
    beside = tmp_path / "register.csv"
    beside.write_text("equipment,manufacturer,year\n7,OTIS,1999.0\n8,KONE,2017\n", encoding="utf-8")
    factors = {factor.name: factor for factor in read_counts(path, attributes=beside).history.factors}
    assert set(factors["make"].levels) == {"?", "OTIS", "KONE"}
    assert "age" in factors


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,2026-01-01,31,-1", "faults: -1 is no count"),
        ("a,2026-01-01,0,2", "0 days under watch, but 2 faults"),
        ("a,2026-01-01,90,2", "90 days under watch in 31 days"),
        ("a,2026-01-01,x,2", "'x' is no number"),
        ("a,soon,31,2", "'soon' is no day"),
        ("a,2026-01-01,31,nan", "nan is no count"),
    ],
)
def test_a_faulty_line_is_refused_with_its_number(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path, "elevator,from,exposure_days,faults", "b,2026-01-01,31,0", line)
    with pytest.raises(HistoryError) as caught:
        read_counts(path)
    assert "line 3" in str(caught.value)
    assert said in str(caught.value)


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path, "elevator,month,exposure_days,faults", "a,2026-01,31,two", "a,2026-02,28,-1", "a,2026-03,45,1",
        ",2026-03,31,1", "b,2026-03,31,1", "b,2026-03,31,1",
    )  # fmt: skip
    with pytest.raises(HistoryError) as caught:
        read_counts(path)
    told = dict(caught.value.faults)
    assert set(told) == {"line 2.faults", "line 3 (a).faults", "line 4 (a).exposure_days", "line 5.elevator", "line 7.month"}
    assert told["line 7.month"] == "the same days of b as line 6: keep one"


def test_a_history_without_a_day_under_watch_is_refused() -> None:
    with pytest.raises(HistoryError, match="nothing to learn from"):
        build_history([Period(elevator="a", first_day=date(2026, 1, 1), days=31, exposure_days=0, faults=0)])


def test_a_file_without_the_columns_needed_says_which(tmp_path: Path) -> None:
    with pytest.raises(HistoryError) as caught:
        read_counts(written(tmp_path, "x,y", "1,2"))
    assert [path.split(": ")[1] for path, _ in caught.value.faults] == ["elevator", "from", "faults"]


def test_ages_fall_into_bands() -> None:
    assert [age_band(years) for years in (-1, 0, 1.9, 2, 12, 45)] == [0, 0, 0, 1, 3, 6]


def test_elevators_of_which_nothing_is_told_are_a_group_of_their_own() -> None:
    factor = next(factor for factor in mta().factors if factor.name == "age")
    assert factor.levels[0] == "?"
    assert 0 < np.mean(factor.codes[:, -1] == 0) < 0.5
