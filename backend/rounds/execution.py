"""Carries a run out: its stored problem goes to a process of its own, its progress into the database, a plan comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct
from msgspec.structs import replace

from backend import clock, database
from backend.rounds import queries
from backend.rounds.queries import RunRow
from backend.rounds.runs import existing, outline_of, stored_snapshot
from backend.rounds.snapshot import Snapshot
from backend.rounds.times import ESTIMATED, EngineChoice, kilometres, travel_of, with_times
from backend.rounds.views import Outline, Progress, RunState
from backend.scope import SYSTEM
from backend.travel.record import Travelled
from planner.rounds.compiling import compiled
from planner.rounds.evaluate import Evaluation, evaluate
from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import Plan, PlanCost, parse_plan
from planner.rounds.process import solve_in_process_async
from planner.rounds.scale import TeamError
from planner.rounds.stop import Progress as SearchProgress

MAX_ATTEMPTS = 3
"""Searches that may die before a run is given up."""

GIVEN_UP = "the search died three times: the log of the worker says more"
"""What a run says that was given up; the edge translates it."""

_TELL_S = 1.0
"""Progress is written this often, which is also how soon a stop is noticed."""

log = structlog.get_logger("backend.rounds")


class _Search(Struct):
    """A search under way, as this process sees it."""

    run: UUID
    attempt: int
    cluster: str | None = None
    engine: EngineChoice = ESTIMATED
    latest: SearchProgress | None = None
    stop: bool = False
    """Somebody asked for the end of it; the best plan is kept."""

    lost: bool = False
    """The run was discarded, or another worker has it: nobody wants this plan."""


async def execute_run(
    id: UUID,  # noqa: A002 - as everywhere in this room
    *,
    cluster: str | None = None,
    engine: EngineChoice = ESTIMATED,
) -> None:
    """Search a plan for a queued run, in a process of its own; called by the job, may be repeated.

    A run whose worker died is taken up again from its stored problem. Whatever happens in between, a run ends with one plan,
    or with the reason why it has none.

    Parameters
    ----------
    id
        Of the run.
    cluster
        Address of a Dask scheduler whose workers search; while it cannot be used, this machine does.
    engine
        Where travel times come from.
    """
    async with database.tx(SYSTEM):
        attempt = await queries.take_up(id, clock.now())
        if attempt is None:
            return
        row = await existing(id)
        snapshot = await stored_snapshot(row)
    search = _Search(run=id, attempt=attempt, cluster=cluster, engine=engine)
    with structlog.contextvars.bound_contextvars(plan_run=str(id), run_attempt=attempt):
        if row.stop_requested:
            await _finish(search, RunState.STOPPED)
        elif attempt - row.given_back > MAX_ATTEMPTS:
            await _finish(search, RunState.FAILED, error=GIVEN_UP)
        else:
            await _search(row, snapshot, search)


async def _search(row: RunRow, snapshot: Snapshot, search: _Search) -> None:
    try:
        await _search_and_finish(row, snapshot, search)
    except asyncio.CancelledError:
        await asyncio.shield(_give_back(search, unharmed=True))
        raise
    except FaultyInputError as error:  # a mistake of the snapshot; another attempt would find the same
        log.exception("the problem of a run has faults")
        await _finish(search, RunState.FAILED, error=str(error))
    except Exception as error:
        if search.attempt - row.given_back >= MAX_ATTEMPTS:
            log.exception("the search died, and the run is given up")
            await _finish(search, RunState.FAILED, error=GIVEN_UP)
            return
        log.warning("the search died", reason=repr(error))
        await _give_back(search, unharmed=False)
        raise


async def _search_and_finish(row: RunRow, snapshot: Snapshot, search: _Search) -> None:
    async with _telling(search):
        found_times = await travel_of(snapshot, search.engine, lambda: search.stop or search.lost)
    if found_times is None:  # there is no plan yet that could be kept
        if not search.lost:
            await _finish(search, RunState.STOPPED)
        return
    snapshot = await _noted(snapshot, found_times, search)
    plan = await _plan(row, snapshot, search)
    if search.lost:
        log.info("nobody wants this plan any more")
        return
    found = await asyncio.to_thread(evaluate, snapshot.problem, plan)
    if not found.valid:
        log.error("the plan breaks rules", violations=[each.message for each in found.violations])
        await _finish(search, RunState.FAILED, error="\n".join(each.message for each in found.violations))
        return
    outline = _outline(snapshot, plan, found, stopped_early=search.stop)
    await _finish(search, RunState.PROPOSED, plan=replace(plan, cost=found.cost), outline=outline)


async def _noted(snapshot: Snapshot, travel: Travelled, search: _Search) -> Snapshot:
    """Write the travel times of a run down, once: another attempt searches with the same."""
    if snapshot.travel is None:
        async with database.tx(SYSTEM):
            await queries.save_travel(search.run, search.attempt, msgspec.to_builtins(travel))
    return await asyncio.to_thread(with_times, replace(snapshot, travel=travel))


async def _plan(row: RunRow, snapshot: Snapshot, search: _Search) -> Plan:
    """Return a plan for the problem of a snapshot."""
    if not snapshot.problem.visits:
        nothing = PlanCost(travel=0, shifts=0, overtime=0, days=0, crews=0, deferred=0, missed=0, changes=0, total=0)
        return Plan(schema="liftrounds/plan/1", routes=(), unplanned=(), cost=nothing, seed=row.seed, wall_s=0)

    async with _telling(search):
        answer = await _answer(row, msgspec.json.encode(snapshot.problem), search)
    return parse_plan(answer)


async def _answer(row: RunRow, problem: bytes, search: _Search) -> bytes:
    """Have a problem solved on the cluster, or here where there is none or it cannot be used."""

    def note(progress: SearchProgress) -> None:
        search.latest = progress

    await compiled(lambda: search.stop or search.lost)

    solve = partial(
        solve_in_process_async,
        problem,
        time_limit_s=row.time_limit_s,
        seed=row.seed,
        on_progress=note,
        should_stop=lambda: search.stop or search.lost,
    )
    if search.cluster is not None:
        try:
            return await solve(cluster=search.cluster)
        except TeamError as error:
            log.warning("the cluster cannot be used, this machine plans instead", reason=str(error))
    return await solve()


@asynccontextmanager
async def _telling(search: _Search) -> AsyncIterator[None]:
    """Write the progress of a search down while it goes on."""
    over = asyncio.Event()
    task = asyncio.create_task(_tell(search, over))
    try:
        yield
    finally:
        over.set()
        await task


async def _tell(search: _Search, over: asyncio.Event) -> None:
    while not over.is_set() and not search.lost:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _TELL_S)
        try:
            async with database.tx(SYSTEM):
                stop = await queries.save_progress(search.run, search.attempt, _progress(search.latest))
        except database.CONNECTION_ERRORS as error:  # the search goes on; the plan is written when the server is back
            log.warning("the progress of a run could not be written", reason=str(error))
            continue
        if stop is None:
            search.lost = True
        elif stop:
            search.stop = True


def _progress(latest: SearchProgress | None) -> Progress | None:
    if latest is None:
        return None
    return Progress(
        phase=latest.phase, share=latest.share, best_cost=latest.best_cost, planned=latest.planned, visits=latest.visits
    )


def _outline(snapshot: Snapshot, plan: Plan, found: Evaluation, *, stopped_early: bool) -> Outline:
    price = snapshot.problem.costs.travel_per_s
    return replace(
        outline_of(snapshot),
        planned=sum(len(route.stops) for route in plan.routes),
        rounds=found.routes,
        missed_mandatory=found.missed_mandatory,
        deferred=found.deferred,
        driving_s=int(found.cost.travel) // price,
        distance_m=kilometres(snapshot).plan_m(plan),
        travel=snapshot.travel.source.kind.value if snapshot.travel else "",
        cost=int(found.cost.total),
        stopped_early=stopped_early,
    )


async def _finish(
    search: _Search, state: RunState, *, plan: Plan | None = None, outline: Outline | None = None, error: str = ""
) -> None:
    async with database.tx(SYSTEM):
        stored = None if plan is None else msgspec.to_builtins(plan)
        kept = await queries.finish(
            search.run, search.attempt, state, clock.now(), plan=stored, outline=outline, error=error
        )  # fmt: skip
    log.info("run finished" if kept else "another attempt has this run", state=state.value)


async def _give_back(search: _Search, *, unharmed: bool) -> None:
    async with database.tx(SYSTEM):
        await queries.give_back(search.run, search.attempt, unharmed=unharmed)
