"""Travel times for places, from the engine that is set, from what it said before, or estimated where it is silent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import structlog

from backend import clock
from backend.travel import cache
from backend.travel.down import Down, EngineDown
from backend.travel.engines import Engine, opened
from backend.travel.record import PAIRS_KEPT, LostPair, Travelled, packed
from backend.travel.spec import Spec
from planner.rounds.travel import Estimate, Location, Matrix
from planner.travel.interface import NOT_REACHED, Block, Kind, Source, TravelTable
from planner.travel.simple import Estimated
from planner.travel.table import complete_table

log = structlog.get_logger("backend.travel")


async def travel_table(spec: Spec, places: Sequence[Location], estimate: Estimate, folder: Path | None) -> TravelTable:
    """Give seconds and metres between places.

    Parameters
    ----------
    spec
        Which engine.
    places
        With coordinates.
    estimate
        For `Kind.ESTIMATE`.
    folder
        Where answers are kept between calls; None keeps none.

    Raises
    ------
    EngineDown
        If the engine cannot be asked.
    """
    keep = folder is not None and spec.kind is not Kind.ESTIMATE
    path = cache.file_of(folder, spec) if folder is not None and keep else None
    kept = await asyncio.to_thread(cache.load, path, clock.now()) if path is not None else None
    if kept is not None and (cache.rows_of(kept, cache.keys_of(places)) >= 0).all():
        block = cache.block_of(kept, places)
        if not (block.durations_s == cache.UNKNOWN).any():
            return complete_table(places, block, kept.source)
    async with opened(spec, estimate, folder) as engine:
        if path is None:
            block = await engine.block(places, places)
            return await asyncio.to_thread(complete_table, places, block, engine.source)
        return await _asked_and_kept(engine, places, kept, path)


async def _asked_and_kept(engine: Engine, places: Sequence[Location], kept: cache.Kept | None, path: Path) -> TravelTable:
    """Ask for what is not kept: new places to all, and all to new places."""
    keys = cache.keys_of(places)
    kept = kept or cache.empty(Source(kind=Kind.GIVEN), clock.now())
    is_old = cache.rows_of(kept, keys) >= 0
    kept = await asyncio.to_thread(cache.grown, kept, keys)
    unknown = cache.block_of(kept, places).durations_s == cache.UNKNOWN
    # Places that were never asked for together: one of the two counts as new.
    is_old &= ~unknown[:, is_old].any(axis=1)
    old = [place for place, known in zip(places, is_old.tolist(), strict=True) if known]
    new = [place for place, known in zip(places, is_old.tolist(), strict=True) if not known]
    if new:
        await asyncio.to_thread(cache.noted, kept, new, places, await engine.block(new, places))
    if old and new:
        await asyncio.to_thread(cache.noted, kept, old, new, await engine.block(old, new))
    kept.source = engine.source
    try:
        await asyncio.to_thread(cache.save, path, kept)
    except OSError as error:
        log.warning("travel times cannot be kept", path=str(path), reason=str(error))
    return await asyncio.to_thread(complete_table, places, cache.block_of(kept, places), kept.source)


async def travelled(spec: Spec, places: Sequence[Location], estimate: Estimate, folder: Path | None) -> Travelled:
    """Give what a run of the planner is made with, whatever happens.

    An engine that does not answer gives way to the estimate, and so does every pair without a way; the answer says so.

    Parameters
    ----------
    spec, places, folder
        As for `travel_table`.
    estimate
        Takes the place of what cannot be had; its `stop_s` is added to an engine's driving too.
    """
    if spec.kind is Kind.ESTIMATE or not places:
        return _record(Source(kind=Kind.ESTIMATE), estimate)
    try:
        table = await travel_table(spec, places, estimate, folder)
    except EngineDown as error:
        log.warning("the engine of travel times does not answer, they are estimated", engine=spec.kind.value, reason=str(error))
        return _record(Source(kind=Kind.ESTIMATE), estimate, fallen_back=error.code_of_engine, why=error.why, wanted=spec.told)
    except Exception as error:  # a run is not lost to a server's whims or a fault of ours; it says what happened
        log.exception("the engine of travel times fails, they are estimated", engine=spec.kind.value)
        return _record(Source(kind=Kind.ESTIMATE), estimate, fallen_back=Down.ODD, why=repr(error), wanted=spec.told)
    return await asyncio.to_thread(_with_stops, table, places, estimate)


def _record(
    source: Source, estimate: Estimate, *, fallen_back: Down | None = None, why: str = "", wanted: str = ""
) -> Travelled:
    """Return a record without numbers: the problem says itself how to estimate them."""
    return Travelled(
        source=source, fallen_back=fallen_back, why=why, wanted=wanted, stop_s=estimate.stop_s, places=0, durations=b"",
        distances=b"", made_at=clock.now(),
    )  # fmt: skip


def _with_stops(table: TravelTable, places: Sequence[Location], estimate: Estimate) -> Travelled:
    """Add the time to park, estimate what has no way, and name it."""
    guess: Block = Estimated(estimate).block(places, places)
    lost = table.durations_s == NOT_REACHED
    stops: Matrix = np.full_like(table.durations_s, estimate.stop_s)
    np.fill_diagonal(stops, 0)
    away = {each.place for each in table.stranded}
    pairs = (each for each in table.no_way() if each.start not in away and each.end not in away) if lost.any() else iter(())
    named = [LostPair(start=each.start, end=each.end) for each in islice(pairs, PAIRS_KEPT)]
    return Travelled(
        source=table.source,
        stop_s=estimate.stop_s,
        stranded=table.stranded,
        lost=tuple(named),
        lost_pairs=len(named) + sum(1 for _ in pairs),
        places=len(places),
        durations=packed(np.where(lost, guess.durations_s, table.durations_s + stops)),
        distances=packed(table.distances_m),  # what is not known stays so: whoever adds kilometres up says that he guesses
        made_at=clock.now(),
    )
