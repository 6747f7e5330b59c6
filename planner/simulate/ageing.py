"""Parts that wear: how old they are in their own counters, when they fail, and what visits and repairs take away.

A part fails at the rate of a Weibull distribution in its counter since it was last restored. Failures are drawn by adding up
that rate until it exceeds the next number of the part's own luck, which is the same under every policy: with the same luck,
a part that is restored earlier fails later. A visit takes a share of the age away (Kijima's second model).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from random import Random

from planner.intervals.items import CLASSES, class_rank
from planner.simulate.known_truth import Truth, VisitTruth, WearingPart
from planner.simulate.lives import Fault, Life, traps

USUAL_MINUTES = {"half_month": 35.0, "quarter": 50.0, "half_year": 65.0, "year": 100.0}
"""Minutes of a visit of each class whose effect is the usual one: 35 before the Ningbo pilot, and what higher classes add."""

LONGER_MINUTES = 25.0
"""Minutes more, as in that pilot, at which a visit has all of a longer one's effect."""

NEVER = 10**9
"""Day of a failure that lies beyond the life."""

_GAPS = {"half_month": 13, "quarter": 85, "half_year": 170, "year": 350}
"""Days between two times that a class was done before a simulation begins: what imperfect work had left by then."""


class _Part:
    """One part of one elevator; ages are in trips, or in days where those wear it."""

    __slots__ = ("age", "at", "left", "life", "luck", "next_day", "part", "rank", "shape", "spent", "uses")

    def __init__(self, part: WearingPart, life: Life, done: int, restores: float, *, breaks: bool) -> None:
        self.part = part
        self.rank = class_rank(part.maintenance_class)
        self.shape = part.shape
        self.uses: tuple[float, ...] | None = None if part.counter == "days" else life.trips
        self.life = part.life * life.endurance / (1.0 if self.uses is None else life.per_trip[part.counter])
        self.luck: Random = life.luck(f"part:{part.id}")
        self.left = self.luck.expovariate(1.0) if breaks else math.inf
        self.spent = 0.0
        self.at = self.used_before(done)
        stretch = self.at - self.used_before(max(0, done - _GAPS[part.maintenance_class]))
        self.age = (1 - restores) / max(restores, 0.05) * stretch
        self.next_day = 0
        self.foresee()

    def used_before(self, day: int) -> float:
        """Return the use before the beginning of a day."""
        return float(day) if self.uses is None else self.uses[day]

    def foresee(self) -> None:
        """Find the day of the next failure, if nothing is done."""
        more = self.life * ((self.age / self.life) ** self.shape + self.left) ** (1 / self.shape) - self.age
        target = self.at + more
        if target == math.inf:
            self.next_day = NEVER
        elif self.uses is None:
            self.next_day = int(target)
        else:
            self.next_day = max(0, bisect_left(self.uses, target) - 1) if target <= self.uses[-1] else NEVER

    def move(self, use: float) -> None:
        """Grow older up to a point of use, which lies before the next failure."""
        older = self.age + max(0.0, use - self.at)
        rate = (older / self.life) ** self.shape - (self.age / self.life) ** self.shape
        self.spent += rate
        self.left = max(0.0, self.left - rate)
        self.age, self.at = older, max(use, self.at)

    def restore(self, use: float, share: float) -> None:
        """Take a share of the age away at a point of use."""
        self.move(use)
        self.age *= 1 - share
        self.foresee()

    def fail(self, share: float) -> None:
        """Fail, and be repaired."""
        failed_at = self.age
        older = self.life * ((failed_at / self.life) ** self.shape + self.left) ** (1 / self.shape)
        self.spent += self.left
        self.at += older - failed_at
        self.age = older * (1 - share)
        self.left = self.luck.expovariate(1.0)
        self.foresee()


class Ageing:
    """All parts of one elevator under one policy."""

    def __init__(self, life: Life, truth: Truth, done: Mapping[str, int], *, breaks: bool = True) -> None:
        """Begin where the work of the past has left off.

        Parameters
        ----------
        life, truth
            The elevator, and what is true.
        done
            Day on which each class was last done, by its name.
        breaks
            False where only what is to be expected is wanted, and nothing fails.
        """
        self._life, self._truth = life, truth
        restores = truth.visit.restores.value
        self._parts = [_Part(part, life, done[part.maintenance_class], restores, breaks=breaks) for part in truth.parts]

    @property
    def next_day(self) -> int:
        """Day of the next failure, if nothing is done."""
        return min(part.next_day for part in self._parts)

    def expected(self) -> float:
        """Return the failures to be expected so far: the rates added up."""
        return sum(part.spent for part in self._parts)

    def fail(self) -> Fault:
        """Let the part that is next fail, and repair it."""
        part = min(self._parts, key=lambda each: each.next_day)
        day = part.next_day
        trapped = traps(part.part.kind, self._life.trapping, self._truth.entrapments, part.luck.random())
        part.fail(self._truth.visit.repair_restores.value)
        return Fault(day, part.part.kind, trapped, part.part.id)

    def visit(self, day: int, maintenance_class: str, minutes: float, pulled: frozenset[str] = frozenset()) -> None:
        """Do the work of a class at the end of a day; every failure up to that day must have been asked for.

        Parameters
        ----------
        day
            Of the visit.
        maintenance_class
            Includes the lower ones.
        minutes
            On site.
        pulled
            Items of higher classes that were done too.
        """
        rank, share = class_rank(maintenance_class), effect(self._truth.visit, maintenance_class, minutes)
        for part in self._parts:
            if part.rank <= rank or not pulled.isdisjoint(part.part.items):
                part.restore(part.used_before(day + 1), share)

    def close(self, day: int) -> None:
        """Add up the rates until the beginning of a day."""
        for part in self._parts:
            part.move(part.used_before(day))


def effect(truth: VisitTruth, maintenance_class: str, minutes: float) -> float:
    """Return the share of a part's age that a visit of a class and of so many minutes takes away."""
    longer = min(1.0, max(0.0, (minutes - USUAL_MINUTES[maintenance_class]) / LONGER_MINUTES))
    return truth.restores.value + (1 - truth.restores.value) * truth.longer_restores.value * longer


def done_before(life: Life, day: int) -> dict[str, int]:
    """Return the day before a day on which each class was last done, at fixed intervals; the higher include the lower."""
    chance = life.luck("done before")
    year = day - chance.randint(10, 330)
    half_year = max(year, day - chance.randint(10, 160))
    quarter = max(half_year, day - chance.randint(5, 80))
    return dict(zip(CLASSES, (max(quarter, day - chance.randint(1, 10)), quarter, half_year, year), strict=True))
