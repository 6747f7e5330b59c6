"""Takes snapshots: reads the facts of a firm and horizon inside the caller's transaction."""

from __future__ import annotations

import asyncio
import math
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from backend import clock
from backend.levelling import inside as levelling
from backend.risk.inside import day_risks_inside
from backend.rounds import fact_queries as queries
from backend.rounds.facts import Facts, WindowFact
from backend.rounds.preferences import TODAY_LEAD_S
from backend.rounds.service_times import with_learnt_inside
from backend.rounds.snapshot import Snapshot, take_snapshot
from backend.upkeep import service as upkeep

_STEP_S = 300
"""Today's hours are cut at whole five minutes."""


async def snapshot_inside(firm: UUID, start_date: date, days: int, asked_at: datetime) -> Snapshot:
    """Take a snapshot of what is due and who works.

    Parameters
    ----------
    firm
        Whose.
    start_date, days
        The horizon.
    asked_at
        When the run was asked for: of that day only what was left then is planned. The same instant again, with unchanged
        facts, gives the same snapshot.
    """
    facts = await facts_inside(firm, start_date, days, asked_at)
    return await asyncio.to_thread(take_snapshot, facts)


async def facts_inside(firm: UUID, start_date: date, days: int, asked_at: datetime) -> Facts:
    """Return what a plan, or a levelling, of a horizon depends on, inside the caller's transaction."""
    last = start_date + timedelta(days=days - 1)
    time_zone = await queries.time_zone(firm)
    today = clock.today(time_zone)
    class_days = await upkeep.class_days_inside(firm, last)
    windows = [
        WindowFact(
            elevator=each.elevator, first_day=each.first_day, last_day=each.last_day,
            maintenance_class=each.maintenance_class, reason_en=each.reason_en, reason_zh=each.reason_zh,
            mode_effective=each.mode_effective, gap_days=each.gap_days, class_days=class_days.get(each.elevator, {}),
        )
        for each in await upkeep.windows_inside(firm, last)
    ]  # fmt: skip
    members, last_crews = await queries.members(firm, start_date, last), await queries.last_crews(firm)
    elevators = await queries.elevators(firm, [each.elevator for each in windows])
    return Facts(
        time_zone=time_zone,
        today=today,
        start_date=start_date,
        days=days,
        not_before_s=_not_before_s(asked_at.astimezone(ZoneInfo(time_zone)), start_date),
        elevators=await with_learnt_inside(firm, elevators, start_date, last_crews, members),
        windows=windows,
        orders=await queries.orders(firm, today),
        rounds=await queries.rounds(firm, start_date, last),
        crews=await queries.crews(firm),
        shifts=await queries.shifts(firm),
        members=members,
        absences=await queries.absences(firm, start_date, last),
        last_crews=last_crews,
        special_days=await levelling.days_kept_inside(firm, start_date, last),
        targets=await levelling.targets_inside(firm, start_date, last),
        risks=await day_risks_inside(firm, [each.elevator for each in windows], time_zone),
    )


def _not_before_s(asked_at: datetime, start_date: date) -> int:
    """Return the second of the first day before which nobody can set off; 0 where that day had not begun."""
    if asked_at.date() != start_date:
        return 0
    now_s = asked_at.hour * 3600 + asked_at.minute * 60 + asked_at.second
    return math.ceil((now_s + TODAY_LEAD_S) / _STEP_S) * _STEP_S
