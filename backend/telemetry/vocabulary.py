"""The words of telemetry: which counters, gauges and events there are, read from the tables in `data/`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

DATA_DIR = Path(__file__).parent / "data"

UNKNOWN = "unknown"
OWN_SCHEME = "liftrounds"

CLOSE = ":close"
"""Behind the code of a fault, an alarm or an entrapment: it ended at the event's time."""

T = TypeVar("T")


class Counter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A total that only grows, until it restarts or rolls over."""

    zh: str
    en: str
    unit: str
    most_per_hour: int
    """Largest growth that any elevator can make in an hour, in `unit`."""

    bound: str
    """Why no elevator makes more."""

    width: int
    """Value at which it rolls over to zero where a device declares no other."""


class Gauge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A value at one time."""

    zh: str
    en: str
    unit: str
    least: float
    most: float
    """Limits of what can be measured, both included."""

    moves: bool = False
    """Whether it never stands still to the last digit for days, so that one that does is broken."""


class Kind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an event means."""

    zh: str
    en: str
    category: str
    windows: bool
    """Whether it may move a due window."""


class Vocabulary(Struct, frozen=True, kw_only=True):
    """All tables together."""

    counters: dict[str, Counter]
    gauges: dict[str, Gauge]
    kinds: dict[str, Kind]
    codes: dict[str, str]
    """Raw code with its scheme, such as `gbt24476:43` → kind."""

    schemes: tuple[str, ...] = ()
    """Tables of codes."""

    patterns: tuple[tuple[str, str], ...] = ()
    """Beginning of a raw code → kind, the longest first, for codes without a line of their own."""

    def kind_of(self, raw_code: str) -> str:
        """Return what an event's code means, `unknown` where no table has it.

        The end of something, told by its code with `CLOSE` behind it, has a kind of its own.
        """
        found = self.codes.get(raw_code)
        if found is not None:
            return found
        if raw_code.endswith(CLOSE):
            return _closing(self.kinds, self.kind_of(raw_code.removesuffix(CLOSE)))
        return next((kind for begins, kind in self.patterns if raw_code.startswith(begins)), UNKNOWN)


def _closing(kinds: dict[str, Kind], opened: str) -> str:
    """Return the kind of the end of something."""
    if opened in (UNKNOWN, "entrapment", "monitor_fault"):
        return {"entrapment": "entrapment_released", "monitor_fault": "monitor_fault_closed"}.get(opened, UNKNOWN)
    return {"alarm": "alarm_closed", "mode": "mode_closed"}.get(kinds[opened].category, "fault_closed")


class _Events(Struct, frozen=True, forbid_unknown_fields=True):
    kinds: dict[str, Kind]
    schemes: dict[str, dict[str, str]]


@cache
def vocabulary() -> Vocabulary:
    """Return the tables of this version, read once.

    Raises
    ------
    ValueError
        If a scheme maps a code to a kind that is not in the table of kinds.
    """
    events = _read("events.toml", _Events)
    codes = {f"{scheme}:{code}": kind for scheme, table in events.schemes.items() for code, kind in table.items()}
    codes |= {f"{OWN_SCHEME}:{kind}": kind for kind in events.kinds}
    strange = sorted({kind for kind in codes.values() if kind not in events.kinds})
    if strange:
        raise ValueError(f"events.toml maps codes to kinds it does not have: {', '.join(strange)}")
    return Vocabulary(
        counters=_read("counters.toml", dict[str, Counter]),
        gauges=_read("gauges.toml", dict[str, Gauge]),
        kinds=events.kinds,
        codes={code: kind for code, kind in codes.items() if not code.endswith("*")},
        schemes=tuple(events.schemes),
        patterns=tuple(sorted(((code[:-1], kind) for code, kind in codes.items() if code.endswith("*")), key=_longest)),
    )


def _longest(pattern: tuple[str, str]) -> tuple[int, str]:
    return -len(pattern[0]), pattern[0]


def _read(name: str, kind: type[T]) -> T:
    return msgspec.convert(tomllib.loads((DATA_DIR / name).read_text(encoding="utf-8")), kind)
