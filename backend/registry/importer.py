"""Reads a register of elevators from a file into the database, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from backend.registry.report import ImportReport
from backend.scope import Scope

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done, how many rows are done, and of how many."""


async def import_elevators(
    scope: Scope,
    data: bytes,
    filename: str,
    *,
    mapping: str | bytes | None = None,
    firm_name: str | None = None,
    encoding: str | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read elevators with their owners, sites and contracts; upsert by firm and registration code.

    Parameters
    ----------
    scope
        A manager writes into their own firm; somebody without a firm into those the file or `firm_name` names.
    data, filename
        CSV (UTF-8, GB 18030; comma, semicolon, tab) or XLSX; the kind is told from the content, the name is for messages.
    mapping
        Name of a built-in mapping, or the content of a mapping file (TOML, see docs/import.md).
    firm_name
        Firm to write into, for somebody without one; made if missing.
    encoding
        Of a CSV that is neither UTF-8 nor GB 18030.
    dry_run
        Check everything, write nothing.
    skip_bad
        Write the good rows although there are bad ones.
    progress
        Told how far it is.

    Raises
    ------
    InvalidInput
        If the file as a whole cannot be used: no table, no needed column, too large. Bad rows are in the report instead.
    """
    raise NotImplementedError


def mapping_names() -> tuple[str, ...]:
    """Return the names of the built-in mappings."""
    raise NotImplementedError
