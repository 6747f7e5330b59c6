"""What was signed here last, kept outside of the database: an older backup that is restored must not fork the log.

The tree grows from what the database holds. After a restore it would grow a second time from an earlier size, and two signed
logs would contradict each other for ever. So appending first looks at the last checkpoint it has signed, and stops.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog

from backend import clock, database
from backend.errors import Fault, InvalidInput, Unavailable
from backend.people import service as people
from backend.recordlog import proofs, queries
from backend.recordlog.views import FORKED, HEAD_DAMAGED, CheckView
from backend.scope import SYSTEM
from qr.log import checkpoint, merkle
from qr.log.checkpoint import Checkpoint
from qr.log.errors import NoteError
from qr.log.keys import LogKeys

HEAD = "log-head"
"""File in the data directory with the newest checkpoint that was signed here."""

REMEMBERED = "log-checkpoint"
"""File in the data directory with the newest checkpoint that a check has found good."""

WALK = "log-check-walk.json"
"""File in the data directory with a check that was put down, beside the checkpoint and for the same reason."""

_LONGEST_REASON = 500

log = structlog.get_logger("backend.recordlog")


class LogForked(Unavailable):
    """The database holds an earlier, or another, log than the one that was signed here last."""


async def require_grown_inside(folder: Path, keys: LogKeys, size: int, root: bytes) -> None:
    """Let a log pass that is the last signed one, or has grown from it, inside the caller's transaction.

    Raises
    ------
    LogForked
        With the way out.
    """
    for name in (HEAD, REMEMBERED):
        seen = await asyncio.to_thread(_seen, folder / name, keys)
        if seen is not None and not await _grew_inside(seen, size, root):
            raise LogForked(
                "the log was signed with {seen} records here and the database has {size}, which do not continue them: an older"
                " backup was restored, or the database was changed. Nothing is appended. Put the newer database back, or, if"
                " the records since are lost, run liftrounds log accept-restore",
                seen=seen.size, size=size,
            )  # fmt: skip


async def _grew_inside(seen: Checkpoint, size: int, root: bytes) -> bool:
    if seen.size > size:
        return False
    if seen.size == size:
        return seen.root == root
    if not seen.size:
        return True
    try:
        proof = await proofs.hashes_inside(merkle.consistency_ranges(seen.size, size))
    except Unavailable:
        return False
    return merkle.consistent(seen.size, size, seen.root, root, proof)


def _seen(file: Path, keys: LogKeys) -> Checkpoint | None:
    """Return the checkpoint in a file; None where there is none, or it is of another log."""
    with suppress(FileNotFoundError, NoteError):
        found = checkpoint.opened(file.read_text(encoding="utf-8", errors="replace"), keys.public).checkpoint
        return found if found.origin == keys.origin else None
    return None


def is_damaged(folder: Path, keys: LogKeys) -> bool:
    """Return whether the file with the newest checkpoint is there and is none of this log: a fork would not be noticed."""
    return (folder / HEAD).exists() and _seen(folder / HEAD, keys) is None


async def keep_head(folder: Path, note: str) -> None:
    """Keep a checkpoint that was just signed."""
    await asyncio.to_thread(_keep, folder / HEAD, note)


def _keep(file: Path, note: str) -> None:
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(note, encoding="utf-8")
    draft.replace(file)


_ALARMS = {FORKED: "the log was forked: nothing is appended", HEAD_DAMAGED: "the file log-head is damaged"}


async def alarm(size: int, kind: str = FORKED) -> None:
    """Have the office, the doctor and the trail know what is wrong with what was signed here, once for each size."""
    log.error(_ALARMS[kind], size=size)
    async with database.tx(SYSTEM):
        before = await queries.newest_check()
        if before is not None and before.size == size and before.tells(kind):
            return
        detail = [{"kind": kind, "index": size}]
        await queries.insert_check(CheckView(at=clock.now(), size=size, found=1, took_s=0.0, detail=detail))
        await people.audit(None, None, "log.contradiction", "log", {"kind": kind, "index": size})


async def accept_restore(keys: LogKeys, folder: Path, reason: str) -> int:
    """Let the log go on from what the database holds; what was seen before is kept beside it. Return the log's size.

    Raises
    ------
    InvalidInput
        Without a reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > _LONGEST_REASON:
        fault = Fault("reason", reason[:60] or None, "say in a line which backup was restored, and why there is no newer one")
        raise InvalidInput("the restored log cannot be accepted", faults=[fault])
    async with database.tx(SYSTEM):
        await queries.lock()
        size = await queries.size()
        seen = await asyncio.to_thread(_seen, folder / HEAD, keys)
        detail = {"reason": reason, "size": size, "before": None if seen is None else seen.size}
        await people.audit(None, None, "log.restored", "log", detail)
    await asyncio.to_thread(_put_aside, folder)
    return size


def _put_aside(folder: Path) -> None:
    stamp = f"{clock.now():%Y%m%dT%H%M%S}"
    for name in (HEAD, REMEMBERED):
        with suppress(FileNotFoundError):
            (folder / name).replace(folder / f"{name}.before-{stamp}")
    (folder / WALK).unlink(missing_ok=True)
