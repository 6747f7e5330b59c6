"""Travel times over a road graph."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.rounds.travel import Location
from planner.travel.interface import ATTRIBUTION, NOT_REACHED, SNAP_LIMIT_M, Block, Kind, Source, degrees_of
from planner.travel.roads.graph import Graph
from planner.travel.roads.pace import PACE, Pace
from planner.travel.roads.snap import Snapped, Snapper

ROWS_AT_ONCE = 256
"""Rows that are put together at a time, so that the intermediate arrays stay small."""

ROWS_A_THREAD = 32
"""Fewer searches are not worth another thread."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class _Ends:
    """Places as positions on edges: up to two each, one per direction; shapes (places, 2).

    Attributes
    ----------
    edge
        The edge, -1 for none.
    share
        Part of the edge that lies behind the place, in the edge's direction.
    """

    edge: Ints
    share: Floats


class Roads:
    """A road graph as a source of travel times.

    Parameters
    ----------
    graph
        See `planner.travel.roads.graph`.
    pace
        How fast it is driven.
    name
        The extract's, for `source`.
    snap_limit_m
        How far from a road a place may be.
    threads
        That search side by side.
    """

    def __init__(
        self, graph: Graph, pace: Pace = PACE, name: str = "", snap_limit_m: float = SNAP_LIMIT_M, threads: int = 1
    ) -> None:
        self._graph, self._pace, self._limit_m, self._name, self._threads = graph, pace, snap_limit_m, name, threads
        self._snapper = Snapper(graph)

    @property
    def source(self) -> Source:
        """The extract and its date."""
        return Source(kind=Kind.ROADS, name=self._name, data_date=self._graph.data_date, attribution=ATTRIBUTION)

    def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Search the quickest ways; a place too far from any road has none."""
        length = self._graph.length_m[self._graph.turn_to][:, None]
        seconds, sums, road_m = self.ways(starts, ends, self._graph.length_m[:, None], length)
        lost = ~np.isfinite(seconds)
        durations = np.where(lost, NOT_REACHED, np.rint(np.where(lost, 0.0, seconds))).astype(np.int32)
        distances = np.where(lost, NOT_REACHED, np.rint(sums[:, :, 0])).astype(np.int32)
        return Block(durations_s=durations, distances_m=distances, road_m=road_m)

    def ways(
        self, starts: Sequence[Location], ends: Sequence[Location], of_edge: Floats, of_turn: Floats
    ) -> tuple[Floats, Floats, dict[str, int | None]]:
        """Search the quickest ways and add up other things along them.

        Parameters
        ----------
        starts, ends
            Places of departure and destinations.
        of_edge
            What adds up along an edge, shape (edges, K); a part of an edge counts in part.
        of_turn
            What adds up with a turn and the edge that it leads to, shape (turns, K).

        Returns
        -------
        seconds, sums, road_m
            Seconds, infinite for no way, shape (starts, ends); the sums, shape (starts, ends, K); names and distances of
            places that are too far from any road.
        """
        if not self._graph.edges:
            far = dict.fromkeys((place.id for place in (*starts, *ends)), None)
            shape = (len(starts), len(ends))
            return np.full(shape, np.inf), np.zeros((*shape, of_edge.shape[1])), far
        here, far_starts = self._ends(starts)
        there, far_ends = self._ends(ends)
        sources, row_of = _slots(here.edge, self._graph.edges)
        targets, column_of = _slots(there.edge, self._graph.edges)
        edge_s = self._pace.edge_s(self._graph)
        between_s, between = self._search(sources, targets, column_of, edge_s, of_turn)
        seconds = np.full((len(starts), len(ends)), np.inf)
        sums = np.zeros((*seconds.shape, of_edge.shape[1]))
        for begin in range(0, len(starts), ROWS_AT_ONCE):
            rows = slice(begin, begin + ROWS_AT_ONCE)
            for a in (0, 1):
                for b in (0, 1):
                    e, f = here.edge[rows, a], there.edge[:, b]
                    o, p = here.share[rows, a, None], there.share[None, :, b]
                    r, c = row_of[e][:, None], column_of[f][None, :]
                    open_ = (e >= 0)[:, None] & (f >= 0)[None, :]
                    # On from the start edge's end to the target edge's end, less what lies behind the target.
                    new_s = np.where(open_, (1 - o) * edge_s[e][:, None] + between_s[r, c] - (1 - p) * edge_s[f], np.inf)
                    along = open_ & (e[:, None] == f[None, :]) & (p >= o)
                    new_s = np.where(along, np.minimum(new_s, (p - o) * edge_s[f]), new_s)
                    direct = along & (new_s == (p - o) * edge_s[f])
                    better = new_s < seconds[rows]
                    seconds[rows] = np.where(better, new_s, seconds[rows])
                    for k in range(of_edge.shape[1]):
                        cost = of_edge[:, k]
                        around = (1 - o) * cost[e][:, None] + between[r, c, k] - (1 - p) * cost[f]
                        new = np.where(direct, (p - o) * cost[f], around)
                        sums[rows, :, k] = np.where(better, new, sums[rows, :, k])
        return seconds, sums, far_starts | far_ends

    def _ends(self, places: Sequence[Location]) -> tuple[_Ends, dict[str, int | None]]:
        snapped: Snapped = self._snapper.snap(degrees_of(places))
        near = (snapped.away_m <= self._limit_m) & (snapped.strand >= 0)
        graph = self._graph
        sides = [np.append(side, -1)[snapped.strand] for side in (graph.forward, graph.backward)]
        edge = np.where(near[:, None], np.stack(sides, axis=1), -1)
        share = np.stack([snapped.share, 1 - snapped.share], axis=1)
        far: dict[str, int | None] = {
            place.id: int(away)
            for place, away, is_near in zip(places, snapped.away_m.round(), near.tolist(), strict=True)
            if not is_near
        }
        return _Ends(edge.astype(np.int32), share), far

    def _search(self, sources: Ints, targets: Ints, column_of: Ints, edge_s: Floats, of_turn: Floats) -> tuple[Floats, Floats]:
        from planner.travel.roads.search import search

        graph = self._graph
        seconds = np.full((len(sources) + 1, len(targets) + 1), np.inf)
        sums = np.zeros((*seconds.shape, of_turn.shape[1]))
        turn_s = self._pace.turn_s_of(graph) + edge_s[graph.turn_to]
        adds_up = np.ascontiguousarray(of_turn)

        def part(rows: slice) -> None:
            search(
                sources[rows], column_of[:-1], len(targets), graph.first_turn, graph.turn_to, turn_s, adds_up,
                seconds[:-1][rows], sums[:-1][rows],
            )  # fmt: skip

        size = max(ROWS_A_THREAD, -(-len(sources) // self._threads))
        with ThreadPoolExecutor(self._threads) as pool:  # the search lets go of Python's lock
            list(pool.map(part, (slice(begin, begin + size) for begin in range(0, len(sources), size))))
        return seconds, sums


def _slots(edge: Ints, edges: int) -> tuple[Ints, Ints]:
    """Return the edges that are used, and the number of every edge among them, -1 (the last of a table) for others."""
    used = np.unique(edge[edge >= 0]).astype(np.int32)
    slot = np.full(edges + 1, -1, np.int32)
    slot[used] = np.arange(len(used), dtype=np.int32)
    return used, slot
