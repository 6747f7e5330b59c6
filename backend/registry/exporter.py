"""Writes the register as a file that the import takes."""

from __future__ import annotations

import asyncio
from typing import Any

from backend import database
from backend.errors import Fault, InvalidInput, NotFound
from backend.registry import bulk_queries, cells, writing
from backend.registry.columns import EXTRA_PREFIX, Column, columns
from backend.registry.importer import last_by_class
from backend.registry.merge import hours_of
from backend.registry.writing import Written
from backend.scope import Scope

LANGUAGES = ("en", "zh")
_JOINED = {
    "firm": "firm_name", "owner": "owner_name", "owner_safety_officer": "safety_officer", "owner_phone": "owner_phone",
    "site_code": "site_code", "site": "site_name", "site_kind": "site_kind", "contract": "contract_number",
    "contract_starts_on": "starts_on", "contract_ends_on": "ends_on",
}  # fmt: skip
"""Column → its name in the row, where it is another than the field's."""


async def export_elevators(scope: Scope, kind: str, *, firm_name: str | None = None, language: str = "en") -> bytes:
    """Return all elevators of the scope as `csv` (UTF-8 with BOM) or `xlsx`; importing it elsewhere gives the same again.

    Parameters
    ----------
    scope
        Whose elevators; somebody without a firm gets those of all firms.
    kind
        `csv` or `xlsx`.
    firm_name
        Only this firm's.
    language
        Of the header, `en` or `zh`; the import takes both.

    Raises
    ------
    NotFound
        If the scope sees no firm of that name.
    """
    writing.check_kind(kind)
    _check_language(language)
    async with database.tx(scope):
        firm = None
        if firm_name is not None:
            firm = next((found for found, name, _zone in await bulk_queries.firms() if name == firm_name.strip()), None)
            if firm is None:
                raise NotFound("there is no firm {firm}", firm=firm_name[:60])
        rows = await bulk_queries.export_rows(firm)
        visits = await bulk_queries.last_visits(None if firm is None else [row["id"] for row in rows])
    return await asyncio.to_thread(_file, rows, visits, kind, language)


def template(kind: str, *, language: str = "en") -> bytes:
    """Return a file with every column of the import and one line of examples, as `csv` or `xlsx`."""
    _check_language(language)
    listed = [column for column in columns() if column.export]
    table: list[list[Written]] = [[_header(column, language) for column in listed], [column.example for column in listed]]
    return writing.file(table, kind, _protect)


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        fault = Fault("headers", language[:20], "use en or zh")
        raise InvalidInput("the header is not written in this language", faults=[fault])


def _protect(text: str, is_csv: bool) -> str:
    return cells.protected(text, csv=is_csv)


def _header(column: Column, language: str) -> str:
    if language == "en":
        return column.name
    return column.zh + {"kg": "(kg)", "m/s": "(m/s)", "m": "(m)"}.get(column.unit, "")


def _file(rows: list[dict[str, Any]], visits: dict[Any, Any], kind: str, language: str) -> bytes:
    listed = [column for column in columns() if column.export]
    extras = sorted({name for row in rows for name in row["extra"]})
    header = [_header(column, language) for column in listed] + [EXTRA_PREFIX + name for name in extras]
    table: list[list[Written]] = [list(header)]
    for row in rows:
        row["access_hours"] = hours_of(row["access_hours"])
        told = last_by_class(visits.get(row["id"], {}))
        line = [cells.write(column, _value(column, row, told)) for column in listed]
        table.append([*line, *(row["extra"].get(name, "") for name in extras)])
    return writing.file(table, kind, _protect)


def _value(column: Column, row: dict[str, Any], told: dict[str, Any]) -> Any:
    if column.table == "told":
        return told.get(column.field)
    if column.name == "contract_owner":
        return row["contract_owner"] if row["contract_owner_differs"] else None
    return row[_JOINED.get(column.name, column.field)]
