"""Writes the register as a file that the import takes."""

from __future__ import annotations

from backend.scope import Scope


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
        If there is no firm of that name.
    """
    raise NotImplementedError


def template(kind: str, *, language: str = "en") -> bytes:
    """Return an empty file with every column of the import and one line of examples, as `csv` or `xlsx`."""
    raise NotImplementedError
