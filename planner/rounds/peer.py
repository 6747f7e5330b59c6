"""PyVRP as a second searcher, where a problem is one that it models exactly.

That is a single day with single windows or several, skills, people, loads, prizes, homes and longest durations, but without
what it does not know: breaks, overtime, banks, and costs of days, crews and changes. PyVRP (Wouda, Lan and Kool, INFORMS
Journal on Computing 36(4), 2024) is an iterated local search that accepts worse and even forbidden routes for a while; our
kernel ruins and recreates. They get stuck in different places, so that the mix of their routes is better than either's.

It is used if it is installed (the extra `pyvrp`), and runs in a process of its own.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from planner.rounds import alike
from planner.rounds.model import NEVER_S, Model

KINDS_MOST = 12
"""Sets of duties that visits are bound to, as PyVRP takes them: each makes every move a little dearer."""
COPIES_MOST = 2
"""Windows a visit, on average: each is a client of its own to PyVRP."""

Ways = Sequence[Sequence[int]]
"""Per duty, its stops."""


@functools.cache
def is_installed() -> bool:
    """Tell whether PyVRP is there."""
    return importlib.util.find_spec("pyvrp") is not None


def is_plain(model: Model) -> bool:
    """Tell whether PyVRP models a problem exactly, and well."""
    duties = model.duties
    if not duties or len({duty.day for duty in duties}) > 1:
        return False
    if any(duty.rest is not None or duty.latest_s > duty.to_s for duty in duties):
        return False
    if any(bank >= 0 for bank in model.bank) or any(cost for options in model.options for cost in options.values()):
        return False
    windows = sum(1 if spans is None else len(spans) for spans in model.windows)
    return windows <= COPIES_MOST * model.visits and len(_kinds(model)) <= KINDS_MOST


def _kinds(model: Model) -> dict[frozenset[int], int]:
    """Give a number to every set of duties that some visit is bound to; all duties are no bond."""
    everywhere = frozenset(range(len(model.duties)))
    sets = {id(options): frozenset(options) for options in model.options}
    bonds = dict.fromkeys(kind for kind in sets.values() if kind and kind != everywhere)
    return {kind: n for n, kind in enumerate(bonds)}


class _Translated(NamedTuple):
    """A model in PyVRP's terms.

    Attributes
    ----------
    data
        The problem.
    owner
        Per client, its visit.
    clients
        Per visit, its clients with their last start, one per window.
    duties
        Per type of vehicle, the duties that are alike.
    """

    data: Any
    owner: list[int]
    clients: dict[int, list[tuple[int, int]]]
    duties: list[list[int]]


def _translated(model: Model) -> _Translated:
    import numpy as np
    import pyvrp

    kinds = _kinds(model)
    loaded = any(model.load)
    depots = sorted({row for duty in model.duties for row in (duty.start, duty.end)})
    number = {row: n for n, row in enumerate(depots)}
    made: list[Any] = []
    owner: list[int] = []
    clients: dict[int, list[tuple[int, int]]] = {}
    groups: list[list[int]] = []
    last_s = max(duty.latest_s for duty in model.duties)
    for i, spans in enumerate(model.windows):
        bond = frozenset(model.options[i])
        if not bond:
            continue
        windows = [(0, last_s)] if spans is None else [(a, min(b, last_s)) for a, b in spans if a <= last_s]
        group = len(groups) if len(windows) > 1 else None
        if group is not None:
            groups.append(list(range(len(made), len(made) + len(windows))))
        clients[i] = [(len(made) + n, end) for n, (_, end) in enumerate(windows)]
        for begin, end in windows:
            owner.append(i)
            made.append(
                pyvrp.Client(
                    model.place[i],
                    delivery=[int(kind == bond) for kind in kinds] + [model.load[i]] * loaded,
                    service_duration=model.service_s[i],
                    tw_early=begin,
                    tw_late=end,
                    prize=model.price[i],
                    required=False,
                    group=group,
                )
            )
    kind_of = alike.kinds(model)
    duties = [[k for k, kind in enumerate(kind_of) if kind == one] for one in range(max(kind_of) + 1)]
    types = [_vehicles(model, same[0], len(same), kinds, number) for same in duties]
    matrix: Any = np.asarray(model.matrix, np.int64)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(len(matrix))],
        made,
        [pyvrp.Depot(row) for row in depots],
        types,
        [matrix],
        [matrix],
        groups=[pyvrp.ClientGroup(group, required=False) for group in groups],
    )
    return _Translated(data, owner, clients, duties)


def _vehicles(model: Model, k: int, count: int, kinds: dict[frozenset[int], int], number: dict[int, int]) -> Any:
    """Give so many vehicles like one duty."""
    import pyvrp

    duty = model.duties[k]
    room = [model.visits if k in kind else 0 for kind in kinds]
    if any(model.load):
        room.append(sum(model.load) if duty.capacity is None else duty.capacity)
    return pyvrp.VehicleType(
        count,
        room,
        number[duty.start],
        number[duty.end],
        fixed_cost=model.problem.costs.shift_used,
        tw_early=duty.from_s,
        tw_late=duty.latest_s,
        shift_duration=NEVER_S if duty.max_duration_s is None else duty.max_duration_s,
        unit_distance_cost=model.problem.costs.travel_per_s,
    )


def search(
    model: Model, ways: Ways, seed: int, keep_going: Callable[[], bool], met: Callable[[list[list[int]]], None] | None = None
) -> list[list[int]]:
    """Search with PyVRP.

    Parameters
    ----------
    model
        For which `is_plain` holds.
    ways
        Where to begin: per duty, its stops.
    seed
        Of the search.
    keep_going
        Asked at every step, some thousand times a second; false ends the search.
    met
        Told the stops per duty of every best solution on the way.

    Returns
    -------
    list of list of int
        Per duty, the stops of the best solution.
    """
    import pyvrp

    told = _translated(model)
    type_of = {k: n for n, duties in enumerate(told.duties) for k in duties}
    routes = [pyvrp.Route(told.data, _as_clients(model, told, k, stops), type_of[k]) for k, stops in enumerate(ways) if stops]

    def on_best(best: Any) -> None:
        if met is not None and best.is_feasible():
            met(_as_ways(model, told, best))

    callbacks: Any = pyvrp.IteratedLocalSearchCallbacks()
    callbacks.on_best = on_best
    params = pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(callbacks=callbacks))
    result = pyvrp.solve(
        told.data,
        stop=lambda _: not keep_going(),
        seed=seed % (1 << 32),
        collect_stats=False,
        display=False,
        params=params,
        initial_solution=pyvrp.Solution(told.data, routes) if routes else None,
    )
    return _as_ways(model, told, result.best) if result.is_feasible() else [list(stops) for stops in ways]


def _as_clients(model: Model, told: _Translated, k: int, stops: Sequence[int]) -> list[int]:
    """Choose for every stop the client whose window it is served in, everything as early as possible."""
    duty = model.duties[k]
    now, here, chosen = duty.from_s, duty.start, []
    for i in stops:
        now += int(model.matrix[here, model.place[i]])
        client = next((one for one, last_s in told.clients[i] if now <= last_s), told.clients[i][-1][0])
        spans = model.windows[i]
        begin_s = 0 if spans is None else spans[client - told.clients[i][0][0]][0]
        now, here = max(now, begin_s) + model.service_s[i], model.place[i]
        chosen.append(client)
    return chosen


def _as_ways(model: Model, told: _Translated, solution: Any) -> list[list[int]]:
    ways: list[list[int]] = [[] for _ in model.duties]
    free = [list(duties) for duties in told.duties]
    for route in solution.routes():
        stops = [told.owner[activity.idx] for activity in route if activity.is_client()]
        ways[free[route.vehicle_type()].pop(0)] = stops
    return ways
