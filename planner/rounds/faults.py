"""Reading JSON so that all faults of a document are reported together, each with its path, its value and a way out."""

from __future__ import annotations

import datetime
import difflib
import json
import re
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T")

Id = Annotated[str, msgspec.Meta(pattern=r"\S")]
"""The name of a thing; not blank, for sentences and other things call it by it."""

VALUE_SHOWN = 60
"""Characters of a wrong value that a fault quotes; the rest is cut."""
CELLS_SHOWN = 20
"""Faulty cells of one travel matrix that are listed one by one; the rest is counted."""

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts of both contracts have in common: immutable, and no field that is not known."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a document.

    Attributes
    ----------
    path
        Where, as in ``visits[17].windows[0].to_s``; empty for the document as a whole.
    message
        What is wrong, with the value found and the way out.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class FaultyInputError(ValueError):
    """A document that cannot be used.

    Attributes
    ----------
    faults
        All faults found, in the order of the document as far as possible; never empty.
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))

    def __reduce__(self) -> tuple[type[FaultyInputError], tuple[list[Fault]]]:
        return FaultyInputError, (list(self.faults),)


class _Doubled(dict[str, Any]):
    """An object that names a key more than once."""

    keys_doubled: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    names = [name for name, _ in pairs]
    doubled = _Doubled(value)
    doubled.keys_doubled = tuple(name for name in value if names.count(name) > 1)
    return doubled


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number; write a finite number or null")


def parse_json(data: bytes) -> Any:
    """Parse a JSON document.

    Parameters
    ----------
    data
        The file's bytes: UTF-8 without byte order mark.

    Raises
    ------
    FaultyInputError
        If the bytes are not UTF-8 or not JSON, or with every key that an object names twice and every text that is no
        Unicode: such a document has no one meaning, so its fields are not looked at.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        raise FaultyInputError([Fault("", "the file begins with a byte order mark; save it as UTF-8 without BOM")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise FaultyInputError([Fault("", f"the file is not UTF-8 ({found}); save it as UTF-8")]) from None
    doubled: list[_Doubled] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = _object(pairs)
        if isinstance(value, _Doubled):
            doubled.append(value)
        return value

    try:
        value = json.loads(text, object_pairs_hook=collect, parse_constant=_no_constant)
        broken = _text_faults(value, "") if doubled or _SURROGATE.search(text) else []
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FaultyInputError([Fault("", f"the file is not JSON: {error.msg} at {where}")]) from None
    except RecursionError:
        raise FaultyInputError([Fault("", "the file is nested too deeply to be read")]) from None
    except ValueError as error:  # NaN, or an integer of thousands of digits
        raise FaultyInputError([Fault("", f"the file cannot be read: {error}")]) from None
    if broken:
        raise FaultyInputError(broken)
    return value


def _text_faults(value: Any, path: str) -> list[Fault]:
    """Doubled keys and broken Unicode anywhere in a document."""
    found: list[Fault] = []
    if isinstance(value, dict):
        if isinstance(value, _Doubled):
            found += [Fault(joined(path, name), "the key is given more than once; keep one") for name in value.keys_doubled]
        for name, inner in value.items():
            found += _text_faults(name, joined(path, shown(name))) if not _is_unicode(name) else []
            found += _text_faults(inner, joined(path, name))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            found += _text_faults(inner, f"{path}[{i}]")
    elif isinstance(value, str) and not _is_unicode(value):
        found.append(Fault(path, f"is {shown(value)}, half of a surrogate pair; write the whole character"))
    return found


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def joined(path: str, name: str) -> str:
    """Name the path of a field of the object at a path; a name that no terminal can show is quoted."""
    told = name if name.isprintable() else shown(name)
    return f"{path}.{told}" if path else told


def shown(value: Any) -> str:
    """Quote a value as a fault does: JSON in ASCII, cut when long."""
    text = json.dumps(value) if not isinstance(value, (dict, list)) else _kind(value)
    return text if len(text) <= VALUE_SHOWN else text[:VALUE_SHOWN] + "…"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "an integer", float: "a fraction"}
    return "null" if value is None else names[next(kind for kind in names if isinstance(value, kind))]


def convert(value: Any, type_: type[T], name: str) -> T:
    """Make a struct of a JSON value.

    Parameters
    ----------
    value
        What `parse_json` gave.
    type_
        A msgspec struct with `forbid_unknown_fields`.
    name
        What the document is called, for faults that concern all of it.

    Raises
    ------
    FaultyInputError
        With every missing, unknown, ill-typed or out-of-range field.
    """
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        faults = shape_faults(value, type_, name)
        raise FaultyInputError(faults or [Fault(name, str(error))]) from None


def shape_faults(value: Any, type_: Any, name: str) -> list[Fault]:
    """Every missing, unknown, ill-typed or out-of-range field of a JSON value, cells of a matrix summed up."""
    found = _faults(value, inspect.type_info(type_), "")
    whole = [fault if fault.path else Fault(name, fault.message) for fault in found]
    return _condensed(whole)


def _condensed(faults: list[Fault]) -> list[Fault]:
    cells = [fault for fault in faults if re.fullmatch(r"[\w.]+\[\d+\]\[\d+\]", fault.path)]
    if len(cells) <= CELLS_SHOWN:
        return faults
    hidden = set(cells[CELLS_SHOWN:])
    rest = Fault(cells[0].path.partition("[")[0], f"{len(hidden)} more cells have faults of this kind")
    return [fault for fault in faults if fault not in hidden] + [rest]


def _faults(value: Any, node: inspect.Type, path: str) -> list[Fault]:
    if isinstance(node, inspect.UnionType):
        return [] if value is None and node.includes_none else _faults(value, _widest(node), path)
    if isinstance(node, inspect.StructType):
        return _struct_faults(value, node, path)
    if isinstance(node, (inspect.ListType, inspect.VarTupleType)):
        if not isinstance(value, list):
            return [_ill_typed(path, "a list", value)]
        return [fault for i, inner in enumerate(value) for fault in _faults(inner, node.item_type, f"{path}[{i}]")]
    if isinstance(node, inspect.DictType):
        if not isinstance(value, dict):
            return [_ill_typed(path, "an object", value)]
        return [fault for key, inner in value.items() for fault in _faults(inner, node.value_type, joined(path, key))]
    return _scalar_faults(value, node, path)


def _widest(node: inspect.UnionType) -> inspect.Type:
    """Give the kind of value a union is about: the contracts only have "or null" and "integer or fraction"."""
    kinds = [kind for kind in node.types if not isinstance(kind, inspect.NoneType)]
    return next((kind for kind in kinds if isinstance(kind, inspect.FloatType)), kinds[0])


def _struct_faults(value: Any, node: inspect.StructType, path: str) -> list[Fault]:
    if not isinstance(value, dict):
        return [_ill_typed(path, "an object", value)]
    fields = {field.encode_name: field for field in node.fields}
    found = []
    for name in value.keys() - fields.keys():
        near = difflib.get_close_matches(name, fields, n=1)
        way_out = f"did you mean {near[0]}?" if near else "remove it; known are " + ", ".join(fields)
        found.append(Fault(joined(path, name), f"unknown field; {way_out}"))
    found.sort(key=lambda fault: fault.path)
    for name, field in fields.items():
        if name in value:
            found += _faults(value[name], field.type, joined(path, name))
        elif field.required:
            found.append(Fault(joined(path, name), "missing; it must be given"))
    return found


def _ill_typed(path: str, wanted: str, value: Any) -> Fault:
    if isinstance(value, (dict, list)) or value is None:
        return Fault(path, f"must be {wanted}, is {_kind(value)}")
    return Fault(path, f"must be {wanted}, is {shown(value)} ({_kind(value)})")


def _scalar_faults(value: Any, node: inspect.Type, path: str) -> list[Fault]:
    """Find the one fault of a number, text, date or flag, if it has one."""
    if isinstance(node, inspect.LiteralType):
        wanted = " or ".join(shown(option) for option in node.values)
        return [] if value in node.values else [Fault(path, f"must be {wanted}, is {shown(value)}")]
    kinds: dict[type[inspect.Type], tuple[Any, str]] = {
        inspect.IntType: (int, "an integer"),
        inspect.FloatType: ((int, float), "a number"),
        inspect.StrType: (str, "text"),
        inspect.BoolType: (bool, "true or false"),
        inspect.DateType: (str, "a date as text, such as 2026-11-30"),
    }
    kind, wanted = kinds[type(node)]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return [_ill_typed(path, wanted, value)]
    if isinstance(node, (inspect.IntType, inspect.FloatType)):
        return _range_faults(value, node, path)
    if isinstance(node, inspect.StrType) and node.pattern is not None and not re.search(node.pattern, value):
        return [Fault(path, f"must not be blank, is {shown(value)}; give it a name")]
    if isinstance(node, inspect.DateType):
        try:
            msgspec.convert(value, datetime.date)
        except msgspec.ValidationError:
            return [Fault(path, f"must be a day of the calendar written as 2026-11-30, is {shown(value)}")]
    return []


def _range_faults(value: float, node: inspect.IntType | inspect.FloatType, path: str) -> list[Fault]:
    if node.gt is not None and not value > node.gt:
        return [Fault(path, f"must be more than {node.gt:g}, is {shown(value)}")]
    if node.ge is not None and not value >= node.ge:
        return [Fault(path, f"must be {node.ge} or more, is {shown(value)}")]
    if node.le is not None and not value <= node.le:
        return [Fault(path, f"must be {node.le} or less, is {shown(value)}")]
    return []
