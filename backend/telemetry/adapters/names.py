"""The names that foreign devices give to counters, gauges and signals, read from `data/names.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache

import msgspec
from msgspec import Struct

from backend.telemetry.adapters.dialect import Target
from backend.telemetry.vocabulary import DATA_DIR, vocabulary

_SEPARATORS = re.compile(r"[\s_\-./:()（）\[\]]+")

PLAIN = frozenset({"codes", "events", "floor", "time", "elevator", "nothing"})
"""Targets that are no counter, gauge or flag."""


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    to: str
    names: list[str]
    times: float = 1


class _Names(Struct, frozen=True, forbid_unknown_fields=True):
    name: list[_Row]


def known_name(key: str) -> Target | None:
    """Return what a name means, however it is spelt; None where no table has it."""
    return _table().get(folded(key))


def folded(key: str) -> str:
    """Return a name without case and separators: `Run_Count` and `runCount` are one."""
    return _SEPARATORS.sub("", key).casefold()


def is_target(to: str) -> bool:
    """Return whether there is such a thing to map a name to."""
    kind, _, name = to.partition(".")
    words = vocabulary()
    if kind in ("counters", "gauges", "flags"):
        known: Mapping[str, Mapping[str, object]] = {
            "counters": words.counters, "gauges": words.gauges, "flags": words.kinds,
        }  # fmt: skip
        return name in known[kind]
    return to in PLAIN


@cache
def _table() -> dict[str, Target]:
    rows = msgspec.convert(tomllib.loads((DATA_DIR / "names.toml").read_text(encoding="utf-8")), _Names).name
    words = vocabulary()
    table = {folded(name): Target(to=f"counters.{name}") for name in words.counters}
    table |= {folded(name): Target(to=f"gauges.{name}") for name in words.gauges}
    for row in rows:
        if not is_target(row.to):
            raise ValueError(f"names.toml maps names to {row.to}, which is none of our tables")
        for name in row.names:
            table[folded(name)] = Target(to=row.to, times=row.times)
    return table
