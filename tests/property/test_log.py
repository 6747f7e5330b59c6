"""What holds for every tree, every way it grew, and every change to a bundle."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr.canonical import canonical
from qr.log import bundle, checkpoint, merkle, note, tiles
from qr.log.checkpoint import Checkpoint
from qr.log.errors import BundleError, NoteError
from qr.log.merkle import Node
from tests.support import slow_log
from tests.support.logged import RING, bundled

sizes = st.integers(1, 700)
hashes = st.binary(min_size=32, max_size=32)


def held(size: int) -> tuple[list[bytes], Node]:
    leaves = [number.to_bytes(3, "big") for number in range(size)]
    store: dict[tiles.TileId, bytearray] = {}
    tiles.add_leaves(store, 0, [merkle.leaf_hash(leaf) for leaf in leaves])
    return leaves, tiles.node_from({tile: bytes(one) for tile, one in store.items()})


@given(sizes, st.data())
def test_every_leaf_of_every_tree_has_its_proof(size: int, data: st.DataObject) -> None:
    leaves, node = held(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, node)
    assert proof == slow_log.path(index, leaves)
    assert merkle.included(merkle.leaf_hash(leaves[index]), index, size, proof, slow_log.mth(leaves))


@given(sizes, st.data())
def test_every_tree_grew_out_of_every_smaller_one(size: int, data: st.DataObject) -> None:
    leaves, node = held(size)
    first = data.draw(st.integers(0, size))
    proof = merkle.consistency_proof(first, size, node)
    old, new = slow_log.mth(leaves[:first]), slow_log.mth(leaves)
    assert merkle.consistent(first, size, old, new, proof)
    other = merkle.leaf_hash(b"x")
    if first:
        assert not merkle.consistent(first, size, other, new, proof)
        assert not merkle.consistent(first, size, old, other, proof)


@given(st.lists(st.integers(1, 600), min_size=1, max_size=5))
def test_it_does_not_matter_in_which_parts_a_tree_grew(parts: list[int]) -> None:
    total = sum(parts)
    leaves, node = held(total)
    store: dict[tiles.TileId, bytearray] = {}
    size = 0
    for part in parts:
        edge = {tile: bytearray(store[tile]) for tile in tiles.edge_of(size)}
        changed = tiles.add_leaves(edge, size, [merkle.leaf_hash(leaf) for leaf in leaves[size : size + part]])
        store |= {tile: edge[tile] for tile in changed}
        size += part
    again = tiles.node_from({tile: bytes(one) for tile, one in store.items()})
    assert merkle.root(total, again) == merkle.root(total, node)


@given(st.integers(0, 2**62), st.integers(1, 2**62), st.lists(hashes, max_size=70), hashes, hashes)
def test_made_up_proofs_are_refused_and_break_nothing(
    index: int, size: int, proof: list[bytes], leaf: bytes, root: bytes
) -> None:
    assert not merkle.included(leaf, index, size, proof, root) or (size == 1 and leaf == root)
    assert not merkle.consistent(min(index, size), max(index, size) + 1, leaf, root, proof)


@given(st.text(min_size=1), st.integers(0, 2**62), hashes)
def test_whatever_is_signed_opens_again_and_says_the_same(name: str, size: int, root: bytes) -> None:
    origin = "log/" + "".join(character for character in name if character.isalnum())
    known = [note.verifier_from(origin, secret) for secret in RING.signing]
    signed = checkpoint.sign(Checkpoint(origin, size, root), RING.signing)
    assert checkpoint.opened(signed, known).checkpoint == Checkpoint(origin, size, root)


@given(st.text())
def test_no_text_makes_the_readers_of_notes_and_keys_stumble(text: str) -> None:
    for read in (note.split, note.verifier_of, checkpoint.parse, checkpoint.unverified):
        with suppress(NoteError):
            read(text)


@given(st.binary())
def test_no_bytes_make_the_reader_of_bundles_stumble(content: bytes) -> None:
    with pytest.raises(BundleError):
        bundle.read(content)


def mutated(content: bytes, random: Random) -> bytes:
    """A file with one byte changed, left out or put in, or a piece doubled, moved or cut off."""
    at, other = random.randrange(len(content)), random.randrange(len(content))
    low, high = min(at, other), max(at, other)
    byte = bytes([random.randrange(256)])
    return random.choice(
        [
            content[:at] + byte + content[at + 1 :], content[:at] + content[at + 1 :], content[:at] + byte + content[at:],
            content[:high] + content[low:high] + content[high:], content[:low] + content[high:], content[:at],
            content[:at] + bytes([content[at] ^ (1 << random.randrange(8))]) + content[at + 1 :],
        ]
    )  # fmt: skip


@pytest.mark.parametrize("with_record", [True, False])
def test_of_a_thousand_mutations_of_a_valid_bundle_none_passes_that_says_anything_else(with_record: bool) -> None:
    good = bundled(with_record=with_record)
    content, random = bundle.encode(good), Random(162)  # noqa: S311 - repeatable on purpose
    refused = 0
    for _ in range(1000):
        try:
            found = bundle.read(mutated(content, random))
        except BundleError:
            refused += 1
            continue
        if bundle.check(found, RING.public).valid:
            # What passes says the same: space between tokens, or a key in the file that is not looked at here.
            assert msgspec.structs.replace(found, keys=good.keys) == good
        else:
            refused += 1
    assert refused > 900


plain = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8)
nested = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


@given(nested)
def test_the_canonical_form_reads_back_and_is_the_same_whatever_the_order(value: object) -> None:
    text = canonical(value)
    assert canonical(json.loads(text)) == text
    if isinstance(value, dict):
        assert canonical(dict(reversed(list(value.items())))) == text
