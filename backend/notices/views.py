"""What leaves the room of notices. Instants are UTC."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from backend.visits.inputs import Severity


class NoticeView(Struct, frozen=True, kw_only=True):
    """A written notice (书面告知) to an owner about a finding."""

    id: UUID
    number: str
    """Per firm and year, without gaps: `GZ-2026-0007`."""

    severity: Severity
    elevator: UUID
    registration_code: str
    unit_name: str
    site_name: str
    owner: UUID | None
    owner_name: str
    """Empty where the register knows no owner."""

    finding: UUID
    title_zh: str
    title_en: str
    text_zh: str
    """Empty for an owner who has not acknowledged the receipt yet."""

    text_en: str
    report_zh: str
    """Draft of the report to the authority; empty where none is due. Empty for the owner: it is the firm's."""

    report_en: str
    issued_at: datetime
    read_at: datetime | None
    """When the owner opened it; None = not yet."""

    read_by: str
    """Name of the account that opened it."""

    closed_at: datetime | None
    """When the finding behind it was closed."""

    time_zone: str
    """Of the firm."""


class NoticePage(Struct, frozen=True, kw_only=True):
    """A part of a list of notices, newest first."""

    rows: list[NoticeView]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""

    unread: int
    """Notices of the asker's that the owner has not opened, on all pages."""


class FindingFacts(Struct, frozen=True, kw_only=True):
    """What a notice is written from."""

    finding: UUID
    elevator: UUID
    severity: Severity
    title_zh: str
    """The hazard in a line, fit for the public page."""

    title_en: str
    description: str
    place: str
    proposal: str
    clause: str
    """The rule that makes it a stop-use hazard; empty for others."""

    found_at: datetime
    found_by: str
    """Name and badge of the technician."""


class Issued(Struct, frozen=True, kw_only=True):
    """A notice that was written."""

    id: UUID
    number: str
