"""What other rooms ask of the failure rates inside their own transactions: rates for due windows, prices of days for rounds."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import msgspec

from backend.risk import queries
from backend.risk.queries import CostsRow
from backend.rounds.facts import RiskFact
from planner.risk.best_day import Costs, RiskFacts, curve_of, sample_costs, seconds


async def risks_inside(firm: UUID, elevators: Collection[UUID]) -> dict[UUID, RiskFacts]:
    """Return how often elevators are expected to fail, with the firm's costs; nothing before the first night."""
    rows = await queries.rates(firm, elevators)
    if not rows:
        return {}
    row = await queries.costs(firm)
    costs = None if row is None else costs_of(row)
    return {
        each.elevator: RiskFacts(
            faults_per_day=each.faults_per_day, entrapments_per_day=each.entrapments_per_day, thin=each.thin, costs=costs
        )
        for each in rows
    }  # fmt: skip


async def day_risks_inside(firm: UUID, elevators: Collection[UUID], zone: str) -> list[RiskFact]:
    """Return what the days of visits cost by expected faults.

    Elevators without a rate or a completed visit have none, and rates of a firm without a history of its own price nothing.
    """
    risks = await risks_inside(firm, elevators)
    visited = await queries.last_visits(firm, list(risks), zone)
    found = []
    for elevator, risk in sorted(risks.items()):
        costs = risk.costs or sample_costs()
        if elevator in visited and risk.faults_per_day > 0 and not risk.thin:
            curve = curve_of(risk, costs)
            found.append(
                RiskFact(
                    elevator=elevator, last_visit=visited[elevator], best_gap_days=round(curve.best_gap_days, 3),
                    steep_s=round(seconds(curve.steepness, costs), 4),
                )
            )  # fmt: skip
    return found


def costs_of(row: CostsRow) -> Costs:
    """Return a firm's costs as the planner reads them; the usual gap is the sample's."""
    base = sample_costs()

    def own(name: str) -> object:
        sample = getattr(base, name)
        return msgspec.structs.replace(
            sample, value=getattr(row, name), mark="expert", source=row.note, valid_from=row.valid_from
        )

    changed = {name: own(name) for name in ("visit", "fault", "entrapment", "crew_hour", "preventable_share")}
    return msgspec.structs.replace(base, currency=row.currency, **changed)
