"""Runs of the planner: ask for one, look at it, stop it, put it aside."""

from __future__ import annotations

import asyncio
import math
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from backend import clock, database, paging
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.people.service import audit
from backend.rounds import fact_queries, queries
from backend.rounds.queries import NewRun, RunRow
from backend.rounds.snapshot import Snapshot
from backend.rounds.snapshots import snapshot_inside
from backend.rounds.times import with_times
from backend.rounds.views import Outline, RunPage, RunState, RunView
from backend.scope import SYSTEM, Scope
from planner.rounds.problem import Travel

MAX_DAYS = 14
"""Longer horizons are the levelling's work (planner.md section 1)."""

MAX_AHEAD = timedelta(days=60)
"""Windows further off than that are not computed yet."""

MAX_UNFINISHED = 10
"""Runs of a firm that wait or search at the same time; more would only keep the workers from others."""

MIN_TIME_LIMIT_S = 1.0
MAX_TIME_LIMIT_S = 600.0
MAX_SEED = 2**31 - 1


async def request_run(scope: Scope, start_date: date | None, days: int, time_limit_s: float = 30.0, seed: int = 1) -> RunView:
    """Take a snapshot of what is due and who works, and queue a run of the planner over it.

    Parameters
    ----------
    scope
        A manager of the firm.
    start_date
        First day to plan, today or later, tomorrow when None; of today only what is left.
    days
        Length of the horizon, 1..14.
    time_limit_s
        Wall seconds for the search, 1..600.
    seed
        Of the search: the same snapshot and seed search the same way.

    Raises
    ------
    InvalidInput
        With all faults.
    Conflict
        If too many runs of the firm wait already.
    """
    firm = scope.require_firm()
    now = clock.now()
    async with database.tx(scope):
        today = clock.today(await fact_queries.time_zone(firm))
        start_date = start_date or today + timedelta(days=1)
        if faults := _faults(start_date, days, time_limit_s, seed, today):
            raise InvalidInput("the planner cannot be run", faults=faults)
        if await queries.unfinished(firm) >= MAX_UNFINISHED:
            raise Conflict("{count} runs are waiting already: stop some, or wait for them", count=MAX_UNFINISHED)
        snapshot = await snapshot_inside(firm, start_date, days, now)
        new = NewRun(
            id=uuid4(), firm=firm, requested_by=scope.account, requested_at=now, start_date=start_date, days=days,
            time_limit_s=time_limit_s, seed=seed, snapshot_hash=snapshot.sha256(), snapshot=msgspec.to_builtins(snapshot),
            outline=outline_of(snapshot),
        )  # fmt: skip
        await queries.insert_run(new)
        await enqueue("plan_run", {"run": str(new.id)}, dedupe_key=f"plan_run:{new.id}")
        detail = {"start_date": start_date.isoformat(), "days": days, "visits": len(snapshot.items)}
        await audit(firm, scope.account, "plan_run.requested", str(new.id), detail)
        return view(await existing(new.id))


def _faults(start_date: date, days: int, time_limit_s: float, seed: int, today: date) -> list[Fault]:
    faults = []
    if not today <= start_date <= today + MAX_AHEAD:
        faults.append(
            Fault.of(
                "start_date", start_date.isoformat(), "use a day from {today} to {last}", today=today.isoformat(),
                last=(today + MAX_AHEAD).isoformat(),
            )
        )  # fmt: skip
    if not 1 <= days <= MAX_DAYS:
        faults.append(Fault.of("days", str(days), "use a whole number from 1 to {most}", most=MAX_DAYS))
    if not (math.isfinite(time_limit_s) and MIN_TIME_LIMIT_S <= time_limit_s <= MAX_TIME_LIMIT_S):
        faults.append(Fault.of("time_limit_s", f"{time_limit_s:g}", "use seconds from 1 to {most}", most=int(MAX_TIME_LIMIT_S)))
    if not 0 <= seed <= MAX_SEED:
        faults.append(Fault.of("seed", str(seed), "use a whole number from 0 to {most}", most=MAX_SEED))
    return faults


def outline_of(snapshot: Snapshot) -> Outline:
    """Return a snapshot in numbers."""
    return Outline(
        visits=len(snapshot.items),
        mandatory=sum(visit.mandatory for visit in snapshot.problem.visits),
        crew_days=sum(len(crew.shifts) for crew in snapshot.problem.crews),
        left_out_before=len(snapshot.out),
        kept=len(snapshot.kept),
    )


async def existing(id: UUID, *, lock: bool = False) -> RunRow:  # noqa: A002 - as everywhere in this room
    """Return a run inside the caller's transaction.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    row = await queries.run(id, lock=lock)
    if row is None:
        raise NotFound("no run of the planner {id}", id=id)
    return row


async def stored_snapshot(row: RunRow) -> Snapshot:
    """Return the snapshot from which a run was made, with the run's travel times, inside the caller's transaction."""
    snapshot = msgspec.convert(await queries.snapshot_of(row.id), Snapshot)
    return await asyncio.to_thread(with_times, snapshot) if snapshot.travel else snapshot


def view(row: RunRow) -> RunView:
    """Return what leaves the room about a run."""
    return RunView(
        id=row.id,
        firm=row.firm,
        firm_name=row.firm_name,
        state=row.state,
        start_date=row.start_date,
        last_date=row.start_date + timedelta(days=row.days - 1),
        days=row.days,
        time_limit_s=row.time_limit_s,
        seed=row.seed,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        decided_at=row.decided_at,
        stop_requested=row.stop_requested,
        progress=row.progress,
        outline=row.outline,
        error=row.error,
    )


async def runs(scope: Scope, *, cursor: str | None = None, limit: int = 50) -> RunPage:
    """Return the runs of the planner, newest first.

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
    return RunPage(rows=[view(row) for row in rows[:limit]], next_cursor=next_cursor)


async def run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Return one run, light enough to be asked for every second.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return view(await existing(id))


async def problem_file(scope: Scope, id: UUID) -> bytes:  # noqa: A002
    """Return the problem of a run as the contract's JSON, for `liftrounds plan`.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        snapshot = await stored_snapshot(await existing(id))
    return await asyncio.to_thread(_self_contained, snapshot)


def _self_contained(snapshot: Snapshot) -> bytes:
    """Write a problem with its matrix inside, because no file goes with it."""
    problem = snapshot.problem
    if snapshot.travel is not None and snapshot.travel.places:
        travel = Travel(durations_s=snapshot.travel.durations_s().tolist())
        problem = msgspec.structs.replace(problem, travel=travel)
    return msgspec.json.encode(problem) + b"\n"


async def plan_file(scope: Scope, id: UUID) -> bytes:  # noqa: A002
    """Return the plan of a run as the contract's JSON, for `liftrounds check`.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it has no plan.
    """
    async with database.tx(scope):
        await existing(id)
        plan = await queries.plan_of(id)
    if plan is None:
        raise Conflict("this run has no plan yet")
    return msgspec.json.encode(plan) + b"\n"


async def stop_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Stop a run; a search under way keeps its best plan so far and proposes it.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it is over.
    """
    async with database.tx(scope):
        row = await existing(id, lock=True)
        if row.state is RunState.QUEUED:
            await queries.ask_to_stop(id)
            await queries.decide(id, RunState.STOPPED, clock.now())
        elif row.state is RunState.RUNNING:
            await queries.ask_to_stop(id)
        elif row.state is not RunState.STOPPED:
            raise Conflict("this run is over: there is nothing to stop")
        if not row.stop_requested:
            await audit(row.firm, scope.account, "plan_run.stopped", str(id))
        return view(await existing(id))


async def discard_run(scope: Scope, id: UUID) -> RunView:  # noqa: A002
    """Put a run aside that nobody will publish; a search under way ends.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it is published.
    """
    async with database.tx(scope):
        row = await existing(id, lock=True)
        if row.state is RunState.PUBLISHED:
            raise Conflict("this run is published: withdraw its rounds instead")
        if row.state is not RunState.DISCARDED:
            await queries.decide(id, RunState.DISCARDED, clock.now())
            await audit(row.firm, scope.account, "plan_run.discarded", str(id), {"state": row.state.value})
        return view(await existing(id))


async def remove_dead_runs(before: datetime) -> int:
    """Remove runs of all firms that failed, were stopped or discarded before an instant; return how many."""
    async with database.tx(SYSTEM):
        return await queries.delete_dead_runs(before)
