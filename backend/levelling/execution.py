"""Carries a levelling out: facts become a question, a process of its own answers it, target days are written down."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from backend import clock, database
from backend.levelling import queries
from backend.levelling.ask import Question, ask
from backend.levelling.calendar_service import calendar_inside
from backend.levelling.queries import LevellingRow
from backend.levelling.views import LevellingOutline, LevellingProgress, LevellingState
from backend.rounds.snapshots import facts_inside
from backend.scope import SYSTEM
from planner.levelling.levels import Levels, parse_levels
from planner.levelling.process import level_in_process
from planner.levelling.solve import Progress

MAX_ATTEMPTS = 3
"""Levellings that may die before one is given up."""
GIVEN_UP = "the levelling died three times: the log of the worker says more"
_TELL_S = 1.0
"""Progress is written this often, which is also how soon a stop is noticed."""

log = structlog.get_logger("backend.levelling")


class _Run(Struct):
    """A levelling under way, as this process sees it."""

    id: UUID
    attempt: int
    latest: Progress | None = None
    stop: bool = False
    lost: bool = False
    """Another worker has it: nobody wants this answer."""


async def execute_levelling(id: UUID) -> None:  # noqa: A002 - as everywhere in this room
    """Level what a queued levelling asks for; called by the job, may be repeated."""
    async with database.tx(SYSTEM):
        attempt = await queries.take_up(id, clock.now())
        row = await queries.run(id)
    if attempt is None or row is None:
        return
    run = _Run(id=id, attempt=attempt)
    with structlog.contextvars.bound_contextvars(levelling=str(id), levelling_attempt=attempt):
        if attempt > MAX_ATTEMPTS:
            await _finish(run, LevellingState.FAILED, error=GIVEN_UP)
            return
        try:
            await _level(row, run)
        except asyncio.CancelledError:
            await asyncio.shield(_give_back(run))
            raise
        except Exception as error:
            log.warning("a levelling died", reason=repr(error))
            await _give_back(run)
            raise


async def _level(row: LevellingRow, run: _Run) -> None:
    question = await _question(row)
    outline = LevellingOutline(
        elevators=len(question.problem.elevators), left_out=len(question.left_out), published=question.published
    )
    async with database.tx(SYSTEM):
        beside = {"left_out": msgspec.to_builtins(question.left_out), "published": question.published}
        await queries.save_problem(run.id, run.attempt, msgspec.to_builtins(question.problem), beside, outline)
    levels = await _answered(row, question, run)
    if run.lost:
        return
    await _write(row, run, levels, _outline(outline, levels))


async def _question(row: LevellingRow) -> Question:
    last = row.start_date + timedelta(days=row.days - 1)
    async with database.tx(SYSTEM):
        firm = await queries.firm(row.firm)
        assert firm is not None  # noqa: S101 - the run belongs to it
        facts = await facts_inside(row.firm, row.start_date, row.days, row.requested_at)
        calendar = await calendar_inside(firm, row.start_date, last)
        areas = {crew.id: crew.area for crew in await queries.crews(row.firm)}
        districts = await queries.districts(row.firm)
    return await asyncio.to_thread(ask, facts, calendar, areas, districts)


async def _answered(row: LevellingRow, question: Question, run: _Run) -> Levels:
    def note(progress: Progress) -> None:
        run.latest = progress

    over = asyncio.Event()
    telling = asyncio.create_task(_tell(run, over))
    try:
        answer = await asyncio.to_thread(
            level_in_process, msgspec.json.encode(question.problem), time_limit_s=row.time_limit_s, seed=row.seed,
            on_progress=note, should_stop=lambda: run.stop or run.lost,
        )  # fmt: skip
    except asyncio.CancelledError:
        run.stop = True  # the thread goes on until the process has answered, which is soon now
        raise
    finally:
        over.set()
        await telling
    return await asyncio.to_thread(parse_levels, answer)


async def _tell(run: _Run, over: asyncio.Event) -> None:
    while not over.is_set() and not run.lost:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _TELL_S)
        latest = run.latest
        progress = None if latest is None else LevellingProgress(phase=latest.phase, share=latest.share)
        try:
            async with database.tx(SYSTEM):
                stop = await queries.save_progress(run.id, run.attempt, progress)
        except database.CONNECTION_ERRORS as error:
            log.warning("the progress of a levelling could not be written", reason=str(error))
            continue
        if stop is None:
            run.lost = True
        elif stop:
            run.stop = True


def _outline(outline: LevellingOutline, levels: Levels) -> LevellingOutline:
    kinds = {(load.team, load.day, load.night): load.kind for load in levels.loads}
    placed = [
        (visit.team, visit.day, visit.night) for chain in levels.chains for visit in chain.visits if visit.team is not None
    ]
    on = [kinds[key] for key in placed]
    shares = [100 * load.load_s // load.capacity_s for load in levels.loads]
    gap = 100 * (levels.cost.total - levels.bound) / levels.cost.total if levels.cost.total else 0.0
    return msgspec.structs.replace(
        outline, visits=sum(len(chain.visits) for chain in levels.chains), unplaced=len(levels.unplaced),
        on_holidays=on.count("holiday"), on_weekends=on.count("weekend"), peak_percent=max(shares, default=0),
        gap_percent=round(gap, 1),
    )  # fmt: skip


async def _write(row: LevellingRow, run: _Run, levels: Levels, outline: LevellingOutline) -> None:
    def day(number: int) -> date:
        return row.start_date + timedelta(days=number)

    targets = [
        (UUID(chain.elevator), day(visit.day), day(visit.first_day), day(visit.last_day), visit.maintenance_class,
         visit.team is not None)
        for chain in levels.chains
        for visit in chain.visits
    ]  # fmt: skip
    async with database.tx(SYSTEM):
        stored = msgspec.to_builtins(levels)
        if await queries.finish(run.id, run.attempt, LevellingState.DONE, clock.now(), levels=stored, outline=outline):
            await queries.replace_targets(row.firm, run.id, targets)
    log.info("levelled", elevators=outline.elevators, visits=outline.visits, unplaced=outline.unplaced)


async def _finish(run: _Run, state: LevellingState, *, error: str = "") -> None:
    async with database.tx(SYSTEM):
        await queries.finish(run.id, run.attempt, state, clock.now(), error=error)


async def _give_back(run: _Run) -> None:
    async with database.tx(SYSTEM):
        await queries.give_back(run.id, run.attempt)
