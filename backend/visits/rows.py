"""Rows of visits as the services of this room work with them; they never leave it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend.visits.inputs import Severity
from backend.visits.views import Confirmation, Planned, Review, VisitState


class VisitRow(Struct, frozen=True, kw_only=True):
    """A visit."""

    id: UUID
    firm: UUID
    elevator: UUID
    work_order: UUID | None
    planned: Planned
    maintenance_class: str
    rule_pack: str
    technician: UUID
    second_technician: UUID | None
    state: VisitState
    arrived_at: datetime
    departed_at: datetime | None
    closed_reason: str
    outcome: dict[str, Any] | None
    asked: list[Any] | None = None
    withdrawn: str
    confirmation: Confirmation
    grade: str
    review: Review
    held_back: bool


class NewVisit(Struct, frozen=True, kw_only=True):
    """What an arrival writes."""

    id: UUID
    firm: UUID
    elevator: UUID
    work_order: UUID | None
    planned: Planned
    maintenance_class: str
    rule_pack: str
    technician: UUID
    second_technician: UUID | None
    arrived_at: datetime
    opened_at: datetime
    asked: list[Any] | None = None
    """What was asked, in order; None where nothing is known of the elevator."""


class ScanRow(Struct, frozen=True, kw_only=True):
    """A scan."""

    id: UUID
    firm: UUID
    visit: UUID
    label: UUID
    technician: UUID
    kind: str
    at: datetime
    received_at: datetime
    clock_ahead_s: int
    source: str
    zone: str = ""
    label_zone: str = ""
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    request_sha256: str


class NewFinding(Struct, frozen=True, kw_only=True):
    """What a finding writes."""

    id: UUID
    firm: UUID
    elevator: UUID
    visit: UUID
    technician: UUID | None
    item: str
    severity: Severity
    stop_use_condition: str
    description: str
    place: str
    proposal: str
    found_at: datetime
    request_sha256: str


class ElevatorFacts(Struct, frozen=True, kw_only=True):
    """An elevator with its site, owner and firm, as the record and the pages need it."""

    id: UUID
    firm: UUID
    registration_code: str
    rescue_code: str
    unit_name: str
    bank: str
    equipment_type: str
    manufacturer: str
    model: str
    rated_load_kg: int | None
    rated_speed_mm_s: int | None
    stops: int | None
    travel_mm: int | None
    in_use_since: date | None
    rule_pack: str
    state: str
    state_reason: str
    item_exclusions: dict[str, Any]
    extra: dict[str, Any]
    site_name: str
    address: str
    district: str
    access_notes: str
    lat: float | None
    lon: float | None
    owner: UUID | None
    owner_name: str
    safety_officer: str
    firm_name: str
    licence_number: str
    phone_24h: str
    time_zone: str


class TechnicianRow(Struct, frozen=True, kw_only=True):
    """A technician with the certificate T that lasts longest."""

    id: UUID
    name: str
    badge: str
    active: bool
    certificate: str | None
    expires_on: date | None

    def certified_on(self, day: date) -> bool:
        """Return whether the certificate is valid on a day."""
        return self.expires_on is not None and self.expires_on >= day


class RecordRow(Struct, frozen=True, kw_only=True):
    """One version of a record, with what the owner said about it."""

    visit: UUID
    version: int
    reason: str
    body: dict[str, Any]
    sha256: str
    written_at: datetime
    written_by: str
    decision: str | None
    decision_reason: str | None
    decided_at: datetime | None
    decision_how: str | None
    decided_by: str
    number_tail: str
