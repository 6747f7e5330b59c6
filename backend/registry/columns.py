"""The columns of the register of elevators, from `columns.toml`: import, export, template and documentation share them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct

from backend.registry.values import LENGTH, LOAD, SPEED, Units, folded, plain

_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_UNITS: Mapping[str, Units] = {"": {}, "load": LOAD, "speed": SPEED, "length": LENGTH}

NEEDED = "registration_code"
"""Without it no row can be told from another."""

PLACE = ("site_code", "site", "address")
"""A new elevator needs one of these."""

EXTRA_PREFIX = "extra."
"""In front of a header: a column that has no place here, kept and exported under the rest of its name."""


class Column(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column; what its parts mean stands at the head of `columns.toml`."""

    name: str
    zh: str
    table: Literal["firm", "owner", "site", "contract", "elevator", "told"]
    kind: Literal["text", "code", "date", "whole", "quantity", "floors", "degrees", "choice", "pack", "hours", "words", "pairs"]
    field: str = ""
    aliases: tuple[str, ...] = ()
    units: Literal["", "load", "speed", "length"] = ""
    unit: str = ""
    scale: int = 1
    """Base units in one unit of the column: 1000 mm in a metre."""

    words: Mapping[str, tuple[str, ...]] = {}
    export: bool = True
    example: str = ""
    help_en: str = ""
    help_zh: str = ""

    def __post_init__(self) -> None:
        if not self.field:
            msgspec.structs.force_setattr(self, "field", self.name)

    @property
    def unit_sizes(self) -> Units:
        """Return the units of a quantity with their sizes in the base unit."""
        return _UNITS[self.units]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    column: tuple[Column, ...]


@cache
def columns() -> tuple[Column, ...]:
    """Return all columns, in the order of the export."""
    text = resources.files("backend.registry").joinpath("columns.toml").read_text("utf-8")
    return msgspec.toml.decode(text, type=_File).column


@cache
def by_name() -> dict[str, Column]:
    """Return the columns by their name."""
    return {column.name: column for column in columns()}


class Header(Struct, frozen=True):
    """What a header means."""

    column: Column
    rank: int
    """How good a name for the column it is; 0 is best. Of two headers for one column the better one counts."""

    unit: str
    """Of a bare number below it."""


@cache
def headers() -> dict[str, Header]:
    """Return folded header → what it means; names of quantities also with a unit behind them."""
    found: dict[str, Header] = {}
    for column in columns():
        for rank, name in enumerate((column.name, column.zh, *column.aliases)):
            found.setdefault(folded_header(name), Header(column, rank, column.unit))
            for unit in column.unit_sizes:
                found.setdefault(folded_header(name + unit), Header(column, rank, unit))
    return found


def header(text: str) -> Header | None:
    """Return what a header means: `额定载重量(t)` is the load in tonnes; None for one that is not known."""
    found = headers().get(folded_header(text))
    if found is not None:
        for part in _BRACKETS.findall(plain(text)):
            unit = part[1:-1].strip().casefold()
            if unit in found.column.unit_sizes:
                return Header(found.column, found.rank, unit)
    return found


@cache
def words(name: str) -> dict[str, str]:
    """Return folded word → the value that it means, of a choice column."""
    return {folded(word): value for value, names in by_name()[name].words.items() for word in (value, *names)}


def folded_header(header: str) -> str:
    """Return a header in the form in which headers are compared."""
    return folded(_BRACKETS.sub("", plain(header)).rstrip("*"))
