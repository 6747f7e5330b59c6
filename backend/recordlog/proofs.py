"""Roots and proofs out of the stored tiles: one query each, whatever the size of the log."""

from __future__ import annotations

from collections.abc import Sequence

from backend import database
from backend.errors import Fault, InvalidInput, NotFound, Unavailable
from backend.recordlog import queries
from backend.recordlog.views import CheckpointView, ConsistencyView, InclusionView
from backend.scope import SYSTEM
from qr.log import merkle, tiles
from qr.log.merkle import Range


async def hashes_inside(ranges: Sequence[Range]) -> list[bytes]:
    """Return the hashes over some ranges of leaves.

    Raises
    ------
    Unavailable
        If a tile is missing or too short.
    """
    node = tiles.node_from(await queries.tiles(tiles.tiles_of(ranges)))
    try:
        return [merkle.range_hash(part, node) for part in ranges]
    except (KeyError, ValueError) as error:
        raise Unavailable("a part of the stored log is missing ({part})", part=str(error)) from error


async def root_inside(size: int) -> bytes:
    """Return the root of the tree over the first leaves."""
    return (await hashes_inside([(0, size)]))[0]


async def inclusion_inside(index: int, size: int) -> list[str]:
    """Return the inclusion proof of a leaf, lower-case hexadecimal."""
    return [one.hex() for one in await hashes_inside(merkle.inclusion_ranges(index, size))]


async def inclusion(index: int, size: int | None) -> InclusionView:
    """Return the proof that a leaf stands in the log; in its newest checkpoint where no size is named.

    Raises
    ------
    NotFound
        If there is no such leaf.
    InvalidInput
        If the tree of that size does not have it, or there is no tree of that size yet.
    """
    async with database.tx(SYSTEM):
        newest = await newest_inside()
        data = await queries.leaf_data(index) if 0 <= index < newest.size else None
        if data is None:
            raise NotFound("the log has no leaf {index}", index=index)
        wanted = newest.size if size is None else size
        if not index < wanted <= newest.size:
            fault = Fault.of("size", str(wanted), "take one from {least} to {most}", least=index + 1, most=newest.size)
            raise InvalidInput("there is no such tree", faults=[fault])
        ranges = merkle.inclusion_ranges(index, wanted)
        root, *proof = await hashes_inside([(0, wanted), *ranges])
        signed = newest if wanted == newest.size else await queries.checkpoint_of_size(wanted)
    return InclusionView(
        index=index, size=wanted, leaf=data, leaf_hash=merkle.leaf_hash(data.encode()).hex(), root=root.hex(),
        proof=[one.hex() for one in proof], checkpoint="" if signed is None else signed.note,
    )  # fmt: skip


async def consistency(first: int, second: int | None) -> ConsistencyView:
    """Return the proof that the log only grew from one size to another, or to its newest checkpoint.

    Raises
    ------
    InvalidInput
        If there are no two such trees.
    """
    async with database.tx(SYSTEM):
        newest = await newest_inside()
        wanted = newest.size if second is None else second
        if not 0 <= first <= wanted <= newest.size:
            told = "take sizes from 0 to {most}, the smaller one first"
            fault = Fault.of("from", f"{first}, {wanted}", told, most=newest.size)
            raise InvalidInput("there are no two such trees", faults=[fault])
        ranges = merkle.consistency_ranges(first, wanted)
        old, new, *proof = await hashes_inside([(0, first), (0, wanted), *ranges])
    return ConsistencyView(
        first=first, second=wanted, first_root=old.hex(), second_root=new.hex(), proof=[one.hex() for one in proof]
    )


async def newest_inside() -> CheckpointView:
    """Return the newest checkpoint.

    Raises
    ------
    NotFound
        If nothing was logged yet.
    """
    found = await queries.newest_checkpoint()
    if found is None:
        raise NotFound("the log has no checkpoint yet: it begins with the first finished visit")
    return found
