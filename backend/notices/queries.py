"""SQL of notices."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.notices.views import Issued, NoticeView
from backend.visits.inputs import Severity


class Addressed(Struct, frozen=True, kw_only=True):
    """Whom a notice goes to, about what, and from whom."""

    owner: UUID | None
    owner_name: str
    registration_code: str
    unit_name: str
    site_name: str
    address: str
    firm_name: str
    phone_24h: str
    time_zone: str


class NewNotice(Struct, frozen=True, kw_only=True):
    """What is written."""

    firm: UUID
    owner: UUID | None
    elevator: UUID
    finding: UUID
    number: str
    severity: Severity
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    report_zh: str
    report_en: str
    issued_at: datetime


async def addressed(elevator: UUID) -> Addressed | None:
    """Return whom a notice about an elevator goes to."""
    return await database.fetch_one_as(
        Addressed,
        "SELECT o.id AS owner, coalesce(o.name, '') AS owner_name, e.registration_code, e.unit_name, s.name AS site_name,"
        " s.address, f.name AS firm_name, f.phone_24h, f.time_zone"
        " FROM elevator e JOIN site s ON s.id = e.site LEFT JOIN owner o ON o.id = s.owner JOIN firm f ON f.id = e.firm"
        " WHERE e.id = $1",
        elevator,
    )


async def issued_for(finding: UUID) -> Issued | None:
    """Return the notice of a finding, if it has one."""
    return await database.fetch_one_as(Issued, "SELECT id, number FROM notice WHERE finding = $1", finding)


async def next_number(firm: UUID, day: date) -> int:
    """Return the firm's next number of the year; others wait for it until the end of the transaction."""
    found: int = await database.fetch_value(
        "INSERT INTO notice_counter (firm, year, last) VALUES ($1, $2, 1)"
        " ON CONFLICT (firm, year) DO UPDATE SET last = notice_counter.last + 1 RETURNING last",
        firm,
        day.year,
    )
    return found


async def insert(new: NewNotice) -> UUID:
    """Write a notice."""
    found: UUID = await database.fetch_value(
        "INSERT INTO notice (id, firm, owner, elevator, finding, number, severity, title_zh, title_en, text_zh, text_en,"
        " report_zh, report_en, issued_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
        new.firm, new.owner, new.elevator, new.finding, new.number, new.severity.value, new.title_zh, new.title_en,
        new.text_zh, new.text_en, new.report_zh, new.report_en, new.issued_at,
    )  # fmt: skip
    return found


_NOTICE = (
    "SELECT n.id, n.number, n.severity, n.elevator, e.registration_code, e.unit_name, s.name AS site_name, n.owner,"
    " coalesce(o.name, '') AS owner_name, n.finding, n.title_zh, n.title_en, n.text_zh, n.text_en, n.report_zh, n.report_en,"
    " n.issued_at, n.read_at, coalesce(a.name, '') AS read_by, f.closed_at, m.time_zone"
    " FROM notice n JOIN elevator e ON e.id = n.elevator JOIN site s ON s.id = e.site JOIN finding f ON f.id = n.finding"
    " JOIN firm m ON m.id = n.firm"
    " LEFT JOIN owner o ON o.id = n.owner LEFT JOIN account a ON a.id = n.read_by"
)


async def notices(
    owner: UUID | None, elevator: UUID | None, unread_only: bool, after: tuple[datetime, UUID] | None, limit: int
) -> list[NoticeView]:
    """Return notices, newest first; of one owner or elevator, or all."""
    return await database.fetch_as(
        NoticeView,
        _NOTICE + " WHERE ($1::uuid IS NULL OR n.owner = $1) AND ($2::uuid IS NULL OR n.elevator = $2)"
        " AND (NOT $3 OR n.read_at IS NULL) AND ($4::timestamptz IS NULL OR (n.issued_at, n.id) < ($4, $5::uuid))"
        " ORDER BY n.issued_at DESC, n.id DESC LIMIT $6",
        owner, elevator, unread_only, *(after or (None, None)), limit,
    )  # fmt: skip


async def unread(owner: UUID | None) -> int:
    """Return how many notices have not been opened; of one owner, or of all."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM notice WHERE ($1::uuid IS NULL OR owner = $1) AND read_at IS NULL", owner
    )
    return found


async def notice(notice: UUID, owner: UUID | None) -> NoticeView | None:
    """Return a notice; with an owner given only if it is theirs."""
    return await database.fetch_one_as(
        NoticeView, _NOTICE + " WHERE n.id = $1 AND ($2::uuid IS NULL OR n.owner = $2)", notice, owner
    )


async def leave_receipt(notice: UUID, owner: UUID, account: UUID, at: datetime) -> int:
    """Note that an owner has opened their notice, the first time; return whether this was it."""
    return await database.execute(
        "UPDATE notice SET read_at = $4, read_by = $3 WHERE id = $1 AND owner = $2 AND read_at IS NULL",
        notice, owner, account, at,
    )  # fmt: skip
