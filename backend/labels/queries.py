"""SQL of printed codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.labels.views import LabelFilter, LabelState, LabelZone, RefusedCount


class LabelRow(Struct, frozen=True, kw_only=True):
    """A label with what people know its elevator by."""

    id: UUID
    firm: UUID
    code_id: str
    epoch: int
    batch: UUID
    number: int
    zone: LabelZone
    state: LabelState
    state_reason: str
    created_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    replaced_by: UUID | None
    kept_at: datetime | None
    elevator: UUID | None
    registration_code: str | None
    rescue_code: str | None
    unit_name: str | None
    site_name: str | None
    firm_phone: str


class NewLabel(Struct, frozen=True, kw_only=True):
    """A label to write."""

    code_id: str
    epoch: int
    number: int
    elevator: UUID | None


class LabelledRow(Struct, frozen=True, kw_only=True):
    """An elevator that is to get a label."""

    id: UUID
    state: str
    equipment_type: str


class NoticeRow(Struct, frozen=True, kw_only=True):
    """What stands on the notice in the car, with the newest active label of the car (None where there is none)."""

    elevator: UUID
    registration_code: str
    rescue_code: str
    unit_name: str
    site_name: str
    owner_name: str | None
    firm_name: str
    firm_phone: str
    rescue_phone: str
    inspection_due_on: date | None
    code_id: str | None
    epoch: int | None
    kept_at: datetime | None


_JOINED = "label l JOIN firm f ON f.id = l.firm LEFT JOIN elevator e ON e.id = l.elevator LEFT JOIN site s ON s.id = e.site"

LABEL = f"""
SELECT l.id, l.firm, l.code_id, l.epoch, l.batch, l.number, l.zone, l.state, l.state_reason, l.created_at, l.claimed_at,
       l.ended_at, l.replaced_by, l.kept_at, l.elevator, e.registration_code, e.rescue_code, e.unit_name, s.name AS site_name,
       f.phone_24h AS firm_phone
FROM {_JOINED}
"""

_FITS = """
($1::text IS NULL OR l.state = $1) AND ($2::uuid IS NULL OR l.elevator = $2) AND ($3::uuid IS NULL OR l.batch = $3)
AND ($4::text IS NULL OR l.code_id ILIKE $4 OR e.registration_code ILIKE $4 OR e.rescue_code ILIKE $4
     OR e.unit_name ILIKE $4 OR s.name ILIKE $4)
AND ($5::text IS NULL OR l.zone = $5)
"""


def _filter_values(wanted: LabelFilter) -> tuple[str | None, UUID | None, UUID | None, str | None, str | None]:
    pattern = None
    if wanted.text is not None and wanted.text.strip():
        escaped = wanted.text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
    return wanted.state, wanted.elevator, wanted.batch, pattern, wanted.zone


async def label(label_id: UUID) -> LabelRow | None:
    """Return a label of the scope."""
    return await database.fetch_one_as(LabelRow, f"{LABEL} WHERE l.id = $1", label_id)


async def lock_label(label_id: UUID) -> LabelRow | None:
    """Return a label of the scope, locked until the end of the transaction."""
    return await database.fetch_one_as(LabelRow, f"{LABEL} WHERE l.id = $1 FOR UPDATE OF l", label_id)


async def label_by_code(code_id: str) -> LabelRow | None:
    """Return the label with the first half of a code, if the scope sees it."""
    return await database.fetch_one_as(LabelRow, f"{LABEL} WHERE l.code_id = $1", code_id)


async def lock_label_by_code(code_id: str) -> LabelRow | None:
    """Return the label with the first half of a code, locked until the end of the transaction."""
    return await database.fetch_one_as(LabelRow, f"{LABEL} WHERE l.code_id = $1 FOR UPDATE OF l", code_id)


async def labels_of_batch(batch: UUID) -> list[LabelRow]:
    """Return the labels minted together, in their order."""
    return await database.fetch_as(LabelRow, f"{LABEL} WHERE l.batch = $1 ORDER BY l.number", batch)


async def labels_by_id(ids: Sequence[UUID]) -> list[LabelRow]:
    """Return labels of the scope in the order of their ids as given."""
    return await database.fetch_as(
        LabelRow, f"{LABEL} WHERE l.id = ANY($1) ORDER BY array_position($1::uuid[], l.id)", list(ids)
    )


async def labels_page(wanted: LabelFilter, after: Sequence[object] | None, limit: int | None) -> list[LabelRow]:
    """Return labels that fit, newest batch first, inside a batch by number; those after (created_at, batch, number).

    No limit means all.
    """
    return await database.fetch_as(
        LabelRow,
        f"""{LABEL} WHERE {_FITS}
        AND ($6::timestamptz IS NULL OR l.created_at < $6 OR (l.created_at = $6 AND (l.batch, l.number) > ($7::uuid, $8::int)))
        ORDER BY l.created_at DESC, l.batch, l.number LIMIT $9""",
        *_filter_values(wanted),
        *(after or (None, None, None)),
        limit,
    )


async def label_count(wanted: LabelFilter) -> int:
    """Return how many labels fit."""
    found = await database.fetch_value(
        f"SELECT count(*) FROM {_JOINED} WHERE {_FITS}",
        *_filter_values(wanted),
    )
    return int(found)


async def lock_minting(name: UUID) -> None:
    """Make a second request for the same batch (or of the same firm) wait for the first."""
    await database.execute("SELECT pg_advisory_xact_lock(hashtextextended('label minting ' || $1, 0))", str(name))


async def insert_labels(firm: UUID, batch: UUID, labels: Sequence[NewLabel], zone: LabelZone, at: datetime) -> set[str]:
    """Write new labels; those with an elevator are active at once. Return the code ids that were free."""
    rows = await database.fetch(
        """
        INSERT INTO label (firm, batch, code_id, epoch, number, elevator, zone, state, created_at, claimed_at)
        SELECT $1, $2, n.code_id, n.epoch, n.number, n.elevator, $8,
               CASE WHEN n.elevator IS NULL THEN 'blank' ELSE 'active' END, $7::timestamptz,
               CASE WHEN n.elevator IS NULL THEN NULL ELSE $7::timestamptz END
        FROM unnest($3::text[], $4::smallint[], $5::int[], $6::uuid[]) AS n (code_id, epoch, number, elevator)
        ON CONFLICT (code_id) DO NOTHING RETURNING code_id
        """,
        firm,
        batch,
        [new.code_id for new in labels],
        [new.epoch for new in labels],
        [new.number for new in labels],
        [new.elevator for new in labels],
        at,
        zone,
    )
    return {row["code_id"] for row in rows}


async def set_claimed(label_id: UUID, elevator: UUID, zone: LabelZone, at: datetime) -> None:
    """Bind a label to a place of an elevator."""
    await database.execute(
        "UPDATE label SET state = 'active', elevator = $2, claimed_at = $3, zone = $4 WHERE id = $1",
        label_id,
        elevator,
        at,
        zone,
    )


async def set_zone(label_id: UUID, zone: LabelZone, at: datetime) -> None:
    """Say that a label hangs elsewhere in its elevator from now on."""
    await database.execute("UPDATE label SET zone = $2, zoned_at = $3 WHERE id = $1", label_id, zone, at)


async def set_ended(label_id: UUID, state: LabelState, reason: str, at: datetime, replaced_by: UUID | None = None) -> None:
    """End a label."""
    await database.execute(
        "UPDATE label SET state = $2, state_reason = $3, ended_at = $4, replaced_by = $5 WHERE id = $1",
        label_id,
        state,
        reason,
        at,
        replaced_by,
    )


async def lock_elevators(firm: UUID, elevators: Sequence[UUID]) -> dict[UUID, LabelledRow]:
    """Return those of the elevators that are the firm's; who labels one of them at the same time waits."""
    rows = await database.fetch_as(
        LabelledRow,
        "SELECT id, state, equipment_type FROM elevator WHERE firm = $1 AND id = ANY($2) ORDER BY id FOR NO KEY UPDATE",
        firm,
        list(elevators),
    )
    return {row.id: row for row in rows}


async def elevators_with_active_label(elevators: Sequence[UUID], zone: LabelZone) -> set[UUID]:
    """Return those of the elevators that have an active label in a zone."""
    rows = await database.fetch(
        "SELECT DISTINCT elevator FROM label WHERE state = 'active' AND elevator = ANY($1) AND zone = $2", list(elevators), zone
    )
    return {row["elevator"] for row in rows}


async def elevators_to_label(limit: int, zone: LabelZone, without: Sequence[str]) -> list[UUID]:
    """Return the scope's elevators without an active label in a zone, not scrapped, of no kind in `without`; by site."""
    rows = await database.fetch(
        """
        SELECT e.id FROM elevator e JOIN site s ON s.id = e.site WHERE e.state <> 'scrapped'
        AND NOT EXISTS (SELECT 1 FROM label l WHERE l.elevator = e.id AND l.state = 'active' AND l.zone = $2)
        AND e.equipment_type <> ALL($3::text[])
        ORDER BY s.name, e.unit_name, e.registration_code LIMIT $1
        """,
        limit,
        zone,
        list(without),
    )
    return [row["id"] for row in rows]


async def notice_rows(elevators: Sequence[UUID]) -> list[NoticeRow]:
    """Return what stands on the notices of elevators that the scope sees, in the order as given."""
    return await database.fetch_as(
        NoticeRow,
        """
        SELECT e.id AS elevator, e.registration_code, e.rescue_code, e.unit_name, s.name AS site_name, o.name AS owner_name,
               f.name AS firm_name, f.phone_24h AS firm_phone, f.rescue_phone, e.inspection_due_on, l.code_id, l.epoch,
               l.kept_at
        FROM elevator e JOIN site s ON s.id = e.site JOIN firm f ON f.id = e.firm LEFT JOIN owner o ON o.id = s.owner
        LEFT JOIN LATERAL (
            SELECT code_id, epoch, kept_at FROM label WHERE elevator = e.id AND state = 'active' AND zone = ''
            ORDER BY claimed_at DESC, created_at DESC, number LIMIT 1
        ) l ON true
        WHERE e.id = ANY($1) ORDER BY array_position($1::uuid[], e.id)
        """,
        list(elevators),
    )


async def firm_zone(firm: UUID) -> str:
    """Return a firm's time zone."""
    return str(await database.fetch_value("SELECT time_zone FROM firm WHERE id = $1", firm))


async def count_refused(day: date, reason: str, code_id: str) -> None:
    """Count one refused code."""
    await database.execute(
        """
        INSERT INTO refused_scan (day, reason, code_id, times) VALUES ($1, $2, $3, 1)
        ON CONFLICT (day, reason, code_id) DO UPDATE SET times = refused_scan.times + 1
        """,
        day,
        reason,
        code_id,
    )


async def refused_counts(firm: UUID | None, since: date) -> list[RefusedCount]:
    """Return the counts since a day, newest first; for a firm only those of its own labels."""
    return await database.fetch_as(
        RefusedCount,
        """
        SELECT r.day, r.reason, l.id AS label, r.code_id, r.times FROM refused_scan r LEFT JOIN label l ON l.code_id = r.code_id
        WHERE r.day >= $2 AND ($1::uuid IS NULL OR l.firm = $1) ORDER BY r.day DESC, r.times DESC, r.reason, r.code_id
        """,
        firm,
        since,
    )
