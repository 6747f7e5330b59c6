"""What a visit of each class should leave in an elevator's telemetry, as data (`qr/data/elevator_patterns.toml`)."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Chance = Annotated[float, msgspec.Meta(gt=0, lt=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[int, msgspec.Meta(ge=0)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Immutable, and no field that is not known."""


class Signal(_Part, frozen=True, kw_only=True):
    """A kind of trace and what it is worth."""

    kinds: frozenset[str]
    points: Count
    zh: str
    en: str
    source: str
    repeated: Count | None = None
    repeated_points: Count | None = None

    def worth(self, times: int) -> int:
        """Return the points for having been seen so often."""
        if self.repeated is not None and self.repeated_points is not None and times >= self.repeated:
            return max(self.points, self.repeated_points)
        return self.points if times else 0


class Limits(_Part, frozen=True, kw_only=True):
    """Numbers that hold for all patterns; what each means stands in the file."""

    points_needed: Count
    margin_s: Seconds
    clock_slack_s: Seconds
    most_clock_off_s: Seconds
    least_mode_s: Seconds
    least_covered: Share
    weeks: Count
    least_weeks: Count
    fine_readings: Count
    burstiness: Annotated[float, msgspec.Meta(ge=1)]
    least_day_spread: Annotated[float, msgspec.Meta(gt=0)]
    rare_pause: Chance
    unusual_pause: Chance
    pause_points: Count
    unusual_pause_points: Count
    rare_doors: Chance
    doors_points: Count
    sweep_share: Share
    least_sweep: Count
    sweep_points: Count
    most_wrong: Chance
    as_usual: Chance
    least_trips: Count
    least_trip_s: Annotated[float, msgspec.Meta(gt=0)]
    source: str


class ClassPattern(_Part, frozen=True, kw_only=True):
    """What the work of one class asks for."""

    standstill_s: Seconds
    out_share: Share
    least_s: Seconds


class Pattern(_Part, frozen=True, kw_only=True):
    """What work on one kind of equipment leaves."""

    equipment_types: frozenset[str]
    counters: tuple[str, ...]
    per: Mapping[str, Count]
    doors: bool
    own_trips: Seconds
    source: str
    classes: Mapping[str, ClassPattern]

    def traffic(self, counters: Mapping[str, int]) -> str | None:
        """Return the counter whose growth is traffic, of those that there are."""
        return next((name for name in self.counters if name in counters), None)


class Patterns(_Part, frozen=True, kw_only=True):
    """The whole file."""

    effective_from: date
    mark: Literal["verified", "expert", "design"]
    sources: Mapping[str, str]
    signals: Mapping[str, Signal]
    limits: Limits
    patterns: tuple[Pattern, ...]

    def __post_init__(self) -> None:
        cited = {each.source for each in self.signals.values()} | {each.source for each in self.patterns} | {self.limits.source}
        unknown = sorted(cited - self.sources.keys())
        if unknown:
            raise ValueError(f"sources: {', '.join(unknown)} is cited but not listed")

    def of(self, equipment_type: str, maintenance_class: str) -> tuple[Pattern, ClassPattern] | None:
        """Return the pattern of an equipment type and class; None where there is none."""
        for pattern in self.patterns:
            if equipment_type in pattern.equipment_types and maintenance_class in pattern.classes:
                return pattern, pattern.classes[maintenance_class]
        return None


@cache
def usual_patterns() -> Patterns:
    """Return the patterns that come with this version."""
    text = (Path(__file__).parent / "data" / "elevator_patterns.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Patterns)
