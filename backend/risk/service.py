"""Failure rates as others see them: the list, an elevator's forecast, versions, how good forecasts were, a firm's costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from backend import clock, database, paging
from backend.errors import Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.people.service import audit
from backend.risk import queries
from backend.risk.inside import costs_of, risks_inside
from backend.risk.queries import CostsRow, OverRow
from backend.risk.views import (
    FORECAST_DAYS,
    YEAR_DAYS,
    Calibration,
    CalibrationBin,
    CostsInput,
    CostsView,
    ElevatorRiskView,
    Overview,
    RiskLine,
    RiskPage,
    UntilNextVisit,
    VersionLine,
    VersionView,
)
from backend.scope import Scope
from planner.risk.best_day import best_day, sample_costs
from planner.risk.model import RiskModel

LOOK_BACK_DAYS = 400
"""Past forecasts that are held against what came."""

BINS = 8
MOST_MONEY = 1e9
MOST_VERSIONS = 100
_COST_NAMES = ("visit", "fault", "entrapment", "crew_hour", "preventable_share")


async def risk_list(scope: Scope, text: str | None = None, *, cursor: str | None = None, limit: int = 50) -> RiskPage:
    """Return elevators with their forecast for a year, most expected faults first.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list, or the limit not in 1..1000.
    """
    limit = paging.bounded(limit)
    after = paging.decode(cursor, (float, UUID))
    text = (text or "").strip() or None
    async with database.tx(scope):
        rows = await queries.listed(scope.firm, text, after, limit + 1)
        total = await queries.count_listed(scope.firm, text)
    shown = rows[:limit]
    more = len(rows) > limit
    next_cursor = paging.encode((shown[-1]["faults_per_day"], shown[-1]["elevator"])) if more else None
    return RiskPage(rows=[_line(row) for row in shown], next_cursor=next_cursor, total=total)


async def elevator_risk(scope: Scope, elevator: UUID) -> ElevatorRiskView | None:
    """Return an elevator's forecast; None before the first fit that knows it.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        firm = await queries.firm_of(elevator)
        if firm is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        row = await queries.one(elevator)
        if row is None:
            return None
        stored = await queries.version(firm, row["number"])
        zone = await queries.time_zone(firm)
        assert stored is not None and zone is not None  # noqa: S101, PT018 - the row refers to both
        risks = await risks_inside(firm, [elevator])
        visited = await queries.last_visits(firm, [elevator], zone)
    from planner.risk.forecast import State

    state = msgspec.convert(row["faults_state"], State)
    window = None
    if row["first_day"] is not None:
        first_day = max(row["first_day"], clock.today(zone))  # a day that has passed is no advice
        window = best_day(risks[elevator], visited.get(elevator), first_day, row["last_day"])
    return ElevatorRiskView(
        line=_line(row), version=row["number"], fitted_on=row["fitted_on"], thin=row["thin"], factors=state.factors,
        levels=state.levels, until_next_visit=_until(row, msgspec.convert(stored["model"], RiskModel), zone),
        best_day=window,
    )  # fmt: skip


def _until(row: dict[str, Any], model: RiskModel, zone: str) -> UntilNextVisit | None:
    """Forecast from today to the last day of the due window."""
    from planner.risk.counts import LEVEL
    from planner.risk.forecast import Expected, State, expect

    today = clock.today(zone)
    if row["last_day"] is None or row["last_day"] < today:
        return None
    days = float((row["last_day"] - today).days + 1)
    faults = expect(model.faults, msgspec.convert(row["faults_state"], State), today, days, LEVEL)
    trapped = Expected(days=days, mean=0.0, low=0, high=0, index=1.0)
    if model.entrapments is not None and row["entrapments_state"] is not None:
        trapped = expect(model.entrapments, msgspec.convert(row["entrapments_state"], State), today, days, LEVEL)
    return UntilNextVisit(until=row["last_day"], faults=faults, entrapments=trapped)


def _line(row: dict[str, Any]) -> RiskLine:
    per_year = {
        "faults_per_year": round(row["faults_per_day"] * YEAR_DAYS, 3),
        "entrapments_per_year": round(row["entrapments_per_day"] * YEAR_DAYS, 4),
    }
    names = set(RiskLine.__struct_fields__) - set(per_year)
    return msgspec.convert({name: row[name] for name in names} | per_year, RiskLine)


async def overview(scope: Scope, firm: UUID) -> Overview:
    """Return the state of a firm's model and how good its forecasts were."""
    async with database.tx(scope):
        zone = await queries.time_zone(firm)
        if zone is None:
            raise NotFound("no firm {firm}", firm=firm)
        rows = await queries.over(firm, clock.today(zone) - timedelta(days=LOOK_BACK_DAYS))
        found = await queries.versions(firm, 1)
        newest = await queries.newest_forecast(firm)
    return Overview(
        version=msgspec.convert(found[0], VersionLine) if found else None,
        calibrations=[
            calibration(outcome, chosen)
            for outcome in ("faults", "entrapments")
            if (chosen := [row for row in rows if row.outcome == outcome])
        ],
        due_on=None if newest is None else newest + timedelta(days=FORECAST_DAYS),
    )


def calibration(outcome: str, rows: Sequence[OverRow]) -> Calibration:
    """Hold forecasts against what came; each for the share of its days that was under watch."""
    import numpy as np

    from planner.risk.counts import held_randomised, log_chance

    mean = np.array([row.mean * min(1.0, row.exposure_days / row.days) for row in rows])
    came = np.array([float(row.came) for row in rows])
    index = np.array([row.spread for row in rows])
    held = np.array([row.low <= row.came <= row.high for row in rows])
    rate = came.sum() / max(sum(row.exposure_days for row in rows), 1e-9)
    same = np.array([max(rate, 1e-9) * row.exposure_days for row in rows])
    order = np.argsort(mean, kind="stable")
    parts = [part for part in np.array_split(order, min(BINS, len(rows))) if len(part)]
    return Calibration(
        outcome=outcome, forecasts=len(rows), hindsight=sum(row.hindsight for row in rows), expected=float(mean.sum()),
        came=float(came.sum()), held=float(held.mean()), held_randomised=float(held_randomised(came, mean, index).mean()),
        log_score=float(log_chance(came, mean, index).mean()),
        log_score_of_mean=float(log_chance(came, same, np.full(len(rows), _moment_index(came, same))).mean()),
        bins=[_bin(mean[part], came[part], index[part]) for part in parts],
    )  # fmt: skip


_EIGHT_IN_TEN = 1.2816
"""Standard deviations of a normal distribution that hold 80 %."""


def _bin(mean: Any, came: Any, index: Any) -> CalibrationBin:
    middle = float(mean.mean())
    error = math.sqrt(float((mean + mean**2 / index).sum())) / len(mean)
    return CalibrationBin(
        forecasts=len(mean), expected=middle, came=float(came.mean()), low=max(0.0, middle - _EIGHT_IN_TEN * error),
        high=middle + _EIGHT_IN_TEN * error,
    )  # fmt: skip


def _moment_index(came: Any, mean: Any) -> float:
    """Return the index by moments that suits one rate for all: the comparison is to be no straw man."""
    excess = float(((came - mean) ** 2 - mean).sum())
    return max(0.05, float((mean**2).sum()) / excess) if excess > 0 else 1e6


async def versions(scope: Scope, firm: UUID, limit: int = MOST_VERSIONS) -> list[VersionLine]:
    """Return the fits of a firm's model, newest first."""
    async with database.tx(scope):
        return [msgspec.convert(row, VersionLine) for row in await queries.versions(firm, min(limit, MOST_VERSIONS))]


async def version(scope: Scope, firm: UUID, number: int) -> VersionView:
    """Return a fit with every parameter.

    Raises
    ------
    NotFound
        If the firm has none of this number.
    """
    async with database.tx(scope):
        row = await queries.version(firm, number)
    if row is None:
        raise NotFound("no version {number} of the model", number=number)
    return msgspec.convert(row, VersionView)


async def request_fit(scope: Scope) -> None:
    """Queue a fit of the firm's model."""
    firm = scope.require_firm()
    async with database.tx(scope):
        await enqueue("risk", {"firm": str(firm)}, dedupe_key=f"risk:{firm}")
        await audit(firm, scope.account, "risk.requested", str(firm))


async def costs(scope: Scope, firm: UUID) -> CostsView:
    """Return what a visit, a fault and an entrapment cost a firm."""
    async with database.tx(scope):
        row = await queries.costs(firm)
    found = sample_costs() if row is None else costs_of(row)
    names = (*_COST_NAMES, "usual_gap_days")
    return CostsView(
        own=row is not None, currency=found.currency, valid_from=found.visit.valid_from, note="" if row is None else row.note,
        marks={name: "own" if row and name in _COST_NAMES else getattr(found, name).mark for name in names},
        sources={name: getattr(found, name).source for name in names},
        **{name: getattr(found, name).value for name in names},
    )  # fmt: skip


async def set_costs(scope: Scope, told: CostsInput) -> CostsView:
    """Set a firm's own costs, from today on.

    Raises
    ------
    InvalidInput
        With every number that cannot be one.
    """
    firm = scope.require_firm()
    faults = [
        Fault.of(name, f"{getattr(told, name):g}", "use an amount above 0, at most {most}", most=f"{MOST_MONEY:.0f}")
        for name in _COST_NAMES[:-1]
        if not (math.isfinite(getattr(told, name)) and 0 < getattr(told, name) <= MOST_MONEY)
    ]
    if not 0 < told.preventable_share < 1:
        faults.append(Fault("preventable_share", f"{told.preventable_share:g}", "use a share between 0 and 1, such as 0.3"))
    if not told.currency.strip() or len(told.currency) > 8:
        faults.append(Fault("currency", told.currency[:20], "name the currency, such as CNY"))
    if faults:
        raise InvalidInput("these costs cannot be used", faults=faults)
    async with database.tx(scope):
        zone = await queries.time_zone(firm)
        assert zone is not None  # noqa: S101 - it is the asker's own
        row = CostsRow(
            currency=told.currency.strip(), visit=told.visit, fault=told.fault, entrapment=told.entrapment,
            crew_hour=told.crew_hour, preventable_share=told.preventable_share, valid_from=clock.today(zone),
            note=told.note.strip()[:500], set_at=clock.now(),
        )  # fmt: skip
        await queries.write_costs(firm, row, scope.account)
        await audit(firm, scope.account, "risk.costs_set", str(firm), msgspec.to_builtins(told))
    return await costs(scope, firm)


async def reset_costs(scope: Scope) -> CostsView:
    """Go back to the sample costs."""
    firm = scope.require_firm()
    async with database.tx(scope):
        await queries.delete_costs(firm)
        await audit(firm, scope.account, "risk.costs_reset", str(firm))
    return await costs(scope, firm)
