"""SQL of what technicians change of their day: marks, stops handed back, swaps offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.rounds.repair_facts import MarkFact


class MarkRow(Struct, frozen=True, kw_only=True):
    """A mark."""

    id: UUID
    firm: UUID
    crew: UUID
    technician: UUID
    technician_name: str
    day: date
    kind: str
    at: datetime
    note: str


class RejectionRow(Struct, frozen=True, kw_only=True):
    """A stop handed back."""

    id: UUID
    firm: UUID
    work_order: UUID
    elevator: UUID
    site_name: str
    unit_name: str
    registration_code: str
    crew: UUID
    crew_name: str
    technician: UUID
    technician_name: str
    day: date
    reason: str
    note: str
    at: datetime
    recorded_at: datetime
    round_version: int
    undone_at: datetime | None


class NewRejection(Struct, frozen=True, kw_only=True):
    """A stop that is handed back now."""

    id: UUID
    firm: UUID
    work_order: UUID
    elevator: UUID
    crew: UUID
    technician: UUID
    day: date
    reason: str
    note: str
    at: datetime


class OfferRow(Struct, frozen=True, kw_only=True):
    """A swap offered."""

    id: UUID
    firm: UUID
    day: date
    technician: UUID
    technician_name: str
    crew: UUID
    crew_name: str
    to_crew: UUID
    to_crew_name: str
    gives: UUID
    takes: UUID | None
    state: str
    note: str
    seen: dict[str, Any]
    figures: dict[str, Any]
    offered_at: datetime
    expires_at: datetime
    decided_at: datetime | None


class NewOffer(Struct, frozen=True, kw_only=True):
    """A swap that is offered now."""

    id: UUID
    firm: UUID
    day: date
    technician: UUID
    crew: UUID
    to_crew: UUID
    gives: UUID
    takes: UUID | None
    note: str
    expires_at: datetime


async def crew_of(technician: UUID, day: date) -> UUID | None:
    """Return the crew to which a technician belongs on a day, as for rounds."""
    found: UUID | None = await database.fetch_value(
        "SELECT crew FROM crew_member WHERE technician = $1 AND starts_on <= $2 AND (ends_on IS NULL OR ends_on >= $2)"
        " ORDER BY starts_on DESC, crew LIMIT 1",
        technician,
        day,
    )
    return found


# Marks.

_MARK = (
    "SELECT m.id, m.firm, m.crew, m.technician, t.name AS technician_name, m.day, m.kind, m.at, m.note"
    " FROM day_mark m JOIN technician t ON t.id = m.technician"
)


async def insert_mark(row: MarkFact, technician: UUID, firm: UUID, day: date, at: datetime) -> bool:
    """Write a mark; False where there is one of this id."""
    written = await database.execute(
        "INSERT INTO day_mark (id, firm, crew, technician, day, kind, at, note, recorded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
        row.id, firm, row.crew, technician, day, row.kind, row.at, row.note, at,
    )  # fmt: skip
    return written == 1


async def mark(id: UUID) -> MarkRow | None:  # noqa: A002 - as everywhere in this room
    """Return a mark."""
    return await database.fetch_one_as(MarkRow, f"{_MARK} WHERE m.id = $1", id)


async def marks_of_day(firm: UUID | None, day: date, crew: UUID | None = None) -> list[MarkRow]:
    """Return the marks of a day by the phones' times; of those of one moment the start is the first."""
    return await database.fetch_as(
        MarkRow,
        f"{_MARK} WHERE ($1::uuid IS NULL OR m.firm = $1) AND m.day = $2 AND ($3::uuid IS NULL OR m.crew = $3)"
        " ORDER BY m.at, m.recorded_at, m.kind <> 'start', m.id",
        firm,
        day,
        crew,
    )


async def marks_as_facts(firm: UUID, day: date) -> list[MarkFact]:
    """Return the marks of a day as the planner's question wants them."""
    rows = await marks_of_day(firm, day)
    return [MarkFact(id=row.id, crew=row.crew, kind=row.kind, at=row.at, note=row.note) for row in rows]


# Stops handed back.

_REJECTION = (
    "SELECT r.id, r.firm, r.work_order, r.elevator, s.name AS site_name, e.unit_name, e.registration_code, r.crew,"
    " c.name AS crew_name, r.technician, t.name AS technician_name, r.day, r.reason, r.note, r.at, r.recorded_at,"
    " r.round_version, r.undone_at FROM stop_rejection r JOIN elevator e ON e.id = r.elevator JOIN site s ON s.id = e.site"
    " JOIN crew c ON c.id = r.crew JOIN technician t ON t.id = r.technician"
)


async def insert_rejection(new: NewRejection, at: datetime) -> bool:
    """Write that a stop was handed back, which has been taken out already; False where there is one of this id."""
    written = await database.execute(
        "INSERT INTO stop_rejection (id, firm, work_order, elevator, crew, technician, day, reason, note, at, recorded_at,"
        " round_version) SELECT $1, $2, w.id, $4, $5, $6, $7, $8, $9, $10, $11, p.version"
        " FROM work_order w JOIN published_round p ON p.id = w.round WHERE w.id = $3 ON CONFLICT (id) DO NOTHING",
        new.id, new.firm, new.work_order, new.elevator, new.crew, new.technician, new.day, new.reason, new.note, new.at, at,
    )  # fmt: skip
    return written == 1


async def rejection(id: UUID, *, lock: bool = False) -> RejectionRow | None:  # noqa: A002
    """Return a stop handed back; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(RejectionRow, f"{_REJECTION} WHERE r.id = $1" + " FOR UPDATE OF r" * lock, id)


async def rejections_of_day(firm: UUID | None, day: date, crew: UUID | None = None) -> list[RejectionRow]:
    """Return what was handed back of a day and not taken up again, the newest last."""
    return await database.fetch_as(
        RejectionRow,
        f"{_REJECTION} WHERE ($1::uuid IS NULL OR r.firm = $1) AND r.day = $2 AND ($3::uuid IS NULL OR r.crew = $3)"
        " AND r.undone_at IS NULL ORDER BY r.at, r.id",
        firm,
        day,
        crew,
    )


async def undo_rejection(id: UUID, account: UUID | None, at: datetime) -> None:  # noqa: A002
    """Note that a stop was taken up again."""
    await database.execute("UPDATE stop_rejection SET undone_at = $2, undone_by = $3 WHERE id = $1", id, at, account)


async def followed(row: RejectionRow) -> bool:
    """Tell whether anything has followed a stop handed back: its round moved on, or the elevator was planned or visited."""
    found: bool = await database.fetch_value(
        "SELECT NOT EXISTS (SELECT FROM work_order w JOIN published_round p ON p.id = w.round"
        "   WHERE w.id = $1 AND w.state = 'cancelled' AND p.version = $2)"
        " OR EXISTS (SELECT FROM work_order o WHERE o.elevator = $3 AND o.id <> $1 AND o.created_at >= $4)"
        " OR EXISTS (SELECT FROM visit v WHERE v.elevator = $3 AND v.arrived_at >= $5 AND v.state <> 'abandoned')",
        row.work_order,
        row.round_version,
        row.elevator,
        row.recorded_at,
        row.at,
    )
    return found


# Swaps.

_OFFER = (
    "SELECT o.id, o.firm, o.day, o.technician, t.name AS technician_name, o.crew, c.name AS crew_name, o.to_crew,"
    " c2.name AS to_crew_name, o.gives, o.takes, o.state, o.note, o.seen, o.figures, o.offered_at, o.expires_at, o.decided_at"
    " FROM swap_offer o JOIN technician t ON t.id = o.technician JOIN crew c ON c.id = o.crew"
    " JOIN crew c2 ON c2.id = o.to_crew"
)


async def insert_offer(new: NewOffer, seen: object, figures: object, at: datetime) -> bool:
    """Write an offer; False where there is one of this id."""
    written = await database.execute(
        "INSERT INTO swap_offer (id, firm, day, technician, crew, to_crew, gives, takes, state, note, seen, figures,"
        " offered_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'offered', $9, $10, $11, $12, $13)"
        " ON CONFLICT (id) DO NOTHING",
        new.id, new.firm, new.day, new.technician, new.crew, new.to_crew, new.gives, new.takes, new.note, seen, figures, at,
        new.expires_at,
    )  # fmt: skip
    return written == 1


async def offer(id: UUID, *, lock: bool = False) -> OfferRow | None:  # noqa: A002
    """Return an offer; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(OfferRow, f"{_OFFER} WHERE o.id = $1" + " FOR UPDATE OF o" * lock, id)


async def offers_of_day(firm: UUID | None, day: date, crew: UUID | None = None) -> list[OfferRow]:
    """Return the offers of a day, from or to a crew, the newest last."""
    return await database.fetch_as(
        OfferRow,
        f"{_OFFER} WHERE ($1::uuid IS NULL OR o.firm = $1) AND o.day = $2"
        " AND ($3::uuid IS NULL OR o.crew = $3 OR o.to_crew = $3) ORDER BY o.offered_at, o.id",
        firm,
        day,
        crew,
    )


async def open_offer_of(orders: Sequence[UUID], now: datetime) -> OfferRow | None:
    """Return an offer that waits for an answer and is about one of some stops."""
    return await database.fetch_one_as(
        OfferRow,
        f"{_OFFER} WHERE o.state = 'offered' AND o.expires_at > $2"
        " AND (o.gives = ANY($1::uuid[]) OR o.takes = ANY($1::uuid[])) ORDER BY o.offered_at LIMIT 1",
        list(orders),
        now,
    )


async def decide_offer(id: UUID, state: str, account: UUID | None, at: datetime) -> None:  # noqa: A002
    """Move an offer on."""
    await database.execute(
        "UPDATE swap_offer SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1", id, state, account, at
    )
