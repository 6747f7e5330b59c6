"""Random days that went another way, and what must not change of them, worked out apart from the code under test."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from planner.rounds.plan import Plan, Stop
from planner.rounds.problem import Problem, Visit, Window
from planner.today.asked import SCHEMA, Closed, CrewOut, Delay, Emergency, Progress, Today, UnderWay
from planner.today.links import today_faults

COIN = st.booleans()


@st.composite
def todays(draw: st.DrawFn, problem: Problem, plan: Plan, *, delays: bool = False, told: bool = False) -> Today:
    """Draw what has happened to a plan that was kept so far, or, `told`, one that was not."""
    day = draw(st.integers(0, problem.days - 1))
    now_s = draw(st.integers(0, 70))
    crews: list[Any] = [crew.id for crew in problem.crews]
    progress = tuple(_progress(draw, problem, plan, day, now_s)) if told else ()
    begun = {stop.visit for each in progress for stop in each.done}
    begun |= {each.under_way.visit for each in progress if each.under_way}
    visits = [visit.id for visit in problem.visits]
    free = [name for name in visits if name not in begun]
    emergencies = [_emergency(draw, f"e{n}", problem, day, now_s) for n in range(draw(st.sampled_from([0, 1, 1, 2])))]
    events: dict[str, Any] = {"emergencies": tuple(emergencies)}
    if draw(COIN) and crews:
        later = draw(st.none() | st.integers(now_s, now_s + 30))
        events["crews_out"] = (CrewOut(draw(st.sampled_from(crews)), later, draw(st.none() | st.integers(day, day + 1))),)
    if draw(COIN) and visits:
        begin_s = draw(st.none() | st.integers(now_s, now_s + 20))
        end_s = draw(st.none() | st.integers((begin_s or now_s) + 1, now_s + 50))
        places = draw(st.sampled_from([(), (problem.locations[0].id,)]))
        events["closed"] = (Closed(places, (draw(st.sampled_from(visits)),), begin_s, end_s),)
    if free and draw(st.integers(0, 3)) == 0:
        events["cancelled"] = (draw(st.sampled_from(free)),)
    if draw(COIN) and delays and visits:
        events["delays"] = (Delay(draw(st.integers(1, 15)), visit=draw(st.sampled_from(visits))),)
    today = Today(SCHEMA, day, now_s, progress, **events, options=draw(st.sampled_from([1, 3, 9])))
    return today if not today_faults(today, problem, plan) else Today(SCHEMA, day, now_s, options=3)


def _emergency(draw: st.DrawFn, name: str, problem: Problem, day: int, now_s: int) -> Emergency:
    place = draw(st.sampled_from([location.id for location in problem.locations]))
    windows = draw(st.sampled_from([(), (Window(now_s, now_s + 30),), (Window(now_s + 5, now_s + 6), Window(0, now_s + 2))]))
    skills, people = draw(st.sampled_from([(), (), ("x",)])), draw(st.sampled_from([1, 1, 2]))
    load, bank = draw(st.sampled_from([0, 1])), draw(st.sampled_from([None, "lobby"]))
    service_s = draw(st.integers(0, 12))
    visit = Visit(name, place, service_s, day, day, windows, skills, people, load, bank=bank)
    latest_s = draw(st.none() | st.integers(now_s, now_s + 20))
    return Emergency(visit, latest_start_s=latest_s, wait_per_s=draw(st.sampled_from([None, 0, 3])))


def _progress(draw: st.DrawFn, problem: Problem, plan: Plan, day: int, now_s: int) -> list[Progress]:
    """Draw for some crews how far they came, with drives and visits of any length."""
    found = []
    for route in plan.routes:
        if route.day != day or draw(COIN):
            continue
        clock = draw(st.integers(0, now_s))
        departed = clock
        done: list[Stop] = []
        under_way = None
        for stop in route.stops[: draw(st.integers(0, len(route.stops)))]:
            arrive = clock + draw(st.integers(0, 8))
            start = arrive + draw(st.integers(0, 3))
            leave = start + draw(st.integers(0, 10))
            if leave > now_s:
                under_way = UnderWay(stop.visit, arrive, start, leave) if arrive <= now_s else None
                break
            done.append(Stop(stop.visit, arrive, start, leave))
            clock = leave
        rested = draw(st.none() | st.integers(0, now_s))
        found.append(Progress(route.crew, departed, tuple(done), under_way, rested))
    return found


def arrived(plan: Plan, crew: str, day: int, now_s: int) -> tuple[Stop, ...]:
    """Give the stops at which a crew that kept its plan has arrived by a time."""
    for route in plan.routes:
        if (route.crew, route.day) == (crew, day) and route.depart_s <= now_s:
            return tuple(stop for stop in route.stops if stop.arrive_s <= now_s)
    return ()
