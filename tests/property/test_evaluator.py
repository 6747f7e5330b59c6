"""The evaluator says of every plan, good or spoilt, what comes out when it is lived through second by second."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan, plan_bytes
from planner.rounds.problem import Problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.replay import replayed
from tests.support.rounds import problems

SECONDS = st.integers(-4, 4) | st.sampled_from([-20, 20])


def spoil(draw: Callable[..., Any], plan: dict[str, Any], crews: list[str]) -> None:
    """Change one thing that a plan states."""
    routes = [route for route in plan["routes"] if route["stops"]]
    if not routes:
        return
    route = draw(st.sampled_from(routes))
    stop = draw(st.sampled_from(route["stops"]))
    kind = draw(st.sampled_from(["time", "later", "ends", "rest", "place", "order", "out", "twice"]))
    if kind == "time":
        stop[draw(st.sampled_from(["arrive_s", "start_s", "leave_s"]))] += draw(SECONDS)
    elif kind == "later":
        seconds = draw(SECONDS)
        for each in route["stops"][route["stops"].index(stop) :]:
            each.update({name: each[name] + seconds for name in ("arrive_s", "start_s", "leave_s")})
        route["return_s"] += seconds
    elif kind == "ends":
        route[draw(st.sampled_from(["depart_s", "return_s"]))] += draw(SECONDS)
    elif kind == "rest":
        route["break_start_s"] = draw(st.none() | st.integers(0, 60))
    elif kind == "place":
        route.update(crew=draw(st.sampled_from(crews)), day=draw(st.integers(0, 2)))
    elif kind == "order":
        route["stops"] = draw(st.permutations(route["stops"]))
    elif kind == "out":
        route["stops"].remove(stop)
        plan["unplanned"].append({"visit": stop["visit"]})
    else:
        plan["routes"].append(copy.deepcopy(route))


@settings(max_examples=250, deadline=None)
@given(problems(most_visits=5), st.data())
def test_the_evaluator_agrees_with_a_plan_lived_through(problem: Problem, data: st.DataObject) -> None:
    document = msgspec.json.decode(plan_bytes(solve(problem, Stop(rounds=0))))
    for _ in range(data.draw(st.integers(0, 2))):
        spoil(data.draw, document, ["c0", "c1", "c2"])
    plan = parse_plan(msgspec.json.encode(document))
    verdict, lived = evaluate(problem, plan), replayed(problem, plan)
    assert verdict.valid == (lived is not None)
    assert lived is None or msgspec.structs.asdict(verdict.cost) == lived
