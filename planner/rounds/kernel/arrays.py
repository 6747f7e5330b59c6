"""A model and a solution as the kernel's arrays, and back."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.rounds.construct import what_fits
from planner.rounds.insertion import Neighbourhood
from planner.rounds.kernel import columns as c
from planner.rounds.kernel.tables import Ints, Small, State, Tables
from planner.rounds.model import PIN_PRICE, Duty, Model
from planner.rounds.solution import Solution

Array = NDArray[Any]
_LOG = logging.getLogger(__name__)

SAFE_TOTAL = 1 << 58
"""Largest sum of prices that the kernel's integers are trusted with; dearer problems are counted in a coarser unit."""
PINNED_SHARE = 10
"""What leaving out a pinned visit costs in the kernel, as a multiple of the price of everything else."""
ROOM, LEAST_ROOM = 2, 16
"""Length of a slot, as a multiple of the longest route, and at least; the kernel asks for more when it needs more."""
MOST_TOUCHED = 256
"""Duties that one round may touch at most: strings taken out, and visits put elsewhere."""
BESIDE_TOUCHED = 2
"""Slots beside them, in which an exchange of ends is tried."""
STAMPS = 1 << 30
"""Stamps after which counting begins anew: the table of what is known has 32 bits for one."""
NOTES = 1 << 18
"""Numbers in the notes for the pool."""
NOTED = 1 << 16
"""Hashes of routes that were noted lately; a power of two."""


def tables(model: Model, near: Neighbourhood) -> Tables:
    """Give the arrays of a model."""
    travel = np.ascontiguousarray(model.matrix)
    if not travel.flags.writeable:  # that would be another type to the compiler
        travel = travel.copy()
    back = travel if np.array_equal(travel, travel.T) else np.ascontiguousarray(travel.T)
    coarse, unit, pinned = _money(model)
    mates = _mates(model)
    window = [pair for allowed in model.windows for pair in _spans(allowed)]
    visit = np.zeros((model.visits, c.VISIT_COLUMNS), np.int64)
    columns: dict[int, Iterable[int]] = {
        c.V_PLACE: model.place,
        c.V_SERVICE: model.service_s,
        c.V_LOAD: model.load,
        c.V_BANK: model.bank,
        c.V_FIRST: (_spans(allowed)[0][0] for allowed in model.windows),
        c.V_LAST: (_spans(allowed)[-1][1] for allowed in model.windows),
        c.V_WINDOWS: (len(_spans(allowed)) for allowed in model.windows),
        c.V_MATE: (mates[1].get(bank, (0, 0))[0] for bank in model.bank),
        c.V_MATE_END: (mates[1].get(bank, (0, 0))[1] for bank in model.bank),
        c.V_MISSING: (pinned if price >= PIN_PRICE else coarse(price) for price in model.price),
    }
    for column, values in columns.items():
        visit[:, column] = np.fromiter(values, np.int64, model.visits)
    visit[:, c.V_WINDOW] = _begins(visit[:, c.V_WINDOWS])
    lengths = np.fromiter(map(len, near.visits), np.int64, model.visits)
    visit[:, c.V_NEAR] = _begins(lengths)
    visit[:, c.V_NEAR_END] = visit[:, c.V_NEAR] + lengths
    option, option_at = _options(model, visit, coarse)
    groups, member, _ = _groups(model)
    home = _homes(model, near, visit, groups)
    prices = model.problem.costs
    price = np.zeros(c.PRICES, np.int64)
    price[c.P_PER_S], price[c.P_SHIFT] = coarse(prices.travel_per_s), coarse(prices.shift_used)
    price[c.P_OVERTIME], price[c.P_PINNED] = coarse(prices.overtime_per_s), pinned
    price[c.P_UNIT] = unit
    price[c.P_SEVERAL], price[c.P_BANKS] = not model.one_window, bool(mates[0])
    return Tables(
        travel,
        back,
        visit,
        np.array(window, np.int64).reshape(-1, 2),
        _duties(model),
        np.fromiter((i for row in near.visits for i in row), np.int32, int(lengths.sum())),
        np.array(mates[0], np.int32),
        option,
        option_at,
        home,
        member,
        price,
    )


def _begins(lengths: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)[:-1]]) if len(lengths) else lengths


def _spans(allowed: tuple[tuple[int, int], ...] | None) -> tuple[tuple[int, int], ...]:
    """Give windows so that there is at least one: all times, or none."""
    return ((-2 * c.NEVER, c.NEVER),) if allowed is None else allowed or ((c.NEVER, -c.NEVER),)


def _money(model: Model) -> tuple[Callable[[int], int], int, int]:
    """Give how prices are counted, in which unit, and the price of a pinned visit left out, so that every sum is safe."""
    prices = model.problem.costs
    wishes = sum(max(map(abs, options.values()), default=0) for options in model.options)
    others = sum(price for price in model.price if price < PIN_PRICE)
    drives = model.visits + len(model.duties)
    longest = int(model.matrix.max(initial=0))
    over = max((duty.latest_s - duty.to_s for duty in model.duties), default=0)
    most = drives * longest * prices.travel_per_s + len(model.duties) * (prices.shift_used + over * prices.overtime_per_s)
    unit = max(1, math.ceil((most + wishes + others) * (1 + PINNED_SHARE) / SAFE_TOTAL))
    all_else = (most + wishes + others) // unit + 1
    pinned = max(1, min(PINNED_SHARE * all_else, SAFE_TOTAL // max(1, model.visits)))

    def coarse(price: int) -> int:
        return price if unit == 1 else math.ceil(price / unit)

    return coarse, unit, pinned


def _options(model: Model, visit: Ints, coarse: Callable[[int], int]) -> tuple[Ints, Small]:
    """Tabulate who may do what, once per kind of visits, and write into `visit` where."""
    rows: list[tuple[int, int]] = []
    kinds: dict[int, tuple[int, int]] = {}
    known = 0
    for i, options in enumerate(model.options):
        if id(options) not in kinds:
            kinds[id(options)] = len(rows), len(rows) + len(options)
            rows += [(k, coarse(options[k])) for k in sorted(options)]
        visit[i, c.V_OPTION], visit[i, c.V_OPTION_END] = kinds[id(options)]
        visit[i, c.V_KNOWN] = known
        known += len(options)
    option_at = np.full((len(kinds), len(model.duties)), -1, np.int32)
    for kind, (begin, end) in enumerate(kinds.values()):
        option_at[kind, [k for k, _ in rows[begin:end]]] = range(begin, end)
    numbers = {key: kind for kind, key in enumerate(kinds)}
    visit[:, c.V_KIND] = [numbers[id(options)] for options in model.options]
    return np.array(rows, np.int64).reshape(-1, c.OPTION_COLUMNS), option_at


def _homes(model: Model, near: Neighbourhood, visit: Ints, groups: list[int]) -> Small:
    """List the groups of duties that set out near visits, once per place, and write into `visit` where."""
    listed: list[int] = []
    where: dict[int, tuple[int, int]] = {}
    for i, place in enumerate(model.place):
        if place not in where:
            begin = len(listed)
            listed += dict.fromkeys(groups[k] for k in near.homes[i])
            where[place] = begin, len(listed)
        visit[i, c.V_HOME], visit[i, c.V_HOME_END] = where[place]
    return np.array(listed, np.int32)


def _mates(model: Model) -> tuple[list[int], dict[int, tuple[int, int]]]:
    """List the visits of banks that several share, and per bank from where to where they are."""
    members: dict[int, list[int]] = {}
    for i, bank in enumerate(model.bank):
        if bank >= 0:
            members.setdefault(bank, []).append(i)
    listed: list[int] = []
    where = {}
    for bank, visits in members.items():
        where[bank] = len(listed), len(listed) + len(visits)
        listed += visits
    return listed, where


def _duties(model: Model) -> Ints:
    duty = np.zeros((len(model.duties), c.DUTY_COLUMNS), np.int64)
    for k, (shift, variants) in enumerate(zip(model.duties, model.variants, strict=True)):
        first, last, length = shift.rest or (0, 0, -1)
        late_first = len(variants) > 1 and variants[0].rest is None
        ways = c.AS_IS if len(variants) == 1 else c.LATE_FIRST if late_first else c.THEN_LATE
        priced = shift.latest_s > shift.to_s and model.problem.costs.overtime_per_s > 0
        longest = c.NEVER if shift.max_duration_s is None else shift.max_duration_s
        capacity = c.NEVER if shift.capacity is None else shift.capacity
        times = shift.start, shift.end, shift.from_s, shift.to_s, shift.latest_s, longest
        duty[k, : c.D_PRICED + 1] = (*times, first, last, length, capacity, shift.begin_s, ways, priced)
    return duty


def _groups(model: Model) -> tuple[list[int], Small, Ints]:
    """Give the group of every duty, the duties by group, and where each group begins there, with the end of the last.

    Duties of a group differ in nothing but their crew's name.
    """
    columns: list[list[tuple[int, int]]] = [[] for _ in model.duties]
    for n, options in enumerate({id(options): options for options in model.options}.values()):
        for k, cost in options.items():
            columns[k].append((n, cost))
    numbers: dict[tuple[Duty, tuple[tuple[int, int], ...]], int] = {}
    groups = [
        numbers.setdefault((duty._replace(crew=""), tuple(column)), len(numbers))
        for duty, column in zip(model.duties, columns, strict=True)
    ]
    member = np.argsort(groups, kind="stable").astype(np.int32)
    begins = np.searchsorted(np.array(groups, np.int64)[member], np.arange(len(numbers) + 1))
    return groups, member, begins


def state(m: Tables, solution: Solution, seed: int, free: Collection[int] | None) -> State:
    """Give the arrays of a solution, which the kernel times at its first round."""
    visits, duties = len(m.visit), len(m.duty)
    longest = max((len(way.stops) for way in solution.ways), default=0)
    length = max(LEAST_ROOM, ROOM * longest) + 3
    slots = duties + min(duties, MOST_TOUCHED) + BESIDE_TOUCHED
    allowed = range(visits) if free is None else sorted(set(free))
    movable = [i for i in allowed if m.visit[i, c.V_OPTION] < m.visit[i, c.V_OPTION_END]]
    out = [i for i in movable if solution.duty_of[i] < 0]
    moved = np.zeros((visits, c.MOVED_COLUMNS), np.int64)
    moved[:, c.M_DUTY] = solution.duty_of
    moved[:, c.M_FIXED] = 1
    moved[movable, c.M_FIXED] = 0
    moved[:, c.M_OUT_AT] = -1
    moved[out, c.M_OUT_AT] = range(len(out))
    moved[: len(out), c.M_OUT] = out
    used = np.zeros((duties, c.USED_COLUMNS), np.int64)
    used[:, c.U_SLOT] = range(duties)
    groups, _, begins = _groups(solution.model)
    used[:, c.U_GROUP] = groups
    used[: len(begins) - 1, c.U_FREE] = used[: len(begins) - 1, c.U_MEMBER] = begins[:-1]
    used[: len(begins) - 1, c.U_MEMBER_END] = begins[1:]
    counter = np.zeros(c.COUNTERS, np.int64)
    counter[c.N_SPARE], counter[c.N_OUT] = slots - duties, len(out)
    known = int((m.visit[:, c.V_OPTION_END] - m.visit[:, c.V_OPTION]).sum())
    now = State(
        known_stamp=np.full(known, -1, np.int32),
        known_cost=np.zeros(known, np.int64),
        known_position=np.zeros(known, np.int32),
        moved=moved,
        used=used,
        movable=np.array(movable, np.int32),
        spare=np.arange(duties, slots, dtype=np.int32),
        route=np.zeros((slots, c.ROUTE_COLUMNS), np.int64),
        line=np.zeros((slots, c.LINES, length), np.int32),
        gap=np.zeros((slots, length, c.GAP_COLUMNS), np.int64),
        best=np.zeros((duties, 2, length), np.int64),
        draft=_draft(m, length),
        note=np.zeros(NOTES, np.int64),
        noted=np.zeros(NOTED, np.int64),
        counter=counter,
        chance=np.array([_mixed(seed)], np.uint64),
    )
    _fill(m, now, solution)
    return now


def _mixed(seed: int) -> int:
    """Spread a seed over 64 bits (splitmix64), never 0."""
    x = (seed + 0x9E3779B97F4A7C15) % (1 << 64)
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % (1 << 64)
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % (1 << 64)
    return (x ^ (x >> 31)) or 1


def _draft(m: Tables, length: int) -> Ints:
    """Give room to time one route: edges of windows and busy times are what takes most of it."""
    windows = int(m.visit[:, c.V_WINDOWS].max(initial=0))
    bank = int((m.visit[:, c.V_MATE_END] - m.visit[:, c.V_MATE]).max(initial=0))
    return np.zeros((c.DRAFT_LINES, length * (4 + 4 * (windows + bank))), np.int64)


def _fill(m: Tables, now: State, solution: Solution) -> None:
    """Write the stops of all ways into the slots of their duties."""
    model, duties = solution.model, len(m.duty)
    now.line[:duties, c.L_PLACE, 0] = m.duty[:, c.D_START]
    now.line[:duties, c.L_PLACE, 1] = m.duty[:, c.D_END]
    for k, way in enumerate(solution.ways):
        n = len(way.stops)
        now.best[k, c.B_STOP, 0] = n
        if not n:
            continue
        now.best[k, c.B_STOP, 1 : n + 1] = way.stops
        line, route = now.line[k], now.route[k]
        line[c.L_STOP, :n] = way.stops
        line[c.L_PLACE, : n + 2] = way.places
        line[c.L_DRIVE, : n + 1] = way.legs
        for p, i in enumerate(way.stops):
            begin, end = m.visit[i, c.V_OPTION], m.visit[i, c.V_OPTION_END]
            line[c.L_OPTION, p] = begin + np.searchsorted(m.option[begin:end, c.O_DUTY], k)
        route[c.R_STOPS], route[c.R_LOAD], route[c.R_DRIVE], route[c.R_WORK] = n, way.load, sum(way.legs), way.work_s
        route[c.R_WISHES] = m.option[line[c.L_OPTION, :n], c.O_PRICE].sum()
        route[c.R_STAMP] = k + 1
        route[c.R_BANKED] = sum(model.bank[i] >= 0 for i in way.stops)
        if route[c.R_BANKED]:
            _fill_starts(now, solution, k)


def _fill_starts(now: State, solution: Solution, k: int) -> None:
    """Write down when the banks of a way are at work."""
    way, model = solution.ways[k], solution.model
    spans = {bank: iter(times) for bank, times in solution.spans(way).items()}
    now.best[k, c.B_START, 0] = way.return_s
    for p, i in enumerate(way.stops):
        if model.bank[i] >= 0:
            start_s = next(spans[model.bank[i]])[0] - model.duties[k].begin_s
            now.gap[k, p, c.G_START] = now.best[k, c.B_START, p + 1] = start_s


def grown(m: Tables, now: State) -> State:
    """Give the same state with twice the room for every route."""
    more = now.line.shape[2]

    def longer(table: Array, axis: int) -> Array:
        return np.concatenate([table, np.zeros_like(table)], axis=axis)

    now.counter[c.N_FULL] = 0
    return now._replace(line=longer(now.line, 2), gap=longer(now.gap, 1), best=longer(now.best, 2), draft=_draft(m, 2 * more))


def with_new_stamps(m: Tables, now: State) -> State:
    """Give the same state with small stamps, before they outgrow the table of what is known; that is found out once more."""
    now.known_stamp.fill(-1)
    for k, s in enumerate(now.used[:, c.U_SLOT].tolist()):
        now.route[s, c.R_STAMP] = k + 1 if now.route[s, c.R_STOPS] else 0
    now.counter[c.N_STAMP] = len(m.duty)
    return now


def take_over(now: State, solution: Solution) -> None:
    """Change a solution into the best one that the kernel has met, if that is cheaper by the true prices."""
    before, cost = list(solution.ways), solution.cost
    bank = solution.model.bank
    differing = []
    for k, way in enumerate(before):
        count = int(now.best[k, c.B_STOP, 0])
        stops = now.best[k, c.B_STOP, 1 : count + 1].tolist()
        # Of a route with banks the times may have moved although its stops have not.
        if stops != way.stops or any(bank[i] >= 0 for i in stops):
            differing.append((k, stops))
    solution.clear(k for k, _ in differing)
    for k, stops in differing:
        if any(bank[i] >= 0 for i in stops):
            back_s, *starts = now.best[k, c.B_START, : len(stops) + 1].tolist()
            way_or_none = solution.way_as_stated(k, stops, starts, back_s)
        else:
            way_or_none = solution.way(k, stops)
        if way_or_none is None:
            _LOG.error("the kernel made a route that cannot be done, this is a mistake of ours; what does not fit is left out")
            way_or_none = what_fits(solution, k, stops)
        solution.put(way_or_none)
    if solution.cost > cost:
        solution.restore(before)
