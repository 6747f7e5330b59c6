"""What signals ask for at a visit, read from signals.toml and checked, all faults of the file named."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from msgspec import Meta, Struct

from planner.intervals.items import CLASSES, EQUIPMENT_TYPES, Item, items_by_code
from planner.rounds.faults import Fault, FaultyInputError, convert

OWN_LIST = "liftrounds"
"""The list of items of our own."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Immutable, and no field that is not known."""


class Signal(_Part, frozen=True, kw_only=True):
    """What is looked at because of something that was noticed."""

    id: str
    zh: str
    en: str
    kinds: tuple[str, ...] = ()
    gauge: str = ""
    above: float | None = None
    when: Literal["", "risk", "monitor"] = ""
    drivers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    extend_from: Annotated[int, Meta(ge=0, le=1000)]
    """Events from which on items of a higher class are asked for too; 0 = never."""

    def means(self, item: Item) -> bool:
        """Return whether an item is one that the signal is about."""
        return item.wear_driver in self.drivers or item.remote_evidence in self.evidence or item.code in self.items


class OwnItem(_Part, frozen=True, kw_only=True):
    """An item of our own."""

    code: str
    zone: str
    name_zh: str
    name_en: str
    requirement_zh: str
    requirement_en: str


class Signals(_Part, frozen=True, kw_only=True):
    """The whole table."""

    within_days: Annotated[int, Meta(ge=1, le=400)]
    silent_h: Annotated[int, Meta(ge=1, le=24 * 366)]
    risk_share: Annotated[float, Meta(gt=0, le=1)]
    risk_fleet: Annotated[int, Meta(ge=1, le=100_000)]
    worn_share: Annotated[float, Meta(gt=0, le=1)]
    source_zh: str
    source_en: str
    mark: Literal["verified", "expert", "design"]
    signals: tuple[Signal, ...]
    own_items: tuple[OwnItem, ...] = ()


def parse_signals(text: str, name: str = "signals.toml") -> Signals:
    """Return a table of signals.

    Raises
    ------
    FaultyInputError
        With everything that is wrong with it.
    """
    try:
        table = convert(tomllib.loads(text), Signals, name)
    except tomllib.TOMLDecodeError as error:
        raise FaultyInputError([Fault(name, f"the file is not TOML: {error}")]) from None
    if faults := [*_own_faults(table), *_signal_faults(table)]:
        raise FaultyInputError(faults)
    return table


def _own_faults(table: Signals) -> list[Fault]:
    return [
        Fault(f"own_items[{i}].code", f"{item.code} is an item of a regulation; choose another")
        for i, item in enumerate(table.own_items)
        if item.code in items_by_code()
    ]


def _signal_faults(table: Signals) -> list[Fault]:
    known = items_by_code().keys() | {item.code for item in table.own_items}
    faults = []
    for i, signal in enumerate(table.signals):
        path = f"signals[{i}]"
        faults += [Fault(f"{path}.items", f"no item {code}") for code in signal.items if code not in known]
        if not (signal.drivers or signal.evidence or signal.items):
            faults.append(Fault(path, f"{signal.id} asks for nothing; name drivers, evidence or items"))
        if not (signal.kinds or signal.when or signal.gauge):
            faults.append(Fault(path, f"{signal.id} is never given; name kinds, a gauge or when"))
        if bool(signal.gauge) != (signal.above is not None):
            faults.append(Fault(f"{path}.above", "a gauge needs the value from which on it counts, and only a gauge does"))
    ids = [signal.id for signal in table.signals]
    doubled = sorted({one for one in ids if ids.count(one) > 1})
    return [*faults, *(Fault("signals", f"{one} stands twice; keep one") for one in doubled)]


@cache
def signal_table() -> Signals:
    """Return the table of this version."""
    return parse_signals(resources.files("planner.intervals").joinpath("signals.toml").read_text("utf-8"))


@cache
def own_items() -> dict[str, Item]:
    """Return our own items by code; not to be changed by the caller."""
    return {
        one.code: Item(
            code=one.code, annex="", equipment_type=EQUIPMENT_TYPES[0], also=EQUIPMENT_TYPES[1:], period=CLASSES[0],
            number=number, name_zh=one.name_zh, name_en=one.name_en,
            requirement_zh=one.requirement_zh, requirement_en=one.requirement_en,
            wear_driver="calendar", zone=one.zone, judge="qualitative", limit=None, special_interval="", is_test=False,
            remote_evidence="", item_list=OWN_LIST,
        )
        for number, one in enumerate(signal_table().own_items, 1)
    }  # fmt: skip


def item_of(code: str) -> Item | None:
    """Return an item of any list, our own included; None where there is none."""
    return items_by_code().get(code) or own_items().get(code)
