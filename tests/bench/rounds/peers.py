"""Other solvers on our problems: PyVRP, VROOM and the routing library of OR-Tools, each modelled as well as it can be.

None of them knows days: every shift of every crew becomes a vehicle. What none of them models is refused: breaks, overtime,
banks, and costs of days, crews and changes. Their stop orders are timed here, everything as early as possible, and later only
where a route would last too long; so every plan is judged by the same evaluator as ours.
"""

from __future__ import annotations

import datetime
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.rounds.plan import SCHEMA, Plan, Route, Stop, Unplanned
from planner.rounds.problem import DAY_S, Crew, Problem, Shift, Visit
from planner.rounds.travel import travel_matrix

NO_LIMIT = 1 << 60
PRIORITIES = 100
"""Steps of importance that VROOM knows."""

Orders = dict[int, list[int]]
"""Vehicle → visits in their order."""


class RefusedError(Exception):
    """The problem asks for something that the solver cannot model."""


@dataclass(frozen=True)
class Asked:
    """A problem as vehicles and jobs.

    Attributes
    ----------
    problem, matrix
        The problem and its travel times.
    vehicles
        Crew and shift; times of shift `k` on the common axis begin at ``shift.day * DAY_S``.
    row
        Place → row of the matrix.
    skills
        Per crew and visit, what it has or needs: skills, people and pins all as skills.
    """

    problem: Problem
    matrix: NDArray[np.int64]
    vehicles: list[tuple[Crew, Shift]]
    row: dict[str, int]
    has: list[frozenset[str]]
    needs: list[frozenset[str]]

    @classmethod
    def of(cls, problem: Problem) -> Asked:
        """Translate a problem.

        Raises
        ------
        RefusedError
            If it asks for what no peer models.
        """
        vehicles = [(crew, shift) for crew in problem.crews for shift in crew.shifts if shift.day < problem.days]
        asks = {
            "breaks": any(shift.break_ for _, shift in vehicles),
            "overtime": any(shift.max_overtime_s for _, shift in vehicles),
            "shifts past midnight": any(shift.to_s >= DAY_S for _, shift in vehicles) and problem.days > 1,
            "banks": any(visit.bank is not None for visit in problem.visits),
            "costs of days": any(any(visit.day_costs) for visit in problem.visits),
            "costs of crews": any(any(visit.crew_costs.values()) for visit in problem.visits),
            "changes": bool(problem.published) and problem.costs.change != 0,
        }
        if beyond := [name for name, asked in asks.items() if asked]:
            raise RefusedError("not modelled: " + ", ".join(beyond))
        sizes = sorted({visit.people for visit in problem.visits})
        has = [
            frozenset(crew.skills) | {f"people {n}" for n in sizes if n <= crew.people} | {f"crew {crew.id}"}
            for crew, _ in vehicles
        ]
        shared = frozenset.intersection(*has) if has else frozenset()
        needs = [
            frozenset(visit.skills)
            | {f"people {visit.people}"}
            | ({f"crew {visit.pinned.crew}"} if visit.pinned else frozenset())
            for visit in problem.visits
        ]
        matrix = travel_matrix(problem.travel, problem.locations).astype(np.int64)
        row = {location.id: n for n, location in enumerate(problem.locations)}
        return cls(problem, matrix, vehicles, row, [one - shared for one in has], [one - shared for one in needs])

    def price(self, visit: Visit) -> int:
        """Price of leaving a visit out; a pin is as dear as the dearest."""
        dearest = max([self.problem.costs.missed_mandatory, *(one.defer_cost for one in self.problem.visits)])
        return dearest if visit.pinned else self.problem.costs.missed_mandatory if visit.mandatory else visit.defer_cost

    def able(self, i: int) -> list[int]:
        """Vehicles that may serve a visit."""
        visit = self.problem.visits[i]
        first, last = (visit.pinned.day, visit.pinned.day) if visit.pinned else (visit.first_day, visit.last_day)
        return [
            k
            for k, (crew, shift) in enumerate(self.vehicles)
            if first <= shift.day <= last
            and self.needs[i] <= self.has[k]
            and (crew.load_capacity is None or visit.load <= crew.load_capacity)
        ]

    def spans(self, i: int) -> list[tuple[int, int]]:
        """When a visit may start on the common axis, as few spans as possible: no shift lies between those of its days."""
        hours: dict[int, tuple[int, int]] = {}
        for k in self.able(i):
            shift = self.vehicles[k][1]
            begin, end = hours.get(shift.day, (shift.from_s, shift.to_s))
            hours[shift.day] = min(begin, shift.from_s), max(end, shift.to_s)
        windows = [(window.from_s, window.to_s) for window in self.problem.visits[i].windows]
        days = sorted(hours.items())
        if not windows and days:
            return [(days[0][0] * DAY_S + days[0][1][0], days[-1][0] * DAY_S + days[-1][1][1])]
        return [
            (day * DAY_S + max(a, begin), day * DAY_S + min(b, end))
            for day, (begin, end) in days
            for a, b in sorted(windows)
            if max(a, begin) <= min(b, end)
        ]

    def room(self, k: int) -> int:
        """Capacity of a vehicle."""
        capacity = self.vehicles[k][0].load_capacity
        return max(1, sum(visit.load for visit in self.problem.visits)) if capacity is None else capacity


def longest_s(shift: Shift) -> int:
    """Longest duration of a route, `NO_LIMIT` where the shift itself is no longer."""
    limit = shift.max_duration_s
    return NO_LIMIT if limit is None or limit >= shift.to_s - shift.from_s else limit


def pyvrp(asked: Asked, limit_s: float, seed: int) -> Orders:
    """One client per span of a visit, at most one of which is served; a skill is a load that only some have room for."""
    import pyvrp as theirs

    begun_s = time.monotonic()
    problem = asked.problem
    skills = sorted({name for needs in asked.needs for name in needs})
    depots = sorted({asked.row[name] for _, shift in asked.vehicles for name in (shift.start_location, shift.end_location)})
    clients: list[Any] = []
    owner: list[int] = []
    groups: list[list[int]] = []
    for i, visit in enumerate(problem.visits):
        spans = asked.spans(i)
        group = len(groups) if len(spans) > 1 else None
        if group is not None:
            groups.append(list(range(len(clients), len(clients) + len(spans))))
        for begin, end in spans:
            owner.append(i)
            clients.append(
                theirs.Client(
                    asked.row[visit.location],
                    delivery=[int(name in asked.needs[i]) for name in skills] + [visit.load],
                    service_duration=visit.service_s,
                    tw_early=begin,
                    tw_late=end,
                    prize=asked.price(visit),
                    required=False,
                    group=group,
                )
            )
    alike: dict[tuple[Any, ...], list[int]] = {}
    for k, (_, shift) in enumerate(asked.vehicles):
        room = tuple(len(clients) if name in asked.has[k] else 0 for name in skills)
        hours = shift.day * DAY_S + shift.from_s, shift.day * DAY_S + shift.to_s, longest_s(shift)
        alike.setdefault((room, asked.room(k), shift.start_location, shift.end_location, *hours), []).append(k)
    types = [
        theirs.VehicleType(
            len(same),
            [*room, capacity],
            depots.index(asked.row[start]),
            depots.index(asked.row[end]),
            fixed_cost=problem.costs.shift_used,
            tw_early=from_s,
            tw_late=to_s,
            shift_duration=longest,
            unit_distance_cost=problem.costs.travel_per_s,
        )
        for (room, capacity, start, end, from_s, to_s, longest), same in alike.items()
    ]
    data = theirs.ProblemData(
        [theirs.Location(0, 0) for _ in problem.locations],
        clients,
        [theirs.Depot(row) for row in depots],
        types,
        [asked.matrix],
        [asked.matrix],
        groups=[theirs.ClientGroup(group, required=False) for group in groups],
    )
    stop = theirs.stop.MaxRuntime(max(0.1, limit_s - (time.monotonic() - begun_s)))
    best = theirs.solve(data, stop=stop, seed=seed, collect_stats=False, display=False).best
    free = [list(same) for same in alike.values()]
    return {
        free[route.vehicle_type()].pop(0): [owner[activity.idx] for activity in route if activity.is_client()]
        for route in best.routes()
    }


def vroom(asked: Asked, limit_s: float, seed: int) -> Orders:
    """All days on one axis, several windows; importance by steps. It plans as many visits as it can, then saves driving."""
    import vroom as theirs

    del seed  # it knows none
    begun_s = time.monotonic()
    problem = asked.problem
    if any(longest_s(shift) < NO_LIMIT for _, shift in asked.vehicles):
        raise RefusedError("not modelled: max_duration_s")
    names = sorted({name for one in [*asked.needs, *asked.has] for name in one})
    number = {name: n for n, name in enumerate(names)}
    order = theirs.Input()
    order.set_durations_matrix("car", asked.matrix.astype(np.uint32))
    for k, (_, shift) in enumerate(asked.vehicles):
        order.add_vehicle(
            theirs.Vehicle(
                k,
                start=asked.row[shift.start_location],
                end=asked.row[shift.end_location],
                skills={number[name] for name in asked.has[k]},
                capacity=[asked.room(k)],
                costs=theirs.VehicleCosts(fixed=problem.costs.shift_used, per_hour=3600 * problem.costs.travel_per_s),
                time_window=theirs.TimeWindow(shift.day * DAY_S + shift.from_s, shift.day * DAY_S + shift.to_s),
            )
        )
    top = max([1, *(asked.price(visit) for visit in problem.visits)])
    for i, visit in enumerate(problem.visits):
        spans = asked.spans(i)
        if spans:
            order.add_job(
                theirs.Job(
                    i,
                    location=asked.row[visit.location],
                    default_service=visit.service_s,
                    delivery=[visit.load],
                    skills={number[name] for name in asked.needs[i]},
                    priority=round(PRIORITIES * asked.price(visit) / top),
                    time_windows=[theirs.TimeWindow(begin, end) for begin, end in spans],
                )
            )
    left = datetime.timedelta(seconds=max(0.1, limit_s - (time.monotonic() - begun_s)))
    table = order.solve(exploration_level=5, nb_threads=1, timeout=left).routes
    jobs = table[table.type == "job"]
    return {int(k): [int(job) for job in group.id] for k, group in jobs.groupby("vehicle_id")}


def ortools(asked: Asked, limit_s: float, seed: int) -> Orders:
    """Parallel cheapest insertion and guided local search; days, skills and pins as the vehicles that a visit may have."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    del seed  # it knows none
    begun_s = time.monotonic()
    problem, vehicles = asked.problem, asked.vehicles
    depots = sorted({asked.row[name] for _, shift in vehicles for name in (shift.start_location, shift.end_location)})
    place = depots + [asked.row[visit.location] for visit in problem.visits]
    work = np.array([0] * len(depots) + [visit.service_s for visit in problem.visits])
    starts = [depots.index(asked.row[shift.start_location]) for _, shift in vehicles]
    ends = [depots.index(asked.row[shift.end_location]) for _, shift in vehicles]
    nodes = pywrapcp.RoutingIndexManager(len(place), len(vehicles), starts, ends)
    routing = pywrapcp.RoutingModel(nodes)
    drive = asked.matrix[np.ix_(place, place)]
    cost = routing.RegisterTransitMatrix((drive * problem.costs.travel_per_s).tolist())
    routing.SetArcCostEvaluatorOfAllVehicles(cost)
    last_s = max([1, *(shift.to_s for _, shift in vehicles)])
    routing.AddDimension(routing.RegisterTransitMatrix((drive + work[:, None]).tolist()), last_s, last_s, False, "time")
    hours = routing.GetDimensionOrDie("time")
    for k, (_, shift) in enumerate(vehicles):
        for end in (routing.Start(k), routing.End(k)):
            hours.CumulVar(end).SetRange(shift.from_s, shift.to_s)
        if longest_s(shift) < NO_LIMIT:
            hours.SetSpanUpperBoundForVehicle(longest_s(shift), k)
        routing.SetFixedCostOfVehicle(problem.costs.shift_used, k)
    load = routing.RegisterUnaryTransitVector([0] * len(depots) + [visit.load for visit in problem.visits])
    routing.AddDimensionWithVehicleCapacity(load, 0, [asked.room(k) for k in range(len(vehicles))], True, "load")
    for i, visit in enumerate(problem.visits):
        index = nodes.NodeToIndex(len(depots) + i)
        _open(hours.CumulVar(index), [(window.from_s, window.to_s) for window in visit.windows], last_s)
        routing.AddDisjunction([index], asked.price(visit))
        able = asked.able(i)
        if len(able) < len(vehicles):
            routing.VehicleVar(index).SetValues([-1, *able])
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(max(100, int(1000 * (limit_s - (time.monotonic() - begun_s)))))
    found = routing.SolveWithParameters(how)
    orders: Orders = {}
    for k in range(len(vehicles) if found else 0):
        index, orders[k] = found.Value(routing.NextVar(routing.Start(k))), []
        while not routing.IsEnd(index):
            orders[k].append(nodes.IndexToNode(index) - len(depots))
            index = found.Value(routing.NextVar(index))
    return orders


def _open(begin: Any, windows: Sequence[tuple[int, int]], last_s: int) -> None:
    """Let a visit begin in its windows only."""
    spans = sorted(windows)
    if spans:
        begin.SetRange(spans[0][0], min(last_s, max(end for _, end in spans)))
    for (_, end), (start, _) in itertools.pairwise(spans):
        if end + 1 < start:
            begin.RemoveInterval(end + 1, start - 1)


PEERS: dict[str, Callable[[Asked, float, int], Orders]] = {"pyvrp": pyvrp, "vroom": vroom, "ortools": ortools}


def plan_by(peer: str, problem: Problem, limit_s: float, seed: int) -> Plan:
    """Solve a problem with a peer; the time limit covers its model too.

    Raises
    ------
    RefusedError
        If it cannot model the problem.
    """
    begun_s = time.monotonic()
    asked = Asked.of(problem)
    orders = PEERS[peer](asked, limit_s - (time.monotonic() - begun_s), seed)
    routes = tuple(_timed(asked, k, order) for k, order in sorted(orders.items()) if order)
    planned = {stop.visit for route in routes for stop in route.stops}
    left_out = sorted((visit for visit in problem.visits if visit.id not in planned), key=lambda visit: not visit.mandatory)
    return Plan(SCHEMA, routes, tuple(Unplanned(visit.id) for visit in left_out), seed=seed)


def _timed(asked: Asked, k: int, order: Sequence[int]) -> Route:
    """Set off at the begin of the shift; or later, when some visit is met at an end of a window, if that is too long."""
    shift = asked.vehicles[k][1]
    early, _ = _leaving(asked, k, order, shift.from_s)
    if early.return_s - early.depart_s <= longest_s(shift):
        return early
    ahead_s, here, turns = 0, asked.row[shift.start_location], set()
    for i in order:
        visit = asked.problem.visits[i]
        ahead_s += int(asked.matrix[here, asked.row[visit.location]])
        turns |= {edge - ahead_s for window in visit.windows for edge in (window.from_s, window.to_s)}
        here, ahead_s = asked.row[visit.location], ahead_s + visit.service_s
    tried = [_leaving(asked, k, order, turn) for turn in sorted(turns) if turn > shift.from_s]
    return min(tried, key=lambda one: (one[1], one[0].return_s - one[0].depart_s), default=(early, False))[0]


def _leaving(asked: Asked, k: int, order: Sequence[int], depart_s: int) -> tuple[Route, bool]:
    """Give a route that departs then, and whether it is late anywhere."""
    crew, shift = asked.vehicles[k]
    now, here, late, stops = depart_s, asked.row[shift.start_location], False, []
    for i in order:
        visit = asked.problem.visits[i]
        there = asked.row[visit.location]
        arrive = now + int(asked.matrix[here, there])
        starts = [max(arrive, window.from_s) for window in visit.windows if arrive <= window.to_s]
        late = late or (bool(visit.windows) and not starts)
        start = min(starts, default=arrive)
        here, now = there, start + visit.service_s
        stops.append(Stop(visit.id, arrive, start, now))
    back = now + int(asked.matrix[here, asked.row[shift.end_location]])
    return Route(crew.id, shift.day, depart_s, back, tuple(stops)), late or back > shift.to_s
