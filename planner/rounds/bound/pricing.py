"""The cheapest rounds of one shift, given what every visit is worth: a shortest path with resources, by labels.

A label is a route that has just begun a visit: when, at which cost, with which load and work, and which visits it may
not go back to. Labels are extended in the order of time; one that is nowhere better than another at the same visit is
dropped (M. Desrochers, J. Desrosiers and M. Solomon, A new optimization algorithm for the vehicle routing problem with
time windows, Operations Research 40(2), 1992). A route remembers a visit only while it stays in the neighbourhood of it
(ng-routes: R. Baldacci, A. Mingozzi and R. Roberti, New route relaxation and pricing strategies for the vehicle routing
problem, Operations Research 59(5), 2011), and a label is kept only if the rest of its route can still pay.

Two clocks, as in `planner.rounds.timing`: on clock 0 the break is still to come, on clock 1 it is taken or not due.
All costs are integers, so what is proved here is proved exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.rounds.bound.compiled import compiled
from planner.rounds.bound.completion import (
    LEAST,
    NEVER_COST,
    NEXT,
    OTHER,
    OUT_OF_REACH_S,
    Rest,
    first_start,
    home_cost,
    least_route,
    rest_of,
)
from planner.rounds.bound.labels import (
    ALIVE,
    AT_S,
    CLOCK,
    COST,
    FIELDS,
    LOAD,
    PARENT,
    QUEUED,
    SEEN,
    VISIT,
    WORK_S,
    Ints32,
    Labels,
    dominated,
    keep,
)
from planner.rounds.bound.shifts import Ints, Memory, Prices, Shift

STEPS, GREEDY_STEPS = 200, 100
"""Steps of time in which labels are kept and the rest of a route is bounded: of a day of eight hours two and a half
minutes each, and five if greedy."""
MOST_STEPS = 2000
"""Where visits follow each other so quickly that more steps were needed, the rest of a route is not bounded."""


class Priced(NamedTuple):
    """What a pricing found.

    Attributes
    ----------
    complete
        Whether no route was overlooked, for want of room or effort, or out of greed.
    least
        A bound of the cost of every route without returns, at most the threshold: where the pricing is complete, the cost
        of the cheapest one found.
    routes, cost
        The cheapest route ending at every visit, if below the threshold: its visits in a row of numbers, -1 after the
        last; and its cost.
    labels
        How many labels it took.
    """

    complete: bool
    least: int
    routes: Ints32
    cost: Ints
    labels: int


@compiled
def cheapest_routes(
    shift: Shift, prices: Prices, memory: Memory, threshold: int, room: int, effort: int, greedy: bool
) -> Priced:
    """Find the routes that cost less than a threshold, at least the cheapest of them.

    Parameters
    ----------
    shift, prices, memory
        The duty, what its visits are worth, and what a route remembers.
    threshold
        Only cheaper routes matter.
    room, effort
        Most labels, and most comparisons between them.
    greedy
        Of every visit and step of time keep only the cheapest label, if it is cheaper than the earlier ones: quick, and
        may overlook routes.
    """
    rest = rest_of(shift, prices, GREEDY_STEPS if greedy else STEPS, MOST_STEPS)
    floor = min(least_route(shift, prices, rest).cost, threshold)
    priced = _search(
        shift,
        prices,
        memory,
        rest,
        threshold - (threshold - floor) // 8 * 6 if rest.step_s else threshold,
        room,
        effort,
        greedy,
    )
    if rest.step_s and floor < threshold:
        for eighths in (3, 0):  # so little pays that it is quicker to look for the best routes first
            if not priced.complete or priced.least < NEVER_COST:
                break
            limit = threshold - (threshold - floor) // 8 * eighths
            priced = _search(shift, prices, memory, rest, limit, room, effort, greedy)
    least = max(floor, min(priced.least, threshold)) if priced.complete and not greedy else floor
    return Priced(priced.complete and not greedy, least, priced.routes, priced.cost, priced.labels)


@compiled
def _search(
    shift: Shift,
    prices: Prices,
    memory: Memory,
    rest: Rest,
    threshold: int,
    room: int,
    effort: int,
    greedy: bool,
) -> Priced:
    """Find the routes below a threshold; `least` is the cheapest of them, `NEVER_COST` if there is none."""
    n = len(shift.service_s)
    step_s = rest.step_s
    if step_s == 0:
        step_s = max(1, -(-(shift.latest_s - shift.from_s + 1) // (GREEDY_STEPS if greedy else STEPS)))
    steps = (shift.latest_s - shift.from_s) // step_s + 1
    labels = Labels(
        np.empty((room, FIELDS), dtype=np.int64),
        np.full((steps, 2), -1, dtype=np.int32),
        np.full((n, steps), -1, dtype=np.int32),
        np.full((n, steps), NEVER_COST, dtype=np.int64),
        np.zeros(2, dtype=np.int64),
        greedy,
    )
    table = labels.table
    best = np.full(n, threshold, dtype=np.int64)
    best_label = np.full(n, -1, dtype=np.int32)
    _set_off(shift, prices, memory, rest, labels, step_s, threshold)
    for b in range(steps):
        label = labels.queue[b, 0]
        while label >= 0 and labels.used[0] < room and labels.used[1] <= effort:
            k = table[label, VISIT]
            if table[label, ALIVE] and not dominated(labels, label, b):
                cost = table[label, COST] + _home(shift, prices, table, label)
                if cost < best[k]:
                    best[k] = cost
                    best_label[k] = label
                _extend(shift, prices, memory, rest, labels, step_s, threshold, label)
            label = table[label, QUEUED]
    least = NEVER_COST
    for k in range(n):
        if best_label[k] >= 0:
            least = min(least, best[k])
    complete = labels.used[0] < room and labels.used[1] <= effort
    return Priced(complete, least, _paths(table, best_label), best, labels.used[0])


@compiled
def _set_off(shift: Shift, prices: Prices, memory: Memory, rest: Rest, labels: Labels, step_s: int, threshold: int) -> None:
    """Make the labels of all first visits."""
    n = len(shift.service_s)
    for k in range(n):
        leg_s = shift.leg_s[n, k]
        cost = prices.route + leg_s * prices.travel + prices.visit[k]
        work_s = leg_s + shift.service_s[k]
        clock = 0 if shift.rest else 1
        _reach(shift, memory, rest, labels, step_s, threshold, k, clock, shift.from_s + leg_s, cost, work_s, -1)
        if shift.late_s >= 0:
            _reach(shift, memory, rest, labels, step_s, threshold, k, 1, shift.late_s + leg_s, cost, work_s, -1)
        if shift.rest:
            ready_s = max(shift.from_s + leg_s, shift.rest_from_s) + shift.rest_s
            _reach(shift, memory, rest, labels, step_s, threshold, k, 1, ready_s, cost, work_s + shift.rest_s, -1)


@compiled
def _extend(
    shift: Shift, prices: Prices, memory: Memory, rest: Rest, labels: Labels, step_s: int, threshold: int, label: int
) -> None:
    """Go on from a label to every visit that it may go to; what is plain at once is asked here, for speed."""
    of = labels.table[label]
    j, seen, clock = of[VISIT], of[SEEN], of[CLOCK]
    leave_s = of[AT_S] + shift.service_s[j]
    legs_s, bits, price = shift.leg_s[j], memory.bit[j], prices.visit
    onward, opens_at, opens_s, closes_s = rest.table[clock], shift.opens_at, shift.opens_s, shift.closes_s
    travel, from_s, latest_s, most = prices.travel, shift.from_s, shift.latest_s, threshold - of[COST]
    per_s = rest.per_s
    resting = clock == 0 and leave_s <= shift.rest_to_s
    for k in range(len(price)):
        leg_s = legs_s[k]
        ready_s = leave_s + leg_s
        if ready_s > latest_s or (bits[k] >= 0 and (seen >> bits[k]) & 1):
            continue
        cost = leg_s * travel + price[k]
        if rest.step_s and not resting:  # who may rest on the way has two clocks to ask
            at_s = OUT_OF_REACH_S
            for w in range(opens_at[k], opens_at[k + 1]):
                if ready_s <= closes_s[w]:
                    at_s = max(ready_s, opens_s[w])
                    break
            if at_s > latest_s or cost + onward[k, int((at_s - from_s + 0.5) * per_s), LEAST] >= most:
                continue
        work_s = of[WORK_S] + leg_s + shift.service_s[k]
        cost += of[COST]
        _reach(shift, memory, rest, labels, step_s, threshold, k, clock, ready_s, cost, work_s, label)
        if resting:
            ready_s = max(ready_s, shift.rest_from_s) + shift.rest_s
            work_s += shift.rest_s
            _reach(shift, memory, rest, labels, step_s, threshold, k, 1, ready_s, cost, work_s, label)


@compiled
def _reach(
    shift: Shift,
    memory: Memory,
    rest: Rest,
    labels: Labels,
    step_s: int,
    threshold: int,
    k: int,
    clock: int,
    ready_s: int,
    cost: int,
    work_s: int,
    parent: int,
) -> None:
    """Make the label of a visit, unless it is too late, too heavy, too long, too dear or dominated."""
    at_s = first_start(shift, k, ready_s)
    load = shift.load[k] if parent < 0 else shift.load[k] + labels.table[parent, LOAD]
    if (
        at_s + shift.service_s[k] > shift.latest_s
        or (shift.room >= 0 and load > shift.room)
        or (shift.longest_s >= 0 and work_s > shift.longest_s)
    ):
        return
    seen = _remembered(memory, labels.table, parent, k)
    b = (at_s - shift.from_s) // step_s
    if not _may_pay(memory, rest, clock, k, b, seen, threshold - cost):
        return
    label = labels.used[0]
    row = labels.table[label]
    row[COST], row[AT_S], row[SEEN] = cost, at_s, seen
    row[LOAD] = load if shift.room >= 0 else 0
    row[WORK_S] = work_s if shift.longest_s >= 0 else 0
    row[VISIT], row[CLOCK], row[PARENT] = k, clock, parent
    if label + 1 < len(labels.table) and not dominated(labels, label, b):
        keep(labels, label, b)


@compiled
def _remembered(memory: Memory, table: Ints, parent: int, k: int) -> int:
    """Give the bits of what is remembered at a visit, of what was remembered at the one before."""
    seen = np.int64(1)  # itself
    if parent >= 0:
        j, left, at = table[parent, VISIT], table[parent, SEEN], 0
        while left:
            if left & 1:
                bit = memory.bit[k, memory.near[j, at]]
                if bit >= 0:
                    seen |= np.int64(1) << bit
            left >>= 1
            at += 1
    return int(seen)


@compiled
def _may_pay(memory: Memory, rest: Rest, clock: int, k: int, b: int, seen: int, most: int) -> bool:
    """Tell whether the rest of a route may cost less than so much."""
    if rest.step_s == 0:
        return True
    after = rest.table[clock, k, b]
    if after[NEXT] >= 0:
        bit = memory.bit[k, after[NEXT]]
        if bit >= 0 and (seen >> bit) & 1:
            return bool(after[OTHER] < most)
    return bool(after[LEAST] < most)


@compiled
def _home(shift: Shift, prices: Prices, table: Ints, label: int) -> int:
    """Give the cost of going home from a label; `NEVER_COST` if that comes too late or makes it too long."""
    j, clock = table[label, VISIT], table[label, CLOCK]
    leave_s = table[label, AT_S] + shift.service_s[j]
    leg_s = shift.leg_s[j, len(shift.service_s)]
    if shift.longest_s >= 0:
        rested_s = shift.rest_s if clock == 0 and leave_s + leg_s >= shift.rest_to_s else 0
        if table[label, WORK_S] + leg_s + rested_s > shift.longest_s:
            return NEVER_COST
    return home_cost(shift, prices, clock, j, leave_s)


@compiled
def _paths(table: Ints, ends: Ints32) -> Ints32:
    """Write down the visits of the routes that end with some labels (-1: none)."""
    longest = 0
    for end in ends:
        label, count = np.int64(end), 0
        while label >= 0:
            count += 1
            label = table[label, PARENT]
        longest = max(longest, count)
    paths = np.full((len(ends), longest), -1, dtype=np.int32)
    for row in range(len(ends)):
        label, count = np.int64(ends[row]), 0
        while label >= 0:
            paths[row, count] = table[label, VISIT]
            count += 1
            label = table[label, PARENT]
        paths[row, :count] = paths[row, :count][::-1].copy()
    return paths
