"""Small problems of rounds: one to change by hand, random ones, and their optimum found by trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from hypothesis import strategies as st

from planner.rounds.precheck import impossible_pins
from planner.rounds.problem import Problem, Shift, Visit, parse_problem

Document = dict[str, Any]

LONGEST = 80
"""Shifts of random problems end by then (in seconds), so that every second can be tried."""


def parsed(document: Document) -> Problem:
    """Read a problem given as JSON values."""
    return parse_problem(msgspec.json.encode(document))


def small_problem(**changes: Any) -> Document:
    """Two crews, two days, three visits in two places; one way is longer than the other.

    Crew c1 has two people, skills, room for 3, a break on day 0 and overtime; c2 has nothing but time.
    """
    document: Document = {
        "schema": "liftrounds/problem/1",
        "start_date": "2026-11-30",
        "days": 2,
        "time_zone": "Asia/Shanghai",
        "locations": [{"id": "home"}, {"id": "a"}, {"id": "b"}],
        "travel": {"durations_s": [[0, 600, 900], [660, 0, 300], [900, 300, 0]]},
        "visits": [
            {"id": "v1", "location": "a", "service_s": 1800, "first_day": 0, "last_day": 1, "skills": ["oil"]}
            | {"windows": [{"from_s": 30000, "to_s": 32000}, {"from_s": 40000, "to_s": 41000}], "bank": "lobby"}
            | {"day_costs": [7, 40], "crew_costs": {"c1": 11, "c2": 90}},
            {"id": "v2", "location": "b", "service_s": 1800, "first_day": 0, "last_day": 1, "people": 2, "load": 3}
            | {"bank": "lobby"},
            {"id": "v3", "location": "b", "service_s": 1800, "first_day": 0, "last_day": 1}
            | {"mandatory": False, "defer_cost": 1500},
        ],
        "crews": [
            {"id": "c1", "people": 2, "skills": ["oil", "rope"], "load_capacity": 3}
            | {
                "shifts": [
                    {"day": 0, "from_s": 28800, "to_s": 40000, "start_location": "home", "end_location": "home"}
                    | {"max_overtime_s": 600, "break": {"from_s": 33000, "to_s": 36000, "duration_s": 1200}}
                ]
            },
            {"id": "c2", "load_capacity": 0}
            | {
                "shifts": [
                    {"day": day, "from_s": 28800, "to_s": 40000, "start_location": "home", "end_location": "home"}
                    for day in (0, 1)
                ]
            },
        ],
        "costs": {"travel_per_s": 1, "shift_used": 100, "overtime_per_s": 2, "missed_mandatory": 20000, "change": 50},
        "published": {"v1": {"crew": "c1", "day": 0}, "v2": {"crew": "c2", "day": 0}},
    }
    return document | changes


@st.composite
def problems(draw: st.DrawFn, *, most_visits: int = 4, banks: bool = True) -> Problem:
    """Draw a problem with every field of the contract in use, so small that everything can be tried."""
    places = [f"p{n}" for n in range(draw(st.sampled_from([2, 3, 3, 1])))]
    days = draw(st.sampled_from([1, 2]))
    crews = [_crew(draw, f"c{n}", places, days) for n in range(draw(st.sampled_from([1, 1, 2, 0])))]
    names = [crew["id"] for crew in crews]
    count = draw(st.sampled_from([*range(most_visits, 0, -1), *range(most_visits, 1, -1), 0]))
    visits = [_visit(draw, f"v{n}", places, names, days, banks) for n in range(count)]
    document: Document = {
        "schema": "liftrounds/problem/1",
        "start_date": "2026-11-30",
        "days": days,
        "time_zone": "Asia/Shanghai",
        "locations": [{"id": name} for name in places],
        "travel": {"durations_s": [[0 if a == b else draw(st.integers(0, 9)) for b in places] for a in places]},
        "visits": visits,
        "crews": crews,
        "costs": {
            "travel_per_s": draw(st.sampled_from([1, 2, 0])),
            "shift_used": draw(st.sampled_from([0, 5, 30])),
            "overtime_per_s": draw(st.sampled_from([0, 1, 4])),
            "missed_mandatory": draw(st.sampled_from([1000, 100, 0])),
            "change": draw(st.sampled_from([0, 3, 25])),
        },
        "published": draw(st.none() | _published(visits, crews, days)),
    }
    return parsed(document)


def _crew(draw: st.DrawFn, name: str, places: list[str], days: int) -> Document:
    shifts = []
    for day in range(days + 1):  # the last of these is beyond the horizon
        if not draw(st.sampled_from([True, True, True, False])):
            continue
        begin = draw(st.integers(0, 15))
        shift: Document = {"day": day, "from_s": begin, "to_s": begin + draw(st.integers(0, 45))}
        shift |= {"start_location": draw(st.sampled_from(places)), "end_location": draw(st.sampled_from(places))}
        shift |= {"max_overtime_s": draw(st.sampled_from([0, 0, 5, 20]))}
        shift |= {"max_duration_s": draw(st.sampled_from([None, None, 45, 30, 15]))}
        if draw(st.booleans()):
            first = draw(st.integers(0, 40))
            shift["break"] = {"from_s": first, "to_s": first + draw(st.integers(0, 10)), "duration_s": draw(st.integers(0, 12))}
        shifts.append(shift)
    crew: Document = {"id": name, "shifts": shifts, "people": draw(st.sampled_from([2, 1]))}
    skills = draw(st.sampled_from([["x", "y"], ["y", "x"], ["x"], []]))
    return crew | {"skills": skills, "load_capacity": draw(st.sampled_from([None, None, 4, 2, 0]))}


def _visit(draw: st.DrawFn, name: str, places: list[str], crews: list[str], days: int, banks: bool) -> Document:
    first = draw(st.sampled_from([0, 0, 0, days - 1, days]))
    last = first + draw(st.integers(0, 2))
    visit: Document = {"id": name, "location": draw(st.sampled_from(places)), "service_s": draw(st.integers(0, 12))}
    visit |= {"first_day": first, "last_day": last, "skills": draw(st.sampled_from([[], [], [], ["x"], ["x", "y"], ["z"]]))}
    begins = draw(st.sampled_from([[], [], [20], [5, 35], [30, 10]]))
    visit["windows"] = [{"from_s": begin, "to_s": begin + draw(st.integers(0, 20))} for begin in begins]
    visit |= {"people": draw(st.sampled_from([1, 1, 1, 2])), "load": draw(st.sampled_from([0, 0, 1, 3]))}
    visit |= {"mandatory": draw(st.booleans()), "defer_cost": draw(st.integers(0, 99))}
    if draw(st.booleans()):
        visit["day_costs"] = [draw(st.integers(-5, 20)) for _ in range(first, last + 1)]
    visit["crew_costs"] = {crew: draw(st.integers(-10, 20)) for crew in crews if draw(st.booleans())}
    if banks:
        visit["bank"] = draw(st.sampled_from(["lobby", None]))
    if crews and draw(st.integers(0, 5)) == 5:
        visit["pinned"] = {"crew": draw(st.sampled_from([*crews, "gone"])), "day": draw(st.integers(first, last))}
    return visit


def _published(visits: list[Document], crews: list[Document], days: int) -> st.SearchStrategy[Document]:
    names = [crew["id"] for crew in crews] + ["gone"]
    place = st.fixed_dictionaries({"crew": st.sampled_from(names), "day": st.integers(0, days)})
    return st.dictionaries(st.sampled_from([visit["id"] for visit in visits]), place) if visits else st.just({})


def least_cost(problem: Problem) -> int | None:
    """Find what the best plan of a problem without banks costs, by trying everything.

    None if pins that each could be kept cannot be kept together. A pin that is an error of the input binds nobody.
    """
    table = problem.travel.durations_s
    assert table is not None
    row = {location.id: n for n, location in enumerate(problem.locations)}
    duties = [(crew.id, shift) for crew in problem.crews for shift in crew.shifts if shift.day < problem.days]
    routes = [_best_routes(problem, crew, shift, table, row) for crew, shift in duties]
    left_out = [_price_left_out(problem, visit) for visit in problem.visits]
    best: int | None = None
    for places in itertools.product(range(-1, len(duties)), repeat=len(problem.visits)):
        total = 0
        for k in range(-1, len(duties)):
            here = frozenset(n for n, place in enumerate(places) if place == k)
            prices = [left_out[n] for n in here] if k < 0 else [routes[k].get(here) if here else 0]
            if None in prices:
                break
            total += sum(price for price in prices if price is not None)
        else:
            best = total if best is None else min(best, total)
    return best


def _price_left_out(problem: Problem, visit: Visit) -> int | None:
    if visit.pinned is not None and visit.id not in {notice.visit for notice in impossible_pins(problem)}:
        return None
    change = problem.costs.change if visit.id in (problem.published or {}) else 0
    return change + (problem.costs.missed_mandatory if visit.mandatory else visit.defer_cost)


def _best_routes(
    problem: Problem, name: str, shift: Shift, table: list[list[int]], row: dict[str, int]
) -> dict[frozenset[int], int]:
    """Price of the cheapest route of one shift for every set of visits that it can do."""
    crew = next(crew for crew in problem.crews if crew.id == name)
    able = [
        n
        for n, visit in enumerate(problem.visits)
        if set(visit.skills) <= set(crew.skills)
        and visit.people <= crew.people
        and visit.first_day <= shift.day <= visit.last_day
        and (visit.pinned is None or (visit.pinned.crew, visit.pinned.day) == (name, shift.day))
    ]
    found: dict[frozenset[int], int] = {}
    for size in range(1, len(able) + 1):
        for order in itertools.permutations(able, size):
            visits = [problem.visits[n] for n in order]
            if crew.load_capacity is not None and sum(visit.load for visit in visits) > crew.load_capacity:
                continue
            places = [row[shift.start_location], *(row[visit.location] for visit in visits), row[shift.end_location]]
            legs = [table[a][b] for a, b in itertools.pairwise(places)]
            return_s = _soonest_return(shift, visits, legs)
            if return_s is None:
                continue
            costs = problem.costs
            price = costs.shift_used + sum(legs) * costs.travel_per_s + max(0, return_s - shift.to_s) * costs.overtime_per_s
            for visit in visits:
                published = (problem.published or {}).get(visit.id)
                price += visit.day_costs[shift.day - visit.first_day] if visit.day_costs else 0
                price += visit.crew_costs.get(name, 0)
                if published is not None and (published.crew, published.day) != (name, shift.day):
                    price += costs.change
            key = frozenset(order)
            found[key] = min(price, found.get(key, price))
    return found


def _soonest_return(shift: Shift, visits: Sequence[Visit], legs: list[int]) -> int | None:
    """Try every departure with every break, second by second."""
    latest = shift.to_s + shift.max_overtime_s
    found = []
    for depart in range(shift.from_s, latest + 1):
        for rest in _rests(shift, depart):
            back = _done(visits, legs, depart, rest)
            if back is None:
                continue
            if rest is not None:
                back = max(back, rest[1])
            elif shift.break_ is not None and depart <= shift.break_.to_s <= back:
                continue
            if back <= latest and (shift.max_duration_s is None or back - depart <= shift.max_duration_s):
                found.append(back)
    return min(found, default=None)


def _rests(shift: Shift, depart: int) -> Iterator[tuple[int, int] | None]:
    yield None
    if shift.break_ is not None:
        for begin in range(max(depart, shift.break_.from_s), shift.break_.to_s + 1):
            yield begin, begin + shift.break_.duration_s


def _done(visits: Sequence[Visit], legs: list[int], depart: int, rest: tuple[int, int] | None) -> int | None:
    """Give the return of a crew that does everything as soon as it can; None if it misses a window."""
    now = depart
    for visit, leg in itertools.zip_longest(visits, legs):
        for _ in range(leg):  # drive second by second, standing still during the break
            while rest is not None and rest[0] <= now < rest[1]:
                now += 1
            now += 1
        if visit is None:
            return now
        starts = (
            start
            for start in range(now, 2 * LONGEST)
            if (not visit.windows or any(window.from_s <= start <= window.to_s for window in visit.windows))
            and (rest is None or not (rest[0] < start + visit.service_s and start < rest[1]))
        )
        start = next(starts, None)
        if start is None:
            return None
        now = start + visit.service_s
    raise AssertionError
