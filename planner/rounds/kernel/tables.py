"""The kernel's data: a model and the state of a search, as arrays only; `columns` has the names of their columns.

Functions are handed the arrays they need, not these tuples: those would take the compiler several times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Real = NDArray[np.float64]
Bits = NDArray[np.uint64]

wide = cast("Callable[[Any], int]", np.int64)
"""Makes a number of 64 bits of one of a `Small` table, so that functions are compiled for one kind of numbers only."""


class Tables(NamedTuple):
    """A model.

    Attributes
    ----------
    travel, back
        Seconds from row to column, and the same from column to row.
    visit, window, duty
        One row each; windows of one visit follow each other.
    near, mate
        Neighbours of visits and visits of banks, at the places that `visit` names.
    option, option_at
        What kinds of visits may be where, at the places that `visit` names; per kind and duty, the place (-1: not there).
    home, member
        Groups of equal duties that set out near a place, nearest first, and the duties of groups.
    price
        Prices of all routes, and facts about the whole.
    """

    travel: Small
    back: Small
    visit: Ints
    window: Ints
    duty: Ints
    near: Small
    mate: Small
    option: Ints
    option_at: Small
    home: Small
    member: Small
    price: Ints


class State(NamedTuple):
    """A solution under change. A route lies in a row (a slot) of the tables; changed, it moves to another one.

    Attributes
    ----------
    known_stamp, known_cost, known_position
        Per visit and option, the cheapest place found last, and the stamp that the route had then. They lie apart, and
        options are shared, for a search runs through all of a visit's and waits for the memory they are in.
    moved, used
        Per visit and per duty, what the search knows of it.
    movable
        Visits that may be moved.
    spare
        Free slots.
    route, line, gap
        Per slot; per slot, line and stop; per slot and gap.
    best
        Per duty, its route in the best solution.
    draft
        Room for one route to be timed.
    note, noted
        Routes for the pool (duty, number of stops, price, stops, one after the other), and hashes of those noted lately.
    counter
        Counters of the search.
    chance
        State of the random numbers.
    """

    known_stamp: Small
    known_cost: Ints
    known_position: Small
    moved: Ints
    used: Ints
    movable: Small
    spare: Small
    route: Ints
    line: Small
    gap: Ints
    best: Ints
    draft: Ints
    note: Ints
    noted: Ints
    counter: Ints
    chance: Bits
