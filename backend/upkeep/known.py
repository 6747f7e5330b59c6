"""What is known of elevators, and what was read for all of them together: shared by the files that gather facts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from backend.telemetry.views import EventView, LastSeen
from backend.upkeep.fact_queries import DeferralRow, ElevatorRow, ItemRow, PeriodRow, VisitRow
from backend.upkeep.queries import StoredWindow
from planner.intervals.facts import ElevatorFacts, Holiday
from planner.intervals.health_evidence import HealthFacts
from planner.intervals.pack import RulePack
from planner.risk.best_day import RiskFacts


class Known(Struct, frozen=True, kw_only=True):
    """An elevator's facts with its rule pack, or why there are none."""

    row: ElevatorRow
    window: StoredWindow | None
    facts: ElevatorFacts | None
    pack: RulePack | None
    fault: str = ""


class Read(Struct, frozen=True, kw_only=True):
    """What was read for all elevators together."""

    zone: ZoneInfo
    now: datetime
    today: date
    visits: dict[UUID, list[VisitRow]]
    items: dict[UUID, list[ItemRow]]
    windows: dict[UUID, StoredWindow]
    hazards: dict[UUID, datetime]
    periods: list[PeriodRow]
    deferrals: dict[UUID, list[DeferralRow]]
    holidays: tuple[Holiday, ...]
    seen: dict[UUID, LastSeen]
    health: dict[UUID, HealthFacts]
    shares: dict[UUID, float]
    events: dict[UUID, list[EventView]]
    risks: dict[UUID, RiskFacts]

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Return the instant at which a local day begins."""
        return datetime.combine(day, time.min, self.zone)

    def rest_of_day(self, at: datetime) -> float:
        """Return the share of its local day that comes after an instant."""
        end = self.midnight(self.day(at) + timedelta(days=1))
        return min(1.0, max(0.0, (end - at).total_seconds() / 86_400))
