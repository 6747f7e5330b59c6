"""The nightly fit: history, model, forecasts of each elevator, and what came of forecasts that are over."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from importlib.metadata import version as version_of
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from msgspec import Struct

from backend import clock, database
from backend.locks import Lock
from backend.people.service import audit
from backend.risk import fact_queries, queries
from backend.risk.facts import SHORT_MONTH_DAYS, FirmHistory, fault_kinds, history_inside
from backend.risk.queries import NewForecast, NewRisk
from backend.risk.views import FORECAST_DAYS, YEAR_DAYS
from backend.scope import SYSTEM, of_firm
from planner.risk.fit import counts_of, fit
from planner.risk.fleet import FleetForecast, forecast_fleet
from planner.risk.forecast import Forecasts, forecast_months, states
from planner.risk.history import History, Period, build_history
from planner.risk.model import Outcome, RiskModel

NIGHT_HOURS = range(1, 5)
"""Local hours in which firms are fitted: after their due windows, before anybody plans."""

HINDSIGHT_MONTHS = 3
"""Months that a firm's first fit forecasts afterwards, from what was known before each, so that its quality shows at once."""

KEPT_VERSIONS = 400
"""More than a year of nights."""


class Fitted(Struct, frozen=True, kw_only=True):
    """All that a night writes."""

    model: RiskModel
    risks: list[NewRisk]
    forecasts: list[NewForecast]


async def fit_nightly() -> int:
    """Fit every firm that is in the small hours of its day and was not fitted on that day, and new ones at once."""
    now, count = clock.now(), 0
    async with database.tx(SYSTEM):
        firms = await queries.firms()
    for firm in firms:
        local = now.astimezone(ZoneInfo(firm.time_zone))
        if firm.fitted_on is None or (local.hour in NIGHT_HOURS and firm.fitted_on != local.date()):
            await fit_firm(firm.id)
            count += 1
    return count


async def fit_firm(firm: UUID, account: UUID | None = None) -> int | None:
    """Fit a firm's model as of today and write it as a new version; return its number, None for a firm without elevators.

    Safe to repeat: a repeated fit is one more version with the same parameters.
    """
    async with database.tx(of_firm(firm)):
        zone = await queries.time_zone(firm)
        if zone is None:
            return None
        today = clock.today(zone)
        await fact_queries.close_forecasts(firm, today, zone, fault_kinds())
        told = await history_inside(firm, zone, today)
        newest = await queries.newest_forecast(firm)
    if not told.elevators:
        return None
    fitted = await asyncio.to_thread(_fitted, told, today, newest)
    async with database.tx(of_firm(firm)):
        await queries.lock(firm, Lock.RISK)
        model = fitted.model
        numbers = (model.elevators, model.exposure_days, model.counted_faults, model.counted_entrapments or 0.0)
        number = await queries.write_version(
            uuid4(), firm, today, clock.now(), version_of("liftrounds"), msgspec.json.encode(model), numbers, model.thin
        )
        await queries.replace_risks(firm, number, fitted.risks)
        await queries.insert_forecasts(firm, fitted.forecasts)
        await queries.delete_old_versions(firm, KEPT_VERSIONS)
        await audit(firm, account, "risk.fitted", str(firm), {"version": number, "thin": model.thin})
    return number


def _fitted(told: FirmHistory, today: date, newest: date | None) -> Fitted:
    """Compute a night; pure but for its length."""
    history = history_of(told.periods, today)
    model = msgspec.structs.replace(fit(history), fitted_on=today.isoformat())
    faults, entrapments = states(model, history)
    seen = {name: place for place, name in enumerate(history.elevators)}
    exposure = history.exposure.sum(axis=1)
    counts = {outcome: counts_of(history, outcome).sum(axis=1) for outcome in _OUTCOMES}
    year = {line.elevator: line for line in forecast_fleet(model, history, today, YEAR_DAYS)}
    risks = []
    for place, state in enumerate(faults):
        line = year[state.elevator]
        other = entrapments[place] if entrapments is not None else None
        risks.append(
            _risk(
                told.elevators[state.elevator], line, float(exposure[place]), counts, place, msgspec.json.encode(state),
                msgspec.json.encode(other),
            )
        )  # fmt: skip
    forecasts: list[NewForecast] = []
    if newest is None:
        forecasts += _hindsight(told, history, model, today)
    if newest is None or newest + timedelta(days=FORECAST_DAYS) <= today:
        lines = forecast_fleet(model, history, today, float(FORECAST_DAYS))
        forecasts += [each for line in lines if exposure[seen[line.elevator]] > 0 for each in _forecasts(told, line, today)]
    return Fitted(model=model, risks=risks, forecasts=forecasts)


_OUTCOMES: tuple[Outcome, Outcome] = ("faults", "entrapments")


def history_of(periods: list[Period], today: date) -> History:
    """Return the history of periods; where nobody was under watch for a day, elevators count as seen for a moment.

    The model then is the prior's, and says so.
    """
    if not any(period.exposure_days > 0 for period in periods):
        periods = [msgspec.structs.replace(period, exposure_days=_A_MOMENT) for period in periods]
    last = today - timedelta(days=today.day if today.day <= SHORT_MONTH_DAYS else 1)
    return build_history(periods, until=last)


_A_MOMENT = 1e-6


def _risk(
    elevator: UUID, line: FleetForecast, exposure: float, counts: dict[Outcome, np.ndarray[tuple[int], np.dtype[np.float64]]],
    place: int, faults_state: bytes, entrapments_state: bytes,
) -> NewRisk:  # fmt: skip
    trapped = line.entrapments
    return NewRisk(
        elevator=elevator, exposure_days=round(exposure, 2), faults_seen=int(counts["faults"][place]),
        entrapments_seen=int(counts["entrapments"][place]), faults_state=faults_state, entrapments_state=entrapments_state,
        faults_per_day=line.faults.mean / YEAR_DAYS, entrapments_per_day=trapped.mean / YEAR_DAYS if trapped else 0.0,
        faults_low=line.faults.low, faults_high=line.faults.high, entrapments_low=trapped.low if trapped else 0,
        entrapments_high=trapped.high if trapped else 0, because_en=line.because.en, because_zh=line.because.zh,
    )  # fmt: skip


def _forecasts(told: FirmHistory, line: FleetForecast, today: date) -> list[NewForecast]:
    both = (("faults", line.faults), ("entrapments", line.entrapments))
    return [
        NewForecast(
            elevator=told.elevators[line.elevator], outcome=outcome, from_day=today, days=FORECAST_DAYS, mean=each.mean,
            spread=each.index, low=each.low, high=each.high, hindsight=False, came=None, exposure_days=None,
        )
        for outcome, each in both
        if each is not None
    ]  # fmt: skip


def _hindsight(told: FirmHistory, history: History, model: RiskModel, today: date) -> list[NewForecast]:
    """Forecast the last whole months afterwards, each by groups that were fitted on what came before it."""
    found: list[NewForecast] = []
    whole = [month for month in history.months[1:] if (month + timedelta(days=31)).replace(day=1) <= today]
    for month in whole[-HINDSIGHT_MONTHS:]:
        then = fit(history, month, like=model)
        place = history.month_of(month)
        for outcome, forecast in zip(_OUTCOMES, forecast_months(then, history, month, 1), strict=True):
            if forecast is not None:
                found += _hindsights(told, history, month, place, outcome, forecast)
    return found


def _hindsights(
    told: FirmHistory, history: History, month: date, column: int, outcome: Outcome, forecast: Forecasts
) -> list[NewForecast]:
    days = ((month + timedelta(days=31)).replace(day=1) - month).days
    came, exposure = counts_of(history, outcome)[:, column], history.exposure[:, column]
    return [
        NewForecast(
            elevator=told.elevators[elevator], outcome=outcome, from_day=month, days=days,
            mean=float(forecast.mean[place] * days / exposure[place]), spread=float(forecast.index[place]),
            low=int(forecast.low[place]), high=int(forecast.high[place]), hindsight=True, came=int(came[place]),
            exposure_days=float(exposure[place]),
        )
        for place, elevator in enumerate(history.elevators)
        if exposure[place] >= 1
    ]  # fmt: skip
