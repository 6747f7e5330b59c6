"""SQL of what was not accepted: keeping, listing, counting, and what a replay makes of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.telemetry.views import ReasonCount, RejectedFilter, RejectedView


class Kept(NamedTuple):
    """A record or message that was not accepted, as it is kept."""

    digest: bytes
    firm: UUID | None
    device: UUID | None
    source: str
    adapter: str
    topic: str
    field: str
    template: str
    params: str
    """JSON."""

    body: str
    """JSON."""

    whole: bool
    raw: bytes | None
    times: int


async def keep(received_at: datetime, rows: Sequence[Kept]) -> None:
    """Keep what was not accepted; what is kept already counts once more, and is open again."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await database.execute(
        """
        INSERT INTO rejected_record AS r (first_received_at, received_at, digest, firm, device, source, adapter, topic, field,
            template, params, body, whole, raw, times)
        SELECT $1, $1, w.digest, w.firm, w.device, w.source, w.adapter, w.topic, w.field, w.template, w.params::jsonb,
            w.body::jsonb, w.whole, w.raw, w.times
        FROM unnest($2::bytea[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::text[], $12::bool[], $13::bytea[], $14::bigint[])
            AS w (digest, firm, device, source, adapter, topic, field, template, params, body, whole, raw, times)
        ORDER BY w.digest
        ON CONFLICT (digest) DO UPDATE SET times = r.times + excluded.times, received_at = excluded.received_at,
            state = 'open'
        """,
        received_at, *columns,
    )  # fmt: skip


_VIEW = """SELECT r.id, r.firm, r.device, d.name AS device_name, r.source, r.adapter, r.topic, r.whole, r.state, r.replays,
    r.replayed_at, r.now_field, r.now_template, r.now_params, r.field, r.template, r.params, r.times, r.first_received_at,
    r.received_at, r.body
FROM rejected_record r LEFT JOIN device d ON d.id = r.device"""

_FITS = """($1::uuid IS NULL OR r.device = $1) AND ($2::text IS NULL OR r.adapter = $2) AND ($3::text IS NULL OR r.source = $3)
    AND ($4::text IS NULL OR coalesce(nullif(r.now_template, ''), r.template) = $4) AND ($5::text IS NULL OR r.state = $5)
    AND ($6::text IS NULL OR strpos(lower(concat_ws(' ', d.name, r.topic, r.params::text, r.body::text)), lower($6)) > 0)
    AND (NOT $7::bool OR r.firm IS NULL)"""


def _filter(wanted: RejectedFilter) -> list[Any]:
    return [
        wanted.device, wanted.adapter, wanted.source, wanted.template, wanted.state, wanted.text, wanted.nobodys,
    ]  # fmt: skip


async def listed(wanted: RejectedFilter, before: object, limit: int) -> list[RejectedView]:
    """Return what was not accepted, the latest kept first."""
    return await database.fetch_as(
        RejectedView,
        f"{_VIEW} WHERE {_FITS} AND ($8::bigint IS NULL OR r.id < $8) ORDER BY r.id DESC LIMIT $9",
        *_filter(wanted), before, limit,
    )  # fmt: skip


async def one(record: int) -> RejectedView | None:
    """Return one of them."""
    return await database.fetch_one_as(RejectedView, f"{_VIEW} WHERE r.id = $1", record)


async def open_of(elevator: UUID) -> int:
    """Return how much of what an elevator's own devices sent is not accepted and still open."""
    return int(
        await database.fetch_value(
            "SELECT count(*) FROM rejected_record r JOIN device d ON d.id = r.device"
            " WHERE d.elevator = $1 AND r.state = 'open'",
            elevator,
        )
    )


async def counts(wanted: RejectedFilter) -> list[ReasonCount]:
    """Return how many there are of each reason of now, the most first."""
    return await database.fetch_as(
        ReasonCount,
        "SELECT coalesce(nullif(r.now_template, ''), r.template) AS template,"
        " (array_agg(CASE WHEN r.now_template = '' THEN r.params ELSE r.now_params END ORDER BY r.id DESC))[1] AS params,"
        " count(*) AS records, sum(r.times)::bigint AS times, max(r.received_at) AS received_at"
        f" FROM rejected_record r LEFT JOIN device d ON d.id = r.device WHERE {_FITS}"
        " GROUP BY 1 ORDER BY 3 DESC, 1",
        *_filter(wanted),
    )


async def ways() -> list[tuple[str, str]]:
    """Return the ways (source, adapter) of what is kept."""
    rows = await database.fetch("SELECT DISTINCT source, adapter FROM rejected_record ORDER BY 1, 2")
    return [(row["source"], row["adapter"]) for row in rows]


class ToReplay(Struct, frozen=True, kw_only=True):
    """What is replayed, all of it."""

    id: int
    firm: UUID | None
    device: UUID | None
    source: str
    adapter: str
    topic: str
    whole: bool
    state: str
    body: object
    raw: bytes | None
    first_received_at: datetime


async def ids(wanted: RejectedFilter, limit: int) -> list[int]:
    """Return the ids of what fits and is open, the oldest first: a device's records are taken in their order."""
    rows = await database.fetch(
        f"SELECT r.id FROM rejected_record r LEFT JOIN device d ON d.id = r.device WHERE {_FITS} AND r.state = 'open'"
        " ORDER BY r.id LIMIT $8",
        *_filter(wanted), limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


_TO_REPLAY = (
    "SELECT id, firm, device, source, adapter, topic, whole, state, body, raw, first_received_at FROM rejected_record"
    " WHERE id = ANY($1::bigint[]) ORDER BY id"
)


async def chosen(wanted: Collection[int]) -> list[ToReplay]:
    """Return those with these ids that the scope sees."""
    return await database.fetch_as(ToReplay, _TO_REPLAY, list(wanted))


async def locked(wanted: Collection[int]) -> list[ToReplay]:
    """Return what is to be replayed, the oldest first; nobody else replays it until this transaction ends."""
    return await database.fetch_as(ToReplay, f"{_TO_REPLAY} FOR UPDATE", list(wanted))


class Replayed(NamedTuple):
    """What a replay found."""

    id: int
    state: str
    firm: UUID | None
    device: UUID | None
    field: str
    template: str
    params: str
    """JSON."""


async def note(at: datetime, rows: Sequence[Replayed]) -> None:
    """Note what became of what was replayed."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    await database.execute(
        "UPDATE rejected_record r SET state = w.state, firm = coalesce(r.firm, w.firm), device = coalesce(r.device, w.device),"
        " replays = r.replays + 1, replayed_at = $1, now_field = w.field, now_template = w.template,"
        " now_params = w.params::jsonb"
        " FROM unnest($2::bigint[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[])"
        " AS w (id, state, firm, device, field, template, params) WHERE r.id = w.id",
        at, *columns,
    )  # fmt: skip


async def remove_before(at: datetime) -> int:
    """Remove what last came before an instant; return how many."""
    return await database.execute("DELETE FROM rejected_record WHERE received_at < $1", at)
