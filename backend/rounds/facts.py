"""What the database knows that a plan depends on: rows as structs, nothing decided yet. Days are local dates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from planner.intervals.pack import VisitRules


class HoursFact(Struct, frozen=True):
    """A span of a day in which a visit may start, seconds after local midnight; both ends included."""

    from_s: int
    to_s: int


class ElevatorFact(Struct, frozen=True, kw_only=True):
    """An elevator in use."""

    id: UUID
    site: UUID
    bank: str
    rule_pack: str
    service_min: int | None
    """Minutes on site where they differ from the pack's."""

    skills: list[str]
    lat: float | None
    lon: float | None
    access_hours: list[HoursFact]
    learnt_s: dict[str, int] = {}
    """Class → seconds that its visits are expected to take, where that was learnt."""

    def service_s(self, visit: VisitRules, maintenance_class: str) -> int:
        """Return how long a visit of a class takes: as the manager said, as was learnt, as the pack says."""
        if self.service_min is not None:
            return self.service_min * 60
        return self.learnt_s.get(maintenance_class, visit.service_s.get(maintenance_class, 0))


class WindowFact(Struct, frozen=True, kw_only=True):
    """When an elevator is due; both days included."""

    elevator: UUID
    first_day: date
    last_day: date
    maintenance_class: str
    reason_en: str
    reason_zh: str
    mode_effective: str = "fixed"
    class_days: dict[str, date] = {}
    """Class → the earliest last day of the rules that it satisfies."""

    gap_days: int | None = None
    """Days between two visits that count for it, by its pack, its filing or its programme; None where nobody computed it."""


class OrderFact(Struct, frozen=True, kw_only=True):
    """A published stop of today or later that is still to be made, or under way."""

    elevator: UUID
    site: UUID
    bank: str
    round: UUID
    crew: UUID
    day: date
    start_s: int
    leave_s: int


class RoundFact(Struct, frozen=True, kw_only=True):
    """A published round inside the horizon."""

    id: UUID
    crew: UUID
    day: date
    stops: int


class CrewFact(Struct, frozen=True, kw_only=True):
    """An active crew."""

    id: UUID
    base_lat: float
    base_lon: float


class ShiftFact(Struct, frozen=True, kw_only=True):
    """A crew's hours on one weekday."""

    crew: UUID
    weekday: int
    """0 = Monday."""

    from_s: int
    to_s: int
    max_overtime_s: int
    break_from_s: int | None
    break_to_s: int | None
    break_duration_s: int | None


class MemberFact(Struct, frozen=True, kw_only=True):
    """An active technician's time in a crew."""

    crew: UUID
    technician: UUID
    starts_on: date
    ends_on: date | None
    skills: list[str]
    certified_until: date | None
    """Last valid day of the longest certificate T; None without one."""


class AbsenceFact(Struct, frozen=True, kw_only=True):
    """Days on which a technician does not work."""

    technician: UUID
    starts_on: date
    ends_on: date


class SpecialDayFact(Struct, frozen=True):
    """A day on which crews do not work what their week says, because they keep the public calendar."""

    day: date
    holiday: bool
    """Nobody works; otherwise it is a working weekend."""

    like_weekday: int
    """Whose hours are worked on a working weekend, 0 = Monday."""


class TargetFact(Struct, frozen=True):
    """A day on which a visit is best made, by the newest levelling."""

    elevator: UUID
    day: date


class RiskFact(Struct, frozen=True, kw_only=True):
    """What the days of an elevator's visit cost by the faults that are expected."""

    elevator: UUID
    last_visit: date
    best_gap_days: float
    """Days after a visit at which the next one costs least, free of any law."""

    steep_s: float
    """A visit d days off that costs steep_s · d² seconds of a crew's work more."""


class LastCrewFact(Struct, frozen=True, kw_only=True):
    """The crew that did an elevator's last visit."""

    elevator: UUID
    crew: UUID


class Facts(Struct, frozen=True, kw_only=True):
    """All of it, for one firm and horizon."""

    time_zone: str
    today: date
    start_date: date
    days: int
    not_before_s: int
    """Seconds after midnight before which nobody can set off on the first day: 0, or what is left of today."""

    elevators: list[ElevatorFact]
    """Those with a window that opens within the horizon, and those without any window."""

    windows: list[WindowFact]
    orders: list[OrderFact]
    rounds: list[RoundFact]
    crews: list[CrewFact]
    shifts: list[ShiftFact]
    members: list[MemberFact]
    absences: list[AbsenceFact]
    last_crews: list[LastCrewFact]
    special_days: list[SpecialDayFact] = []
    """Of the horizon, where the firm's crews keep the public calendar."""

    targets: list[TargetFact] = []
    """By day."""

    risks: list[RiskFact] = []
    """Of elevators whose rate of faults is known."""
