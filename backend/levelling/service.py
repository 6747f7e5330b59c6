"""Levelling as others see it: ask for one, look at it, stop it; calendars; target days."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from backend import clock, database, paging
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.levelling import queries
from backend.levelling.calendar_service import calendar, choose_calendar, firm_inside, upload_calendar
from backend.levelling.execution import execute_levelling
from backend.levelling.queries import FirmRow, LevellingRow
from backend.levelling.views import (
    CrewShare,
    LevellingAnswer,
    LevellingPage,
    LevellingState,
    LevellingView,
    LoadCell,
    LoadRow,
    TargetView,
    UnplacedVisit,
)
from backend.people.service import audit
from backend.scope import SYSTEM, Scope
from planner.levelling.levels import Levels

__all__ = [
    "answer",
    "calendar",
    "choose_calendar",
    "execute_levelling",
    "level_all_nightly",
    "levelling",
    "levellings",
    "levels_file",
    "newest_answer",
    "problem_file",
    "remove_old",
    "request_levelling",
    "stop_levelling",
    "targets",
    "upload_calendar",
]

DAYS = 60
"""Horizon of a firm's levelling: four half months, and beyond the longest public holiday."""
MIN_DAYS, MAX_DAYS = 14, 120
TIME_LIMIT_S = 120.0
MAX_TIME_LIMIT_S = 600.0
MAX_SEED = 2**31 - 1
NIGHT_HOURS = range(1, 5)
"""Local hours in which firms are levelled by themselves: after the due windows of the day, before anybody plans."""
KEPT = 60
"""Levellings that are kept per firm: two months of nights, to look back."""


async def request_levelling(scope: Scope, days: int = DAYS, time_limit_s: float = TIME_LIMIT_S, seed: int = 1) -> LevellingView:
    """Queue a levelling of the firm's next days, from tomorrow on.

    Parameters
    ----------
    scope
        A manager of the firm.
    days
        Length of the horizon.
    time_limit_s
        Wall seconds at most.
    seed
        Of all chance.

    Raises
    ------
    InvalidInput
        With all faults.
    Conflict
        If one waits or runs already.
    """
    if faults := _faults(days, time_limit_s, seed):
        raise InvalidInput("the levelling cannot be run", faults=faults)
    async with database.tx(scope):
        firm = await firm_inside(scope)
        if await queries.unfinished(firm.id) is not None:
            raise Conflict("a levelling is under way already: wait for it, or stop it")
        id_ = await _queue(firm, scope.account, days, time_limit_s, seed)
        await audit(firm.id, scope.account, "levelling.requested", str(id_), {"days": days})
        return _view(await _existing(id_))


async def _queue(firm: FirmRow, account: UUID | None, days: int, time_limit_s: float, seed: int) -> UUID:
    id_ = uuid4()
    start_date = clock.today(firm.time_zone) + timedelta(days=1)
    await queries.insert_run(id_, firm.id, account, clock.now(), start_date, days, time_limit_s, seed)
    await enqueue("levelling", {"run": str(id_)}, dedupe_key=f"levelling:{id_}")
    return id_


def _faults(days: int, time_limit_s: float, seed: int) -> list[Fault]:
    faults = []
    if not MIN_DAYS <= days <= MAX_DAYS:
        faults.append(Fault.of("days", str(days), "use a whole number from {least} to {most}", least=MIN_DAYS, most=MAX_DAYS))
    if not (math.isfinite(time_limit_s) and 1 <= time_limit_s <= MAX_TIME_LIMIT_S):
        faults.append(Fault.of("time_limit_s", f"{time_limit_s:g}", "use seconds from 1 to {most}", most=int(MAX_TIME_LIMIT_S)))
    if not 0 <= seed <= MAX_SEED:
        faults.append(Fault.of("seed", str(seed), "use a whole number from 0 to {most}", most=MAX_SEED))
    return faults


async def level_all_nightly() -> int:
    """Queue a levelling for every firm that is in the small hours of its day and has none of that day; return how many."""
    count = 0
    async with database.tx(SYSTEM):
        now = clock.now()
        for firm in await queries.firms_to_level():
            local = now.astimezone(ZoneInfo(firm.time_zone))
            last = await queries.last_requested_at(firm.id)
            today_done = last is not None and last.astimezone(ZoneInfo(firm.time_zone)).date() == local.date()
            if local.hour in NIGHT_HOURS and not today_done:
                await _queue(firm, None, DAYS, TIME_LIMIT_S, 1)
                count += 1
    return count


async def _existing(id: UUID, *, lock: bool = False) -> LevellingRow:  # noqa: A002 - as everywhere in this room
    row = await queries.run(id, lock=lock)
    if row is None:
        raise NotFound("no levelling {id}", id=id)
    return row


def _view(row: LevellingRow) -> LevellingView:
    return LevellingView(
        id=row.id, firm=row.firm, state=row.state, start_date=row.start_date,
        last_date=row.start_date + timedelta(days=row.days - 1), days=row.days, time_limit_s=row.time_limit_s, seed=row.seed,
        requested_by=row.requested_by, requested_at=row.requested_at, finished_at=row.finished_at, progress=row.progress,
        outline=row.outline, error=row.error,
    )  # fmt: skip


async def levellings(scope: Scope, *, cursor: str | None = None, limit: int = 50) -> LevellingPage:
    """Return the levellings, newest first.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list, or the limit not in 1..1000.
    """
    limit = paging.bounded(limit)
    key = paging.decode(cursor, (datetime, UUID))
    before = None if key is None else (msgspec.convert(key[0], datetime), msgspec.convert(key[1], UUID))
    async with database.tx(scope):
        rows = await queries.runs(scope.firm, before, limit + 1)
    more = len(rows) > limit
    last = rows[:limit][-1] if more else None
    next_cursor = paging.encode((last.requested_at, last.id)) if last is not None else None
    return LevellingPage(rows=[_view(row) for row in rows[:limit]], next_cursor=next_cursor)


async def levelling(scope: Scope, id: UUID) -> LevellingView:  # noqa: A002
    """Return one levelling, light enough to be asked for every second.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return _view(await _existing(id))


async def stop_levelling(scope: Scope, id: UUID) -> LevellingView:  # noqa: A002
    """Stop a levelling; one under way keeps the best it has.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it is over.
    """
    async with database.tx(scope):
        row = await _existing(id, lock=True)
        if row.state not in (LevellingState.QUEUED, LevellingState.RUNNING):
            raise Conflict("this levelling is over: there is nothing to stop")
        await queries.ask_to_stop(id)
        await audit(row.firm, scope.account, "levelling.stopped", str(id))
        return _view(await _existing(id))


async def answer(scope: Scope, id: UUID) -> LevellingAnswer:  # noqa: A002
    """Return what a levelling found, with names.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it has no answer.
    """
    async with database.tx(scope):
        row = await _existing(id)
        return await _answer(row)


async def newest_answer(scope: Scope) -> LevellingAnswer | None:
    """Return the levelling whose target days count; None before the first."""
    async with database.tx(scope):
        id_ = await queries.newest_done(scope.require_firm())
        return None if id_ is None else await _answer(await _existing(id_))


async def _answer(row: LevellingRow) -> LevellingAnswer:
    _, stored = await queries.documents(row.id)
    if stored is None:
        raise Conflict("this levelling has no answer yet")
    levels = await asyncio.to_thread(msgspec.convert, stored, Levels)
    crews = await queries.crew_names(row.firm)
    elevators = await queries.elevator_names([UUID(each.elevator) for each in levels.unplaced])
    teams = _team_names(levels, crews)
    return LevellingAnswer(
        levelling=_view(row), loads=_loads(levels, teams),
        shares=[
            CrewShare(
                crew=share.crew, name=crews.get(UUID(share.crew), share.crew), team=teams[share.team], work_s=share.work_s,
                available_s=share.available_s, off_days_s=share.off_days_s,
                off_days_available_s=share.off_days_available_s, night_s=share.night_s,
                night_available_s=share.night_available_s,
            )
            for share in levels.shares
        ],
        unplaced=_unplaced(levels, elevators, teams), unknown_years=list(levels.unknown_years),
    )  # fmt: skip


def _team_names(levels: Levels, crews: dict[UUID, str]) -> dict[str, str]:
    """Name teams by their area; by their crews where several teams share one, or none has any."""
    areas = {team.id: ", ".join(team.areas) for team in levels.teams}
    often = [name for name in areas.values() if list(areas.values()).count(name) > 1 or name == "*"]
    return {
        team.id: areas[team.id]
        if areas[team.id] not in often
        else ", ".join(crews.get(UUID(name), name) for name in team.crews)
        for team in levels.teams
    }


def _loads(levels: Levels, teams: dict[str, str]) -> list[LoadRow]:
    rows: dict[tuple[str, bool], list[LoadCell]] = {}
    for load in levels.loads:
        cell = LoadCell(
            day=levels.start_date + timedelta(days=load.day), load_s=load.load_s, capacity_s=load.capacity_s,
            visits=load.visits, kind=load.kind,
        )  # fmt: skip
        rows.setdefault((load.team, load.night), []).append(cell)
    return [LoadRow(team=teams[team], night=night, cells=cells) for (team, night), cells in rows.items()]


def _unplaced(levels: Levels, elevators: dict[UUID, queries.ElevatorName], teams: dict[str, str]) -> list[UnplacedVisit]:
    visits = {(chain.elevator, visit.day): visit for chain in levels.chains for visit in chain.visits}

    def day(number: int) -> date:
        return levels.start_date + timedelta(days=number)

    found = []
    for each in levels.unplaced:
        visit, elevator = visits[each.elevator, each.day], elevators.get(UUID(each.elevator))
        found.append(
            UnplacedVisit(
                elevator=UUID(each.elevator), name=elevator.name if elevator else "",
                registration_code=elevator.registration_code if elevator else each.elevator, first_day=day(visit.first_day),
                last_day=day(visit.last_day), maintenance_class=visit.maintenance_class, code=each.code,
                team=_listed([teams[team] for team in each.teams]), days=[day(number) for number in each.days],
                needed_s=visit.service_s,
            )
        )  # fmt: skip
    return found


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


async def problem_file(scope: Scope, id: UUID) -> bytes:  # noqa: A002
    """Return the question of a levelling as JSON, for `liftrounds level`.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it has not been put yet.
    """
    return await _document(scope, id, 0)


async def levels_file(scope: Scope, id: UUID) -> bytes:  # noqa: A002
    """Return the answer of a levelling as JSON.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it has none yet.
    """
    return await _document(scope, id, 1)


async def _document(scope: Scope, id: UUID, which: int) -> bytes:  # noqa: A002
    async with database.tx(scope):
        await _existing(id)
        document = (await queries.documents(id))[which]
    if document is None:
        raise Conflict("this levelling has not come so far yet")
    return msgspec.json.encode(document) + b"\n"


async def targets(scope: Scope, elevator: UUID) -> list[TargetView]:
    """Return an elevator's target days from today on, by the newest levelling.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        firm_id = await queries.firm_of_elevator(elevator)
        if firm_id is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        firm = await queries.firm(firm_id)
        assert firm is not None  # noqa: S101 - the elevator is its own
        return await queries.targets_of(elevator, clock.today(firm.time_zone))


async def remove_old() -> int:
    """Remove levellings of all firms beyond the newest ones; return how many."""
    async with database.tx(SYSTEM):
        return await queries.delete_old(KEPT)
