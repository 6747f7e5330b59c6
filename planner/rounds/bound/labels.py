"""Routes that are still on their way, by where they are and when: the labels of the pricing, and which of them matter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planner.rounds.bound.compiled import compiled, inlined
from planner.rounds.bound.shifts import Ints

Ints32 = npt.NDArray[np.int32]

COST, AT_S, LOAD, WORK_S, SEEN, VISIT, CLOCK, PARENT, ALIVE, LATER, QUEUED, FIELDS = range(12)
"""What is kept of a label, the columns of a table: the cost so far, the visit's own price included; its start; what is
carried, and driving, service and break so far (each 0 where it has no limit); bits of the visits it may not go back to;
where it is, on which clock, and the label it comes from (-1: the start); whether no other one dominates it; the next label
at the same visit in the same step, and the next of all in the same step (-1: none)."""


class Labels(NamedTuple):
    """All labels of one pricing; a label is its row in the table.

    Attributes
    ----------
    table
        The labels.
    queue
        Per step, the first and the last of its labels (-1: none).
    head, least
        Per visit and step, the first label, and the least cost of all.
    used
        How many labels there are, and how many pairs of them have been compared.
    greedy
        Whether of every visit and step only the cheapest is kept.
    """

    table: Ints
    queue: Ints32
    head: Ints32
    least: Ints
    used: Ints
    greedy: bool


@compiled
def keep(labels: Labels, label: int, b: int) -> None:
    """Keep a label that nothing dominates."""
    table, queue, head = labels.table, labels.queue, labels.head
    labels.used[0] += 1
    k = table[label, VISIT]
    table[label, ALIVE] = 1
    before, other = -1, head[k, b]
    while other >= 0:  # take out what it dominates in this step
        after = table[other, LATER]
        if labels.greedy or dominates(table, label, other):
            table[other, ALIVE] = 0
            if before < 0:
                head[k, b] = after
            else:
                table[before, LATER] = after
        else:
            before = other
        other = after
    table[label, LATER] = head[k, b]
    head[k, b] = label
    labels.least[k, b] = min(labels.least[k, b], table[label, COST])
    table[label, QUEUED] = -1
    if queue[b, 0] < 0:
        queue[b, 0] = label
    else:
        table[queue[b, 1], QUEUED] = label
    queue[b, 1] = label


@inlined
def dominates(table: Ints, one: int, other: int) -> bool:
    """Tell whether a label is nowhere worse than another one at the same visit."""
    return bool(
        table[one, COST] <= table[other, COST]
        and table[one, AT_S] <= table[other, AT_S]
        and table[one, SEEN] & ~table[other, SEEN] == 0
        and table[one, CLOCK] >= table[other, CLOCK]
        and table[one, LOAD] <= table[other, LOAD]
        and table[one, WORK_S] <= table[other, WORK_S]
    )


@compiled
def dominated(labels: Labels, label: int, b: int) -> bool:
    """Tell whether any label of the same visit, up to the same step of time, dominates this one."""
    table = labels.table
    k, cost = table[label, VISIT], table[label, COST]
    least, head = labels.least[k], labels.head[k]
    for at in range(b + 1):
        if least[at] > cost:
            continue
        if labels.greedy and (at < b or head[b] != label):
            return True
        other = head[at]
        while other >= 0:
            labels.used[1] += 1
            if other != label and dominates(table, other, label):
                return True
            other = table[other, LATER]
    return False
