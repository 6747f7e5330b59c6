"""Totals → growth. Pure: what a counter grew by between two readings, and in which hour it counts.

A counter only grows, until its device restarts (it begins at zero again) or it rolls over (it begins at zero again after a
known width). The growth of a counter is therefore a function of the *set* of its readings in the order of their time, and
of nothing else: in whatever order and batches they arrive, the hours come out the same. A reading that arrives between two
others splits the step between them.

A fall looks like a restart, until the old total comes back: then the low readings between were false. They count nothing, and
the growth over them is that of the true readings on either side. See `steps_of`.

The step between two readings counts whole in the hour (UTC) of the later one. Instants are microseconds since the epoch.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from msgspec import Struct

CLOCK_SLACK_S = 3600
"""Seconds that a step may be longer than its two times say: one device stamps an hour's total with its beginning, another
with its end, and both set their clocks."""

RESTART_SLACK_S = 86_400
"""The same for a restart, at which a device's clock is often not set for a while."""

MOST_FALSE = 5
"""Low readings in a row that are taken for false when the former total comes back: a device that is starting shows zero for a
few readings until it has loaded what it kept. One that shows low totals for longer was really set anew."""

CONTEXT = 2 * MOST_FALSE + 2
"""Readings on either side of a new one that decide what it changes: those of a run that it may end or begin, and as many again
that decide about these."""

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_HOURS = 24

SLACK_US = CLOCK_SLACK_S * SECOND_US
_RESTART_SLACK_US = RESTART_SLACK_S * SECOND_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

StepKind = Literal["first", "growth", "restart", "rollover", "set", "jump", "false"]
"""`set` is a fall to a total that cannot have been made since: not to zero, so that nobody knows the growth; it counts
nothing. So does `jump`, a step over an instant at which somebody noted that the counter was replaced, and `false`, the step
to a reading that is false."""


class Step(NamedTuple):
    """How a counter came from one reading to the next."""

    kind: StepKind
    delta: int


FIRST = Step("first", 0)
OVER_A_BASE = Step("jump", 0)
FALSE = Step("false", 0)


class Reading(NamedTuple):
    """One total. Readings compare by their time, and by number where that is the same."""

    at: int
    """Microseconds since the epoch."""

    seq: int
    total: int
    width: int
    """Value at which the counter rolls over."""


class Growth(Struct, array_like=True):
    """What an hour or a day gains (or, split anew, loses) by a batch."""

    delta: int = 0
    readings: int = 0
    restarts: int = 0
    rollovers: int = 0
    jumps: int = 0
    false_lows: int = 0
    """Readings that were false."""

    def add(self, other: Growth) -> None:
        """Add another's growth to this one."""
        self.delta += other.delta
        self.readings += other.readings
        if other.is_odd:
            self.restarts += other.restarts
            self.rollovers += other.rollovers
            self.jumps += other.jumps
            self.false_lows += other.false_lows

    def count(self, step: Step, sign: int = 1) -> None:
        """Count the step to a reading, or (-1) take it back."""
        kind, delta = step
        self.delta += sign * delta
        self.readings += sign
        if kind == "restart":
            self.restarts += sign
        elif kind == "rollover":
            self.rollovers += sign
        elif kind == "jump":
            self.jumps += sign
        elif kind == "false":
            self.false_lows += sign
        elif kind == "set":
            self.restarts += sign
            self.jumps += sign

    @property
    def is_odd(self) -> bool:
        """Whether there is anything but growth."""
        return bool(self.restarts or self.rollovers or self.jumps or self.false_lows)

    @property
    def is_any(self) -> bool:
        """Whether the hour changes."""
        return bool(self.delta or self.readings) or self.is_odd


class ImpossibleStep(NamedTuple):
    """Why a reading does not fit between its neighbours."""

    growth: int

    most: int
    """The largest that is possible in the time between."""

    span_s: float
    before: int
    after: int
    """Totals at the two ends of the step."""


def step_between(
    before: Sequence[int], after: Sequence[int], most_per_hour: int, bases: Sequence[int] = ()
) -> Step | ImpossibleStep:
    """Return the step from one reading to the next; a counter that falls is never impossible, for any can be set anew.

    Parameters
    ----------
    before, after
        Neighbours (`Reading`), in the order of time.
    most_per_hour
        Largest growth of this counter in an hour.
    bases
        Instants, ascending, at which the counter was replaced or set: a step over one counts nothing.
    """
    at, _, total, _ = before
    later, _, next_total, width = after
    if bases and bisect_right(bases, at) < bisect_right(bases, later):
        return OVER_A_BASE
    span = later - at
    most = most_per_hour * (span + SLACK_US)
    growth = next_total - total
    if growth >= 0:
        if growth * HOUR_US <= most:
            return Step("growth", growth)
        return ImpossibleStep(growth, most // HOUR_US, span / SECOND_US, total, next_total)
    over_the_top = growth + width
    if total < width and over_the_top * HOUR_US <= most:
        return Step("rollover", over_the_top)
    if next_total * HOUR_US <= most_per_hour * (span + _RESTART_SLACK_US):
        return Step("restart", next_total)
    return Step("set", 0)


def steps_of(readings: Sequence[Reading], most_per_hour: int, bases: Sequence[int] = ()) -> list[Step | ImpossibleStep]:
    """Return the step to each reading of a track, the first having `FIRST`.

    Where the rise from a low reading is impossible, the low readings before it are false if there are at most `MOST_FALSE` of
    them, they began with a fall, and from the reading before that fall to the one after the rise the growth is possible. The
    step to each false reading counts nothing, and that to the reading after them is the growth over them all. A rise that
    cannot be explained like this stays impossible; of the readings that are stored, none is.
    """
    steps: list[Step | ImpossibleStep] = [FIRST] if readings else []
    steps.extend(step_between(before, after, most_per_hour, bases) for before, after in pairwise(readings))
    rises = [place for place, step in enumerate(steps) if isinstance(step, ImpossibleStep)]
    for place in rises:
        true = _last_true(readings, steps, place, most_per_hour, bases)
        if true is not None:
            steps[true + 1 : place] = [FALSE] * (place - true - 1)
            steps[place] = Step("growth", readings[place].total - readings[true].total)
    return steps


def _last_true(
    readings: Sequence[Reading], steps: Sequence[Step | ImpossibleStep], rise: int, most_per_hour: int, bases: Sequence[int]
) -> int | None:
    """Return the place of the last true reading before a run of false ones that ends with an impossible rise."""
    for fall in range(rise - 1, max(rise - 1 - MOST_FALSE, 0), -1):
        step = steps[fall]
        if isinstance(step, ImpossibleStep) or step.kind in ("first", "jump", "false"):
            return None
        if step.kind in ("restart", "set"):
            over = step_between(readings[fall - 1], readings[rise], most_per_hour, bases)
            if isinstance(over, Step) and over.kind == "growth":
                return fall - 1
    return None


class Track:
    """The readings of one counter of one elevator around those that a batch brings.

    Parameters
    ----------
    known
        Stored readings in order: at least `CONTEXT` before the batch's first, all between its first and its last, and
        `CONTEXT` after its last, as far as there are any.
    most_per_hour
        Largest growth of this counter in an hour.
    bases
        Instants, ascending, over which a step counts nothing.
    begins
        The first reading, stored or new, that it is for.
    """

    def __init__(
        self, known: Sequence[Reading], most_per_hour: int, bases: Sequence[int] = (), begins: Reading | None = None
    ) -> None:
        self.begins = Reading(0, 0, 0, 0) if begins is None else begins
        self._readings = list(known)
        self._known = tuple(known)
        self._most_per_hour = most_per_hour
        self._bases = bases
        self._has_false = any(isinstance(step, ImpossibleStep) for step in self._raw(known))

    def _raw(self, readings: Sequence[Reading]) -> list[Step | ImpossibleStep]:
        return [step_between(a, b, self._most_per_hour, self._bases) for a, b in pairwise(readings)]

    @property
    def last(self) -> Reading | None:
        """The last reading of the track."""
        return self._readings[-1] if self._readings else None

    def fit(self, reading: Reading) -> int | ImpossibleStep:
        """Return the place at which a reading stands, or why it cannot stand there."""
        readings = self._readings
        place = bisect_left(readings, reading)
        beside = [*readings[max(place - 1, 0) : place], reading, *readings[place : place + 1]]
        if not self._has_false and not any(isinstance(step, ImpossibleStep) for step in self._raw(beside)):
            return place
        begin = max(place - CONTEXT, 0)
        left, right = readings[begin:place], readings[place : place + CONTEXT]
        found = self._impossible([*left, reading, *right], len(left))
        if len(found) > len(self._impossible([*left, *right], len(left))):
            return found[0]
        self._has_false = True
        return place

    def _impossible(self, readings: Sequence[Reading], begin: int) -> list[ImpossibleStep]:
        steps = steps_of(readings, self._most_per_hour, self._bases)[begin:]
        return [step for step in steps if isinstance(step, ImpossibleStep)]

    def put(self, reading: Reading, place: int) -> None:
        """Put a reading where `fit` found that it stands, before anything else is put."""
        self._readings.insert(place, reading)

    def changes(self, bases: Sequence[int] | None = None) -> dict[int, Growth]:
        """Return what each hour since the epoch gains by what was put, and by another list of bases if one is given."""
        hours: dict[int, Growth] = {}
        self._count(hours, self._known, self._bases, -1)
        self._count(hours, self._readings, self._bases if bases is None else bases, 1)
        return {hour: growth for hour, growth in hours.items() if growth.is_any}

    def _count(self, hours: dict[int, Growth], readings: Sequence[Reading], bases: Sequence[int], sign: int) -> None:
        for reading, step in zip(readings, steps_of(readings, self._most_per_hour, bases), strict=True):
            if isinstance(step, Step):
                hours.setdefault(reading.at // HOUR_US, Growth()).count(step, sign)
            else:  # only where a base that explained it is gone from view
                hours.setdefault(reading.at // HOUR_US, Growth()).count(OVER_A_BASE, sign)


def by_day(hours: Mapping[int, Mapping[str, Growth]]) -> dict[int, dict[str, Growth]]:
    """Return the sums of days since the epoch (UTC) of what hours since the epoch gain, by counter."""
    days: dict[int, dict[str, Growth]] = {}
    for hour, counters in hours.items():
        day = days.setdefault(hour // DAY_HOURS, {})
        for counter, growth in counters.items():
            total = day.get(counter)
            if total is None:
                day[counter] = copy(growth)
            else:
                total.add(growth)
    return days


def hour_start(hour: int) -> datetime:
    """Return the beginning of an hour since the epoch."""
    return _EPOCH + timedelta(hours=hour)


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour that holds an instant."""
    return at.replace(minute=0, second=0, microsecond=0)
