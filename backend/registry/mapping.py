"""Mapping files: how the columns of a foreign register become ours. docs/import.md describes the format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from backend.errors import Fault, InvalidInput, NotFound
from backend.registry.columns import by_name, folded_header
from backend.registry.rules import ONE_OF
from backend.registry.values import DECIMALS
from planner.travel.coordinates import Datum

LARGEST_BYTES = 256 * 1024
LEAST_FITTING = 8
"""Headers that a mapping must name before a file is taken for its register."""


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping file; a name that is not known is a mistake."""


class Source(_Part, frozen=True, kw_only=True):
    """Where a column of ours comes from, and how its cells are written."""

    from_: str | tuple[str, ...] = field(name="from", default=())
    """Header in the file, or several whose cells are joined."""

    separator: str = " "
    """Between joined cells; empty ones are left out."""

    constant: str | None = None
    """The same in every row; with `from`, for rows whose cell is empty."""

    unit: str = ""
    """Of bare numbers."""

    decimal: Literal["point", "comma", "either"] = "point"
    whole: bool = False
    """Cells such as `27.0` mean `27`."""

    year: bool = False
    """Cells are years; the first of January is meant."""

    formats: tuple[str, ...] = ()
    """Further ways of writing days, as for `strptime`."""

    values: dict[str, str] = {}
    """Word in the file → our value; other words are read as usual."""

    least: float | None = None
    most: float | None = None
    """Numbers outside are not possible (in the base unit: kg, mm/s, mm, degrees)."""

    unreadable: Literal["refuse", "keep"] = "refuse"
    """What cannot be read, or is not possible, makes the row a bad one; or the cell is kept in `extra` with a note."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Return the headers in the file."""
        return (self.from_,) if isinstance(self.from_, str) else self.from_


class FirmDefaults(_Part, frozen=True, kw_only=True):
    """What a firm is like that the import makes."""

    region: str = "CN-ZJ-TZ"
    time_zone: str = "Asia/Shanghai"
    rescue_phone: str = "96333"


class Mapping(_Part, frozen=True, kw_only=True):
    """How one register is read."""

    title: str
    source: str = ""
    """Who made the register, and where it is found."""

    licence: str = ""
    encoding: str | None = None
    datum: Datum = Datum.WGS84
    """In which system the register's positions are: `wgs84`, `gcj02` (Amap, Tencent), `bd09` (Baidu)."""

    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] | None = None
    columns: dict[str, Source]
    """Our column → where it comes from."""

    keep: tuple[str, ...] = ()
    """Headers whose cells are kept in `extra` although a column of ours takes them."""

    ignore: tuple[str, ...] = ()
    """Headers that are neither taken nor kept."""

    firm: FirmDefaults = FirmDefaults()


@cache
def names() -> tuple[str, ...]:
    """Return the names of the built-in mappings."""
    folder = resources.files("backend.registry.mappings")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def built_in(name: str) -> Mapping:
    """Return a built-in mapping.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    if name not in names():
        raise NotFound("there is no mapping {name}; there are {names}", name=name[:60], names=", ".join(names()))
    return parse(resources.files("backend.registry.mappings").joinpath(f"{name}.toml").read_bytes())


def fitting(header: Sequence[str]) -> str | None:
    """Return the built-in mapping all of whose headers a file has; None where there is none."""
    there = {folded_header(name) for name in header}
    for name in names():
        wanted = {folded_header(named) for source in built_in(name).columns.values() for named in source.headers}
        if len(wanted) >= LEAST_FITTING and wanted <= there:
            return name
    return None


def parse(content: bytes) -> Mapping:
    """Return the mapping that a file describes.

    Raises
    ------
    InvalidInput
        If it is no TOML, or names what is not there; all faults of columns are told at once.
    """
    if len(content) > LARGEST_BYTES:
        raise InvalidInput("the mapping file is larger than {most} KB", most=LARGEST_BYTES // 1024)
    try:
        found = msgspec.toml.decode(content, type=Mapping)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        fault = Fault("mapping", None, str(error)[:300])
        raise InvalidInput("the mapping file cannot be read", faults=[fault]) from error
    faults = _faults(found)
    if faults:
        raise InvalidInput("the mapping file cannot be used", faults=faults)
    return found


def _faults(mapping: Mapping) -> list[Fault]:
    faults: list[Fault] = []
    for name, source in mapping.columns.items():
        path = f"columns.{name}"
        column = by_name().get(name)
        if column is None:
            faults.append(Fault.of(path, name, "there is no such column; there are {names}", names=", ".join(by_name())))
            continue
        if not source.headers and source.constant is None:
            faults.append(Fault(path, None, "say from which header it comes (from), or what it is in every row (constant)"))
        if source.unit and source.unit not in column.unit_sizes:
            faults.append(Fault.of(f"{path}.unit", source.unit, ONE_OF, accepted=", ".join(column.unit_sizes) or "–"))
        nameless = [header for header in source.headers if not folded_header(header)]
        faults += [Fault(f"{path}.from", header, "name a header") for header in nameless]
    if "registration_code" not in mapping.columns:
        faults.append(Fault("columns.registration_code", None, "is needed: it tells the rows apart"))
    return faults


assert set(DECIMALS) == {"point", "comma", "either"}  # noqa: S101 - the two lists are one
