"""Reading rule packs: TOML files in `packs/`, checked as a whole, all faults named.

A pack may name a `base`: it then takes over what it does not set itself (whole limits, never parts of one). The base of an
on-demand pack is also what its elevators fall back to. docs/rules.md says how to add or change a pack.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from planner.intervals.pack import (
    Condition,
    DayLimit,
    OnDemandRules,
    Rule,
    RulePack,
    Source,
    StopUseCondition,
    Trigger,
    VisitRules,
    WearBudget,
)
from planner.intervals.pack_faults import pack_faults
from planner.rounds.faults import Fault, FaultyInputError, convert

__all__ = [
    "Condition",
    "DayLimit",
    "FaultyInputError",
    "OnDemandRules",
    "Rule",
    "RulePack",
    "Source",
    "StopUseCondition",
    "Trigger",
    "UnknownPackError",
    "VisitRules",
    "WearBudget",
    "load_pack",
    "pack_ids",
    "parse_pack",
]

_OWN = ("id", "base", "title_zh", "title_en", "region", "effective_from", "on_demand")
"""What a pack never takes over from its base."""

_MERGED = (("sources",), ("class_gaps",), ("visit",), ("visit", "rules"))
"""Tables that are taken over entry by entry; every other value is taken over whole."""


class UnknownPackError(LookupError):
    """There is no such rule pack."""

    def __init__(self, pack_id: str) -> None:
        super().__init__(f"no rule pack {pack_id!r}; there are {', '.join(pack_ids())}")
        self.pack_id = pack_id


@cache
def pack_ids() -> tuple[str, ...]:
    """Return the ids of all packs of this version, sorted."""
    folder = resources.files("planner.intervals").joinpath("packs")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


@cache
def load_pack(pack_id: str) -> RulePack:
    """Return a rule pack of this version.

    Raises
    ------
    UnknownPackError
        If there is none of this id.
    FaultyInputError
        If its file has faults; all of them are named.
    """
    return parse_pack(_text(pack_id), pack_id)


def _text(pack_id: str) -> str:
    if pack_id not in pack_ids():
        raise UnknownPackError(pack_id)
    return resources.files("planner.intervals").joinpath("packs", f"{pack_id}.toml").read_text("utf-8")


def parse_pack(text: str, name: str, text_of: Callable[[str], str] = _text) -> RulePack:
    """Read a rule pack.

    Parameters
    ----------
    text
        The TOML file.
    name
        The id that the file must have: its name without `.toml`.
    text_of
        Gives the text of a base by its id.

    Raises
    ------
    FaultyInputError
        With every fault of its shape or, where the shape is right, every fault of its content.
    """
    raw, base_id = _whole(text, name, text_of, ())
    pack = convert(raw, RulePack, name)
    if base_id is not None and pack.on_demand is not None:
        pack = msgspec.structs.replace(pack, base=_fixed_base(base_id, text_of))
    if faults := pack_faults(pack, name):
        raise FaultyInputError(faults)
    return pack


def _table(text: str, name: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FaultyInputError([Fault(name, f"the file is not TOML: {error}")]) from None
    found: dict[str, Any] = _plain(table)
    return found


def _plain(value: Any) -> Any:
    """Write TOML's dates as text, as the checks of shape know them from JSON."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def _whole(text: str, name: str, text_of: Callable[[str], str], above: tuple[str, ...]) -> tuple[dict[str, Any], str | None]:
    """Return a pack's table with what it takes over from its bases, and the id of its base.

    Parameters
    ----------
    text, name, text_of
        As for `parse_pack`.
    above
        The packs that are built on this one.
    """
    raw = _table(text, name)
    base_id = raw.pop("base", None)
    if base_id is None:
        return raw, None
    if not isinstance(base_id, str):
        raise FaultyInputError([Fault("base", "must be the id of a pack, as text")])
    if base_id in (*above, name):
        raise FaultyInputError([Fault("base", f"is {base_id}, which is built on this pack; name another")])
    try:
        base_text = text_of(base_id)
    except LookupError as error:
        raise FaultyInputError([Fault("base", str(error))]) from None
    base, _ = _whole(base_text, base_id, text_of, (*above, name))
    return _taken_over(raw, base), base_id


def _fixed_base(base_id: str, text_of: Callable[[str], str]) -> RulePack:
    base = parse_pack(text_of(base_id), base_id, text_of)
    if base.on_demand is not None:
        raise FaultyInputError([Fault("base", f"is {base_id}, which is on demand itself; name a pack of fixed intervals")])
    return base


def _taken_over(raw: dict[str, Any], base: dict[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a pack's table with what it leaves out taken from its base."""
    merged = {key: value for key, value in base.items() if path or key not in _OWN}
    for key, value in raw.items():
        below = (*path, key)
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _taken_over(value, merged[key], below) if both and below in _MERGED else value
    return merged
