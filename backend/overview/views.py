"""What leaves the overview."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class Overview(Struct, frozen=True, kw_only=True):
    """Counts of a firm, or of all firms together; days are each firm's own."""

    firms: int
    elevators: int
    """In use."""

    stopped: int
    windows: int
    """Elevators in use with a due window."""

    overdue: int
    due_soon: int
    """Last day within the next seven days, today included."""

    fallen_back: int
    open_visits: int
    stale_visits: int
    """Open for more than twelve hours: a departure scan is missing."""

    stops_today: int
    stops_done: int
    stops_missed: int
    """Of the last seven days."""

    confirmations_pending: int
    confirmations_refused: int
    reviews_waiting: int
    """Visits whose proof somebody has to look at."""

    hazards: int
    stop_use: int
    notices_unread: int
    monitored: int
    silent: int
    """Monitored elevators without a sign of life for a day."""

    devices: int
    crews: int
    crews_without_hours: int
    crews_without_people: int
    technicians: int
    certificates_ending: int
    """Active technicians without a certificate T that holds 30 days from now."""

    accounts: int
    without_label: int
    without_position: int
    """Elevators in use whose site has no position: the planner cannot route them."""

    without_owner_account: int
    log_contradictions: int = 0
    """What the newest check of the tamper-evident log found, in all firms together."""

    inspections_due: int
    """Periodic inspection due within 30 days, or past."""


class LatestRun(Struct, frozen=True, kw_only=True):
    """The newest run of the planner."""

    id: UUID
    state: str
    start_date: date
    days: int
    planned: int | None
    missed_mandatory: int | None
    left_out_before: int


class SilentElevator(Struct, frozen=True, kw_only=True):
    """A monitored elevator without a sign of life for a day."""

    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    last_seen_at: datetime | None
    device_names: list[str]
