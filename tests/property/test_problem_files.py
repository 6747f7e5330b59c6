"""Whatever stands in a file: it is refused in words, every fault with its path, or it can be planned."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.rounds.evaluate import evaluate
from planner.rounds.faults import FaultyInputError
from planner.rounds.plan import parse_plan, plan_bytes
from planner.rounds.precheck import notices
from planner.rounds.problem import parse_problem
from planner.rounds.solve import solve
from planner.rounds.stop import Stop
from tests.support.rounds import parsed, small_problem

NUMBERS = st.sampled_from([0, 1, -1, 2, 3, 86_400, 30_000, 10**9, 10**9 + 1, 10**12, 10**12 + 1, 2**63, -(2**63), 10**30])
OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0.5, -0.0, 1e300, "", " ", "v1", "c1", "home", "oil", "2026-11-30", [], {}, [[]]]
)
VALUES = NUMBERS | OTHERS | st.text(max_size=3)
FIELDS = st.sampled_from(
    ["id", "day", "from_s", "to_s", "break", "bank", "pinned", "windows", "people", "load", "estimate", "x"]
)
ESTIMATE = {"estimate": {"speed_kmh": 25, "detour": 1.3, "stop_s": 120}}


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    found: list[tuple[Any, Any]] = []
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += [(value, key), *places_in(value[key])]
    return found


def spoil(draw: Callable[..., Any], document: Any) -> None:
    """Change, take away, double or add something anywhere."""
    places = places_in(document)
    holder, key = draw(st.sampled_from(places))
    kind = draw(st.sampled_from(["change", "change", "change", "drop", "double", "add", "exchange"]))
    if kind == "change":
        holder[key] = draw(VALUES)
    elif kind == "drop":
        del holder[key]
    elif kind == "double" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    elif kind == "exchange":
        other, name = draw(st.sampled_from(places))
        holder[key] = copy.deepcopy(other[name])
    elif isinstance(holder, dict):
        holder[draw(FIELDS)] = draw(VALUES)


@st.composite
def spoilt_problems(draw: st.DrawFn) -> Any:
    document = small_problem()
    if draw(st.booleans()):
        document["travel"] = copy.deepcopy(ESTIMATE)
        for n, location in enumerate(document["locations"]):
            location |= {"lat": 28.6 + n / 50, "lon": 121.4}
    for _ in range(draw(st.integers(1, 3))):
        spoil(draw, document)
    return document


def refused(error: FaultyInputError, *, whole: bool = False) -> None:
    """Find every fault said once, in words that a terminal can show, with its path (but for the file as a whole)."""
    assert error.faults
    assert all(fault.message and (fault.path or whole) and str(fault).isprintable() for fault in error.faults)
    assert len({str(fault) for fault in error.faults}) == len(error.faults)


@settings(max_examples=400, deadline=None)
@given(spoilt_problems())
def test_a_spoilt_problem_is_refused_with_paths_or_planned(document: Any) -> None:
    try:
        problem = parsed(document)
    except FaultyInputError as error:
        refused(error)
        return
    told = notices(problem)
    plan = solve(problem, Stop(rounds=0))
    assert {violation.rule for violation in evaluate(problem, plan).violations} <= {"pins_kept"}
    left_out = {one.visit for one in plan.unplanned}
    # alone is another matter: where a detour is quicker than the way itself, a visit may fit beside others
    assert {notice.visit for notice in told if notice.visit and "alone" not in notice.message} <= left_out


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_spoilt_plan_is_refused_with_paths_or_judged(data: st.DataObject) -> None:
    problem = parsed(small_problem())
    document = msgspec.json.decode(plan_bytes(solve(problem, Stop(rounds=0))))
    for _ in range(data.draw(st.integers(1, 3))):
        spoil(data.draw, document)
    try:
        plan = parse_plan(msgspec.json.encode(document))
    except FaultyInputError as error:
        refused(error)
        return
    assert parse_plan(plan_bytes(plan)) == plan
    evaluate(problem, plan)
    solve(problem, Stop(rounds=0), start=plan)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_in_words_or_read(data: st.DataObject) -> None:
    whole = bytearray(msgspec.json.encode(small_problem()))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        parse_problem(bytes(whole))
    except FaultyInputError as error:
        refused(error, whole=True)
