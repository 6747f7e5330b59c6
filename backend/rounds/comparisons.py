"""Comparisons of policies: asked for, run in a process of their own, looked at, stopped."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import UUID, uuid4

import msgspec
import structlog

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.jobs.service import enqueue
from backend.people.service import audit
from backend.rounds import comparison_queries as queries
from backend.rounds import fact_queries
from backend.rounds.comparing import Asked, compared, run_one
from backend.rounds.comparison_views import ComparisonList, ComparisonState, ComparisonView
from backend.rounds.facts import Facts
from backend.scope import SYSTEM, Scope
from backend.upkeep import service as upkeep
from planner.whatif.policies import USUAL, Policy
from planner.whatif.result import Comparison, Counted

DEFAULT_DAYS, LEAST_DAYS, MOST_DAYS = 60, 14, 120
"""Two of the longest gaps and more, so that the first windows, which are the same for all, do not decide."""

DEFAULT_SEEDS, MOST_SEEDS = 3, 10
WEEK_S = 1.0
"""Seconds of search for every week."""

MAX_UNFINISHED = 2
"""Comparisons of a firm that wait or run at the same time."""

MOST_DEATHS = 3
"""Deaths of a comparison's process after which it is given up."""

LISTED = 20
DIED = "the comparison's process died: the log of the worker says more"

Tell = Callable[[float], Awaitable[bool]]
"""Is told the share that is done, and says whether anybody still wants the answer."""

log = structlog.get_logger("backend.rounds")


async def request_comparison(scope: Scope, days: int = DEFAULT_DAYS, seeds: int = DEFAULT_SEEDS) -> ComparisonView:
    """Ask what on-demand maintenance would change for the firm's own elevators and crews, from tomorrow on.

    Raises
    ------
    InvalidInput
        With all faults.
    Conflict
        If comparisons of the firm wait already.
    """
    firm = scope.require_firm()
    faults = []
    if not LEAST_DAYS <= days <= MOST_DAYS:
        faults.append(
            Fault.of("days", str(days), "use a whole number from {least} to {most}", least=LEAST_DAYS, most=MOST_DAYS)
        )
    if not 1 <= seeds <= MOST_SEEDS:
        faults.append(Fault.of("seeds", str(seeds), "use a whole number from {least} to {most}", least=1, most=MOST_SEEDS))
    if faults:
        raise InvalidInput("the policies cannot be compared", faults=faults)
    async with database.tx(scope):
        if await queries.unfinished(firm) >= MAX_UNFINISHED:
            raise Conflict("{count} comparisons are waiting already: stop some, or wait for them", count=MAX_UNFINISHED)
        id_, now = uuid4(), clock.now()
        start = clock.today(await fact_queries.time_zone(firm)) + timedelta(days=1)
        await queries.insert(id_, firm, scope.account, now, start, days, seeds)
        await enqueue("compare_policies", {"comparison": str(id_)}, dedupe_key=f"compare_policies:{id_}")
        await audit(firm, scope.account, "policy_comparison.requested", str(id_), {"days": days})
        return await _existing(id_)


async def comparison(scope: Scope, id: UUID) -> ComparisonView:  # noqa: A002 - as everywhere in this room
    """Return a comparison with its result, if it has one.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return await _existing(id)


async def comparisons(scope: Scope) -> ComparisonList:
    """Return the latest comparisons, newest first."""
    async with database.tx(scope):
        return ComparisonList(rows=await queries.latest(scope.firm, LISTED))


async def stop_comparison(scope: Scope, id: UUID) -> ComparisonView:  # noqa: A002
    """Stop a comparison that waits or runs; what it has found so far is lost.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it is over.
    """
    async with database.tx(scope):
        found = await _existing(id, lock=True)
        if found.state not in (ComparisonState.QUEUED, ComparisonState.RUNNING):
            raise Conflict("this comparison is over: there is nothing to stop")
        await queries.stop(id, clock.now())
        await audit(found.firm, scope.account, "policy_comparison.stopped", str(id))
        return await _existing(id)


async def _existing(id: UUID, *, lock: bool = False) -> ComparisonView:  # noqa: A002
    found = await queries.one(id, lock=lock)
    if found is None:
        raise NotFound("no comparison {id}", id=id)
    return found


async def execute_comparison(id: UUID) -> None:  # noqa: A002
    """Run a comparison that somebody asked for; called by the job, may be repeated."""
    async with database.tx(SYSTEM):
        attempt = await queries.take_up(id)
        if attempt is None:
            return
        row = await _existing(id)
        asked = await asked_inside(row.firm, row.start_date, row.days, USUAL, row.seeds)

    async def tell(share: float) -> bool:
        async with database.tx(SYSTEM):
            return await queries.save_progress(id, attempt, share)

    try:
        found = await compare(asked, tell)
    except BrokenProcessPool:
        log.exception("the process of a comparison died again, and the comparison is given up")
        await _finish(id, attempt, ComparisonState.FAILED, None, DIED)
        return
    if found is not None:
        await _finish(id, attempt, ComparisonState.DONE, found, "")


async def _finish(id: UUID, attempt: int, state: ComparisonState, found: Comparison | None, error: str) -> None:  # noqa: A002
    result = None if found is None else msgspec.to_builtins(found)
    async with database.tx(SYSTEM):
        await queries.finish(id, attempt, state, clock.now(), result, error)


async def asked_inside(
    firm: UUID, start: date, days: int, policies: tuple[Policy, ...], seeds: int, week_s: float = WEEK_S
) -> Asked:
    """Read what a comparison needs, inside the caller's transaction."""
    fleet = await upkeep.facts_inside(firm)
    last = start + timedelta(days=days - 1)
    facts = Facts(
        time_zone=await fact_queries.time_zone(firm),
        today=start,
        start_date=start,
        days=days,
        not_before_s=0,
        elevators=await fact_queries.elevators(firm, list(fleet)),
        windows=[],
        orders=[],
        rounds=[],
        crews=await fact_queries.crews(firm),
        shifts=await fact_queries.shifts(firm),
        members=await fact_queries.members(firm, start, last),
        absences=await fact_queries.absences(firm, start, last),
        last_crews=[],
    )
    return Asked(
        facts=facts, fleet={str(id_): each for id_, each in fleet.items()}, policies=policies, seeds=seeds, week_s=week_s
    )


async def compare(asked: Asked, tell: Tell) -> Comparison | None:
    """Run every policy with every seed in a process of its own, and tell after each how far it is.

    None where `tell` says that nobody wants the answer any more.
    """
    counted: dict[tuple[str, int], Counted] = {}
    deaths = 0
    while left := [(policy, seed) for policy, seed in asked.runs if (policy.id, seed) not in counted]:
        try:
            async with _own_process() as pool:
                for policy, seed in left:
                    run = asyncio.get_running_loop().run_in_executor(pool, run_one, asked, policy, seed)
                    counted[policy.id, seed] = await run
                    if not await tell(len(counted) / len(asked.runs)):
                        return None
        except BrokenProcessPool:
            deaths += 1
            if deaths == MOST_DEATHS:
                raise
            log.warning("the process of a comparison died", deaths=deaths)
    return compared(asked, counted)


@asynccontextmanager
async def _own_process() -> AsyncIterator[ProcessPoolExecutor]:
    """Keep a process for as long as somebody wants its answer, and not longer."""
    pool = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        left = list((pool._processes or {}).values())  # noqa: SLF001 - else it would go on for nobody
        pool.shutdown(wait=False, cancel_futures=True)
        for process in left:
            process.terminate()
