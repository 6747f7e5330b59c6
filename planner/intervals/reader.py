"""A rule pack as people read it: every limit with its numbers and where they come from, and what two versions differ in."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from planner.intervals.pack import Rule, RulePack
from planner.intervals.pack_faults import LINKS, rules_of
from planner.intervals.receipt import Citation
from planner.intervals.wording import cited

_SAID = frozenset(Rule.__struct_fields__)
_SHOWN_APART = frozenset({"rules", "version", *LINKS})


class Number(Struct, frozen=True):
    """A value of a limit, by its name in the pack's file."""

    name: str
    value: str


class Limit(Struct, frozen=True, kw_only=True):
    """One limit of a pack."""

    path: str
    """Where it stands in the file, such as `class_gaps.quarter`."""

    group: str
    """The first part of the path: what kind of limit it is."""

    numbers: tuple[Number, ...]
    cites: Citation


class Change(Struct, frozen=True, kw_only=True):
    """What differs between two versions."""

    path: str
    before: str | None
    """None where it was not there."""

    after: str | None
    """None where it is no more."""


def limits_of(pack: RulePack) -> list[Limit]:
    """Return every limit of a pack in the order of its file; those of its base that it takes over are its own."""
    return [
        Limit(
            path=path,
            group=path.partition(".")[0].partition("[")[0],
            numbers=_numbers(rule, pack, path),
            cites=cited(rule, pack),
        )
        for path, rule in rules_of(pack)
    ]


def _numbers(rule: Rule, pack: RulePack, path: str) -> tuple[Number, ...]:
    values = {name: getattr(rule, name) for name in rule.__struct_fields__ if name not in _SAID}
    if path.startswith("visit.rules."):  # the numbers of a visit stand beside the rules that say where they come from
        values = {path.rpartition(".")[2]: getattr(pack.visit, path.rpartition(".")[2])}
    return tuple(
        Number(name, written(value))
        for name, value in values.items()
        if value not in (None, "", ()) and not next(rules_of(value), None)  # limits inside a limit are told on their own
    )


def written(value: Any) -> str:
    """Write a value of a pack on one line."""
    plain = msgspec.to_builtins(value)
    if isinstance(plain, (list, tuple)):
        return (
            "; ".join(written(one) for one in plain)
            if any(isinstance(one, dict) for one in plain)
            else ", ".join(map(written, plain))
        )
    if isinstance(plain, dict):
        return " ".join(f"{name}={written(one)}" for name, one in plain.items() if one not in (None, "", [], ()))
    return str(plain)


def changes(before: RulePack, after: RulePack) -> list[Change]:
    """Return everything that differs between two packs, by path; their bases are left out."""
    old, new = _flat(before), _flat(after)
    return [
        Change(path=path, before=old.get(path), after=new.get(path))
        for path in [*old, *(path for path in new if path not in old)]
        if old.get(path) != new.get(path)
    ]


def _flat(value: Any, path: str = "") -> dict[str, str]:
    """Return every plain value below a part of a pack by its path; entries of lists that have an id are named by it."""
    found: dict[str, str] = {}
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if path or name not in _SHOWN_APART:
                found |= _flat(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            found |= _flat(inner, f"{path}.{key}")
    elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
        for n, inner in enumerate(value):
            label = getattr(inner, "id", None) or getattr(inner, "key", None) or n
            found |= _flat(inner, f"{path}[{label}]")
    elif value is not None:
        found[path] = written(value)
    return found
