"""Dijkstra's search over edges, compiled: from many edges to many, with what adds up along the way."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def search(
    starts: NDArray[np.int32],
    slot: NDArray[np.int32],
    ends: int,
    first_turn: NDArray[np.int64],
    turn_to: NDArray[np.int32],
    turn_s: NDArray[np.float64],
    carried: NDArray[np.float64],
    seconds: NDArray[np.float64],
    sums: NDArray[np.float64],
) -> None:
    """Search from the end of every start edge to the end of every wanted edge.

    Parameters
    ----------
    starts
        Edges to search from, shape (R,).
    slot
        Column of every edge that is wanted, -1 for others; shape (E,).
    ends
        How many are wanted.
    first_turn, turn_to
        The turns, see `planner.travel.roads.graph.Graph`.
    turn_s
        Seconds of every turn and of the whole edge that it leads to, shape (A,).
    carried
        What else adds up with a turn and the edge that it leads to, shape (A, K).
    seconds
        Filled: seconds from the end of a start edge to the end of a wanted one by at least one turn; infinite for no way;
        shape (R, ends).
    sums
        Filled: what was carried along the quickest way, shape (R, ends, K).
    """
    edges, kinds = len(slot), carried.shape[1]
    best, done, sum_of = np.empty(edges), np.empty(edges, np.bool_), np.empty((edges, kinds))
    # Every push makes some edge's time better along another turn, so there are never more than turns.
    key, item = np.empty(len(turn_to) + 1), np.empty(len(turn_to) + 1, np.int32)
    nothing = np.zeros(kinds)
    for row in range(len(starts)):
        best[:], done[:] = np.inf, False
        seconds[row, :], sums[row, :, :] = np.inf, 0.0
        left = ends
        # The start edge is not reached by starting on it: a way round the block may lead back to it.
        size = _spread(starts[row], 0.0, nothing, 0, key, item, best, sum_of, first_turn, turn_to, turn_s, carried)
        while size > 0 and left > 0:
            at, at_s = item[0], key[0]
            size = _pop(key, item, size)
            if done[at]:
                continue
            done[at] = True
            if slot[at] >= 0:
                seconds[row, slot[at]] = at_s
                sums[row, slot[at], :] = sum_of[at]
                left -= 1
            size = _spread(at, at_s, sum_of[at], size, key, item, best, sum_of, first_turn, turn_to, turn_s, carried)


@njit(cache=True, nogil=True)
def _spread(
    at: int,
    at_s: float,
    so_far: NDArray[np.float64],
    size: int,
    key: NDArray[np.float64],
    item: NDArray[np.int32],
    best: NDArray[np.float64],
    sum_of: NDArray[np.float64],
    first_turn: NDArray[np.int64],
    turn_to: NDArray[np.int32],
    turn_s: NDArray[np.float64],
    carried: NDArray[np.float64],
) -> int:
    """Push every edge that is reached sooner by a turn from this one; return the heap's size."""
    for turn in range(first_turn[at], first_turn[at + 1]):
        edge, new_s = turn_to[turn], at_s + turn_s[turn]
        if new_s >= best[edge]:
            continue
        best[edge] = new_s
        for k in range(len(so_far)):
            sum_of[edge, k] = so_far[k] + carried[turn, k]
        child = size
        size += 1
        while child > 0 and key[(child - 1) // 2] > new_s:
            parent = (child - 1) // 2
            key[child], item[child] = key[parent], item[parent]
            child = parent
        key[child], item[child] = new_s, edge
    return size


@njit(cache=True, nogil=True)
def _pop(key: NDArray[np.float64], item: NDArray[np.int32], size: int) -> int:
    """Take the first item off a binary heap; return its size."""
    size -= 1
    last_s, last = key[size], item[size]
    hole = 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= last_s:
            break
        key[hole], item[hole] = key[child], item[child]
        hole = child
    key[hole], item[hole] = last_s, last
    return size
