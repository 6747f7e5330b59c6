"""Roads from junction to junction: the pieces of ways are drawn together where nothing can be decided between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.rounds.travel import great_circle_km
from planner.travel.roads.read import Streets


@dataclass(frozen=True)
class Strand:
    """A road from one junction to the next.

    Attributes
    ----------
    nodes
        OSM ids along it, at least two.
    line
        Their positions in degrees, shape (nodes, 2).
    length_m
        Metres.
    forward_s, backward_s
        Seconds in the order of its nodes and against it; None where that is forbidden.
    first_way, last_way
        OSM ids of the ways with which it begins and ends, for turn rules.
    """

    nodes: tuple[int, ...]
    line: NDArray[np.float64]
    length_m: float
    forward_s: float | None
    backward_s: float | None
    first_way: int
    last_way: int


class _Piece(NamedTuple):
    """A straight piece of a way; speeds in km/h from `a` to `b` and back."""

    a: int
    b: int
    way: int
    there_kmh: float
    back_kmh: float
    length_m: float

    def other(self, node: int) -> int:
        return self.b if node == self.a else self.a

    def away_kmh(self, node: int) -> float:
        """Speed when leaving a node of it."""
        return self.there_kmh if node == self.a else self.back_kmh

    def towards_kmh(self, node: int) -> float:
        """Speed when arriving at a node of it."""
        return self.back_kmh if node == self.a else self.there_kmh


def strands_of(streets: Streets) -> list[Strand]:
    """Draw the pieces of all ways together."""
    pieces = _pieces(streets)
    at: dict[int, list[int]] = defaultdict(list)
    for number, piece in enumerate(pieces):
        at[piece.a].append(number)
        at[piece.b].append(number)
    fixed = {rule.via for rule in streets.restrictions} | streets.closed
    junctions = {node for node, around in at.items() if node in fixed or not _passes(node, [pieces[i] for i in around])}
    seen = np.zeros(len(pieces), np.bool_)
    found = []
    for node, around in at.items():
        if node in junctions:
            found += [_walk(node, i, pieces, at, junctions, seen, streets) for i in around if not seen[i]]
    for number, piece in enumerate(pieces):  # rings without any junction
        if not seen[number]:
            found.append(_walk(piece.a, number, pieces, at, junctions | {piece.a}, seen, streets))
    return found


def _pieces(streets: Streets) -> list[_Piece]:
    ends = [(way, a, b) for way in streets.ways for a, b in zip(way.nodes, way.nodes[1:], strict=False) if a != b]
    if not ends:
        return []
    here = np.array([streets.position[a] for _, a, _ in ends])
    there = np.array([streets.position[b] for _, _, b in ends])
    metres = 1000 * great_circle_km(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    return [
        _Piece(a, b, way.id, way.drive.forward_kmh, way.drive.backward_kmh, length)
        for (way, a, b), length in zip(ends, metres.tolist(), strict=True)
    ]


def _passes(node: int, around: list[_Piece]) -> bool:
    """Whether a node only joins two pieces that are open in the same directions."""
    if len(around) != 2:
        return False
    one, two = around
    if one.other(node) == two.other(node):  # two pieces between the same nodes: a ring of two
        return False
    onward = (one.towards_kmh(node) > 0) == (two.away_kmh(node) > 0)
    return onward and (two.towards_kmh(node) > 0) == (one.away_kmh(node) > 0)


def _walk(
    start: int,
    first: int,
    pieces: list[_Piece],
    at: dict[int, list[int]],
    junctions: set[int],
    seen: NDArray[np.bool_],
    streets: Streets,
) -> Strand:
    """Follow the pieces from a junction to the next."""
    nodes, node, number = [start], start, first
    length_m = forward_s = backward_s = 0.0
    there, back = pieces[first].away_kmh(start) > 0, pieces[first].towards_kmh(start) > 0
    while True:
        piece = pieces[number]
        seen[number] = True
        length_m += piece.length_m
        forward_s += piece.length_m / piece.away_kmh(node) * 3.6 if there else 0.0
        backward_s += piece.length_m / piece.towards_kmh(node) * 3.6 if back else 0.0
        node = piece.other(node)
        nodes.append(node)
        if node in junctions:
            break
        number = next(i for i in at[node] if i != number)
    return Strand(
        nodes=tuple(nodes),
        line=np.array([streets.position[each] for each in nodes]),
        length_m=length_m,
        forward_s=forward_s if there else None,
        backward_s=backward_s if back else None,
        first_way=pieces[first].way,
        last_way=pieces[number].way,
    )
