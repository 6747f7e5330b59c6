"""The stored tree: tiles of up to 256 hashes (C2SP tlog-tiles).

The tile (level, position) holds hashes number ``256 * position`` and on of perfect subtrees of ``256**level`` leaves; those of
level 0 are leaves. A full tile's root is one hash of the level above, so the nodes between are never stored but computed
inside a tile. An inclusion proof over n leaves reads at most two tiles a level, and there are log256 n levels; adding a leaf
touches one tile, and one more for every tile that it fills.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Final

from qr.log.merkle import HASH_BYTES, Node, Range, node_hash, subtrees

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT

TileId = tuple[int, int]
"""Level and position."""


def tile_of(level: int, position: int) -> tuple[TileId, int, int]:
    """Return the tile that a perfect subtree's hash is computed from, the first of its hashes there, and how many."""
    tile_level, rest = divmod(level, HEIGHT)
    per_tile = 1 << (HEIGHT - rest)
    return (tile_level, position // per_tile), (position % per_tile) << rest, 1 << rest


def tiles_of(ranges: Iterable[Range]) -> set[TileId]:
    """Return the tiles that the hashes of some ranges are computed from."""
    return {tile_of(level, position)[0] for part in ranges for level, position in subtrees(part)}


def node_from(tiles: Mapping[TileId, bytes]) -> Node:
    """Return a function that looks hashes of perfect subtrees up in tiles.

    It raises `KeyError` where a tile is missing and `ValueError` where one is too short.
    """

    def node(level: int, position: int) -> bytes:
        tile, start, count = tile_of(level, position)
        part = bytes(tiles[tile][start * HASH_BYTES : (start + count) * HASH_BYTES])
        if len(part) != count * HASH_BYTES:
            raise ValueError(f"tile {tile} ends before hash {start + count}")
        return perfect_root([part[at : at + HASH_BYTES] for at in range(0, len(part), HASH_BYTES)])

    return node


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def edge_of(size: int) -> list[TileId]:
    """Return the tiles that adding to a tree of `size` leaves begins with: those that are not full, one a level."""
    found, level = [], 0
    while size:
        if size % WIDTH:
            found.append((level, size // WIDTH))
        size //= WIDTH
        level += 1
    return found


def widths_of(size: int) -> dict[TileId, int]:
    """Return how many hashes each tile on the right edge of a tree has, level by level; those before them are full."""
    found, level = {}, 0
    while size:
        found[(level, (size - 1) // WIDTH)] = (size - 1) % WIDTH + 1
        size //= WIDTH
        level += 1
    return found


def add_leaves(tiles: MutableMapping[TileId, bytearray], size: int, hashes: Iterable[bytes]) -> set[TileId]:
    """Add leaves to a tree of `size`; return the tiles that changed.

    Parameters
    ----------
    tiles
        At least those of `edge_of(size)`; changed in place.
    size
        Number of leaves before.
    hashes
        Hashes of the new leaves.

    Raises
    ------
    ValueError
        If a tile has another number of hashes than the size says: the store is damaged, and nothing may be built on it.
    """
    changed: set[TileId] = set()
    for value in hashes:
        index, level, pushed = size, 0, value
        while True:
            tile = (level, index // WIDTH)
            held = tiles.setdefault(tile, bytearray())
            if len(held) != index % WIDTH * HASH_BYTES:
                raise ValueError(f"tile {tile} has {len(held) // HASH_BYTES} hashes, and {index % WIDTH} are expected")
            held += pushed
            changed.add(tile)
            if len(held) < WIDTH * HASH_BYTES:
                break
            pushed = perfect_root([bytes(held[at : at + HASH_BYTES]) for at in range(0, len(held), HASH_BYTES)])
            index, level = index // WIDTH, level + 1
        size += 1
    return changed
