"""The difference of two plans: visit by visit, and what it comes to for every crew and day. What is frozen is no change."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import msgspec

from planner.rounds.plan import Plan, Route
from planner.rounds.problem import Visit
from planner.today import words
from planner.today.answer import At, CrewChange, Kind, VisitChange
from planner.today.words import Names

replace = msgspec.structs.replace


def visit_changes(
    before: Plan,
    after: Plan,
    visits: Mapping[str, Visit],
    frozen: Collection[str],
    codes: Mapping[str, str],
    names: Names,
    today: int,
) -> tuple[VisitChange, ...]:
    """List every visit that stands elsewhere, at another time, in another order, or on one side only.

    Parameters
    ----------
    before, after
        The two plans.
    visits
        By id, for their last days.
    frozen
        Visits that are over or under way; their times are told, not changed.
    codes
        Visit → code of the reason, for those that have one.
    names, today
        For the sentences.

    Returns
    -------
    tuple of VisitChange
        In the order of the plan after, then of the plan before.
    """
    was, now = _places(before), _places(after)
    turned = _out_of_order(was, now, frozen)
    found = []
    for name in [*now, *(name for name in was if name not in now)]:
        if name in frozen:
            continue
        kind = _kind(was.get(name), now.get(name), name in turned, codes.get(name, ""))
        if kind is None:
            continue
        old, new = was.get(name), now.get(name)
        same_day = old is not None and new is not None and old.day == new.day
        by_s = new.start_s - old.start_s if same_day and old is not None and new is not None else None
        code = codes.get(name, "") if kind in ("moved", "dropped", "cancelled", "added") else ""
        change = VisitChange(name, kind, old, new, by_s, code, visits[name].last_day, "", "")
        en, zh = words.of_visit(change, names, today)
        found.append(replace(change, en=en, zh=zh))
    return tuple(found)


def _places(plan: Plan) -> dict[str, At]:
    return {
        stop.visit: At(route.crew, route.day, position, stop.arrive_s, stop.start_s)
        for route in plan.routes
        for position, stop in enumerate(route.stops)
    }


def _kind(old: At | None, new: At | None, turned: bool, code: str) -> Kind | None:
    if old is None and new is None:
        return None
    if new is None:
        return "cancelled" if code == "cancelled" else "dropped"
    if old is None:
        return "added"
    if (old.crew, old.day) != (new.crew, new.day):
        return "moved"
    if turned:
        return "order"
    return "time" if (old.arrive_s, old.start_s) != (new.arrive_s, new.start_s) else None


def _out_of_order(was: Mapping[str, At], now: Mapping[str, At], frozen: Collection[str]) -> set[str]:
    """Give the fewest visits that explain why those which stay on a round are done in another order there."""
    rounds: dict[tuple[str, int], list[str]] = defaultdict(list)
    for name, new in now.items():
        old = was.get(name)
        if old is not None and name not in frozen and (old.crew, old.day) == (new.crew, new.day):
            rounds[new.crew, new.day].append(name)
    turned: set[str] = set()
    for stay in rounds.values():
        stay.sort(key=lambda name: now[name].position)
        kept = _longest_rise([was[name].position for name in stay])
        turned |= {name for i, name in enumerate(stay) if i not in kept}
    return turned


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Give the indices of a longest rising subsequence."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for i, number in enumerate(numbers):
        at = bisect_left(tails, number)
        before.append(ends[at - 1] if at else -1)
        tails[at:] = [number] if at == len(tails) else [number, *tails[at + 1 :]]
        ends[at:] = [i] if at == len(ends) else [i, *ends[at + 1 :]]
    found = set()
    i = ends[-1] if ends else -1
    while i >= 0:
        found.add(i)
        i = before[i]
    return found


def crew_changes(before: Plan, after: Plan, changed: Sequence[VisitChange], names: Names, today: int) -> tuple[CrewChange, ...]:
    """Sum the changes of visits up by crew and day, with the return; by day, then by crew."""
    parts: dict[tuple[str, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    later: dict[tuple[str, int], int] = defaultdict(int)
    for change in sorted(changed, key=_rank):
        old, new = change.before, change.after
        if change.kind in ("order", "time") and new is not None:
            parts[new.crew, new.day][change.kind].append(change.visit)
            later[new.crew, new.day] = max(later[new.crew, new.day], change.by_s or 0)
            continue
        if old is not None:
            parts[old.crew, old.day]["gone"].append(change.visit)
        if new is not None:
            parts[new.crew, new.day]["added"].append(change.visit)
    was = {(route.crew, route.day): route for route in before.routes if route.stops}
    now = {(route.crew, route.day): route for route in after.routes if route.stops}
    keys = set(parts) | {key for key in was.keys() | now.keys() if _return(was.get(key)) != _return(now.get(key))}
    found: list[CrewChange] = []
    for crew, day in sorted(keys, key=lambda key: (key[1], key[0])):
        part = parts[crew, day]
        of_crew = CrewChange(
            crew, day, tuple(part["added"]), tuple(part["gone"]), tuple(part["order"]), tuple(part["time"]), later[crew, day],
            _return(was.get((crew, day))), _return(now.get((crew, day))), "", "",
        )  # fmt: skip
        en, zh = words.of_crew(of_crew, names, today)
        found.append(replace(of_crew, en=en, zh=zh))
    return tuple(found)


def _rank(change: VisitChange) -> int:
    """Order visits as a round makes them, or made them."""
    at = change.after if change.kind in ("added", "order", "time") else change.before
    return at.position if at else 0


def _return(route: Route | None) -> int | None:
    return None if route is None else route.return_s
