"""The compiled search keeps the rules of the readable one, whatever the problem."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.answer import plan_of
from planner.rounds.evaluate import evaluate
from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.kernel import columns as c
from planner.rounds.kernel import improve, ready
from planner.rounds.kernel.arrays import state, tables, take_over
from planner.rounds.kernel.drive import TUNE, drive
from planner.rounds.kernel.entry import search
from planner.rounds.kernel.tables import State, Tables
from planner.rounds.model import NEVER_S, PIN_PRICE, Model
from planner.rounds.problem import Problem
from planner.rounds.solution import Solution
from planner.rounds.travel import travel_matrix
from tests.support.rounds import problems

SEEDS = st.integers(0, 2**63 - 1)


def modelled(problem: Problem) -> tuple[Model, Neighbourhood]:
    model = Model(problem, travel_matrix(problem.travel, problem.locations))
    return model, Neighbourhood(model)


def going() -> float:
    return 0.0


def stops_of(solution: Solution) -> list[list[int]]:
    return [list(way.stops) for way in solution.ways]


def run(model: Model, near: Neighbourhood, seed: int, rounds: int) -> tuple[Tables, State, Solution]:
    """Run the kernel alone; give the state it ended with and the solution it began with."""
    ready.load()
    solution = Solution(model)
    m = tables(model, near)
    now = state(m, solution, seed, None)
    assert search(m, now, rounds, 10.0, 1.0, TUNE) == rounds
    return m, now, solution


def rebuilt(model: Model, routes: Sequence[Sequence[int]]) -> Solution:
    solution = Solution(model)
    for k, stops in enumerate(routes):
        way = solution.way(k, list(stops))
        assert way is not None
        solution.put(way)
    return solution


def current(now: State) -> list[list[int]]:
    slots = now.used[:, c.U_SLOT].tolist()
    return [now.line[s, c.L_STOP, : now.route[s, c.R_STOPS]].tolist() for s in slots]


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=6, banks=False), SEEDS)
def test_its_price_is_that_of_the_same_routes_in_plain_python(problem: Problem, seed: int) -> None:
    model, near = modelled(problem)
    m, now, _ = run(model, near, seed, 30)
    again = rebuilt(model, current(now))
    pins_out = sum(model.price[i] >= PIN_PRICE for i in again.left_out())
    instead = pins_out * (PIN_PRICE - int(m.price[c.P_PINNED]))
    assert again.cost - instead == now.counter[c.N_COST]
    assert again.duty_of == now.moved[:, c.M_DUTY].tolist()
    for k, s in enumerate(now.used[:, c.U_SLOT]):
        assert now.route[s, c.R_COST] == again.ways[k].cost


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=6, banks=False), SEEDS)
def test_what_it_knows_of_places_is_what_plain_python_finds(problem: Problem, seed: int) -> None:
    model, near = modelled(problem)
    m, now, _ = run(model, near, seed, 30)
    solution = rebuilt(model, current(now))
    inserter = Inserter(solution, near, random.Random(0))  # noqa: S311 - no secret
    for i, begin in enumerate(m.visit[:, c.V_KNOWN]):
        for n, o in enumerate(range(m.visit[i, c.V_OPTION], m.visit[i, c.V_OPTION_END])):
            k = int(m.option[o, c.O_DUTY])
            way = solution.ways[k]
            if now.known_stamp[begin + n] != now.route[now.used[k, c.U_SLOT], c.R_STAMP] or i in way.stops:
                continue
            cost, _ = inserter._cheapest(way, i, model.options[i][k])
            known = int(now.known_cost[begin + n])
            assert min(known, NEVER_S) == min(cost, NEVER_S)
            if known < NEVER_S:
                p = int(now.known_position[begin + n])
                longer = solution.way(k, [*way.stops[:p], i, *way.stops[p:]])
                assert longer is not None
                assert longer.cost - way.cost <= known  # less, where setting off after the break has become the better way


@settings(max_examples=150, deadline=None)
@given(problems(most_visits=6), SEEDS, st.booleans())
def test_every_solution_it_hands_over_keeps_the_rules(problem: Problem, seed: int, neighbours_only: bool) -> None:
    model, near = modelled(problem)
    ready.load()
    solution = Solution(model)
    tune = TUNE.copy()
    tune[c.K_ALL] = 0 if neighbours_only else 40
    drive(solution, near, seed, 40, going, 2.0, 0.02, None, None, None, None, tune)
    verdict = evaluate(problem, plan_of(solution, near, lambda: False, seed=seed, wall_s=None))
    assert {violation.rule for violation in verdict.violations} <= {"pins_kept"}


@settings(max_examples=60, deadline=None)
@given(problems(most_visits=6), SEEDS, st.data())
def test_the_same_seed_gives_the_same_routes_and_a_start_is_never_made_worse(
    problem: Problem, seed: int, data: st.DataObject
) -> None:
    model, near = modelled(problem)
    first, second = Solution(model), Solution(model)
    for solution in (first, second):
        assert improve(solution, seed=seed, rounds=300, keep_going=going, warm=2.0, near=near) in (0, 300)
    assert stops_of(first) == stops_of(second)
    cost, before = first.cost, list(first.duty_of)
    free = data.draw(st.sets(st.sampled_from(range(model.visits)))) if model.visits else set()
    improve(first, seed=seed + 1, rounds=20, keep_going=going, warm=50.0, near=near, free=free)
    assert first.cost <= cost
    assert all(first.duty_of[i] == before[i] for i in range(model.visits) if i not in free)


@settings(max_examples=60, deadline=None)
@given(problems(most_visits=6), SEEDS)
def test_taking_over_changes_nothing_where_nothing_better_was_met(problem: Problem, seed: int) -> None:
    model, near = modelled(problem)
    _, now, solution = run(model, near, seed, 0)
    before = list(solution.ways)
    take_over(now, solution)
    assert solution.ways == before
