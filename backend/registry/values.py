"""Reads one cell of a register: dates, numbers with units, choices, codes; what cannot be read is told with the way out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from backend.registry.views import Hours

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | None
"""What a spreadsheet or CSV can hold."""

EXACT_DIGITS = 15
"""Spreadsheets keep 15 digits of a number; of a longer one the rest has become zeros."""

_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DAYS = range(18_264, 109_575)  # 1950-01-01 .. 2199-12-31: smaller numbers are years or counts
_DATE = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[T ].*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_FEET = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:'|ft\.?|feet)\s*(?:-?\s*(\d{1,2})\s*(?:''|\"|in\.?)?)?|(\d+)-(\d{1,2})", re.IGNORECASE
)
_NUMBER = re.compile(r"([+-]?[\d.,]*\d[\d.,]*)\s*([^\d\s.,+-].*)?")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")

Units: TypeAlias = Mapping[str, Decimal]

LOAD: Units = {
    "kg": Decimal(1), "千克": Decimal(1), "公斤": Decimal(1), "t": Decimal(1000), "吨": Decimal(1000),
    "lb": Decimal("0.45359237"), "lbs": Decimal("0.45359237"), "pounds": Decimal("0.45359237"),
}  # fmt: skip
"""Unit → kilograms."""

SPEED: Units = {
    "m/s": Decimal(1000), "米/秒": Decimal(1000), "米每秒": Decimal(1000), "mm/s": Decimal(1), "cm/s": Decimal(10),
    "m/min": Decimal(1000) / 60, "米/分": Decimal(1000) / 60, "fpm": Decimal("5.08"), "ft/min": Decimal("5.08"),
}  # fmt: skip
"""Unit → millimetres a second; a foot a minute is 5.08 mm/s exactly."""

LENGTH: Units = {
    "m": Decimal(1000), "米": Decimal(1000), "mm": Decimal(1), "毫米": Decimal(1), "cm": Decimal(10), "厘米": Decimal(10),
    "ft": Decimal("304.8"), "feet": Decimal("304.8"), "in": Decimal("25.4"),
}  # fmt: skip
"""Unit → millimetres."""

DECIMALS = ("point", "comma", "either")
"""How a number is written: `1,234.5`, `1.234,5`, or with one mark that always is the decimal one."""


class Unreadable(ValueError):
    """A cell does not hold what its column holds; the message is a template with named places."""

    def __init__(self, template: str, **params: object) -> None:
        super().__init__(template.format(**params) if params else template)
        self.template = template
        self.params = params


def text_of(cell: Cell) -> str:
    """Return a cell as a person sees it, without blanks around it.

    Raises
    ------
    Unreadable
        If a spreadsheet has rounded a long number.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def _number_text(cell: int | float) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and len(str(abs(cell))) > EXACT_DIGITS:
        raise Unreadable("the spreadsheet has rounded this long number: format the column as text and enter it again")
    return str(cell) if isinstance(cell, int) else format(Decimal(repr(cell)), "f")


def shown(cell: Cell) -> str:
    """Return a cell for a message: never refuses, at most 60 characters."""
    try:
        text = text_of(cell)
    except Unreadable:
        text = str(cell)
    return text if len(text) <= 60 else text[:59] + "…"


def plain(text: str) -> str:
    """Return a text with full-width letters, digits and blanks made plain."""
    return unicodedata.normalize("NFKC", text).strip()


def read_code(cell: Cell) -> str:
    """Return a code without blanks.

    Raises
    ------
    Unreadable
        If a spreadsheet has turned it into a number of a shorter form.
    """
    text = "".join(plain(text_of(cell)).split())
    if _SCIENTIFIC.fullmatch(text):
        raise Unreadable("the spreadsheet has shortened this code to a number: format the column as text and enter it again")
    return text


def read_date(cell: Cell, formats: Sequence[str] = ()) -> date:
    """Return a day: ISO, `2026/1/5`, `2026年1月5日`, `20260105`, a spreadsheet's date or day number.

    Parameters
    ----------
    cell
        As given.
    formats
        Further ways of writing it, as for `strptime`; tried first.

    Raises
    ------
    Unreadable
        If it is none; days whose day and month could be taken for each other are not guessed.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = plain(text_of(cell))
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
        if re.fullmatch(r"\d{5,6}(\.\d+)?", text) and int(float(text)) in _EXCEL_DAYS:
            return _EXCEL_EPOCH + timedelta(days=int(float(text)))
    except ValueError as error:
        raise Unreadable("there is no such day in the calendar") from error
    raise Unreadable("write the day as 2026-01-05, 2026/1/5, 2026年1月5日 or 20260105")


def read_year(cell: Cell) -> date:
    """Return the first day of a year."""
    text = plain(text_of(cell)).removesuffix("年")
    if re.fullmatch(r"\d{4}", text) and 1800 <= int(text) <= 2200:
        return date(int(text), 1, 1)
    raise Unreadable("write the year with four digits")


def read_decimal(text: str, decimal: str = "point") -> Decimal:
    """Return a number as it is written in the file.

    Raises
    ------
    Unreadable
        If it is none, or if its marks could be read in two ways.
    """
    if decimal == "either":
        digits = text.replace(",", ".")
    else:
        mark, group = (".", ",") if decimal == "point" else (",", ".")
        whole, _sep, fraction = text.partition(mark)
        if group in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(?:{re.escape(group)}\d{{3}})+", whole):
            raise Unreadable("write the number with a decimal point and without thousands marks")
        digits = whole.replace(group, "") + ("." + fraction if fraction else "")
    try:
        value = Decimal(digits)
    except InvalidOperation as error:
        raise Unreadable("write a number") from error
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
        raise Unreadable("write a number")
    return value


def read_quantity(cell: Cell, units: Units, unit: str, decimal: str = "point") -> int:
    """Return a quantity in its base unit, rounded.

    Parameters
    ----------
    cell
        A number, with or without a unit: `1000`, `1000kg`, `1.75 m/s`, `75'6"`.
    units
        The units that it may have, each with its size in the base unit.
    unit
        The unit of a bare number.
    decimal
        One of `DECIMALS`.

    Raises
    ------
    Unreadable
        If it is no number, or has another unit.
    """
    text = plain(text_of(cell)).replace("’", "'").replace("″", '"').replace("′", "'").replace("”", '"')
    if units is LENGTH and (unit == "ft" or "'" in text) and (feet := _read_feet(text)) is not None:
        return _rounded(feet * units["ft"])
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise Unreadable("write a number, with or without a unit ({units})", units=", ".join(units))
    number, named = found.groups()
    size = units.get(unit) if named is None else units.get(named.strip().casefold().replace(" ", ""))
    if size is None:
        raise Unreadable("the unit {unit} is not known here: use one of {units}", unit=named, units=", ".join(units))
    return _rounded(read_decimal(number, decimal) * size)


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value())


def _read_feet(text: str) -> Decimal | None:
    """Return feet of `75'`, `75'6"`, `75'6` or `75-6`; None for what is written in another way."""
    found = _FEET.fullmatch(text)
    if found is None:
        return None
    feet, inches = found.group(1) or found.group(3), found.group(2) or found.group(4) or "0"
    if int(inches) >= 12:
        raise Unreadable("a foot has twelve inches: correct the part behind the feet")
    return Decimal(feet) + Decimal(inches) / 12


def read_whole(cell: Cell, suffixes: Sequence[str] = ()) -> int:
    """Return a whole number; `18层` with the suffix `层`, and `18.0`, are 18."""
    text = plain(text_of(cell))
    for suffix in suffixes:
        text = text.removesuffix(suffix).strip()
    if re.fullmatch(r"\d{1,9}(?:\.0+)?", text):
        return int(text.partition(".")[0])
    raise Unreadable("write a whole number")


def read_floors_stops_doors(cell: Cell) -> tuple[int, int | None, int | None]:
    """Return floors, stops and doors of `18/18/18`, `18层18站18门` or `18/18`."""
    text = plain(text_of(cell)).replace(" ", "")
    found = re.fullmatch(r"(\d{1,3})层?(?:[/\\|、,-]?(\d{1,3})站?(?:[/\\|、,-]?(\d{1,3})门?)?)?", text)
    if found is None or (text.isdigit() and len(text) > 3):
        raise Unreadable("write floors/stops/doors as 18/18/18")
    floors, stops, doors = (None if part is None else int(part) for part in found.groups())
    assert floors is not None  # noqa: S101 - the first group always matches
    return floors, stops, doors


def read_degrees(cell: Cell, decimal: str = "point") -> float:
    """Return decimal degrees; `121.42°E` is 121.42, west and south are negative."""
    text = plain(text_of(cell)).upper().replace("°", "")
    sign = 1
    if text[-1:] in ("N", "S", "E", "W"):
        sign, text = (-1 if text[-1] in "SW" else 1), text[:-1].strip()
    if not re.fullmatch(r"[+-]?\d{1,3}(?:[.,]\d+)?", text):
        raise Unreadable("write decimal degrees such as 28.676432")
    return sign * float(read_decimal(text, "either" if decimal == "comma" else decimal))


def read_choice(cell: Cell, words: Mapping[str, str], accepted: Sequence[str]) -> str:
    """Return the value that a word stands for.

    Parameters
    ----------
    cell
        The word, in any case and with or without blanks.
    words
        Word, as `folded` gives it, → value.
    accepted
        What a message names.
    """
    word = folded(text_of(cell))
    if word not in words:
        raise Unreadable("use one of {accepted}", accepted=", ".join(accepted))
    return words[word]


def folded(text: str) -> str:
    """Return a word in the form in which words are compared: plain, lower case, no blanks or joining marks."""
    return "".join(c for c in plain(text).casefold() if not c.isspace() and c not in "_-·.:*/\\&、,，;；()[]")


def read_words(cell: Cell) -> list[str]:
    """Return the words of a list: separated by `;`, `,` or `、`."""
    return [word.strip() for word in re.split(r"[;,；，、|]", text_of(cell)) if word.strip()]


def read_hours(cell: Cell) -> list[Hours]:
    """Return spans of a day: `08:00-12:00; 14:00-18:00`."""
    spans = []
    for part in re.split(r"[;,；，、]", plain(text_of(cell))):
        ends = [_CLOCK.fullmatch(end.strip()) for end in re.split(r"[-–~至]", part)]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            raise Unreadable("write hours as 08:00-12:00; 14:00-18:00")
        from_s, to_s = (int(end[1]) * 3600 + int(end[2]) * 60 + int(end[3] or 0) for end in ends if end is not None)
        spans.append(Hours(from_s=from_s, to_s=to_s))
    return spans


def read_pairs(cell: Cell) -> dict[str, str]:
    """Return `A-1-05: no such part; A-1-06: …` as pairs, one a line or separated by `;`."""
    pairs = {}
    for part in re.split(r"[;；\n]", text_of(cell)):
        if not part.strip():
            continue
        name, *reason = re.split("[:：]", part, maxsplit=1)
        if not reason or not reason[0].strip():
            raise Unreadable("write the item and the reason as A-1-05: no such part")
        pairs[plain(name)] = reason[0].strip()
    return pairs
