"""The daily check: the whole log and every stored record are computed anew and held against what was signed.

What whoever owns the database could change unseen is held against two things that are not in it: the signatures of
checkpoints, whose key is in the key file, and the newest checkpoint of the check before, kept in the data directory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from backend import clock, database
from backend.errors import Unavailable
from backend.people import service as people
from backend.recordlog import proofs, queries, walking
from backend.recordlog.heads import REMEMBERED, WALK
from backend.recordlog.views import CheckpointView, CheckView, Finding
from backend.recordlog.walking import MOST_TOLD, Findings, Walk
from backend.scope import SYSTEM
from qr.log import checkpoint, merkle, tiles
from qr.log.errors import NoteError
from qr.log.keys import LogKeys
from qr.log.note import Verifier

PATIENCE = timedelta(hours=1)
"""A record that waits for its leaf for longer is a finding: no worker runs, or somebody holds the log up."""

_BATCH = 512
"""Leaves read at a time, a multiple of a tile's width: some MB of records."""

log = structlog.get_logger("backend.recordlog")


async def check(keys: LogKeys, folder: Path) -> CheckView:
    """Check everything at once; write the outcome, and a line of the audit trail for every contradiction.

    Parameters
    ----------
    keys
        Of the log.
    folder
        The data directory, for the checkpoint of the check before.
    """
    told = await check_for(keys, folder, None)
    assert told is not None  # noqa: S101 - without a limit of time it goes to the end
    return told


async def check_for(keys: LogKeys, folder: Path, seconds: float | None) -> CheckView | None:
    """Check for a while, going on where the call before has stopped.

    Parameters
    ----------
    keys, folder
        As for `check`.
    seconds
        After this long the walk through the log is put down in the data directory, and the next call goes on; None checks all
        of it at once, from the beginning.

    Returns
    -------
    CheckView or None
        None where there is more to do.
    """
    started, at = time.monotonic(), clock.now()
    async with database.tx(SYSTEM):
        size = await queries.size()
    state = None if seconds is None else await asyncio.to_thread(walking.taken_up, folder / WALK)
    if state is not None and state.size > size:  # the log has shrunk meanwhile, which only a new walk tells rightly
        state = None
    target, before_s = (size, 0.0) if state is None else (state.size, state.took_s)
    walk, found = Walk(state), Findings(state.found, state.count) if state else Findings()
    while walk.at < target:
        await _step(walk, target, keys.public, found)
        took_s = time.monotonic() - started
        if seconds is not None and took_s > seconds and walk.at < target:
            await asyncio.to_thread(walking.put_down, folder / WALK, walk.put_down(target, found, before_s + took_s))
            return None
    async with database.tx(SYSTEM):
        await queries.lock()  # nothing is appended between these
        found.add(walk.edge_against(await queries.tiles(walk.edge)))
        newest, now, seen = await queries.newest_checkpoint(), await queries.size(), await queries.checkpoint_of_size(target)
    if (newest.size if newest else 0) != now:
        found.add([Finding(kind="checkpoint_missing" if newest is None or newest.size < now else "log_shrunk", index=now)])
    found.add(await _against_before(folder / REMEMBERED, newest, keys.public))
    told = await _written(found, at, target, before_s + time.monotonic() - started)
    await asyncio.to_thread(walking.put_down, folder / WALK, None)
    if found.count:
        log.error("the log does not fit what was signed", found=found.count, first=told.detail[0])
    elif seen is not None:
        await asyncio.to_thread(_remember, folder / REMEMBERED, seen)
    return told


def under_way(folder: Path) -> int | None:
    """Return the leaf at which a check was put down; None where none is to be gone on with."""
    state = walking.taken_up(folder / WALK)
    return None if state is None else state.at


async def _step(walk: Walk, size: int, known: Sequence[Verifier], found: Findings) -> None:
    """Take some hundred leaves."""
    first = walk.at
    end = min(first // _BATCH * _BATCH + _BATCH, size)
    async with database.tx(SYSTEM):
        rows = await queries.checked(first, end)
        stored = await queries.tiles([(0, place) for place in range(first // tiles.WIDTH, (end - 1) // tiles.WIDTH + 1)])
        signed = await queries.checkpoints(first, end)
    found.add(await asyncio.to_thread(lambda: list(walk.batch(first, end, rows, stored, signed, known))))
    async with database.tx(SYSTEM):
        found.add(walk.tiles_against(await queries.tiles(walk.whole())))


async def _written(found: Findings, at: datetime, size: int, took_s: float) -> CheckView:
    """Write the outcome, with the records that have no leaf."""
    async with database.tx(SYSTEM):
        for row in await queries.unlogged(at, PATIENCE, MOST_TOLD):
            kind = "record_unlogged" if row.waiting_since is None else "record_waiting"
            found.add([Finding(kind=kind, firm=row.firm, visit=row.visit, version=row.version)])
        codes = await queries.elevators_of([one.visit for one in found.told if one.visit is not None])
        detail = [_told(one, codes) for one in found.told]
        told = CheckView(at=at, size=size, found=found.count, took_s=round(took_s, 3), detail=detail)
        await queries.insert_check(told)
        for one in found.told:
            about = {"kind": one.kind, "index": one.index, "version": one.version}
            await people.audit(one.firm, None, "log.contradiction", str(one.visit or "log"), about)
    return told


def _told(one: Finding, codes: Mapping[UUID, str]) -> dict[str, Any]:
    """Return a contradiction as it is kept, with what people find the record by."""
    place: dict[str, Any] = {"kind": one.kind, "index": one.index}
    if one.visit is None:
        return place
    return place | {"visit": str(one.visit), "version": one.version, "elevator": codes.get(one.visit, "")}


async def _against_before(file: Path, newest: CheckpointView | None, known: Sequence[Verifier]) -> list[Finding]:
    """Return the contradiction between the newest checkpoint and the one that the check before found good."""
    note = await asyncio.to_thread(_remembered, file)
    if note is None:
        return []
    try:
        before = checkpoint.opened(note, known).checkpoint
    except NoteError:
        return [Finding(kind="history_rewritten")]
    if newest is None or newest.size < before.size:
        return [Finding(kind="log_shrunk", index=before.size)]
    try:
        async with database.tx(SYSTEM):
            proof = await proofs.hashes_inside(merkle.consistency_ranges(before.size, newest.size))
    except Unavailable:
        return [Finding(kind="history_rewritten", index=before.size)]
    grew = merkle.consistent(before.size, newest.size, before.root, newest.root, proof)
    return [] if grew else [Finding(kind="history_rewritten", index=before.size)]


def _remembered(file: Path) -> str | None:
    with suppress(FileNotFoundError):
        return file.read_text(encoding="utf-8", errors="replace")
    return None


def _remember(file: Path, seen: CheckpointView) -> None:
    """Keep the checkpoint that was reached, unless another check has reached further meanwhile."""
    before = _remembered(file)
    if before is not None and checkpoint.unverified(before).size > seen.size:
        return
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(seen.note, encoding="utf-8")
    draft.replace(file)
