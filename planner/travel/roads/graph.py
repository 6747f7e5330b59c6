"""A road graph as arrays: directed edges from junction to junction, and the turns that may be made between them.

Nodes of degree two are drawn together, so an edge runs from one junction to the next. The search goes over *edges*: a turn has
a price and may be forbidden, which a graph of junctions could not say. Only edges from which every other of their part of
the network can be reached are kept, so that no place hangs on a street without a way back.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from planner.travel.roads.read import Restriction, Streets
from planner.travel.roads.strands import Strand, strands_of

ISLAND_SHARE = 0.05
"""Parts of the network with less than this share of the largest one's edges are dropped: a car park whose gate is closed is no
place to drive from. A real island of some size stays, with no way to the mainland unless a ferry takes vehicles."""

DROPPED_ROUNDS = 10
"""Each round mends what the one before cut off at the end of a dropped street; two or three do."""

U_TURN = 2.0
"""Shape of a turn in a dead end, in right about-turns: one shunts."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Graph:
    """Roads as arrays; E directed edges, A turns, S strands (an edge and its twin), P points of their lines.

    Attributes
    ----------
    length_m, drive_s, signals
        Of every edge: metres, seconds at the tags' speeds, traffic lights on the way and at its end; shape (E,).
    first_turn, turn_to, turn_shape
        Turns from edge e are `first_turn[e]:first_turn[e + 1]`; the edge that they lead to, and how sharp they are: 0 straight
        on, 0.5 a right angle; shapes (E + 1,), (A,), (A,).
    forward, backward
        Edge of every strand in the order of its points and against it, -1 for none; shape (S,).
    first_point, lat, lon
        Points of strand s are `first_point[s]:first_point[s + 1]`, in degrees; shapes (S + 1,), (P,), (P,).
    data_date
        Day of the data, where the extract tells it.
    """

    length_m: Floats
    drive_s: Floats
    signals: Floats
    first_turn: NDArray[np.int64]
    turn_to: Ints
    turn_shape: Floats
    forward: Ints
    backward: Ints
    first_point: NDArray[np.int64]
    lat: Floats
    lon: Floats
    data_date: date | None = None

    @property
    def edges(self) -> int:
        """Number of directed edges."""
        return len(self.length_m)


@dataclass(frozen=True)
class _Edge:
    """A directed edge while turns are worked out."""

    strand: int
    tail: int
    head: int
    first_way: int
    last_way: int
    leaves: float
    """Bearing at its begin, radians."""

    arrives: float
    """Bearing at its end."""

    length_m: float
    drive_s: float
    signals: int


def graph_of(streets: Streets) -> Graph:
    """Turn what was read into a graph."""
    strands = strands_of(streets)
    edges = [edge for number, strand in enumerate(strands) for edge in _edges_of(number, strand, streets)]
    # Where every way on is dropped one turns round, as in a dead end; what hangs on such a place comes back in.
    kept = np.ones(len(edges), np.bool_)
    for _ in range(DROPPED_ROUNDS):
        turns = _turns(edges, strands, streets, kept)
        before, kept = kept, _kept(len(edges), turns)
        if np.array_equal(before, kept):
            break
    return _arrays(strands, edges, turns, kept, streets.data_date)


def _edges_of(number: int, strand: Strand, streets: Streets) -> list[_Edge]:
    places = np.array([streets.position[node] for node in strand.nodes])
    to_east = np.cos(np.radians(places[:, 0].mean()))

    def bearing(start: int, end: int) -> float:
        return float(np.arctan2(places[end, 0] - places[start, 0], (places[end, 1] - places[start, 1]) * to_east))

    inner = sum(node in streets.signals for node in strand.nodes[1:-1])
    first, last = strand.nodes[0], strand.nodes[-1]
    found = []
    if strand.forward_s is not None:
        lights = inner + (last in streets.signals)
        found.append(
            _Edge(
                number, first, last, strand.first_way, strand.last_way, bearing(0, 1), bearing(-2, -1), strand.length_m,
                strand.forward_s, lights,
            )
        )  # fmt: skip
    if strand.backward_s is not None:
        lights = inner + (first in streets.signals)
        found.append(
            _Edge(
                number, last, first, strand.last_way, strand.first_way, bearing(-1, -2), bearing(1, 0), strand.length_m,
                strand.backward_s, lights,
            )
        )  # fmt: skip
    return found


def _turns(
    edges: list[_Edge], strands: list[Strand], streets: Streets, kept: NDArray[np.bool_]
) -> list[tuple[int, int, float]]:
    """Work out all turns that may be made: edge, next edge, shape."""
    leaving: dict[int, list[int]] = {}
    for number, edge in enumerate(edges):
        leaving.setdefault(edge.tail, []).append(number)
    arms = Counter(node for strand in strands for node in (strand.nodes[0], strand.nodes[-1]))
    rules: dict[int, list[Restriction]] = {}
    for rule in streets.restrictions:
        rules.setdefault(rule.via, []).append(rule)
    found: list[tuple[int, int, float]] = []
    for number, edge in enumerate(edges):
        ways_on = leaving.get(edge.head, [])
        # A ring leads on into itself; only the other direction of a strand is the way back.
        back = [other for other in ways_on if other != number and edges[other].strand == edge.strand]
        onward = [other for other in ways_on if other == number or edges[other].strand != edge.strand]
        if edge.head in streets.closed:
            onward = []
        if not any(kept[other] for other in onward):  # a dead end; elsewhere nobody turns back on the road
            found += [(number, other, U_TURN) for other in back]
        at = rules.get(edge.head, [])
        is_junction = arms[edge.head] > 2  # elsewhere the road merely bends
        found += [
            (number, other, _shape(edge.arrives, edges[other].leaves) if is_junction else 0.0)
            for other in onward
            if _allowed(edge.last_way, edges[other].first_way, at)
        ]
    return found


def _shape(arrives: float, leaves: float) -> float:
    """How sharp a turn is: 0 straight on, 0.5 a right angle, 1 back."""
    return float(1 - np.cos(leaves - arrives)) / 2


def _allowed(from_way: int, to_way: int, rules: list[Restriction]) -> bool:
    """Whether no rule at a junction forbids to go from one way to another."""
    mine = [rule for rule in rules if from_way in rule.from_ways]
    if any(to_way in rule.to_ways for rule in mine if not rule.only):
        return False
    only = [rule for rule in mine if rule.only]
    return not only or any(to_way in rule.to_ways for rule in only)


def _kept(count: int, turns: list[tuple[int, int, float]]) -> NDArray[np.bool_]:
    """Mark the edges of strongly connected parts that are large enough."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.array([turn[0] for turn in turns], np.int64)
    columns = np.array([turn[1] for turn in turns], np.int64)
    links = coo_array((np.ones(len(turns), np.int8), (rows, columns)), shape=(count, count))
    _, part = connected_components(links, directed=True, connection="strong")
    sizes = np.bincount(part, minlength=1)
    one, other = part[rows], part[columns]
    leads_back = np.zeros(len(sizes), np.bool_)  # an edge by itself is no part to drive in, unless it is a ring
    leads_back[one[one == other]] = True
    kept: NDArray[np.bool_] = (leads_back & (sizes >= ISLAND_SHARE * sizes.max(initial=0, where=leads_back)))[part]
    return kept


def _arrays(
    strands: list[Strand],
    edges: list[_Edge],
    turns: list[tuple[int, int, float]],
    kept: NDArray[np.bool_],
    data_date: date | None,
) -> Graph:
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    live = [edge for edge, keep in zip(edges, kept.tolist(), strict=True) if keep]
    used = sorted({edge.strand for edge in live})
    slot = {strand: position for position, strand in enumerate(used)}
    forward, backward = np.full(len(used), -1, np.int32), np.full(len(used), -1, np.int32)
    for position, edge in enumerate(live):
        strand = strands[edge.strand]
        # A loop begins where it ends; then its first edge is the one in the order of its points.
        along = edge.tail == strand.nodes[0] and (edge.head != edge.tail or forward[slot[edge.strand]] < 0)
        along = along and strand.forward_s is not None
        (forward if along else backward)[slot[edge.strand]] = position
    kept_turns = sorted((int(number[a]), int(number[b]), shape) for a, b, shape in turns if kept[a] and kept[b])
    counts = np.bincount([turn[0] for turn in kept_turns], minlength=len(live))
    lines = [strands[strand].line for strand in used]
    points = np.concatenate(lines) if lines else np.zeros((0, 2))
    return Graph(
        length_m=np.array([edge.length_m for edge in live]),
        drive_s=np.array([edge.drive_s for edge in live]),
        signals=np.array([edge.signals for edge in live], np.float64),
        first_turn=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        turn_to=np.array([turn[1] for turn in kept_turns], np.int32),
        turn_shape=np.array([turn[2] for turn in kept_turns]),
        forward=forward,
        backward=backward,
        first_point=np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64),
        lat=points[:, 0].copy(),
        lon=points[:, 1].copy(),
        data_date=data_date,
    )
