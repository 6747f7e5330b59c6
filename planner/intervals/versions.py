"""The history of rule packs: several dated versions under one id, and what held on which day.

A file `cn-fixed-15.toml` is a version, `cn-fixed-15@2027-07-01.toml` another one that holds from that day. A record is judged
by the version of its day; a due window also by a later version that begins before the window ends. Where the base of a pack
changes, what the pack takes over from it changes on the same day.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from planner.intervals.pack import RulePack
from planner.rounds.faults import Fault, FaultyInputError

Parse = Callable[[str, str, Callable[[str], str]], RulePack]
"""Reads a text under an id, with the texts of its bases."""

_DAY = timedelta(days=1)
_FIRST = "cn-"


class UnknownPackError(LookupError):
    """There is no such rule pack."""

    def __init__(self, pack_id: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(f"no rule pack {pack_id!r}; there are {', '.join(known)}")
        self.pack_id = pack_id


class _File(Struct, frozen=True, kw_only=True):
    """A version's text with what its place in the history depends on."""

    name: str
    text: str
    begins: date
    until: date | None
    built_on: tuple[str, ...]
    """Packs whose changes are its own: its base, and what it is like."""


class Library:
    """Rule packs by id, each with its versions.

    Parameters
    ----------
    texts
        TOML by file name without `.toml`.
    parse
        `planner.intervals.rules.parse_pack`.
    """

    def __init__(self, texts: Mapping[str, str], parse: Parse) -> None:
        self._parse = parse
        self._named: dict[str, dict[str, str]] = {}
        for name in sorted(texts):
            self._named.setdefault(name.partition("@")[0], {})[name] = texts[name]
        self.ids = tuple(sorted(self._named, key=lambda name: (not name.startswith(_FIRST), name)))
        """All ids: those of China, for which this system was made, before the others."""

        self._files: dict[str, tuple[_File, ...]] = {}
        self._versions: dict[str, tuple[RulePack, ...]] = {}

    def load(self, pack_id: str, on_day: date | None = None) -> RulePack:
        """Return a pack as it holds on a day: see `planner.intervals.rules.load_pack`."""
        versions = self.versions(pack_id)
        if on_day is None:
            return versions[-1]
        return next((version for version in reversed(versions) if version.version <= on_day), versions[0])

    def versions(self, pack_id: str) -> tuple[RulePack, ...]:
        """Return what held from when on, oldest first, each linked to the next."""
        if pack_id not in self._versions:
            following: RulePack | None = None
            found = []
            for day in reversed(self._changes(pack_id, ())):
                following = self._reading(pack_id, day, following)
                found.append(following)
            self._versions[pack_id] = tuple(reversed(found))
        return self._versions[pack_id]

    def text(self, pack_id: str, on_day: date | None = None) -> str:
        """Return the text of the version that holds on a day, of the newest where no day is named."""
        return self._file(pack_id, on_day).text

    def _reading(self, pack_id: str, day: date, following: RulePack | None) -> RulePack:
        pack = self._parse(self._file(pack_id, day).text, pack_id, lambda base: self.text(base, day))
        base = pack.base
        if base is not None:
            begun = [change for change in self._changes(base.id, ()) if change <= day]
            base = msgspec.structs.replace(base, version=max(begun, default=base.version))
        return msgspec.structs.replace(pack, base=base, version=day, next=following)

    def _file(self, pack_id: str, on_day: date | None) -> _File:
        files = self._of(pack_id)
        if on_day is None:
            return files[-1]
        return next((file for file in reversed(files) if file.begins <= on_day), files[0])

    def _changes(self, pack_id: str, above: tuple[str, ...]) -> list[date]:
        """Return the days on which a pack begins, changes by itself or by its base, or ends without a later version."""
        files = self._of(pack_id)
        days = {file.begins for file in files}
        for n, file in enumerate(files):
            ends = files[n + 1].begins if n + 1 < len(files) else date.max
            for other in file.built_on:
                if other in self._named and other not in (*above, pack_id):
                    later = self._changes(other, (*above, pack_id))[1:]
                    days |= {day for day in later if file.begins < day < ends}
            if file.until is not None and file.until < date.max and file.until + _DAY < ends:
                days.add(file.until + _DAY)
        return sorted(days)

    def _of(self, pack_id: str) -> tuple[_File, ...]:
        if pack_id not in self._named:
            raise UnknownPackError(pack_id, self.ids)
        if pack_id not in self._files:
            named = self._named[pack_id]
            files = sorted((_head(name, text) for name, text in named.items()), key=lambda file: (file.begins, file.name))
            if faults := [*_name_faults(files), *_overlaps(files)]:
                raise FaultyInputError(faults)
            self._files[pack_id] = tuple(files)
        return self._files[pack_id]


def _head(name: str, text: str) -> _File:
    """Read what a version's place in the history depends on; what is wrong with the rest is said when it is parsed."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        table = {}
    built_on = tuple(value for key in ("base", "like") if isinstance(value := table.get(key), str))
    begins, until = _day_in(table, "effective_from"), _day_in(table, "effective_until")
    return _File(name=name, text=text, begins=begins or date.min, until=until, built_on=built_on)


def _day_in(table: dict[str, Any], key: str) -> date | None:
    value = table.get(key)
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _name_faults(files: list[_File]) -> list[Fault]:
    """Files whose name says another day than they do: a history must be read off the names."""
    return [
        Fault(f"{file.name}.effective_from", f"is {file.begins}; the file says {said}: give both the same day")
        for file in files
        if "@" in file.name and (said := file.name.partition("@")[2]) != file.begins.isoformat()
    ]


def _overlaps(files: list[_File]) -> list[Fault]:
    found = [
        Fault(f"{file.name}.effective_until", f"is {file.until}, before effective_from {file.begins}")
        for file in files
        if file.until is not None and file.until < file.begins
    ]
    for earlier, later in itertools.pairwise(files):
        if earlier.begins == later.begins:
            found.append(
                Fault(f"{later.name}.effective_from", f"is {later.begins}, as that of {earlier.name}: one of the two can hold")
            )
        elif earlier.until is not None and earlier.until >= later.begins:
            found.append(
                Fault(
                    f"{earlier.name}.effective_until",
                    f"is {earlier.until}, but {later.name} holds from {later.begins}: end it by the day before",
                )
            )
    return found
