"""The log as others see it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from backend import database
from backend.errors import NotFound
from backend.recordlog import proofs, queries
from backend.recordlog.appending import append, is_sound, note_inside, sign_again
from backend.recordlog.checking import check, check_for
from backend.recordlog.checking import under_way as check_under_way
from backend.recordlog.heads import LogForked, accept_restore
from backend.recordlog.proofs import consistency, inclusion
from backend.recordlog.views import CheckpointView, Logged, LogState
from backend.scope import SYSTEM
from qr.log import bundle, merkle, tiles
from qr.log.bundle import Bundle
from qr.log.leaf import Statement
from qr.log.note import Verifier

__all__ = [
    "LogForked",
    "accept_restore",
    "append",
    "bundle_inside",
    "check",
    "check_for",
    "check_under_way",
    "checkpoint",
    "consistency",
    "entries_of_tile",
    "inclusion",
    "is_sound",
    "logged_inside",
    "note_inside",
    "sign_again",
    "state",
    "tile",
]


async def checkpoint() -> CheckpointView:
    """Return the newest checkpoint.

    Raises
    ------
    NotFound
        If nothing was logged yet.
    """
    async with database.tx(SYSTEM):
        return await proofs.newest_inside()


async def state() -> LogState:
    """Return how the log stands."""
    async with database.tx(SYSTEM):
        waiting, since = await queries.waiting()
        return LogState(
            size=await queries.size(), checkpoint=await queries.newest_checkpoint(), waiting=waiting, waiting_since=since,
            check=await queries.newest_check(),
        )  # fmt: skip


async def logged_inside(visit: UUID) -> Logged | None:
    """Return where the newest logged version of a visit's record stands; None where none is logged yet."""
    place = await queries.place_of(visit)
    signed = None if place is None else await queries.first_checkpoint_over(place[0])
    return None if place is None or signed is None else Logged(index=place[0], version=place[1], since=signed.signed_at)


async def bundle_inside(visit: UUID, version: int | None, known: list[Verifier], *, with_record: bool) -> Bundle:
    """Return a version of a record with its proof.

    Parameters
    ----------
    visit, version
        Which one; the newest that is logged where no version is named. The caller has seen to it that the asker may have it.
    known
        The log's public keys.
    with_record
        Whether the record itself is in it, with its personal data.

    Raises
    ------
    NotFound
        If it does not stand in the log yet.
    """
    entry = await queries.entry(visit, version)
    newest = await queries.newest_checkpoint()
    if entry is None or newest is None:
        raise NotFound("the record is not in the log yet: it enters within some minutes of the departure")
    record = bundle.Record(salt=entry.record_salt.hex(), sha256=entry.sha256, body=entry.body) if with_record else None
    return Bundle(
        format=bundle.FORMAT,
        leaf=entry.data,
        index=entry.leaf,
        proof=await proofs.inclusion_inside(entry.leaf, newest.size),
        checkpoint=newest.note,
        keys=[key.text for key in known],
        public=bundle.Public(salt=entry.public_salt.hex(), statement=msgspec.convert(entry.statement, Statement)),
        record=record,
    )


async def tile(level: int, position: int, width: int) -> bytes:
    """Return the first hashes of a tile of the published log.

    Raises
    ------
    NotFound
        If the log has not so many.
    """
    async with database.tx(SYSTEM):
        newest = await proofs.newest_inside()
        _require(newest.size, level, position, width)
        found = (await queries.tiles([(level, position)])).get((level, position), b"")
    return found[: width * merkle.HASH_BYTES]


async def entries_of_tile(position: int, width: int) -> list[str]:
    """Return the data of the leaves of a tile of level 0.

    Raises
    ------
    NotFound
        If the log has not so many.
    """
    async with database.tx(SYSTEM):
        newest = await proofs.newest_inside()
        _require(newest.size, 0, position, width)
        return await queries.leaves(position * tiles.WIDTH, position * tiles.WIDTH + width)


def _require(size: int, level: int, position: int, width: int) -> None:
    hashes = size >> (tiles.HEIGHT * level)
    if position * tiles.WIDTH + width > hashes:
        raise NotFound("the log has no such tile yet")
