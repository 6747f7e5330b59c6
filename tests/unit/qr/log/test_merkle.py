"""The tree against RFC 9162, written down a second time, and what its checks refuse."""

from __future__ import annotations

import hashlib

import pytest

from qr.log import merkle, tiles
from qr.log.merkle import Frontier, Node
from tests.support import slow_log

LEAVES = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
"""Any eight leaves of different lengths, the empty one among them."""

MANY = [f"leaf {number}".encode() for number in range(70)]


def node_over(leaves: list[bytes]) -> Node:
    held: dict[tuple[int, int], bytearray] = {}
    tiles.add_leaves(held, 0, [merkle.leaf_hash(leaf) for leaf in leaves])
    return tiles.node_from({tile: bytes(hashes) for tile, hashes in held.items()})


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(0, node_over([])) == merkle.EMPTY_ROOT


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.node_hash(left, right) == hashlib.sha256(b"\x01" + left + right).digest()
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


def test_the_root_over_eight_leaves_is_that_of_published_test_vectors() -> None:
    assert merkle.root(8, node_over(LEAVES)).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", range(1, 71))
def test_roots_and_inclusion_proofs_are_those_of_the_recursive_definition(size: int) -> None:
    node, root = node_over(MANY), slow_log.mth(MANY[:size])
    assert merkle.root(size, node) == root
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, node)
        assert proof == slow_log.path(index, MANY[:size])
        assert merkle.included(merkle.leaf_hash(MANY[index]), index, size, proof, root)


@pytest.mark.parametrize("second", range(1, 71))
def test_consistency_proofs_are_those_of_the_recursive_definition(second: int) -> None:
    node, root = node_over(MANY), slow_log.mth(MANY[:second])
    for first in range(1, second + 1):
        proof = merkle.consistency_proof(first, second, node)
        assert proof == slow_log.proof(first, MANY[:second])
        assert merkle.consistent(first, second, slow_log.mth(MANY[:first]), root, proof)


def test_a_growing_frontier_has_the_root_of_every_size() -> None:
    frontier = Frontier()
    assert frontier.root == merkle.EMPTY_ROOT
    for size, leaf in enumerate(MANY, 1):
        frontier.add(merkle.leaf_hash(leaf))
        assert (frontier.size, frontier.root) == (size, slow_log.mth(MANY[:size]))


def test_a_proof_of_another_place_size_leaf_or_root_is_refused() -> None:
    node, root = node_over(MANY), slow_log.mth(MANY[:11])
    leaf, proof = merkle.leaf_hash(MANY[4]), slow_log.path(4, MANY[:11])
    assert merkle.included(leaf, 4, 11, proof, root)
    for index in set(range(-1, 13)) - {4}:
        assert not merkle.included(leaf, index, 11, proof, root)
    # Sizes in which leaf 4 has the same path are told apart by the root, which a checkpoint names together with its size.
    assert not merkle.included(leaf, 4, 4, proof, root)
    assert not merkle.included(leaf, 4, 300, proof, root)
    assert not merkle.included(merkle.leaf_hash(MANY[5]), 4, 11, proof, root)
    assert not merkle.included(leaf, 4, 11, proof, merkle.root(12, node))


def test_a_proof_that_is_cut_lengthened_or_changed_is_refused() -> None:
    root, leaf, proof = slow_log.mth(MANY[:11]), merkle.leaf_hash(MANY[4]), slow_log.path(4, MANY[:11])
    wrong = [
        proof[:-1],
        proof[1:],
        [*proof, proof[0]],
        [proof[0], *proof],
        proof[::-1],
        [],
        [proof[0][:-1], *proof[1:]],
        [root] * 65,
    ]
    for changed in wrong:
        assert not merkle.included(leaf, 4, 11, changed, root)
    for at in range(len(proof)):
        changed = [bytes([one[0] ^ 1]) + one[1:] if number == at else one for number, one in enumerate(proof)]
        assert not merkle.included(leaf, 4, 11, changed, root)


def test_a_node_is_not_taken_for_a_leaf() -> None:
    """Without the different first bytes, the two children of a node could be passed off as a leaf of a smaller tree."""
    root = slow_log.mth(MANY[:4])
    children = merkle.node_hash(merkle.leaf_hash(MANY[0]), merkle.leaf_hash(MANY[1]))
    forged = merkle.leaf_hash(merkle.leaf_hash(MANY[0]) + merkle.leaf_hash(MANY[1]))
    other = slow_log.mth(MANY[2:4])
    assert merkle.node_hash(children, other) == root
    assert not merkle.included(forged, 0, 2, [other], root)


def test_a_rewritten_history_has_no_consistency_proof() -> None:
    old = slow_log.mth(MANY[:7])
    rewritten = [b"another", *MANY[1:]]
    for second in (7, 8, 20):
        new = slow_log.mth(rewritten[:second])
        assert not merkle.consistent(7, second, old, new, slow_log.proof(7, rewritten[:second]))
        assert not merkle.consistent(7, second, old, new, slow_log.proof(7, MANY[:second]))


def test_a_consistency_proof_that_is_cut_lengthened_or_changed_is_refused() -> None:
    for first, second in ((1, 2), (3, 7), (4, 7), (6, 8), (8, 20), (19, 20)):
        old, new, proof = slow_log.mth(MANY[:first]), slow_log.mth(MANY[:second]), slow_log.proof(first, MANY[:second])
        assert merkle.consistent(first, second, old, new, proof)
        assert not merkle.consistent(first, second, new, old, proof)
        assert not merkle.consistent(second, first, new, old, proof)
        for changed in (proof[:-1], [*proof, proof[-1]], [], [one[::-1] for one in proof], [one[:-1] for one in proof]):
            assert not merkle.consistent(first, second, old, new, changed)


def test_the_empty_tree_and_the_tree_itself_need_no_proof() -> None:
    root = slow_log.mth(MANY[:5])
    assert merkle.consistency_ranges(0, 5) == merkle.consistency_ranges(5, 5) == []
    assert merkle.consistent(0, 5, merkle.EMPTY_ROOT, root, [])
    assert merkle.consistent(5, 5, root, root, [])
    assert not merkle.consistent(0, 5, root, root, [])
    assert not merkle.consistent(5, 5, root, merkle.EMPTY_ROOT, [])
    assert not merkle.consistent(5, 5, root, root, [root])
    assert not merkle.consistent(0, 5, merkle.EMPTY_ROOT, root, [root])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"no leaf {index}"):
        merkle.inclusion_ranges(index, size)


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3)])
def test_a_log_does_not_shrink(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="did not grow"):
        merkle.consistency_ranges(first, second)


def test_a_proof_over_ten_million_leaves_has_24_hashes() -> None:
    assert len(merkle.inclusion_ranges(1_234_567, 10_000_000)) == 24
