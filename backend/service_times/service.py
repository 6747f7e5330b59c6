"""Service times: learnt every night from visits whose two scans hold, and read by the rounds."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from backend import clock, database
from backend.scope import SYSTEM, Scope, of_firm
from backend.service_times import queries
from backend.service_times.queries import FactorRow, KindRow, ModelRow, VisitedRow
from backend.service_times.views import FactorView, ServiceTimesView
from planner.intervals.pack import VisitRules
from planner.intervals.rules import FaultyInputError, UnknownPackError, load_pack
from planner.service_times.evidence import Dwell, group_of, usable
from planner.service_times.limits import limits
from planner.service_times.model import EIGHT_IN_TEN, Factor, Model, expected, fit

NIGHT_HOURS = range(1, 5)
"""Local hours in which firms learn, before anybody plans."""

LOOK_BACK_HALF_LIVES = 3
"""Evidence older than so many half-lives weighs less than an eighth and is not read."""

LISTED_ELEVATORS = 20


class Learnt(Struct, frozen=True, kw_only=True):
    """What was learnt, ready to be asked about some elevators."""

    model: Model
    kinds: dict[UUID, KindRow]

    def service_s(self, elevator: UUID, visit: VisitRules, technicians: Iterable[UUID] = ()) -> dict[str, int]:
        """Return the expected seconds of a visit of each class of a pack.

        Parameters
        ----------
        elevator
            One of those that were asked about.
        visit
            The pack's rules; its own times are what the factors multiply.
        technicians
            Who will probably make it; none for the firm's mean.
        """
        kind, people = self.kinds[elevator], sorted(str(each) for each in technicians)
        return {
            name: expected(
                self.model, limits(), elevator=str(elevator), site=str(kind.site), maintenance_class=name,
                group=group_of(kind.equipment_type, kind.stops, limits()), pack_s=pack_s, technicians=people,
            ).mean_s
            for name, pack_s in visit.service_s.items()
        }  # fmt: skip


async def learn_nightly() -> int:
    """Let every firm learn that is in the small hours of its day and has not learnt on that day; return how many did."""
    now, count = clock.now(), 0
    async with database.tx(SYSTEM):
        firms = await queries.firms()
    for firm in firms:
        local = now.astimezone(ZoneInfo(firm.time_zone))
        if local.hour in NIGHT_HOURS and firm.learnt_on != local.date():
            await learn(of_firm(firm.id), firm.id, firm.time_zone)
            count += 1
    return count


async def learn(scope: Scope, firm: UUID, time_zone: str) -> ServiceTimesView:
    """Learn from a firm's visits, in the place of what was learnt before; safe to repeat."""
    since = clock.now() - timedelta(days=LOOK_BACK_HALF_LIVES * limits().half_life_days)
    async with database.tx(scope):
        rows = await queries.visited(firm, since)
    model = await asyncio.to_thread(_fitted, rows, clock.now())
    async with database.tx(scope):
        await queries.replace(firm, _model_row(model, clock.today(time_zone)), _factor_rows(model))
    return await service_times(scope, firm)


async def learnt_inside(firm: UUID, elevators: Iterable[UUID]) -> Learnt | None:
    """Return what was learnt that concerns some elevators, inside the caller's transaction; None before the first night."""
    row = await queries.model(firm)
    if row is None or not row.visits:
        return None
    kinds = {kind.elevator: kind for kind in await queries.kinds(list(elevators))}
    wanted = {str(kind.elevator) for kind in kinds.values()} | {str(kind.site) for kind in kinds.values()}
    return Learnt(model=_model(row, await queries.factors(firm, wanted)), kinds=kinds)


async def service_times(scope: Scope, firm: UUID) -> ServiceTimesView:
    """Return what a firm's visits taught, for people."""
    async with database.tx(scope):
        row = await queries.model(firm)
        if row is None:
            return ServiceTimesView(learnt_on=None)
        model = _model(row, await queries.factors(firm, []))
        strange = await queries.strangest(firm, LISTED_ELEVATORS)
        people = {UUID(name) for name in model.factors.get("technician", {})}
        names = {each.id: each.name for each in await queries.names(people | {UUID(each.name) for each in strange})}
    return ServiceTimesView(
        learnt_on=row.learnt_on, visits=row.visits, left_out=row.left_out,
        overall=math.exp(model.factor("all", "").log) * row.mean_of_rest,
        classes=[_told(name, factor) for name, factor in model.factors.get("maintenance_class", {}).items()],
        groups=[_told(name, factor) for name, factor in model.factors.get("group", {}).items()],
        technicians=sorted(
            (_told_of(UUID(name), names, factor) for name, factor in model.factors.get("technician", {}).items()),
            key=lambda each: each.name,
        ),
        elevators=[_told_of(UUID(each.name), names, Factor(each.log, each.sd, each.visits)) for each in strange],
    )  # fmt: skip


def _fitted(rows: list[VisitedRow], now: datetime) -> Model:
    dwells = [dwell for row in rows if (dwell := _dwell(row, now)) is not None]
    kept, left_out = usable(dwells, limits())
    return fit(kept, limits(), left_out + len(rows) - len(dwells))


def _dwell(row: VisitedRow, now: datetime) -> Dwell | None:
    """Return a visit as evidence; None where its pack has no time for its class."""
    visit = _visit_rules(row.rule_pack, row.arrived_at.date())
    if visit is None or row.maintenance_class not in visit.service_s:
        return None
    people = [row.technician] if row.second_technician is None else [row.technician, row.second_technician]
    return Dwell(
        elevator=str(row.elevator), site=str(row.site), group=group_of(row.equipment_type, row.stops, limits()),
        maintenance_class=row.maintenance_class, technicians=tuple(sorted(str(each) for each in people)),
        pack_s=visit.service_s[row.maintenance_class], dwell_s=round((row.departed_at - row.arrived_at).total_seconds()),
        least_s=visit.minimum_dwell_s, age_days=max(0.0, (now - row.departed_at) / timedelta(days=1)),
    )  # fmt: skip


@lru_cache(maxsize=256)
def _visit_rules(pack: str, on_day: date) -> VisitRules | None:
    try:
        return load_pack(pack, on_day).visit
    except (UnknownPackError, FaultyInputError):
        return None


def _model_row(model: Model, today: date) -> ModelRow:
    return ModelRow(
        learnt_on=today, visits=model.visits, left_out=model.left_out, mean_of_rest=model.mean_of_rest, spread=model.spread
    )


def _factor_rows(model: Model) -> list[FactorRow]:
    return [
        FactorRow(effect=effect, name=name, log=factor.log, sd=factor.sd, visits=factor.visits)
        for effect, factors in model.factors.items()
        for name, factor in factors.items()
    ]


def _model(row: ModelRow, rows: Iterable[FactorRow]) -> Model:
    factors: dict[str, dict[str, Factor]] = {}
    for each in rows:
        factors.setdefault(each.effect, {})[each.name] = Factor(each.log, each.sd, each.visits)
    return Model(
        factors=factors, spread=row.spread, mean_of_rest=row.mean_of_rest, visits=row.visits, left_out=row.left_out
    )  # fmt: skip


def _told(name: str, factor: Factor, id_: UUID | None = None) -> FactorView:
    width = EIGHT_IN_TEN * factor.sd
    return FactorView(
        id=id_, name=name, factor=math.exp(factor.log), from_factor=math.exp(factor.log - width),
        to_factor=math.exp(factor.log + width), visits=factor.visits,
    )  # fmt: skip


def _told_of(id_: UUID, names: Mapping[UUID, str], factor: Factor) -> FactorView:
    return _told(names.get(id_, ""), factor, id_)
