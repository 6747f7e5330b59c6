"""Totals → growth. Pure: what a counter grew by between two readings, and in which hour it counts.

A counter only grows, until its device restarts (it begins at zero again) or it rolls over (it begins at zero again after a
known width). The growth of a counter is therefore a function of the *set* of its readings in the order of their time, and
of nothing else: in whatever order and batches they arrive, the hours come out the same. A reading that arrives between two
others splits the step between them.

The step between two readings counts whole in the hour (UTC) of the later one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal, NamedTuple

from msgspec import Struct

CLOCK_SLACK_S = 3600
"""Seconds that a step may be longer than its two times say: one device stamps an hour's total with its beginning, another
with its end, and both set their clocks."""

RESTART_SLACK_S = 86_400
"""The same for a restart, at which a device's clock is often not set for a while."""

StepKind = Literal["first", "growth", "restart", "rollover", "set", "jump"]
"""`set` is a fall to a total that cannot have been made since: not to zero, so that nobody knows the growth; it counts
nothing. So does `jump`, a step over an instant at which somebody noted that the counter was replaced."""


class Step(NamedTuple):
    """How a counter came from one reading to the next."""

    kind: StepKind
    delta: int


FIRST = Step("first", 0)
OVER_A_BASE = Step("jump", 0)


class Reading(Struct, kw_only=True):
    """One total with the step to it."""

    at: datetime
    """Aware, UTC."""

    seq: int
    """Orders readings of the same instant."""

    total: int
    width: int
    """Value at which the counter rolls over."""

    hour: datetime | None = None
    """That holds it; found when it is needed if None."""

    step: Step = FIRST
    id: int | None = None
    """Of the row, if it is stored."""


class Growth(Struct, kw_only=True):
    """What an hour or a day gains (or, split anew, loses) by a batch."""

    delta: int = 0
    restarts: int = 0
    rollovers: int = 0
    jumps: int = 0
    readings: int = 0

    def add(self, other: Growth) -> None:
        """Add another's growth to this one."""
        self.delta += other.delta
        self.restarts += other.restarts
        self.rollovers += other.rollovers
        self.jumps += other.jumps
        self.readings += other.readings

    @property
    def is_any(self) -> bool:
        """Whether the hour changes."""
        return any((self.delta, self.restarts, self.rollovers, self.jumps, self.readings))


class ImpossibleStep(NamedTuple):
    """Why a reading does not fit between its neighbours."""

    growth: int

    most: int
    """The largest that is possible in the time between."""

    span_s: float
    before: int
    after: int
    """Totals at the two ends of the step."""


def step_between(before: Reading, after: Reading, most_per_hour: int, bases: Sequence[datetime]) -> Step | ImpossibleStep:
    """Return the step from one reading to the next; a counter that falls is never impossible, for any can be set anew.

    Parameters
    ----------
    before, after
        Neighbours, in the order of time.
    most_per_hour
        Largest growth of this counter in an hour.
    bases
        Instants, ascending, at which the counter was replaced or set: a step over one counts nothing.
    """
    if bases and bisect_right(bases, before.at) < bisect_right(bases, after.at):
        return OVER_A_BASE
    span_s = (after.at - before.at).total_seconds()
    most = int(most_per_hour * (span_s + CLOCK_SLACK_S) / 3600)
    growth = after.total - before.total
    if growth >= 0:
        return Step("growth", growth) if growth <= most else ImpossibleStep(growth, most, span_s, before.total, after.total)
    over_the_top = growth + after.width
    if before.total < after.width and over_the_top <= most:
        return Step("rollover", over_the_top)
    most_since_restart = most_per_hour * (span_s + RESTART_SLACK_S) / 3600
    return Step("restart", after.total) if after.total <= most_since_restart else Step("set", 0)


class Placement(NamedTuple):
    """Where a reading stands among the others of its track."""

    place: int
    step: Step
    """To it."""

    step_after: Step | None
    """From it to the next; None where there is none."""


class Track:
    """The readings of one counter of one elevator around those that a batch brings.

    Parameters
    ----------
    known
        Stored readings in the order of (at, seq): at least the last before the batch's first, all between its first and
        its last, and the first after its last.
    most_per_hour
        Largest growth of this counter in an hour.
    bases
        Instants, ascending, over which a step counts nothing.
    """

    def __init__(self, known: Sequence[Reading], most_per_hour: int, bases: Sequence[datetime] = ()) -> None:
        self._readings = list(known)
        self._keys = [(reading.at, reading.seq) for reading in known]
        self._most_per_hour = most_per_hour
        self._bases = bases
        self.hours: dict[datetime, Growth] = {}
        """What each hour gains by the readings that were added."""

        self.added: list[Reading] = []
        self.moved: dict[int, Reading] = {}
        """Stored readings, by id, whose step begins at another reading now."""

    def fit(self, reading: Reading) -> Placement | ImpossibleStep:
        """Return where a reading stands and the steps to and from it, or why it cannot stand there."""
        key = (reading.at, reading.seq)
        keys, readings = self._keys, self._readings
        place = len(keys) if not keys or key > keys[-1] else bisect_left(keys, key)
        step, step_after = FIRST, None
        if place:
            found = step_between(readings[place - 1], reading, self._most_per_hour, self._bases)
            if isinstance(found, ImpossibleStep):
                return found
            step = found
        if place < len(readings):
            found = step_between(reading, readings[place], self._most_per_hour, self._bases)
            if isinstance(found, ImpossibleStep):
                return found
            step_after = found
        return Placement(place, step, step_after)

    def put(self, reading: Reading, placement: Placement) -> None:
        """Put a reading where `fit` found that it stands, before anything else is put."""
        place, reading.step, step_after = placement
        self._keys.insert(place, (reading.at, reading.seq))
        self._readings.insert(place, reading)
        self.added.append(reading)
        self._count(reading, 1)
        if step_after is not None:
            self._move(self._readings[place + 1], step_after)

    def walk_again(self) -> None:
        """Compute the steps between the known readings anew, because a base was noted among them."""
        for before, after in pairwise(self._readings):
            step = step_between(before, after, self._most_per_hour, self._bases)
            if isinstance(step, Step):
                self._move(after, step)

    def _move(self, reading: Reading, step: Step) -> None:
        """Let another step lead to a reading."""
        self._count(reading, -1)
        reading.step = step
        self._count(reading, 1)
        if reading.id is not None:
            self.moved[reading.id] = reading

    def _count(self, reading: Reading, sign: int) -> None:
        hour = reading.hour or hour_of(reading.at)
        growth = self.hours.get(hour)
        if growth is None:
            growth = self.hours[hour] = Growth()
        kind, delta = reading.step
        growth.delta += sign * delta
        growth.readings += sign
        if kind == "restart":
            growth.restarts += sign
        elif kind == "rollover":
            growth.rollovers += sign
        elif kind == "jump":
            growth.jumps += sign
        elif kind == "set":
            growth.restarts += sign
            growth.jumps += sign


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour that holds an instant."""
    return at.replace(minute=0, second=0, microsecond=0)
