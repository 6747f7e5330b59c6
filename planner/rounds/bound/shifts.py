"""The duties of a problem as integer arrays for the compiled pricing, duties that are alike taken together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from planner.rounds.model import NEVER_S, Duty, Model

Ints = npt.NDArray[np.int64]

MOST_CELLS = 100_000_000
"""Most pairs of visits over all kinds of duties: 800 MB of travel times, which thousand visits of ten days stay far below."""
MOST_BITS = 62
"""Most visits that a visit on a route can keep in memory: bits of an integer that stays positive."""


class Shift(NamedTuple):
    """One kind of duty, for `pricing`. Places are its visits 0..n-1, and n for where it begins and where it ends.

    Attributes
    ----------
    leg_s
        Seconds from a place to another; row n from the start, column n to the end.
    service_s, load, option
        Per visit: seconds of work, load, and what it costs to have it on this duty.
    opens_at, opens_s, closes_s
        Windows: those of visit k are ``opens_at[k]`` up to ``opens_at[k + 1]`` of the other two.
    from_s, late_s, latest_s, to_s
        Earliest departure; earliest departure for which no break is due (-1 if there is no break or no such time); latest
        return; return from which overtime counts.
    rest
        Whether a break may be due; then `rest_from_s`, `rest_to_s`, `rest_s` are its first and last start and its length.
    longest_s, room
        Longest work from departure to return, greatest load; -1 for no limit.
    """

    leg_s: Ints
    service_s: Ints
    load: Ints
    option: Ints
    opens_at: Ints
    opens_s: Ints
    closes_s: Ints
    from_s: int
    late_s: int
    latest_s: int
    to_s: int
    rest: bool
    rest_from_s: int
    rest_to_s: int
    rest_s: int
    longest_s: int
    room: int


class Prices(NamedTuple):
    """What costs what in the fine unit of the proof.

    Attributes
    ----------
    travel, overtime, route
        A second of driving and of overtime, and a route that has stops.
    visit
        Per visit of the shift, what it costs on this duty, less what it is worth.
    """

    travel: int
    overtime: int
    route: int
    visit: Ints


class Memory(NamedTuple):
    """Which visits a route remembers while it stands at a visit (its ng-set): it may not go back to these.

    Attributes
    ----------
    near
        Per visit, the visits of its set in the order of their bits, itself first, -1 at the end.
    bit
        Per visit j and visit k: the bit of k in j's set, -1 if it is not in it.
    """

    near: npt.NDArray[np.int32]
    bit: npt.NDArray[np.int8]


class Kind(NamedTuple):
    """Duties that are alike: what they are to the pricing, the visits' numbers in the model, and the duties."""

    shift: Shift
    visits: Ints
    duties: tuple[int, ...]


class TooLargeError(Exception):
    """The problem has more pairs of visits than memory."""


def kinds_of(model: Model) -> list[Kind]:
    """Give the kinds of duties that may take a visit at all, in the order of their first duties.

    Raises
    ------
    TooLargeError
        If their travel times would not fit into memory.
    """
    able: list[list[int]] = [[] for _ in model.duties]
    for i, options in enumerate(model.options):
        if model.windows[i] != ():
            for k in options:
                able[k].append(i)
    alike: dict[Any, list[int]] = {}
    for k, duty in enumerate(model.duties):
        if able[k] and duty.from_s <= duty.latest_s:
            costs = tuple(model.options[i][k] for i in able[k])
            alike.setdefault((duty._replace(crew="", day=0, begin_s=0), tuple(able[k]), costs), []).append(k)
    if sum(len(visits) ** 2 for _, visits, _ in alike) > MOST_CELLS:
        raise TooLargeError
    return [
        Kind(_shift(model, model.duties[duties[0]], visits, costs), np.array(visits, dtype=np.int64), tuple(duties))
        for (_, visits, costs), duties in alike.items()
    ]


def _shift(model: Model, duty: Duty, visits: Sequence[int], costs: Sequence[int]) -> Shift:
    places = [model.place[i] for i in visits]
    leg_s = model.matrix[np.ix_([*places, duty.start], [*places, duty.end])].astype(np.int64)
    windows = [model.windows[i] or ((0, NEVER_S),) for i in visits]
    first_s, last_s, rest_s = duty.rest or (0, 0, 0)
    late_s = last_s + 1 if duty.rest is not None and last_s + 1 <= duty.latest_s else -1
    return Shift(
        leg_s,
        np.array([model.service_s[i] for i in visits], dtype=np.int64),
        np.array([model.load[i] for i in visits], dtype=np.int64),
        np.array(costs, dtype=np.int64),
        np.cumsum([0, *map(len, windows)], dtype=np.int64),
        np.array([opens for each in windows for opens, _ in each], dtype=np.int64),
        np.array([closes for each in windows for _, closes in each], dtype=np.int64),
        duty.from_s,
        late_s,
        duty.latest_s,
        duty.to_s,
        duty.rest is not None,
        first_s,
        last_s,
        rest_s,
        -1 if duty.max_duration_s is None else duty.max_duration_s,
        -1 if duty.capacity is None else duty.capacity,
    )


def memory_of(kind: Kind, sets: Sequence[Sequence[int]], number: Ints) -> Memory:
    """Give the memory of a kind of duty.

    Parameters
    ----------
    kind
        The duties.
    sets
        Per visit of the model, the visits remembered at it, without itself.
    number
        Room for a visit's place in the kind, per visit of the model; overwritten.
    """
    number[:] = -1
    number[kind.visits] = np.arange(len(kind.visits))
    chosen = []
    for k, i in enumerate(kind.visits.tolist()):
        others = number[np.array(sets[i], dtype=np.int64)]
        chosen.append([k, *others[others >= 0].tolist()])
    size = len(chosen)
    near = np.full((size, max(map(len, chosen))), -1, dtype=np.int32)
    bit = np.full((size, size), -1, dtype=np.int8)
    for k, each in enumerate(chosen):
        near[k, : len(each)] = each
        bit[k, each] = np.arange(len(each))
    return Memory(near, bit)
