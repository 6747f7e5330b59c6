"""The Merkle tree of RFC 9162, section 2.1, with SHA-256.

A tree over n leaves is made of perfect subtrees: the node (level, position) is the hash over the leaves
``position * 2**level`` up to ``(position + 1) * 2**level``. A `Node` function looks such hashes up; whatever else a proof needs
is computed from them, and `subtrees` says beforehand which ones those are, so that a store can fetch them together.

Leaves and nodes are hashed with different first bytes, so that no node can be passed off as a leaf.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from cryptography.hazmat.primitives.constant_time import bytes_eq

HASH_BYTES: Final = 32

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""Root of the tree without leaves."""

_LONGEST_PROOF: Final = 64
"""Hashes: a tree has fewer than 2**63 leaves, and a proof at most one hash a level and one more."""

Node = Callable[[int, int], bytes]
"""Given the level and position of a perfect subtree, its hash."""

Range = tuple[int, int]
"""Leaves from the first number up to, not with, the second."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtrees(part: Range) -> list[tuple[int, int]]:
    """Return the perfect subtrees that a range of the tree is made of, as (level, position), left to right.

    Parameters
    ----------
    part
        A range that is a node of some tree: it begins at a multiple of the smallest power of two that covers it.
    """
    start, end = part
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_hash(part: Range, node: Node) -> bytes:
    """Return the hash over a range of leaves that is a node of some tree."""
    hashes = [node(level, position) for level, position in subtrees(part)]
    if not hashes:
        return EMPTY_ROOT
    found = hashes.pop()
    while hashes:
        found = node_hash(hashes.pop(), found)
    return found


def root(size: int, node: Node) -> bytes:
    """Return the root of the tree over the first `size` leaves."""
    return range_hash((0, size), node)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that a leaf stands in a tree, from the leaf upwards (section 2.1.3.1).

    Raises
    ------
    ValueError
        If the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return the ranges whose hashes prove that a tree grew out of a smaller one (section 2.1.4.1).

    Nothing needs to be proved of the empty tree and of a tree with itself.

    Raises
    ------
    ValueError
        If the second tree is the smaller one.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of {second} leaves did not grow out of one of {first}")
    if first in (0, second):
        return []
    start, end, whole, found = 0, second, True, []
    while end != first:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:
        found.append((start, end))
    return found[::-1]


def _split(count: int) -> int:
    """Return the largest power of two below a count of 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return the hashes that prove that leaf `index` stands in the tree over the first `size` leaves."""
    return [range_hash(part, node) for part in inclusion_ranges(index, size)]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """Return the hashes that prove that the tree of `second` leaves grew out of the tree of `first`."""
    return [range_hash(part, node) for part in consistency_ranges(first, second)]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Return whether a proof shows that a leaf stands in a tree (section 2.1.3.2).

    Parameters
    ----------
    leaf
        Hash of the leaf.
    index, size
        Its place, and the number of leaves of the tree.
    proof
        Hashes from the leaf upwards.
    expected_root
        Root of the tree, from a checkpoint that is trusted.
    """
    if not 0 <= index < size or not _are_hashes([leaf, expected_root, *proof]) or len(proof) > _LONGEST_PROOF:
        return False
    fn, sn, found = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            found = node_hash(sibling, found)
            fn, sn = _past_lone(fn, sn)
        else:
            found = node_hash(found, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and bytes_eq(found, expected_root)


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether a proof shows that the second tree holds the first unchanged, in the same order (section 2.1.4.2).

    Parameters
    ----------
    first, second
        Numbers of leaves.
    first_root, second_root
        Roots of the two trees.
    proof
        Hashes; none where the first tree is empty or the same as the second.
    """
    if not 0 <= first <= second or not _are_hashes([first_root, second_root, *proof]) or len(proof) > _LONGEST_PROOF:
        return False
    if first == 0:
        return not proof and bytes_eq(first_root, EMPTY_ROOT)
    if first == second:
        return not proof and bytes_eq(first_root, second_root)
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not proof:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            fn, sn = _past_lone(fn, sn)
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    same_old, same_new = bytes_eq(old, first_root), bytes_eq(new, second_root)
    return sn == 0 and same_old and same_new


def _past_lone(fn: int, sn: int) -> tuple[int, int]:
    """Climb over the levels on which the last node has no sibling."""
    while not fn & 1 and fn:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


class Frontier:
    """The right edge of a growing tree: enough for its root, for a check that reads all leaves once."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes] = []
        """Hashes of the perfect subtrees, the largest first."""

    @classmethod
    def of(cls, size: int, whole: Sequence[bytes]) -> "Frontier":
        """Return the edge of a tree of `size` leaves that was put down before: as many hashes as the size has ones."""
        if len(whole) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees, not {len(whole)}")
        made = cls()
        made.size, made._whole = size, list(whole)
        return made

    @property
    def whole(self) -> list[bytes]:
        """Hashes of the perfect subtrees, the largest first: with the size, all that goes on needs."""
        return list(self._whole)

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        for _ in self._carries():
            leaf = node_hash(self._whole.pop(), leaf)
        self._whole.append(leaf)
        self.size += 1

    def _carries(self) -> Iterator[int]:
        rest = self.size
        while rest & 1:
            yield rest
            rest >>= 1

    @property
    def root(self) -> bytes:
        """Root over all leaves so far."""
        if not self._whole:
            return EMPTY_ROOT
        found = self._whole[-1]
        for left in reversed(self._whole[:-1]):
            found = node_hash(left, found)
        return found
