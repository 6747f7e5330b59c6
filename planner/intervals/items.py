"""The 257 maintenance items of TSG T5002-2017 and the checklists of the four classes.

A higher class includes the lower ones. Where the items come from, and which columns are ours, stands at the head of items.csv.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from msgspec import Struct

CLASSES = ("half_month", "quarter", "half_year", "year")
"""Maintenance classes 半月, 季度, 半年, 年度, each including those before it."""

EQUIPMENT_TYPES = ("traction_or_positive_drive_lift", "hydraulic_lift", "dumbwaiter", "escalator_or_moving_walk")
"""The equipment of annexes A, B, C and D."""

WEAR_DRIVERS = ("door_cycles", "trips", "run_hours", "run_distance", "rope_bends", "brake_actuations")
"""What wears an item and can be counted; items driven by `calendar` or `environment` age by time alone."""


class ItemLimit(Struct, frozen=True, kw_only=True):
    """A number that the annex itself sets; both ends are included, None is open."""

    least: float | None
    most: float | None
    unit: str


class Item(Struct, frozen=True, kw_only=True):
    """One line of an annex."""

    code: str
    """Annex, class 1..4 and number, such as `A-1-05`."""

    annex: str
    equipment_type: str
    period: str
    """The lowest class that contains the item."""

    number: int
    """Number inside its table of the annex."""

    name_zh: str
    name_en: str
    requirement_zh: str
    requirement_en: str
    wear_driver: str
    """What wears it: `door_cycles`, `trips`, `run_hours`, `run_distance`, `rope_bends`, `brake_actuations`; `environment` and
    `calendar` are no use."""

    zone: str
    """Where the work is done: `MR` machine room, `CT` car top, `CAR`, `LD` landing, `SH` shaft, `PIT`; of escalators `UP` and
    `LOW` end, `STEP`, `ENTRY`."""

    judge: str
    """`qualitative`, `manufacturer` (the maker's value counts), `standard_value` or `numeric` (see `limit`)."""

    limit: ItemLimit | None
    special_interval: str
    """What the annex says of another interval or season, in English; empty for most."""

    is_test: bool
    """A test must really be made; other items are checked, cleaned, adjusted or lubricated."""

    remote_evidence: str
    """The signal that can check the item from afar (a proposal of ours); empty where none can."""


def class_rank(maintenance_class: str) -> int:
    """Return 0 for the half-month class to 3 for the year class.

    Raises
    ------
    ValueError
        If there is no such class.
    """
    if maintenance_class not in CLASSES:
        raise ValueError(f"no maintenance class {maintenance_class!r}; there are {', '.join(CLASSES)}")
    return CLASSES.index(maintenance_class)


@cache
def all_items() -> tuple[Item, ...]:
    """Return all 257 items, by annex, class and number."""
    text = resources.files("planner.intervals").joinpath("items.csv").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(_item(row) for row in csv.DictReader(lines))


@cache
def items_by_code() -> dict[str, Item]:
    """Return all items by their code; not to be changed by the caller."""
    return {item.code: item for item in all_items()}


@cache
def checklist(equipment_type: str, maintenance_class: str) -> tuple[Item, ...]:
    """Return the items of a visit: those of its class and of every lower one, the lowest class first.

    Raises
    ------
    ValueError
        If there is no such equipment type or class.
    """
    rank = class_rank(maintenance_class)
    if equipment_type not in EQUIPMENT_TYPES:
        raise ValueError(f"no equipment type {equipment_type!r}; there are {', '.join(EQUIPMENT_TYPES)}")
    return tuple(item for item in all_items() if item.equipment_type == equipment_type and class_rank(item.period) <= rank)


def _item(row: dict[str, str]) -> Item:
    limit = _limit(row.pop("limit_op"), row.pop("limit_value"), row.pop("limit_unit"))
    number = int(row.pop("number"))
    is_test = row.pop("is_test") == "yes"
    return Item(number=number, limit=limit, is_test=is_test, **row)


def _limit(operator: str, value: str, unit: str) -> ItemLimit | None:
    if not operator:
        return None
    least, most = {">=": (value, None), "<=": (None, value), "range": tuple(value.split(".."))}[operator]
    return ItemLimit(least=None if least is None else float(least), most=None if most is None else float(most), unit=unit)
