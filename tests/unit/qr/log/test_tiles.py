"""The stored tree: few tiles are read and written, and damage is seen."""

from __future__ import annotations

import pytest

from qr.log import merkle, tiles
from tests.support import slow_log

LEAVES = [number.to_bytes(4, "big") for number in range(1000)]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


def grown(*parts: int) -> dict[tiles.TileId, bytearray]:
    """Tiles of a tree to which leaves were added in parts of these sizes, each time with the edge alone at hand."""
    store: dict[tiles.TileId, bytearray] = {}
    size = 0
    for part in parts:
        edge = {tile: bytearray(store[tile]) for tile in tiles.edge_of(size)}
        changed = tiles.add_leaves(edge, size, HASHES[size : size + part])
        store |= {tile: edge[tile] for tile in changed}
        size += part
    return store


def test_a_tree_is_the_same_however_it_grew() -> None:
    assert grown(1000) == grown(255, 1, 1, 256, 400, 87) == grown(*[1] * 1000)


def test_roots_and_proofs_come_out_of_tiles() -> None:
    node = tiles.node_from({tile: bytes(held) for tile, held in grown(1000).items()})
    for size in (1, 255, 256, 257, 511, 512, 513, 1000):
        assert merkle.root(size, node) == slow_log.mth(LEAVES[:size])
        assert merkle.inclusion_proof(size - 1, size, node) == slow_log.path(size - 1, LEAVES[:size])
        assert merkle.consistency_proof(size, 1000, node) == slow_log.proof(size, LEAVES)


def test_a_full_tiles_root_is_one_hash_of_the_level_above() -> None:
    store = grown(1000)
    assert set(store) == {(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)}
    assert bytes(store[(1, 0)]) == b"".join(slow_log.mth(LEAVES[at : at + 256]) for at in (0, 256, 512))


def test_an_inclusion_proof_over_ten_million_leaves_reads_at_most_six_tiles() -> None:
    for index in (0, 255, 256, 5_000_000, 9_999_999):
        assert len(tiles.tiles_of(merkle.inclusion_ranges(index, 10_000_000))) <= 6


def test_adding_a_leaf_reads_and_writes_the_right_edge_only() -> None:
    assert len(tiles.edge_of(10_000_000)) <= 3
    store = grown(300)
    edge = {tile: bytearray(store[tile]) for tile in tiles.edge_of(300)}
    assert tiles.add_leaves(edge, 300, HASHES[300:301]) == {(0, 1)}


def test_nothing_is_built_on_a_tile_of_another_length() -> None:
    for wrong in (299, 301):
        with pytest.raises(ValueError, match="are expected"):
            tiles.add_leaves(grown(300), wrong, HASHES[:1])


def test_a_missing_or_short_tile_gives_no_hash() -> None:
    store = {tile: bytes(held) for tile, held in grown(300).items()}
    with pytest.raises(KeyError):
        tiles.node_from({})(0, 0)
    with pytest.raises(ValueError, match="ends before"):
        tiles.node_from(store)(0, 300)


def test_the_widths_of_the_edge_are_those_that_are_published() -> None:
    assert tiles.widths_of(0) == {}
    assert tiles.widths_of(256) == {(0, 0): 256, (1, 0): 1}
    assert tiles.widths_of(1000) == {(0, 3): 232, (1, 0): 3}
