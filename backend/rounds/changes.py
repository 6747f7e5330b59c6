"""What has changed between two snapshots, as far as it matters to a plan. Pure.

A plan made from an older snapshot is good as long as nothing that it stands on has moved: the windows and needs of the
elevators it visits or should have visited, who works when, and what is published. An elevator that merely came into sight, and
is not due within the horizon, breaks no plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend.rounds.snapshot import Item, Snapshot
from planner.rounds.plan import Plan
from planner.rounds.problem import Crew, Shift, Visit


class ChangeKind(StrEnum):
    """What kind of fact has changed."""

    WINDOW = "window"
    ELEVATOR = "elevator"
    CREW_DAY = "crew_day"
    ROUND = "round"
    ORDER = "order"
    """An elevator was published, or is no longer."""

    PRICES = "prices"
    """Of another version of the software."""

    DAY_PASSED = "day_passed"


class Change(Struct, frozen=True, kw_only=True):
    """One fact before and after; empty text stands for none."""

    kind: ChangeKind
    elevator: UUID | None = None
    crew: UUID | None = None
    day: date | None = None
    before: str = ""
    after: str = ""


class _Due(Struct, frozen=True, kw_only=True):
    """An elevator in a snapshot: its window and, if it could be asked for, what its visit needs."""

    window: str
    needs: str
    mandatory: bool


def changes(before: Snapshot, after: Snapshot, plan: Plan | None) -> list[Change]:
    """Return what has changed and matters to a plan, elevators first.

    Parameters
    ----------
    before, after
        The snapshot of the plan, and the same horizon as it is now.
    plan
        Elevators that it visits matter; without one only mandatory ones do.
    """
    planned = {UUID(stop.visit) for route in plan.routes for stop in route.stops} if plan else set()
    found = list(_of_elevators(before, after, planned))
    found += _of_crew_days(before, after)
    found += _of_rounds(before, after)
    # A run that asked an engine keeps its answers; what is estimated today says nothing against them.
    own_times = before.travel is not None and before.travel.places > 0
    if before.problem.costs != after.problem.costs or not (own_times or before.problem.travel == after.problem.travel):
        found.append(Change(kind=ChangeKind.PRICES))
    return found


def _of_elevators(before: Snapshot, after: Snapshot, planned: set[UUID]) -> Iterator[Change]:
    then, now = _due(before), _due(after)
    kept_then = {each.elevator: each.day for each in before.kept}
    kept_now = {each.elevator: each.day for each in after.kept}
    for elevator in sorted(then.keys() | now.keys()):
        old, new = then.get(elevator), now.get(elevator)
        matters = elevator in planned or any(each is not None and each.mandatory for each in (old, new))
        if not matters or old == new:
            continue
        if kept_then.get(elevator) != kept_now.get(elevator):
            days = (str(kept_then.get(elevator, "")), str(kept_now.get(elevator, "")))
            yield Change(kind=ChangeKind.ORDER, elevator=elevator, before=days[0], after=days[1])
            continue
        windows = (old.window if old else "", new.window if new else "")
        if windows[0] != windows[1]:
            yield Change(kind=ChangeKind.WINDOW, elevator=elevator, before=windows[0], after=windows[1])
        elif old is not None and new is not None and old.needs != new.needs:
            yield Change(kind=ChangeKind.ELEVATOR, elevator=elevator, before=old.needs, after=new.needs)


def _due(snapshot: Snapshot) -> dict[UUID, _Due]:
    """Return the elevators that a snapshot asks for or leaves out; kept ones are the rounds' matter."""
    places = {place.id: place for place in snapshot.problem.locations}
    found = {}
    for item, visit in zip(snapshot.items, snapshot.problem.visits, strict=True):
        place = places[visit.location]
        found[item.elevator] = _Due(window=_window(item), needs=_needs(visit, place.lat, place.lon), mandatory=visit.mandatory)
    for out in snapshot.out:
        window = f"{out.first_day}..{out.last_day} {out.maintenance_class}" if out.first_day else ""
        found[out.elevator] = _Due(window=window, needs=out.code.value, mandatory=out.mandatory)
    return found


def _window(item: Item) -> str:
    return f"{item.first_day}..{item.last_day} {item.maintenance_class}"


def _needs(visit: Visit, lat: float | None, lon: float | None) -> str:
    """Write down what a visit needs, its days left aside: they follow from window and crews."""
    hours = ",".join(f"{_clock(window.from_s)}-{_clock(window.to_s)}" for window in visit.windows)
    words = [f"{lat},{lon}", f"{_minutes(visit.service_s)}", f"{visit.people} x", *visit.skills]
    return " ".join(words + [f"[{hours}]"] * bool(hours) + [f"bank {visit.bank}"] * bool(visit.bank))


def _of_crew_days(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Compare who works when; a day that was published meanwhile is the rounds' matter."""
    then, now = _crew_days(before), _crew_days(after)
    published = {(each.crew, each.day) for snapshot in (before, after) for each in snapshot.rounds}
    for crew, day in sorted((then.keys() | now.keys()) - published):
        old, new = then.get((crew, day), ""), now.get((crew, day), "")
        if old != new:
            yield Change(kind=ChangeKind.CREW_DAY, crew=crew, day=day, before=old, after=new)


def _crew_days(snapshot: Snapshot) -> dict[tuple[UUID, date], str]:
    places = {place.id: f"{place.lat},{place.lon}" for place in snapshot.problem.locations}
    return {
        (snapshot.crew_of[crew.id], snapshot.day(shift.day)): _hours(crew, shift, places)
        for crew in snapshot.problem.crews
        for shift in crew.shifts
    }


def _hours(crew: Crew, shift: Shift, places: Mapping[str, str]) -> str:
    words: list[Any] = [f"{_clock(shift.from_s)}-{_clock(shift.to_s)}", f"{crew.people} x", *crew.skills]
    if shift.max_overtime_s:
        words.append(f"+{_minutes(shift.max_overtime_s)}")
    if shift.break_ is not None:
        pause = shift.break_
        words.append(f"({_clock(pause.from_s)}-{_clock(pause.to_s)} {_minutes(pause.duration_s)})")
    return " ".join([*words, f"@{places[shift.start_location]}"])


def _of_rounds(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    then = {(each.crew, each.day): str(each.id) for each in before.rounds}
    now = {(each.crew, each.day): str(each.id) for each in after.rounds}
    for crew, day in sorted(then.keys() | now.keys(), key=lambda key: (key[1], key[0])):
        old, new = then.get((crew, day), ""), now.get((crew, day), "")
        if old != new:
            yield Change(kind=ChangeKind.ROUND, crew=crew, day=day, before=old, after=new)


def _clock(seconds: int) -> str:
    whole = f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
    return f"{whole}:{seconds % 60:02d}" if seconds % 60 else whole


def _minutes(seconds: int) -> str:
    return f"{seconds} s" if seconds % 60 else f"{seconds // 60} min"
