"""Turns a table into rows of our columns: which header is which column, then cell by cell. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.registry import cells, rules, values
from backend.registry.cells import CLEAR, CLEAR_MARKS
from backend.registry.columns import EXTRA_PREFIX, NEEDED, Column, by_name, folded_header, header
from backend.registry.mapping import Mapping, Source
from backend.registry.report import REASON_HEADERS, BadCell, Notes
from backend.registry.sheet import Row, Sheet, has_cell
from backend.registry.values import Cell, Unreadable

_UNNAMED = "column {number}"
_EXTRA_LIMIT = 200

PASSED_OVER = REASON_HEADERS | {""}
"""Headers of columns that say nothing about elevators."""

SAME_CODE = "row {first} has the same code: remove one of the two"


class Place(Struct, frozen=True, kw_only=True):
    """Where in the file the cells of one of our columns stand."""

    column: Column
    positions: tuple[int, ...]
    unit: str
    source: Source
    header: str
    """As the file names it."""


class Layout(Struct, frozen=True, kw_only=True):
    """What the columns of a file mean."""

    places: list[Place]
    extras: list[tuple[int, str]]
    """Position → name in `extra`."""

    mapped: bool
    width: int
    clearing: bool
    """Whether a dash empties a field: in files of our own form."""

    header_of: dict[str, str]
    """Our column → as the file names it."""


class Draft(Struct, frozen=True, kw_only=True):
    """A row that could be read."""

    row: int
    values: dict[str, Any]
    """Our column → value, or `CLEAR`; what is not here stays as it is."""

    extra: dict[str, Any]


def recogniser(mapping: Mapping | None) -> Callable[[Sequence[str]], int]:
    """Return the function that counts the known headers of a row."""
    if mapping is None:
        return lambda cells: len({found.column.name for cell in cells if (found := header(cell)) is not None})
    wanted = {folded_header(name) for source in mapping.columns.values() for name in source.headers}
    return lambda cells: len({folded_header(cell) for cell in cells} & wanted)


def layout(sheet: Sheet, mapping: Mapping | None, notes: Notes) -> Layout:
    """Find out what the columns mean.

    Raises
    ------
    InvalidInput
        If the needed column is missing: names what was found and what is accepted.
    """
    names = [name or _unnamed(sheet, position) for position, name in enumerate(sheet.header)]
    places, extras = _own_places(names, notes) if mapping is None else _mapped_places(names, mapping, notes)
    if not any(place.column.name == NEEDED for place in places):
        raise _no_key(names, mapping)
    return Layout(
        places=places, extras=extras, mapped=mapping is not None, width=len(names), clearing=mapping is None,
        header_of={place.column.name: place.header for place in places},
    )  # fmt: skip


def _unnamed(sheet: Sheet, position: int) -> str:
    """Return a name for a column without a header; none for one without cells, which is passed over."""
    used = any(has_cell(row, position) for row in sheet.rows)
    return _UNNAMED.format(number=position + 1) if used else ""


def _no_key(names: Sequence[str], mapping: Mapping | None) -> InvalidInput:
    column = by_name()[NEEDED]
    accepted = (column.name, column.zh, *column.aliases) if mapping is None else mapping.columns[NEEDED].headers
    found = ", ".join(names)
    found = found if len(found) <= 400 else found[:399] + "…"
    fault = Fault.of(
        NEEDED,
        None,
        "name a column with the registration code: {accepted} (found: {found})",
        accepted=", ".join(accepted),
        found=found,
    )
    return InvalidInput("the file has no column with the registration code", faults=[fault])


def _own_places(names: Sequence[str], notes: Notes) -> tuple[list[Place], list[tuple[int, str]]]:
    best: dict[str, tuple[int, int]] = {}  # column → rank, position
    for position, name in enumerate(names):
        found = None if name.casefold().startswith(EXTRA_PREFIX) else header(name)
        if found is None:
            continue
        before = best.get(found.column.name)
        if before is None or found.rank < before[0]:
            best[found.column.name] = (found.rank, position)
    chosen = {position for _rank, position in best.values()}
    places = [_own_place(names[position], position) for position in sorted(chosen)]
    extras: list[tuple[int, str]] = []
    for position, name in enumerate(names):
        if position in chosen or name in PASSED_OVER:
            continue
        extras.append((position, _extra_name(name, [key for _position, key in extras])))
        if name.casefold().startswith(EXTRA_PREFIX):
            continue
        double = header(name)
        if double is None:
            notes.add(name, "this column is not known: its cells are kept in extra")
        else:
            other = names[best[double.column.name][1]]
            notes.add(name, "{other} is taken instead: the cells of this column are kept in extra", other=other)
    return places, extras


def _own_place(name: str, position: int) -> Place:
    found = header(name)
    assert found is not None  # noqa: S101 - only known headers come here
    return Place(column=found.column, positions=(position,), unit=found.unit, source=Source(), header=name)


def _extra_name(name: str, taken: Sequence[str]) -> str:
    key = name[len(EXTRA_PREFIX) :].strip() if name.casefold().startswith(EXTRA_PREFIX) else name
    key = key or name
    number = 2
    unique = key
    while unique in taken:
        unique, number = f"{key} ({number})", number + 1
    return unique


def _mapped_places(names: Sequence[str], mapping: Mapping, notes: Notes) -> tuple[list[Place], list[tuple[int, str]]]:
    at: dict[str, int] = {}
    for position, name in enumerate(names):
        at.setdefault(folded_header(name), position)
    places: list[Place] = []
    used: set[int] = set()
    for name, source in mapping.columns.items():
        there = [at[folded_header(wanted)] for wanted in source.headers if folded_header(wanted) in at]
        for wanted in source.headers:
            if folded_header(wanted) not in at:
                notes.add(wanted, "the mapping names this column, but the file does not have it")
        if there or source.constant is not None:
            column = by_name()[name]
            shown = " + ".join(names[position] for position in there) or name
            places.append(
                Place(column=column, positions=tuple(there), unit=source.unit or column.unit, source=source, header=shown)
            )
            used.update(there)
    kept, ignored = ({folded_header(name) for name in listed} for listed in (mapping.keep, mapping.ignore))
    extras: list[tuple[int, str]] = []
    for position, name in enumerate(names):
        folded = folded_header(name)
        if name not in PASSED_OVER and folded not in ignored and (position not in used or folded in kept):
            extras.append((position, _extra_name(name, [key for _position, key in extras])))
    return places, extras


def read_rows(sheet: Sheet, plan: Layout, notes: Notes) -> Iterator[Draft | list[BadCell]]:
    """Yield for each row what it says, or everything that is wrong with it."""
    seen: dict[tuple[object, str], int] = {}
    for row in sheet.rows:
        yield _Reader(plan, row, notes).read(seen)


class _Reader:
    """Reads one row."""

    def __init__(self, plan: Layout, row: Row, notes: Notes) -> None:
        self.plan, self.row, self.notes = plan, row, notes
        self.values: dict[str, Any] = {}
        self.extra: dict[str, Any] = {}
        self.bad: list[BadCell] = []

    def read(self, seen: dict[tuple[object, str], int]) -> Draft | list[BadCell]:
        """Return what the row says, or everything that is wrong with it; `seen` has the codes of the rows above."""
        beyond = [cell for cell in self.row.cells[self.plan.width :] if cell not in ("", None)]
        if beyond:
            self._refuse("", beyond[0], "the row has more cells than the header: put text that holds the separator into quotes")
        for position, name in self.plan.extras:
            self._read_extra(position, name)
        for place in self.plan.places:
            self._read_place(place)
        self._expand_floors()
        if self.plan.mapped:
            self._drop_half_positions()
        self._check_code(seen)
        return self.bad or Draft(row=self.row.number, values=self.values, extra=self.extra)

    def _check_code(self, seen: dict[tuple[object, str], int]) -> None:
        column = self.plan.header_of[NEEDED]
        code = self.values.get(NEEDED)
        if code is not None:
            first = seen.setdefault((self.values.get("firm"), code), self.row.number)
            if first != self.row.number:
                self._refuse(column, code, SAME_CODE, first=first)
        elif not any(bad.column == column for bad in self.bad):
            self._refuse(column, None, "the registration code is missing: without it no row is told from another")

    def _cell(self, position: int) -> Cell:
        return self.row.cells[position] if position < len(self.row.cells) else None

    def _read_extra(self, position: int, name: str) -> None:
        cell = self._cell(position)
        try:
            text = values.text_of(cell)
        except Unreadable:
            text = str(cell)  # kept as it is: nobody computes with it
        if not text:
            return
        if self.plan.clearing and text in CLEAR_MARKS:
            self.extra[name] = CLEAR
            return
        text = cells.unprotected(text)
        reason = rules.text_fault("extra", text)
        if reason is not None or len(name) > 100 or len(self.extra) >= _EXTRA_LIMIT:
            self._refuse(name, cell, reason or "this is a column too many or has too long a name: remove it")
        else:
            self.extra[name] = text

    def _read_place(self, place: Place) -> None:
        column, source = place.column, place.source
        try:
            cell = cells.joined([self._cell(position) for position in place.positions], source.separator)
            text = values.text_of(cell) if isinstance(cell, str) or cell is None else "x"
            if self.plan.clearing and text in CLEAR_MARKS:
                self._clear(place, cell)
                return
            if not text or (self.plan.mapped and text in CLEAR_MARKS):
                if source.constant is None:
                    return
                cell = source.constant
                source = Source()
            elif isinstance(cell, str):
                cell = cells.unprotected(text)
            self.values[column.name] = cells.read(column, place.unit, cell, source)
        except Unreadable as problem:
            self._unreadable(place, problem)

    def _clear(self, place: Place, cell: Cell) -> None:
        if place.column.name in ("owner", "contract", "contract_owner") or (
            place.column.table != "told"
            and place.column.kind in cells.EMPTY
            and place.column.name not in (NEEDED, "firm", "site", "site_code")
        ):
            self.values[place.column.name] = CLEAR
        else:
            self._refuse(place.header, cell, "this cannot be emptied: leave the cell empty to keep what is stored")

    def _unreadable(self, place: Place, problem: Unreadable) -> None:
        given = [self._cell(position) for position in place.positions]
        if place.source.unreadable == "refuse":
            self._refuse(
                place.header, cells.joined([values.shown(cell) for cell in given], " "), problem.template, **problem.params
            )
            return
        self.notes.add_unusable(place.header, self.row.number, problem.template, problem.params)
        for position in place.positions:
            name = self.plan_name(position)
            self.extra.setdefault(name, values.shown(self._cell(position)))

    def plan_name(self, position: int) -> str:
        """Return the name of a column of the file."""
        return next(
            (place.header for place in self.plan.places if place.positions == (position,)), _UNNAMED.format(number=position + 1)
        )

    def _expand_floors(self) -> None:
        """Floors, stops and doors in one cell count where they have no columns of their own."""
        together = self.values.pop("floors_stops_doors", None)
        if together is not None:
            for name, number in zip(("floors", "stops", "doors"), together, strict=True):
                if number is not None:
                    self.values.setdefault(name, number)

    def _drop_half_positions(self) -> None:
        """Leave out a position of which one half could not be used."""
        lat, lon = self.values.get("lat"), self.values.get("lon")
        if (lat is None) != (lon is None):
            self.values.pop("lat", None)
            self.values.pop("lon", None)

    def _refuse(self, column: str, cell: Cell, template: str, **params: object) -> None:
        shown = None if cell is None or cell == "" else values.shown(cell)
        self.bad.append(BadCell.of(self.row.number, column, shown, template, **params))
