"""How the cells of each kind of column are read and written. What one writes, the other reads back the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from backend.registry import rules, values
from backend.registry.columns import Column, words
from backend.registry.mapping import Source
from backend.registry.values import Cell, Unreadable
from backend.registry.views import Hours
from planner.intervals.rules import pack_ids


class _Clear:
    """What a cell means that empties the field."""

    def __repr__(self) -> str:
        return "CLEAR"


CLEAR: Final = _Clear()

CLEAR_MARKS = frozenset({"-", "–", "—", "－"})
"""A cell with only this empties the field; an empty cell leaves it as it is."""

EMPTY: Mapping[str, Callable[[], Any]] = {
    "text": str, "code": str, "date": lambda: None, "whole": lambda: None, "quantity": lambda: None, "degrees": lambda: None,
    "hours": list, "words": list, "pairs": dict,
}  # fmt: skip
"""Kind → the value of an emptied field; kinds that are not here cannot be emptied."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_NUMBER_KINDS = frozenset({"whole", "quantity", "degrees"})
_AS_GIVEN = Source()


def read(column: Column, unit: str, cell: Cell, source: Source = _AS_GIVEN) -> Any:
    """Return the value of a cell that is not empty.

    Parameters
    ----------
    column
        Which column of ours.
    unit
        Of a bare number.
    cell
        As given; text without the marks that protect it from being run as a formula.
    source
        What a mapping says about it.

    Raises
    ------
    Unreadable
        If it is no value of this kind, or not a possible one.
    """
    text = values.text_of(cell) if source.values or source.whole else ""
    if text in source.values:
        cell = text = source.values[text]
    elif source.whole:
        cell = _without_zeros(text)
    if source.year:
        return values.read_year(cell)
    value = _READERS[column.kind](column, unit, cell, source)
    _refuse_impossible(column, value, source)
    return value


def _without_zeros(text: str) -> str:
    """Return joined cells such as `22926.0 Ahrensburg` with whole numbers."""
    return " ".join(part.removesuffix(".0") if part.removesuffix(".0").isdigit() else part for part in text.split(" "))


def _text(column: Column, _unit: str, cell: Cell, _source: Source) -> str:
    text = values.text_of(cell)
    reason = rules.text_fault(column.field, text)
    if reason is not None:
        raise Unreadable(reason)
    return text


def _code(column: Column, _unit: str, cell: Cell, _source: Source) -> str:
    code = values.read_code(cell)
    if column.name == "rescue_code":
        if isinstance(cell, int | float):
            code = code.zfill(6)  # a number has lost its leading zeros
        if not rules.RESCUE_CODE.fullmatch(code):
            raise Unreadable(rules.RESCUE_CODE_RULE)
    elif not rules.REGISTRATION_CODE.fullmatch(code):
        raise Unreadable(rules.REGISTRATION_CODE_RULE)
    return code


def _date(_column: Column, _unit: str, cell: Cell, source: Source) -> date:
    day = values.read_date(cell, source.formats)
    if not rules.FIRST_DAY <= day <= rules.LAST_DAY:
        raise Unreadable("use a day from {first} to {last}", first=str(rules.FIRST_DAY), last=str(rules.LAST_DAY))
    return day


def _whole(_column: Column, _unit: str, cell: Cell, _source: Source) -> int:
    return values.read_whole(cell, ("层", "站", "门", "分钟", "min"))


def _quantity(column: Column, unit: str, cell: Cell, source: Source) -> int:
    return values.read_quantity(cell, column.unit_sizes, source.unit or unit, source.decimal)


def _floors(_column: Column, _unit: str, cell: Cell, _source: Source) -> tuple[int, int | None, int | None]:
    return values.read_floors_stops_doors(cell)


def _degrees(_column: Column, _unit: str, cell: Cell, source: Source) -> float:
    return rules.rounded(values.read_degrees(cell, source.decimal))


def _choice(column: Column, _unit: str, cell: Cell, _source: Source) -> str:
    return values.read_choice(cell, words(column.name), tuple(column.words))


def _pack(_column: Column, _unit: str, cell: Cell, _source: Source) -> str:
    return values.read_choice(cell, {values.folded(name): name for name in pack_ids()}, pack_ids())


def _hours(column: Column, _unit: str, cell: Cell, _source: Source) -> list[Hours]:
    hours = values.read_hours(cell)
    for fault in rules.hours(hours, column.name):
        raise Unreadable(fault.reason)
    return hours


def _words(_column: Column, _unit: str, cell: Cell, _source: Source) -> list[str]:
    found = values.read_words(cell)
    for fault in rules.skills({"skills": found}):
        raise Unreadable(fault.reason)
    return found


def _pairs(_column: Column, _unit: str, cell: Cell, _source: Source) -> dict[str, str]:
    return values.read_pairs(cell)


_READERS: Mapping[str, Callable[[Column, str, Cell, Source], Any]] = {
    "text": _text, "code": _code, "date": _date, "whole": _whole, "quantity": _quantity, "floors": _floors,
    "degrees": _degrees, "choice": _choice, "pack": _pack, "hours": _hours, "words": _words, "pairs": _pairs,
}  # fmt: skip


def _refuse_impossible(column: Column, value: Any, source: Source) -> None:
    """Refuse numbers outside of what is possible at all, or in this register."""
    if column.kind == "floors":
        numbers = [part for part in value if part is not None]
        least, most = rules.LIMITS["floors"]
    elif column.kind in _NUMBER_KINDS:
        numbers = [value]
        globe = {"lat": (-90, 90), "lon": (-180, 180)}
        least, most = rules.LIMITS.get(column.field) or globe[column.field]
    else:
        return
    low = least if source.least is None else max(least, source.least)
    high = most if source.most is None else min(most, source.most)
    if any(not low <= number <= high for number in numbers):
        unit = f" {column.unit}" if column.unit else ""
        raise Unreadable("is not possible: use {least} to {most}", least=_shown(column, low), most=_shown(column, high) + unit)


def _shown(column: Column, number: float) -> str:
    return format((Decimal(str(number)) / column.scale).normalize(), "f")


def write(column: Column, value: Any) -> str | int | float:
    """Return the cell of a value: a number or plain text; empty text for nothing."""
    if value is None or value == "":
        return ""
    kind = column.kind
    if kind == "quantity":
        scaled = Decimal(value) / column.scale
        return int(scaled) if scaled == scaled.to_integral_value() else float(scaled)
    if kind == "whole":
        return int(value)
    if kind == "degrees":
        return rules.rounded(value)
    if kind == "date":
        return str(value.isoformat())
    if kind == "hours":
        return "; ".join(f"{_clock(span.from_s)}-{_clock(span.to_s)}" for span in value)
    if kind == "words":
        return "; ".join(value)
    if kind == "pairs":
        return "\n".join(f"{name}: {reason}" for name, reason in value.items())
    return str(value)


def _clock(seconds: int) -> str:
    text = f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02d}"


def protected(text: str, *, csv: bool) -> str:
    """Return a text that no spreadsheet runs as a formula, and that the import reads back as it was.

    A quotation mark goes in front of what begins like a formula (in a CSV; in an XLSX the cell's type is enough), of what
    would empty a field, and of what begins with such a mark itself.
    """
    if text.startswith("'") or text in CLEAR_MARKS or (csv and text.startswith(_FORMULA_STARTS)):
        return "'" + text
    return text


def protected_source(text: str) -> str:
    """Return a cell of somebody's file so that no spreadsheet runs it, and that the import reads as it read the file's."""
    if not text.startswith(_FORMULA_STARTS) or text in CLEAR_MARKS or _PLAIN_NUMBER.fullmatch(text):
        return text
    return "'" + text


def unprotected(text: str) -> str:
    """Return the text inside `protected`."""
    if text.startswith("'") and (text[1:].startswith(("'", *_FORMULA_STARTS)) or text[1:] in CLEAR_MARKS):
        return text[1:]
    return text


def joined(parts: Sequence[Cell], separator: str) -> Cell:
    """Return several cells as one; a single one keeps its type, empty ones are left out."""
    if len(parts) == 1:
        return parts[0]
    return separator.join(text for part in parts if (text := values.text_of(part)))
