"""The finished record of a visit: what it holds, its canonical form and its hash.

The body holds what TSG T5002-2017 Art. 7 and 8 ask for, and texts as they were on the day, so that it can be read alone,
years later. It has no positions (only whether the geofence held) and no fractions: a measured value is a decimal text.

Canonical form: RFC 8785 (JSON Canonicalization Scheme). For a body without fractions that is JSON in UTF-8, keys in the order
of their UTF-16 code units, no space between tokens, nothing escaped that need not be. The record's hash is
the SHA-256 of those bytes, in lower-case hexadecimal. Each version names the hash of the version before it.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from qr import canonical as jcs

FORMAT = "liftrounds-visit-record/1"


class RecordElevator(Struct, frozen=True, kw_only=True):
    """The elevator on the day of the visit."""

    id: UUID
    registration_code: str
    rescue_code: str
    unit_name: str
    equipment_type: str
    manufacturer: str
    model: str
    rated_load_kg: int | None
    rated_speed_mm_s: int | None
    stops: int | None
    travel_mm: int | None
    in_use_since: date | None
    other: dict[str, str]
    """Further parameters of the register, as given."""


class RecordPlace(Struct, frozen=True, kw_only=True):
    """The owner (使用单位) and the place."""

    owner: str
    safety_officer: str
    site: str
    address: str
    district: str


class RecordFirm(Struct, frozen=True, kw_only=True):
    """The maintenance firm."""

    id: UUID
    name: str
    licence_number: str
    phone_24h: str


class RecordTechnician(Struct, frozen=True, kw_only=True):
    """A maintenance person; the first one finished the visit from their own account, which is their signature."""

    id: UUID
    name: str
    badge: str
    certificate: str
    """Number of the certificate T that was valid on the day."""

    account: UUID | None
    """The account that sent both scans; None for the second technician, whom the first one named."""


class RecordScan(Struct, frozen=True, kw_only=True):
    """A scan."""

    id: UUID
    kind: str
    label: UUID
    source: str
    at: datetime
    received_at: datetime
    clock_ahead_s: int
    zone: str = ""
    """Of a zone's label; empty for the label in the car."""

    technician: UUID | None = None
    """Who scanned; None in records that were written before phones signed."""


class RecordPart(Struct, frozen=True, kw_only=True):
    """A part that was fitted."""

    id: UUID
    item: str
    name: str
    quantity: int
    serial_removed: str
    serial_fitted: str
    photo_before: UUID | None
    photo_after: UUID | None


class RecordPhoto(Struct, frozen=True, kw_only=True):
    """A photo by its hash; the file itself is kept for a time of its own."""

    id: UUID
    item: str
    use: str
    """`item`, `finding`, `part_before` or `part_after`."""

    subject: UUID | None
    """The finding or part that it shows."""

    sha256: str
    """Of the file as the phone signed it."""

    taken_at: datetime
    source: str


class RecordItem(Struct, frozen=True, kw_only=True):
    """An item and what became of it."""

    item: str
    period: str
    name_zh: str
    name_en: str
    result: str
    measured: str
    """Decimal text; empty where nothing was measured."""

    unit: str
    note: str
    special_checks: list[str]
    """Keys of special checks that were made with it."""


class RecordAsked(Struct, frozen=True, kw_only=True):
    """An item that a signal pointed at: why it was looked at first, or asked for besides the class."""

    item: str
    name_zh: str
    name_en: str
    added: bool
    """Whether it is none of the class."""

    answered: bool
    """Always for items of the class."""

    reasons_zh: list[str]
    reasons_en: list[str]


class RecordFinding(Struct, frozen=True, kw_only=True):
    """A finding of the visit."""

    id: UUID
    item: str
    severity: str
    stop_use_condition: str
    title_zh: str
    title_en: str
    description: str
    place: str
    proposal: str
    notice_number: str


class RecordCheck(Struct, frozen=True, kw_only=True):
    """A question about the evidence, and its answer."""

    name: str
    outcome: str
    reason_zh: str
    reason_en: str


class RecordCorrection(Struct, frozen=True, kw_only=True):
    """Why a version replaced the one before."""

    reason: str
    account: UUID
    role: str
    at: datetime
    previous_sha256: str


class RecordBody(Struct, frozen=True, kw_only=True):
    """A finished visit."""

    format: str
    visit: UUID
    version: int
    correction: RecordCorrection | None
    counts: bool
    """False if a correction withdrew the visit."""

    maintenance_class: str
    rule_pack: str
    planned: str
    """What the published rounds had said: `own_round`, `other_crew`, `other_day` or `unplanned`."""

    work_order: UUID | None
    day: date
    """Local date of the departure in the firm's time zone."""

    time_zone: str
    arrived_at: datetime
    departed_at: datetime
    elevator: RecordElevator
    place: RecordPlace
    firm: RecordFirm
    technicians: list[RecordTechnician]
    scans: list[RecordScan]
    items: list[RecordItem]
    findings: list[RecordFinding]
    evidence: list[RecordCheck]
    asked: list[RecordAsked] = []
    """What signals asked for; the order of `items` is the order of the visit."""

    parts: list[RecordPart] = []
    photos: list[RecordPhoto] = []
    """Those that the phone had declared by the departure."""


def decimal_text(value: float | None) -> str:
    """Return a measured value as a decimal text without an exponent, empty for none."""
    return "" if value is None else f"{Decimal(repr(value)):f}".removesuffix(".0")


def as_json_object(body: RecordBody) -> dict[str, Any]:
    """Return the body as it is stored."""
    found: dict[str, Any] = msgspec.to_builtins(body)
    return found


def canonical(body: dict[str, Any]) -> bytes:
    """Return the canonical form of a stored body (RFC 8785).

    Raises
    ------
    ValueError
        If a text cannot be written as UTF-8.
    """
    return jcs.canonical(body)


def sha256_of(body: dict[str, Any]) -> str:
    """Return the hash of a stored body: SHA-256 of its canonical form, lower-case hexadecimal."""
    return hashlib.sha256(canonical(body)).hexdigest()


def done_items(body: RecordBody) -> set[str]:
    """Return what was done: codes of items (those that the elevator has not are not among them) and of special checks.

    A special check is named by its item and key, such as `A-4-06:governor_speed`.
    """
    done = [item for item in body.items if item.result != "not_applicable"]
    return {item.item for item in done} | {f"{item.item}:{key}" for item in done for key in item.special_checks}
