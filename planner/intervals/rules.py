"""Reading rule packs: TOML files in `packs/`, checked as a whole, all faults named.

A pack may name a `base`: it then takes over what it does not set itself (whole limits, never parts of one). The base of an
on-demand pack is also what its elevators fall back to. A pack may instead be `like` another: it is that one,
but for what it sets. A pack may have several dated versions: see `planner.intervals.versions`.
docs/rules.md says how to add or change a pack.
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
from planner.intervals.pack_faults import looser_faults, pack_faults
from planner.intervals.versions import Library, UnknownPackError
from planner.rounds.faults import Fault, FaultyInputError, convert

__all__ = [
    "Condition",
    "DayLimit",
    "FaultyInputError",
    "Library",
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
    "pack_versions",
    "parse_pack",
]

_OWN = ("id", "base", "title_zh", "title_en", "region", "effective_from", "effective_until", "on_demand")
"""What a pack never takes over from its base."""

_NEVER_ALIKE = ("id", "title_zh", "title_en", "region", "effective_from", "effective_until")
_KEYED = ("conditions", "triggers")
"""Lists of on-demand rules, which a pack that is like another takes over key by key."""

_SET_WHEN_READ = ("version", "next")
_NEVER_ON_DEMAND = ("deferral", "programme")
"""What an on-demand pack never takes over: its gap is the filing's, and nothing moves it on."""

_MERGED = (("sources",), ("class_gaps",), ("visit",), ("visit", "rules"), ("visit", "proof"))
"""Tables that are taken over entry by entry; every other value is taken over whole."""


@cache
def _shipped() -> Library:
    folder = resources.files("planner.intervals").joinpath("packs")
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return Library({file.name.removesuffix(".toml"): file.read_text("utf-8") for file in files}, parse_pack)


def pack_ids() -> tuple[str, ...]:
    """Return the ids of all packs, those of China first."""
    return _shipped().ids


def load_pack(pack_id: str, on_day: date | None = None) -> RulePack:
    """Return a rule pack as it holds on a day.

    Parameters
    ----------
    pack_id
        Its id.
    on_day
        The day on which something is judged; None for the newest version there is, also where it is still to come. A day before
        the first version is judged by the first.

    Raises
    ------
    UnknownPackError
        If there is none of this id.
    FaultyInputError
        If its files have faults; all of them are named.
    """
    return _shipped().load(pack_id, on_day)


def pack_versions(pack_id: str) -> tuple[RulePack, ...]:
    """Return what has held and will hold under an id, oldest first: a change of its base is one of its own.

    Raises
    ------
    UnknownPackError, FaultyInputError
        As for `load_pack`.
    """
    return _shipped().versions(pack_id)


def _text(pack_id: str) -> str:
    return _shipped().text(pack_id)


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
    if unknown := [key for key in _SET_WHEN_READ if key in raw]:
        raise FaultyInputError([Fault(key, "unknown field; it is set when the pack is read, remove it") for key in unknown])
    pack = convert(raw, RulePack, name)
    below = None if base_id is None else _base(base_id, text_of)
    if below is not None and pack.on_demand is not None:
        if below.on_demand is not None:
            raise FaultyInputError([Fault("base", f"is {base_id}, which is on demand itself; name a pack of fixed intervals")])
        pack = msgspec.structs.replace(pack, base=below)
    if faults := [*pack_faults(pack, name), *looser_faults(pack, below)]:
        raise FaultyInputError(faults)
    return msgspec.structs.replace(pack, version=pack.effective_from)


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
    raw = _alike(_table(text, name), name, text_of, above)
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


def _alike(raw: dict[str, Any], name: str, text_of: Callable[[str], str], above: tuple[str, ...]) -> dict[str, Any]:
    """Return a pack's table with what it leaves out taken from the pack that it is like."""
    like_id = raw.pop("like", None)
    if like_id is None:
        return raw
    if not isinstance(like_id, str):
        raise FaultyInputError([Fault("like", "must be the id of a pack, as text")])
    if like_id in (*above, name):
        raise FaultyInputError([Fault("like", f"is {like_id}, which is built on this pack; name another")])
    try:
        text = text_of(like_id)
    except LookupError as error:
        raise FaultyInputError([Fault("like", str(error))]) from None
    other = _alike(_table(text, like_id), like_id, text_of, (*above, name))
    return _over(raw, {key: value for key, value in other.items() if key not in _NEVER_ALIKE})


def _over(raw: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = dict(other)
    for key, value in raw.items():
        old = merged.get(key)
        if key == "on_demand" and isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _over(value, old)
        elif key in _KEYED and isinstance(value, list) and isinstance(old, list):
            merged[key] = _by_key(value, old)
        elif isinstance(value, dict) and isinstance(old, dict) and (key,) in _MERGED:
            merged[key] = _taken_over(value, old, (key,))
        else:
            merged[key] = value
    return merged


def _by_key(entries: list[Any], old: list[Any]) -> list[Any]:
    own = {entry.get("key"): entry for entry in entries if isinstance(entry, dict)}
    kept = [own.pop(entry.get("key"), entry) if isinstance(entry, dict) else entry for entry in old]
    return kept + [entry for entry in entries if not isinstance(entry, dict) or entry.get("key") in own]


def _base(base_id: str, text_of: Callable[[str], str]) -> RulePack:
    return parse_pack(text_of(base_id), base_id, text_of)


def _taken_over(raw: dict[str, Any], base: dict[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a pack's table with what it leaves out taken from its base."""
    left = _OWN if "on_demand" not in raw else (*_OWN, *_NEVER_ON_DEMAND)
    merged = {key: value for key, value in base.items() if path or key not in left}
    for key, value in raw.items():
        below = (*path, key)
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _taken_over(value, merged[key], below) if both and below in _MERGED else value
    return merged
