"""The truth of a simulated fleet as data: `truth.toml`, read, checked as a whole, and changed for a study of what matters."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from planner.intervals.items import items_by_code
from planner.rounds.faults import Fault, FaultyInputError, convert
from planner.simulate.fleet import PROFILES

COUNTERS = ("trips", "door_cycles", "run_s", "run_m", "rope_bends", "brake_actuations", "days")
"""What a part can wear in: the counters of telemetry, and days."""

Positive = Annotated[float, Meta(gt=0)]
Weight = Annotated[float, Meta(ge=0)]


class _Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Immutable, and no field that is not known."""


class Origin(_Part, frozen=True, kw_only=True):
    """A text, data or thought that numbers come from."""

    title: Annotated[str, Meta(min_length=1)]


class Number(_Part, frozen=True, kw_only=True):
    """A number with where it comes from."""

    value: Weight
    source: str
    mark: Literal["verified", "expert", "design"]


class Use(_Part, frozen=True, kw_only=True):
    """How much an elevator runs."""

    further_spread: Number
    week_spread: Number
    day_spread: Number
    holiday: dict[str, Weight]


class FleetTruth(_Part, frozen=True, kw_only=True):
    """What elevators there are."""

    kinds: dict[str, Weight]
    oldest_years: Number
    filed_up_to_years: Number
    monitored: Number


class RandomFaults(_Part, frozen=True, kw_only=True):
    """Faults at a constant rate, whatever is done."""

    per_year: Number
    busy_kinds: dict[str, Positive]
    frailty_shape: Number
    kinds: dict[str, Weight]


class Entrapments(_Part, frozen=True, kw_only=True):
    """How many faults trap somebody."""

    share: Number
    by_kind: dict[str, Weight]
    frailty_shape: Number


class VisitTruth(_Part, frozen=True, kw_only=True):
    """What work does to the age of a part."""

    restores: Number
    longer_restores: Number
    repair_restores: Number


class Makers(_Part, frozen=True, kw_only=True):
    """How elevators differ in what they endure."""

    endurance_spread: Number


class WearingPart(_Part, frozen=True, kw_only=True):
    """A part that wears in its own counter."""

    id: str
    component: str
    items: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Items of the checklist that restore it, all of one class."""

    counter: str
    life: Positive
    """Weibull scale, in the counter's unit since the work was last done."""

    shape: Annotated[float, Meta(ge=1)]
    kind: str
    """Kind of event that its failure is."""

    source: str
    mark: Literal["verified", "expert", "design"]

    @property
    def maintenance_class(self) -> str:
        """The lowest class of visit that restores it."""
        return items_by_code()[self.items[0]].period


class MonitorTruth(_Part, frozen=True, kw_only=True):
    """What a monitor does not tell."""

    outages_per_year: Number
    outage_median_h: Number
    outage_log_sd: Number
    held_back: Number
    stuck_per_year: Number
    stuck_median_days: Number
    stuck_log_sd: Number
    stuck_catches_up: Number
    restless: Number
    restarts_per_year: Number
    skewed: Number


class Papers(_Part, frozen=True, kw_only=True):
    """What lapses: a rate a year each, and days until it is in order."""

    insurance_lapses_per_year: Number
    insurance_lapse_days: Number
    inspections_late: Number
    inspection_late_days: Number
    complaints_per_year: Number
    complaint_days: Number
    orders_per_year: Number
    order_days: Number
    major_events_per_year: Number
    major_event_days: Number
    withdrawals_per_year: Number


class Truth(_Part, frozen=True, kw_only=True):
    """Everything that is true of a simulated fleet."""

    sources: dict[str, Origin]
    use: Use
    fleet: FleetTruth
    random_faults: RandomFaults
    entrapments: Entrapments
    visit: VisitTruth
    makers: Makers
    parts: Annotated[tuple[WearingPart, ...], Meta(min_length=1)]
    monitor: MonitorTruth
    papers: Papers


@cache
def usual_truth() -> Truth:
    """Return the truth of this version, `truth.toml`."""
    return parse_truth(resources.files("planner.simulate").joinpath("truth.toml").read_text("utf-8"), "truth.toml")


def parse_truth(text: str, name: str) -> Truth:
    """Read a truth from TOML.

    Raises
    ------
    FaultyInputError
        With every fault: its path, the value and the way out.
    """
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FaultyInputError([Fault(name, f"the file is not TOML: {error}")]) from None
    truth = convert(table, Truth, name)
    if faults := list(_faults(truth)):
        raise FaultyInputError(faults)
    return truth


def with_numbers(truth: Truth, changes: Mapping[str, float]) -> Truth:
    """Return a truth with some numbers changed, for a study of what matters.

    Parameters
    ----------
    truth
        To start from.
    changes
        Path to number, such as ``visit.restores``; ``parts.shape`` and ``parts.life`` multiply those of every part.

    Raises
    ------
    FaultyInputError
        If there is no such number, or if the truth would be none any more.
    """
    table: dict[str, Any] = msgspec.to_builtins(truth)
    faults = [fault for path, value in changes.items() if (fault := _change(table, path, value)) is not None]
    if faults:
        raise FaultyInputError(faults)
    changed = convert(table, Truth, "truth")
    if faults := list(_faults(changed)):
        raise FaultyInputError(faults)
    return changed


def _change(table: dict[str, Any], path: str, value: float) -> Fault | None:
    section, _, name = path.partition(".")
    if section == "parts" and name in ("shape", "life"):
        for part in table["parts"]:
            part[name] = max(1.0, part[name] * value) if name == "shape" else part[name] * value
        return None
    number = table.get(section, {}).get(name) if isinstance(table.get(section), dict) else None
    if not isinstance(number, dict) or "value" not in number:
        return Fault(path, "is no number of the truth; see planner/simulate/truth.toml, or use parts.shape or parts.life")
    number["value"] = value
    return None


def _faults(truth: Truth) -> Iterator[Fault]:
    for path, source in _cited(truth):
        if source not in truth.sources:
            yield Fault(path, f"{source!r} is none of the sources; name one of {', '.join(sorted(truth.sources))}")
    for path, kinds in (("use.holiday", truth.use.holiday), ("fleet.kinds", truth.fleet.kinds)):
        for kind in kinds:
            if kind not in PROFILES:
                yield Fault(f"{path}.{kind}", f"is no kind of building; there are {', '.join(PROFILES)}")
    if missing := sorted(set(truth.fleet.kinds) - set(truth.use.holiday)):
        yield Fault("use.holiday", f"lacks {', '.join(missing)}")
    for path, number in (("visit.restores", truth.visit.restores), ("visit.repair_restores", truth.visit.repair_restores),
                         ("visit.longer_restores", truth.visit.longer_restores), ("fleet.monitored", truth.fleet.monitored),
                         ("entrapments.share", truth.entrapments.share)):  # fmt: skip
        if number.value > 1:
            yield Fault(path, f"is {number.value}; a share is 0 to 1")
    for index, part in enumerate(truth.parts):
        yield from _part_faults(part, f"parts[{index}]")


def _part_faults(part: WearingPart, path: str) -> Iterator[Fault]:
    if part.counter not in COUNTERS:
        yield Fault(f"{path}.counter", f"{part.counter!r} is no counter; use one of {', '.join(COUNTERS)}")
    items = items_by_code()
    for code in part.items:
        if code not in items:
            yield Fault(f"{path}.items", f"{code!r} is no item of the checklists")
    if len({items[code].period for code in part.items if code in items}) > 1:
        yield Fault(f"{path}.items", "are of several classes; name items of one")


def _cited(truth: Truth) -> Iterator[tuple[str, str]]:
    for section in truth.__struct_fields__:
        value = getattr(truth, section)
        for name in getattr(value, "__struct_fields__", ()):
            inner = getattr(value, name)
            if isinstance(inner, Number):
                yield f"{section}.{name}", inner.source
    for index, part in enumerate(truth.parts):
        yield f"parts[{index}]", part.source
