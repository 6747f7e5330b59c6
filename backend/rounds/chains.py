"""The rule of an elevator's chain of visits: from a planned day to the window and class of the visit after it. Pure."""

from __future__ import annotations

import math
from datetime import date, timedelta

from msgspec import Struct

from backend.rounds.facts import ElevatorFact
from planner.intervals.items import CLASSES
from planner.intervals.pack import RulePack


class ClassRule(Struct, frozen=True, kw_only=True):
    """One maintenance class of an elevator."""

    maintenance_class: str
    service_s: int
    gap_days: int | None
    """Days at most between two visits of it; None for the lowest, which every visit is."""

    due_day: date | None
    """By when it must be done next."""


class ChainRule(Struct, frozen=True, kw_only=True):
    """How an elevator's visits follow each other."""

    opens_days: int
    gap_days: int
    classes: tuple[ClassRule, ...]


def chain_rule(
    pack: RulePack, mode_effective: str, class_days: dict[str, date], elevator: ElevatorFact, gap_days: int | None = None
) -> ChainRule:
    """Return the rule of a chain as the due windows will be computed when each visit has been made.

    Wear, faults and orders may bring a later window forward; what they will say nobody knows yet.

    Parameters
    ----------
    pack
        The elevator's rule pack.
    mode_effective
        Whose gaps count.
    class_days
        Class → by when it must be done next.
    elevator
        How long its visits take.
    gap_days
        Days between two visits that count for this elevator, as its window says; None takes the pack's.
    """
    limits = pack if mode_effective == "on_demand" else pack.fixed
    gap = gap_days or min(limits.visit_gap.surely_days, limits.class_gaps.of(CLASSES[0]).surely_days)
    classes = []
    longest_s = 0
    for name in CLASSES:
        longest_s = max(longest_s, elevator.service_s(pack.visit, name))
        lowest = name == CLASSES[0]
        classes.append(
            ClassRule(
                maintenance_class=name,
                service_s=longest_s,
                gap_days=None if lowest else max(gap, limits.class_gaps.of(name).surely_days),
                due_day=None if lowest else class_days.get(name),
            )
        )
    return ChainRule(opens_days=max(1, math.floor(pack.first_day.share * gap)), gap_days=gap, classes=tuple(classes))


def after(rule: ChainRule, day: date) -> tuple[date, date, str]:
    """Return first day, last day and class of the visit after one on a day, that day's classes being done by it."""
    first, last = day + timedelta(days=rule.opens_days), day + timedelta(days=rule.gap_days)
    following = last + timedelta(days=rule.gap_days)
    ripe_then = day + timedelta(days=rule.gap_days)
    done = max((n for n, each in enumerate(rule.classes) if each.due_day is not None and each.due_day < ripe_then), default=0)
    due = (
        name
        for n, each in enumerate(rule.classes)
        if (name := each.maintenance_class) and n > done and each.due_day is not None and each.due_day < following
    )
    return first, last, max(due, key=CLASSES.index, default=CLASSES[0])
