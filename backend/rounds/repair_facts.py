"""What the database knows of a day under way: rows as structs, nothing decided yet."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend.rounds.facts import ElevatorFact, Facts
from backend.rounds.plan_views import ElevatorName
from backend.rounds.views import WorkOrderView


class RoundOfDay(Struct, frozen=True, kw_only=True):
    """A published round from today on."""

    id: UUID
    crew: UUID
    day: date
    run: UUID
    version: int
    depart_s: int
    return_s: int
    break_start_s: int | None
    break_duration_s: int | None


class MadeVisit(Struct, frozen=True, kw_only=True):
    """A visit that was begun today, by whose crew; `departed_at` None while it is under way."""

    id: UUID
    crew: UUID | None
    elevator: UUID
    work_order: UUID | None
    maintenance_class: str
    arrived_at: datetime
    departed_at: datetime | None


class MarkFact(Struct, frozen=True, kw_only=True):
    """A crew began (`start`), interrupted (`pause`) or took up its round again (`resume`), by its phone."""

    id: UUID
    crew: UUID
    kind: str
    at: datetime
    note: str = ""


class DayFacts(Struct, frozen=True, kw_only=True):
    """All of it."""

    firm: UUID
    time_zone: str
    today: date
    now_s: int
    days: int
    rounds: list[RoundOfDay]
    orders: list[WorkOrderView]
    visits: list[MadeVisit]
    marks: list[MarkFact] = []
    """What crews said of their rounds today, in the order of time."""

    elevators: dict[UUID, ElevatorFact]
    """Those of the orders, visits and emergencies."""

    places: dict[UUID, ElevatorName]
    work: Facts
    """Who works when, for `crew_days.work_days`; nothing of it about elevators."""

    crew_names: dict[UUID, str]
    windows: dict[UUID, tuple[date, date, str]]
    """Due window and class of the elevators of emergencies, where they have one."""
