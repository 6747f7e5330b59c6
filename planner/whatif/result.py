"""What a comparison counts, and how the counts of several seeds become a mean with its spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import date

import msgspec

from planner.whatif.co2 import Co2Factor
from planner.whatif.policies import Policy

HOUR_S = 3600


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Sums of one policy and seed; what is not told begins at 0.

    Attributes
    ----------
    elevators, days
        The fleet in use, and the horizon.
    elevator_days, on_demand_days
        Days of elevators, and those on which one was entitled to longer gaps.
    visits, crew_days
        Visits made, and rounds driven.
    on_site_s, driving_s
        Seconds of all technicians: those of a crew of two count twice.
    metres
        Driven by all crews.
    overdue_days, late_visits
        Days that visits came after their last day, open ones at the end included, and visits that did.
    """

    elevators: int = 0
    days: int = 0
    elevator_days: int = 0
    on_demand_days: int = 0
    visits: int = 0
    crew_days: int = 0
    on_site_s: int = 0
    driving_s: int = 0
    metres: int = 0
    overdue_days: int = 0
    late_visits: int = 0

    def more(self, **amounts: int) -> Counted:
        """Return the sums with something added."""
        return msgspec.structs.replace(self, **{name: getattr(self, name) + amount for name, amount in amounts.items()})


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A figure over all seeds: its mean, and the least and most of any seed."""

    mean: float
    least: float
    most: float


class PolicyResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy comes to.

    Attributes
    ----------
    id, policy
        Which.
    on_demand_share
        Part of the elevators' days on which longer gaps counted, 0..1.
    visits, technician_hours, on_site_hours, kilometres, co2_kg, overdue_days, late_visits, crew_days
        Over the whole horizon; technician hours are work on site and driving.
    """

    id: str
    policy: Policy
    on_demand_share: float
    visits: Figure
    technician_hours: Figure
    on_site_hours: Figure
    kilometres: Figure
    co2_kg: Figure
    overdue_days: Figure
    late_visits: Figure
    crew_days: Figure


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Policies side by side: the same elevators, crews, dates and effort."""

    start_date: date
    days: int
    elevators: int
    seeds: int
    co2: Co2Factor
    policies: tuple[PolicyResult, ...]


def result_of(policy: Policy, runs: Sequence[Counted], co2: Co2Factor) -> PolicyResult:
    """Return the figures of a policy from the sums of its seeds."""
    days = sum(run.elevator_days for run in runs)
    return PolicyResult(
        id=policy.id,
        policy=policy,
        on_demand_share=sum(run.on_demand_days for run in runs) / days if days else 0.0,
        visits=_figure([run.visits for run in runs]),
        technician_hours=_figure([(run.on_site_s + run.driving_s) / HOUR_S for run in runs]),
        on_site_hours=_figure([run.on_site_s / HOUR_S for run in runs]),
        kilometres=_figure([run.metres / 1000 for run in runs]),
        co2_kg=_figure([run.metres / 1000 * co2.kg_per_km for run in runs]),
        overdue_days=_figure([run.overdue_days for run in runs]),
        late_visits=_figure([run.late_visits for run in runs]),
        crew_days=_figure([run.crew_days for run in runs]),
    )


def _figure(values: Sequence[float]) -> Figure:
    return Figure(mean=round(statistics.fmean(values), 2), least=round(min(values), 2), most=round(max(values), 2))
