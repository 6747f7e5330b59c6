"""Parts of a snapshot's problem: places crews set off from, their shifts, hours with a gap. Pure."""

from __future__ import annotations

from uuid import UUID

from backend.rounds.crew_days import WorkDay
from backend.rounds.facts import CrewFact, HoursFact
from planner.rounds.problem import Location, Shift


def base_of(crew: UUID) -> str:
    """Return the id of the location from which a crew sets off."""
    return f"base:{crew}"


def base_location(crew: CrewFact) -> Location:
    """Return the location from which a crew sets off."""
    return Location(id=base_of(crew.id), lat=crew.base_lat, lon=crew.base_lon)


def shift_of(work: WorkDay, base: str) -> Shift:
    """Return a day of work as a shift."""
    return Shift(
        day=work.day,
        from_s=work.from_s,
        to_s=work.to_s,
        start_location=base,
        end_location=base,
        max_overtime_s=work.max_overtime_s,
        break_=work.pause,
    )


def without(span: HoursFact, gap: HoursFact) -> list[HoursFact]:
    """Return what is left of a span without a gap; all ends included."""
    if gap.to_s < span.from_s or span.to_s < gap.from_s:
        return [span]
    parts = [HoursFact(span.from_s, gap.from_s - 1), HoursFact(gap.to_s + 1, span.to_s)]
    return [part for part in parts if part.from_s <= part.to_s]
