"""The least that the rest of a route can cost from a visit on: a bound that prunes the pricing, and one of its own.

Routes are relaxed for it: times are rounded down to steps, loads and the longest duration are left aside, and of the
visits passed only the one just before is remembered (two-cycle elimination: D. J. Houck, J. C. Picard, M. Queyranne and
R. R. Vemuganti, The travelling salesman problem as a constrained shortest path problem, Opsearch 17, 1980).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from planner.rounds.bound.compiled import compiled
from planner.rounds.bound.shifts import Ints, Prices, Shift

NEVER_COST = 1 << 61
"""A cost that says: there is no such route."""
OUT_OF_REACH_S = 1 << 60
"""A time that says: too late (`planner.rounds.model.NEVER_S`, as the compiler reads it)."""


LEAST, NEXT, OTHER, OTHER_NEXT = range(4)


class Rest(NamedTuple):
    """What the rest of a route costs at least.

    Attributes
    ----------
    step_s, per_s
        Seconds of a step, and its inverse; 0 if there is no such bound, because visits follow each other more quickly than
        steps can tell.
    table
        Per clock (0: the break is still to come), visit and step of time: the least cost, the visit that comes next on
        such a route (-1: home), and the same with another visit next, or home.
    """

    step_s: int
    per_s: float
    table: Ints


@compiled
def first_start(shift: Shift, k: int, ready_s: int) -> int:
    """Give the earliest allowed start of a visit at or after a time."""
    for w in range(shift.opens_at[k], shift.opens_at[k + 1]):
        if ready_s <= shift.closes_s[w]:
            return int(max(ready_s, shift.opens_s[w]))
    return OUT_OF_REACH_S


@compiled
def home_cost(shift: Shift, prices: Prices, clock: int, j: int, leave_s: int) -> int:
    """Give the cost of going home from a visit, overtime included."""
    leg_s = shift.leg_s[j, len(shift.service_s)]
    return_s = leave_s + leg_s
    if clock == 0 and return_s >= shift.rest_to_s:  # the break is due on the way home
        if leave_s > shift.rest_to_s:
            return NEVER_COST
        return_s = max(return_s, shift.rest_from_s) + shift.rest_s
    if return_s > shift.latest_s:
        return NEVER_COST
    return int(leg_s * prices.travel + max(0, return_s - shift.to_s) * prices.overtime)


@compiled
def shortest_step(shift: Shift) -> int:
    """Give the least time from the start of a visit to the start of another one."""
    n = len(shift.service_s)
    least = OUT_OF_REACH_S
    for j in range(n):
        for k in range(n):
            if j != k:
                least = min(least, shift.service_s[j] + shift.leg_s[j, k])
    return least


@compiled
def rest_of(shift: Shift, prices: Prices, steps: int, most_steps: int) -> Rest:
    """Work out what the rest of a route costs at least, going back in time.

    Parameters
    ----------
    shift, prices
        The duty, and what its visits are worth.
    steps
        How many steps of time are enough.
    most_steps
        How many are affordable; if more are needed, there is no such bound.
    """
    n = len(shift.service_s)
    span_s = shift.latest_s - shift.from_s + 1
    step_s = max(1, min(-(-span_s // steps), shortest_step(shift)))
    count = -(-span_s // step_s)
    if count > most_steps or shortest_step(shift) < 1:
        step_s, count = 0, 0
    table = np.full((2, n, count, 4), NEVER_COST, dtype=np.int64)
    table[:, :, :, NEXT::2] = -1
    rest = Rest(step_s, 1.0 / step_s if step_s else 0.0, table)
    for b in range(count - 1, -1, -1):
        for j in range(n):
            start_s = first_start(shift, j, shift.from_s + b * step_s)
            if start_s >= shift.from_s + (b + 1) * step_s:
                continue
            leave_s = start_s + shift.service_s[j]
            for clock in range(0 if shift.rest else 1, 2):
                home = home_cost(shift, prices, clock, j, leave_s)
                table[clock, j, b, LEAST] = home
                table[clock, j, b, OTHER] = home
                _look_ahead(shift, prices, rest, table[clock], table[clock, j, b], j, leave_s, 0)
            if shift.rest and leave_s <= shift.rest_to_s:
                _look_ahead(shift, prices, rest, table[1], table[0, j, b], j, leave_s, 1)
    return rest


@compiled
def step_of(rest: Rest, since_s: int) -> int:
    """Give the step in which a time lies, seconds after the earliest departure: a division, but quicker.

    Half a second more keeps whole numbers so far from the edges that the rounding of the product never matters.
    """
    return int((since_s + 0.5) * rest.per_s)


@compiled
def _look_ahead(shift: Shift, prices: Prices, rest: Rest, onward: Ints, cell: Ints, j: int, leave_s: int, resting: int) -> None:
    """Take every visit that may come next into account, with the break before it if so asked.

    `cell` keeps the two least costs with different visits next.
    """
    latest_s, from_s, legs_s, price, travel = shift.latest_s, shift.from_s, shift.leg_s[j], prices.visit, prices.travel
    opens_at, opens_s, closes_s, per_s = shift.opens_at, shift.opens_s, shift.closes_s, rest.per_s
    least, following, other, another = cell[LEAST], cell[NEXT], cell[OTHER], cell[OTHER_NEXT]
    for k in range(len(price)):
        ready_s = leave_s + legs_s[k]
        if k == j or ready_s > latest_s:
            continue
        if resting:
            ready_s = max(ready_s, shift.rest_from_s) + shift.rest_s
        at_s = OUT_OF_REACH_S
        for w in range(opens_at[k], opens_at[k + 1]):
            if ready_s <= closes_s[w]:
                at_s = max(ready_s, opens_s[w])
                break
        if at_s > latest_s:
            continue
        after = onward[k, int((at_s - from_s + 0.5) * per_s)]  # `step_of`, written out for speed
        cost = legs_s[k] * travel + price[k] + (after[OTHER] if after[NEXT] == j else after[LEAST])
        if cost < other:
            if cost < least:
                if following != k:
                    other, another = least, following
                least, following = cost, k
            elif following != k:
                other, another = cost, k
    cell[LEAST], cell[NEXT], cell[OTHER], cell[OTHER_NEXT] = least, following, other, another


class Relaxed(NamedTuple):
    """The cheapest relaxed route: its cost, which every route costs at least, and its first steps.

    Attributes
    ----------
    cost
        A very negative number if there is no such bound.
    clock, visit, step
        Where it is on reaching its first visit; -1 if there is none.
    """

    cost: int
    clock: int
    visit: int
    step: int


@compiled
def least_route(shift: Shift, prices: Prices, rest: Rest) -> Relaxed:
    """Find the cheapest relaxed route."""
    if rest.step_s == 0:
        return Relaxed(-NEVER_COST, -1, -1, -1)
    n = len(shift.service_s)
    found = Relaxed(NEVER_COST, -1, -1, -1)
    for k in range(n):
        cost = prices.route + shift.leg_s[n, k] * prices.travel + prices.visit[k]
        for clock, ready_s in (
            (0 if shift.rest else 1, shift.from_s + shift.leg_s[n, k]),
            (1, shift.late_s + shift.leg_s[n, k] if shift.late_s >= 0 else OUT_OF_REACH_S),
            (1, max(shift.from_s + shift.leg_s[n, k], shift.rest_from_s) + shift.rest_s if shift.rest else OUT_OF_REACH_S),
        ):
            start_s = first_start(shift, k, ready_s)
            if start_s <= shift.latest_s:
                b = step_of(rest, start_s - shift.from_s)
                if cost + rest.table[clock, k, b, LEAST] < found.cost:
                    found = Relaxed(cost + rest.table[clock, k, b, LEAST], clock, k, b)
    return found


@compiled
def passed(shift: Shift, prices: Prices, steps: int, most_steps: int) -> tuple[int, Ints]:
    """Give what every route costs at least, and how often the cheapest relaxed route passes every visit."""
    rest = rest_of(shift, prices, steps, most_steps)
    times = np.zeros(len(shift.service_s), dtype=np.int64)
    route = least_route(shift, prices, rest)
    if route.cost >= 0 or route.visit < 0:
        return min(route.cost, 0), times
    clock, k, b, before = route.clock, route.visit, route.step, -1
    while k >= 0:
        times[k] += 1
        cell = rest.table[clock, k, b]
        at = OTHER if before >= 0 and cell[NEXT] == before else LEAST
        following = cell[at + 1]
        if following >= 0:
            clock, b = _arrival(shift, prices, rest, clock, k, b, following, cell[at])
        before, k = k, following
    return route.cost, times


@compiled
def _arrival(shift: Shift, prices: Prices, rest: Rest, clock: int, j: int, b: int, k: int, cost: int) -> tuple[int, int]:
    """Give the clock and the step in which a relaxed route that costs so much from visit j on reaches visit k."""
    leave_s = first_start(shift, j, shift.from_s + b * rest.step_s) + shift.service_s[j]
    ready_s = leave_s + shift.leg_s[j, k]
    start_s = first_start(shift, k, ready_s)
    if start_s <= shift.latest_s:
        at = step_of(rest, start_s - shift.from_s)
        after = rest.table[clock, k, at]
        onward = after[OTHER] if after[NEXT] == j else after[LEAST]
        if shift.leg_s[j, k] * prices.travel + prices.visit[k] + onward == cost:
            return clock, at
    start_s = first_start(shift, k, max(ready_s, shift.rest_from_s) + shift.rest_s)
    return 1, step_of(rest, start_s - shift.from_s)
