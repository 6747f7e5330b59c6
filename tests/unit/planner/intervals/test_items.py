"""The 257 items and the checklists made of them."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from planner.intervals.items import (
    CLASSES,
    EQUIPMENT_TYPES,
    ITEM_LISTS,
    WEAR_DRIVERS,
    all_items,
    checklist,
    class_rank,
    items_by_code,
)


def test_there_are_257_items_with_codes_of_their_own() -> None:
    assert len(all_items()) == 257 == len({item.code for item in all_items()})
    assert len(items_by_code()) == sum(len(all_items(name)) for name in ITEM_LISTS)


@pytest.mark.parametrize(
    ("equipment_type", "counts"),
    [
        ("traction_or_positive_drive_lift", (31, 44, 59, 76)),
        ("hydraulic_lift", (30, 43, 52, 66)),
        ("dumbwaiter", (20, 28, 38, 52)),
        ("escalator_or_moving_walk", (33, 38, 50, 63)),
    ],
)
def test_classes_accumulate_as_the_regulation_counts_them(equipment_type: str, counts: tuple[int, ...]) -> None:
    lists = [checklist(equipment_type, name) for name in CLASSES]
    assert tuple(len(items) for items in lists) == counts
    for lower, higher in itertools.pairwise(lists):
        assert higher[: len(lower)] == lower


def test_a_checklist_holds_only_items_of_its_equipment_and_begins_with_the_lowest_class() -> None:
    for equipment_type in EQUIPMENT_TYPES:
        items = checklist(equipment_type, "year")
        assert {item.equipment_type for item in items} == {equipment_type}
        assert [class_rank(item.period) for item in items] == sorted(class_rank(item.period) for item in items)


def test_a_code_names_annex_class_and_number() -> None:
    for item in all_items():
        assert item.code == f"{item.annex}-{class_rank(item.period) + 1}-{item.number:02d}"


def test_numeric_limits_are_those_of_the_annexes() -> None:
    limits = {item.code: (item.limit.least, item.limit.most) for item in all_items() if item.limit is not None}
    assert limits == {
        "A-1-29": (7, None), "B-1-26": (7, None), "C-1-17": (5, None), "B-2-01": (None, 170), "B-2-03": (None, 2.3),
        "D-2-01": (0, 2),
    }  # fmt: skip


def test_every_item_can_be_read_in_both_languages_and_says_what_wears_it() -> None:
    for item in all_items():
        assert all((item.name_zh, item.name_en, item.requirement_zh, item.requirement_en, item.zone, item.judge))
        assert item.wear_driver in (*WEAR_DRIVERS, "calendar", "environment")
    assert Counter(item.is_test for item in all_items())[True] == 14


def test_an_unknown_class_or_equipment_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'monthly'; there are half_month, quarter, half_year, year"):
        checklist("dumbwaiter", "monthly")
    with pytest.raises(ValueError, match=r"no equipment type 'lift'; there are traction"):
        checklist("lift", "year")
