"""Receipts as they are stored: a rule is cited by its id, and its words are put back from the rule pack when read.

A receipt cites some twenty rules; with their words it would be twice as long, ten thousand times over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from planner.intervals.pack import RulePack
from planner.intervals.pack_faults import rules_of
from planner.intervals.receipt import Citation, Receipt
from planner.intervals.wording import cited

_CITES = ("cites", "first_day_cites")


def to_json(receipt: Receipt) -> bytes:
    """Return a receipt as it is stored."""
    return msgspec.json.encode(_short(msgspec.to_builtins(receipt)))


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _citation(inner) if key in _CITES else _short(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(inner) for inner in value]
    return value


def from_json(stored: dict[str, Any], pack: RulePack) -> Receipt | None:
    """Return a stored receipt with the words of its rules.

    Parameters
    ----------
    stored
        What `to_json` gave, as parsed.
    pack
        The elevator's rule pack on the day of the receipt.

    Returns
    -------
    Receipt | None
        None where it was made under another pack, or cites a rule that is no more: it has to be made anew.
    """
    if stored.get("pack") != pack.id:
        return None
    rules = {
        _named(one.id, one.version.isoformat(), rule.id): cited(rule, one)
        for version in _with_later(pack)
        for one in (version, version.fixed)
        for _, rule in rules_of(one)
    }
    try:
        return msgspec.convert(_long(stored, rules), Receipt)
    except (KeyError, msgspec.ValidationError):
        return None


def _citation(cites: dict[str, Any]) -> str:
    return _named(cites["pack"], cites["version"], cites["rule"])


def _named(pack: str, version: str, rule: str) -> str:
    return f"{pack}@{version}#{rule}"


def _with_later(pack: RulePack) -> Iterator[RulePack]:
    """Yield a pack and its versions to come: one that begins inside the window is cited as well."""
    yield pack
    if pack.next is not None:
        yield from _with_later(pack.next)


def _long(value: Any, rules: dict[str, Citation]) -> Any:
    if isinstance(value, dict):
        return {key: rules[inner] if key in _CITES else _long(inner, rules) for key, inner in value.items()}
    if isinstance(value, list):
        return [_long(inner, rules) for inner in value]
    return value
