"""Prices of a plan: what the planner is told to prefer, in seconds of driving. Wishes of ours, not rules of law."""

from __future__ import annotations

from msgspec import Struct

from planner.rounds.problem import Costs
from planner.rounds.travel import Estimate


class Preferences(Struct, frozen=True, kw_only=True):
    """What days and crews are worth; every price is in seconds of driving."""

    early_per_day: int = 60
    """Per day before the last third of the window: an early visit gives days of the interval away, and each costs a part of
    the next visit (an hour's work in 15 days is 240 s a day; driving a detour for it is worth a quarter of that)."""

    last_day: int = 300
    """On the very last day of the window: nothing may go wrong any more."""

    target_per_day: int = 120
    """Per day before or after the day that the levelling chose, in place of `early_per_day`: two days off cost about what a
    detour in town does, so a round may still take a neighbour along, but not undo what was levelled over weeks."""

    risk_share: float = 0.25
    """Of what a day costs by expected faults and visits given away (`planner.risk.best_day`): a quarter, as in `early_per_day`,
    whose place it takes where an elevator's rate of faults is known."""

    risk_most: int = 600
    """Of the same for one day: faults that may come never outweigh a last day that will."""

    overdue_first_day: int = -10_000
    """On the first possible day for what is overdue: an overdue visit is worth more than any other, half of a missed one."""

    overdue_per_day: int = 1_500
    """Per day later than that."""

    overdue_per_day_late: int = -100
    """Per day that it is overdue already, so that the longest overdue come first…"""

    overdue_days_counted: int = 30
    """…up to this many days."""

    defer_most: int = 1_200
    """Price of leaving out a visit whose last day is the first one after the horizon."""

    defer_per_day: int = -120
    """Per day that its last day lies further off…"""

    defer_least: int = 120
    """…down to this: worth it only for a crew that passes by anyway."""

    same_crew: int = -120
    """For the crew that did the last visit, who know the elevator."""

    early_days: int = 3
    """Where nobody works inside a window, so many working days before it are opened instead."""


PREFERENCES = Preferences()

COSTS = Costs(travel_per_s=1, shift_used=0, overtime_per_s=2, missed_mandatory=20_000, change=0)
"""Overtime costs what driving costs twice; missing a legal last day costs five and a half hours of driving."""

TRAVEL = Estimate(speed_kmh=25.0, detour=1.3, stop_s=120)
"""Driving between sites from coordinates: streets are 1.3 times as long as the straight line, 25 km/h in town, two minutes
to park and walk in. An engine of travel times takes the place of this where one is set (`backend.travel`), but for the minutes
to park."""

TODAY_LEAD_S = 900
"""Whoever plans today gives the crews a quarter of an hour."""
