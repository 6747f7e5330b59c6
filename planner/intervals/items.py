"""Maintenance items and the checklists of the four classes: the 257 of TSG T5002-2017, and short lists of other regimes.

A higher class includes the lower ones. Where items come from, and which columns are ours, stands at the head of each file. A
rule pack names its list; codes are unique over all lists, so that a record never needs to say from which one an item is.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

CLASSES = ("half_month", "quarter", "half_year", "year")
"""Maintenance classes 半月, 季度, 半年, 年度, each including those before it."""

EQUIPMENT_TYPES = ("traction_or_positive_drive_lift", "hydraulic_lift", "dumbwaiter", "escalator_or_moving_walk")
"""The equipment of annexes A, B, C and D."""

WEAR_DRIVERS = ("door_cycles", "trips", "run_hours", "run_distance", "rope_bends", "brake_actuations")
"""What wears an item and can be counted; items driven by `calendar` or `environment` age by time alone."""


TSG = "tsg-t5002"
"""The list of China's regulation: items.csv."""

ITEM_LISTS = (TSG, "hk", "sg", "asme", "en-13015")
"""All lists; those of other regimes are in item_lists/, our own words for what those regimes look at."""


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

    item_list: str = TSG
    also: tuple[str, ...] = ()
    """Further equipment that the line holds for; none in the annexes of TSG T5002-2017."""

    def holds_for(self, equipment_type: str) -> bool:
        """Return whether the item is one of a kind of equipment."""
        return equipment_type == self.equipment_type or equipment_type in self.also


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
def all_items(item_list: str = TSG) -> tuple[Item, ...]:
    """Return all items of a list, by annex, class and number; 257 of them in that of TSG T5002-2017.

    Raises
    ------
    ValueError
        If there is no such list.
    """
    if item_list not in ITEM_LISTS:
        raise ValueError(f"no list of items {item_list!r}; there are {', '.join(ITEM_LISTS)}")
    folder = resources.files("planner.intervals")
    file = folder.joinpath("items.csv") if item_list == TSG else folder.joinpath("item_lists", f"{item_list}.csv")
    lines = (line for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    read = _item if item_list == TSG else _short_item
    return tuple(msgspec.structs.replace(read(row), item_list=item_list) for row in csv.DictReader(lines))


@cache
def items_by_code() -> dict[str, Item]:
    """Return all items of all lists by their code; not to be changed by the caller."""
    return {item.code: item for name in ITEM_LISTS for item in all_items(name)}


@cache
def checklist(equipment_type: str, maintenance_class: str, item_list: str = TSG) -> tuple[Item, ...]:
    """Return the items of a visit: those of its class and of every lower one, the lowest class first.

    Raises
    ------
    ValueError
        If there is no such equipment type, class or list.
    """
    rank = class_rank(maintenance_class)
    if equipment_type not in EQUIPMENT_TYPES:
        raise ValueError(f"no equipment type {equipment_type!r}; there are {', '.join(EQUIPMENT_TYPES)}")
    return tuple(item for item in all_items(item_list) if item.holds_for(equipment_type) and class_rank(item.period) <= rank)


def _item(row: dict[str, str]) -> Item:
    limit = _limit(row.pop("limit_op"), row.pop("limit_value"), row.pop("limit_unit"))
    number = int(row.pop("number"))
    row["is_test"] = row["is_test"] == "yes"  # type: ignore[assignment]
    return msgspec.convert({**row, "number": number, "limit": limit}, Item)


def _limit(operator: str, value: str, unit: str) -> ItemLimit | None:
    if not operator:
        return None
    least, most = {">=": (value, None), "<=": (None, value), "range": tuple(value.split(".."))}[operator]
    return ItemLimit(least=None if least is None else float(least), most=None if most is None else float(most), unit=unit)


def _short_item(row: dict[str, str]) -> Item:
    """Return a line of a regime's list, which says less: the letters of its annexes are the kinds of equipment."""
    letters = row["equipment"]
    kinds = tuple(EQUIPMENT_TYPES["ABCD".index(letter)] for letter in letters)
    return Item(
        code=row["code"], annex=letters, equipment_type=kinds[0], also=kinds[1:], period=row["period"],
        number=int(row["code"].rpartition("-")[2]), name_zh=row["name_zh"], name_en=row["name_en"],
        requirement_zh=row["requirement_zh"], requirement_en=row["requirement_en"], wear_driver=row["wear_driver"],
        zone=row["zone"], judge="manufacturer", limit=None, special_interval="", is_test=row["is_test"] == "yes",
        remote_evidence=row["remote_evidence"],
    )  # fmt: skip
