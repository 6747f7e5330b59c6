"""SQL of what became of phones' entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.errors import Fault
from backend.visits.views import Person

_COLUMNS = (
    "id, firm, phone, technician, seq, sha256, kind, visit, elevator, at, state, reason, faults, received_at, tried_at,"
    " by_hand, settled_reason"
)


class EntryRow(Struct, frozen=True, kw_only=True):
    """What became of one entry."""

    id: UUID
    firm: UUID
    phone: UUID
    technician: UUID
    seq: int
    sha256: str
    kind: str
    visit: UUID | None
    elevator: UUID | None
    at: datetime
    state: str
    reason: dict[str, Any] | None
    faults: list[Fault]
    received_at: datetime
    tried_at: datetime | None
    by_hand: bool
    settled_reason: str


class NewEntry(Struct, frozen=True, kw_only=True):
    """An entry that was stored and not tried yet."""

    firm: UUID
    phone: UUID
    technician: UUID
    seq: int
    sha256: str
    kind: str
    visit: UUID | None
    at: datetime
    state: str
    reason: dict[str, Any] | None
    received_at: datetime


class HeldLine(Struct, frozen=True, kw_only=True):
    """An entry that the office has to look at, with what people know it by."""

    id: UUID
    phone: UUID
    phone_name: str
    technician: Person
    seq: int
    sha256: str
    kind: str
    visit: UUID | None
    visit_state: str | None
    """None where no such visit was opened."""

    elevator: UUID | None
    registration_code: str | None
    unit_name: str | None
    site_name: str | None
    at: datetime
    received_at: datetime
    state: str
    reason: dict[str, Any] | None
    faults: list[Fault]
    by_hand: bool
    settled_reason: str
    time_zone: str


async def insert(new: NewEntry) -> bool:
    """Write what was stored; False where it is known already."""
    return bool(
        await database.execute(
            "INSERT INTO intake_entry (id, firm, phone, technician, seq, sha256, kind, visit, at, state, reason, faults,"
            " received_at, settled_reason)"
            " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]', $11, '')"
            " ON CONFLICT (phone, sha256) DO NOTHING",
            new.firm, new.phone, new.technician, new.seq, new.sha256, new.kind, new.visit, new.at, new.state, new.reason,
            new.received_at,
        )
    )  # fmt: skip


async def release(phone: UUID, sha256: Sequence[str]) -> None:
    """Let entries be tried that had waited behind a gap in their chain."""
    await database.execute(
        "UPDATE intake_entry SET state = 'waiting', reason = NULL WHERE phone = $1 AND sha256 = ANY($2::text[])"
        " AND state = 'kept' AND NOT by_hand",
        phone,
        list(sha256),
    )


async def entries(phone: UUID, sha256: Sequence[str]) -> dict[str, EntryRow]:
    """Return what became of entries, by their hash."""
    rows = await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE phone = $1 AND sha256 = ANY($2::text[])",
        phone,
        list(sha256),
    )
    return {row.sha256: row for row in rows}


async def entry(entry: UUID, *, lock: bool = False) -> EntryRow | None:
    """Return one entry, on demand locked until the end of the transaction."""
    sql = f"SELECT {_COLUMNS} FROM intake_entry WHERE id = $1" + (" FOR UPDATE" if lock else "")
    return await database.fetch_one_as(EntryRow, sql, entry)


async def to_do_of_phone(phone: UUID) -> list[EntryRow]:
    """Return the entries of a phone that wait to be tried, or are held, in their order."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE phone = $1 AND state IN ('waiting', 'held') ORDER BY seq, received_at",
        phone,
    )


async def to_do_of_visit(visit: UUID) -> list[EntryRow]:
    """Return the entries of a visit that wait to be tried, or are held, in their order."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE visit = $1 AND state IN ('waiting', 'held') ORDER BY phone, seq",
        visit,
    )


async def to_do_at(elevator: UUID) -> list[EntryRow]:
    """Return the scans of second technicians at an elevator that have not found their visit, oldest first."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE elevator = $1 AND kind IN ('join', 'leave')"
        " AND state IN ('waiting', 'held') ORDER BY at, seq",
        elevator,
    )


async def blocking(phone: UUID, visit: UUID, before_seq: int) -> list[EntryRow]:
    """Return the earlier entries of a visit that have not been applied: its departure waits for them."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE phone = $1 AND visit = $2 AND seq < $3"
        " AND state IN ('waiting', 'held') AND kind IN ('arrival', 'work', 'finding', 'zone') ORDER BY seq",
        phone, visit, before_seq,
    )  # fmt: skip


async def tried_later(phone: UUID, visit: UUID, after_seq: int) -> list[EntryRow]:
    """Return the later entries of work of a visit that have been tried: their answers are newer."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE phone = $1 AND visit = $2 AND seq > $3 AND kind = 'work'"
        " AND tried_at IS NOT NULL AND state IN ('applied', 'held', 'settled') ORDER BY seq",
        phone, visit, after_seq,
    )  # fmt: skip


async def set_state(
    entry: UUID, *, state: str, reason: dict[str, Any] | None, faults: Sequence[Fault], visit: UUID | None,
    elevator: UUID | None, at: datetime,
) -> None:  # fmt: skip
    """Note what became of an entry that was tried."""
    await database.execute(
        "UPDATE intake_entry SET state = $2, reason = $3, faults = $4, visit = coalesce($5, visit),"
        " elevator = coalesce($6, elevator), tried_at = $7 WHERE id = $1",
        entry, state, reason, list(faults), visit, elevator, at,
    )  # fmt: skip


async def settle(entry: UUID, *, reason: str, account: UUID | None) -> None:
    """Note that the office leaves out what could not be applied."""
    await database.execute(
        "UPDATE intake_entry SET state = 'settled', settled_reason = $2, settled_by = $3 WHERE id = $1", entry, reason, account
    )


async def reopen(entry: UUID, state: str) -> None:
    """Take a settlement back."""
    await database.execute(
        "UPDATE intake_entry SET state = $2, settled_reason = '', settled_by = NULL WHERE id = $1", entry, state
    )


async def set_by_hand(entries: Sequence[UUID]) -> None:
    """Note that a manager has entries applied although their phone, chain, label or time is not trusted."""
    await database.execute(
        "UPDATE intake_entry SET by_hand = true, state = 'waiting', reason = NULL"
        " WHERE id = ANY($1::uuid[]) AND state IN ('kept', 'held')",
        list(entries),
    )


async def same_group(row: EntryRow) -> list[EntryRow]:
    """Return the kept and held entries of the same phone and visit; of scans without a visit only that one."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE phone = $1 AND state IN ('kept', 'held')"
        " AND (id = $2 OR ($3::uuid IS NOT NULL AND visit = $3)) ORDER BY seq, received_at",
        row.phone, row.id, row.visit,
    )  # fmt: skip


async def by_hand_of_visit(visit: UUID) -> int:
    """Return how many entries of a visit a manager had applied by hand."""
    found: int = await database.fetch_value(
        "SELECT count(*) FROM intake_entry WHERE visit = $1 AND by_hand AND state = 'applied'", visit
    )
    return found


async def account_of(phone: UUID) -> UUID | None:
    """Return the account that enrolled a phone: whoever signs with it signs as that one."""
    found: UUID | None = await database.fetch_value("SELECT account FROM phone WHERE id = $1", phone)
    return found


async def has_unapplied_arrival(phone: UUID, visit: UUID) -> bool:
    """Return whether the arrival of a visit has come and was not applied."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM intake_entry WHERE phone = $1 AND visit = $2 AND kind = 'arrival'"
            " AND state <> 'applied')",
            phone,
            visit,
        )
    )


class OrderCrew(Struct, frozen=True, kw_only=True):
    """The crew that a stop is planned for."""

    name: str
    accounts: list[UUID]
    """Of its technicians on that day."""


async def crew_of_order(work_order: UUID) -> OrderCrew | None:
    """Return the crew of a stop with the accounts of its technicians on that day."""
    return await database.fetch_one_as(
        OrderCrew,
        "SELECT c.name, coalesce(array_agg(a.id ORDER BY a.login) FILTER (WHERE a.id IS NOT NULL), ARRAY[]::uuid[]) AS accounts"
        " FROM work_order w JOIN published_round r ON r.id = w.round JOIN crew c ON c.id = r.crew"
        " LEFT JOIN crew_member m ON m.crew = c.id AND m.starts_on <= r.day AND (m.ends_on IS NULL OR m.ends_on >= r.day)"
        " LEFT JOIN account a ON a.technician = m.technician AND a.active WHERE w.id = $1 GROUP BY c.name",
        work_order,
    )


async def order_is_to_do(work_order: UUID) -> bool:
    """Return whether a stop still waits for its visit."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM work_order WHERE id = $1 AND state IN ('scheduled', 'missed'))", work_order
        )
    )


async def visit_around(
    elevator: UUID, technician: UUID, at: datetime, slack: timedelta, longest_open: timedelta
) -> UUID | None:
    """Return another technician's visit of an elevator at a time; one that names or knows this technician is preferred."""
    found: UUID | None = await database.fetch_value(
        "SELECT id FROM visit v WHERE elevator = $1 AND technician <> $2 AND state <> 'abandoned'"
        " AND arrived_at <= $3::timestamptz + $4::interval"
        " AND coalesce(departed_at, arrived_at + $5::interval) >= $3::timestamptz - $4::interval"
        " ORDER BY second_technician IS NOT DISTINCT FROM $2 DESC,"
        " EXISTS (SELECT FROM scan s WHERE s.visit = v.id AND s.technician = $2) DESC, arrived_at DESC LIMIT 1",
        elevator, technician, at, slack, longest_open,
    )  # fmt: skip
    return found


async def finished_around(elevator: UUID, at: datetime, *, apart_from: UUID | None) -> list[UUID]:
    """Return the finished visits of an elevator within a day of an instant, besides one."""
    rows = await database.fetch(
        "SELECT id FROM visit WHERE elevator = $1 AND state = 'finished' AND id IS DISTINCT FROM $3"
        " AND arrived_at <= $2::timestamptz + interval '1 day' AND departed_at >= $2::timestamptz - interval '1 day'"
        " ORDER BY arrived_at LIMIT 10",
        elevator, at, apart_from,
    )  # fmt: skip
    return [row["id"] for row in rows]


_HELD = (
    "SELECT i.id, i.phone, p.name AS phone_name,"
    " jsonb_build_object('id', t.id, 'name', t.name, 'badge', t.badge) AS technician, i.seq, i.sha256, i.kind, i.visit,"
    " v.state AS visit_state, e.id AS elevator, e.registration_code, e.unit_name, s.name AS site_name, i.at, i.received_at,"
    " i.state, i.reason, i.faults, i.by_hand, i.settled_reason, f.time_zone"
    " FROM intake_entry i JOIN phone p ON p.id = i.phone JOIN technician t ON t.id = i.technician JOIN firm f ON f.id = i.firm"
    " LEFT JOIN visit v ON v.id = i.visit"
    " LEFT JOIN chain_entry c ON i.state = 'kept' AND c.phone = i.phone AND c.seq = i.seq AND c.sha256 = i.sha256"
    " LEFT JOIN label l ON l.code_id = c.label"
    " LEFT JOIN elevator e ON e.id = coalesce(v.elevator, i.elevator, l.elevator)"
    " LEFT JOIN site s ON s.id = e.site"
)


async def held(phone: UUID | None, states: Sequence[str], limit: int) -> list[HeldLine]:
    """Return entries in some states, of one phone or of all, in the order of their chains; the newest phones' first."""
    return await database.fetch_as(
        HeldLine,
        _HELD + " WHERE ($1::uuid IS NULL OR i.phone = $1) AND i.state = ANY($2::text[])"
        " ORDER BY max(i.received_at) OVER (PARTITION BY i.phone, i.visit) DESC, i.phone, i.visit, i.seq LIMIT $3",
        phone, list(states), limit,
    )  # fmt: skip


async def stuck(before: datetime, limit: int) -> list[EntryRow]:
    """Return entries that have waited to be tried since before an instant: a server was killed between."""
    return await database.fetch_as(
        EntryRow,
        f"SELECT {_COLUMNS} FROM intake_entry WHERE state = 'waiting' AND received_at < $1 ORDER BY received_at, seq LIMIT $2",
        before,
        limit,
    )
