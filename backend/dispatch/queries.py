"""SQL of dispatch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.dispatch.choosing import Call
from backend.locks import Lock


class DispatchRow(Struct, frozen=True, kw_only=True):
    """A dispatch as the steps of a rescue need it."""

    id: UUID
    firm: UUID
    elevator: UUID
    raised_at: datetime
    ladder: list[dict[str, Any]]
    rung: int
    next_rung_at: datetime | None
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    arrived_at: datetime | None
    arrived_how: str
    released_at: datetime | None
    closed_at: datetime | None


class NewDispatch(Struct, frozen=True, kw_only=True):
    """What is written."""

    id: UUID
    firm: UUID
    elevator: UUID
    source: str
    caller: str
    words: str
    people: int | None
    raised_at: datetime
    raised_by: UUID | None
    ladder: list[dict[str, Any]]
    limit_s: int
    limit_rule: dict[str, Any]
    due_at: datetime


class Facts(Struct, frozen=True, kw_only=True):
    """Where help is needed, and whose elevator it is."""

    firm: UUID
    elevator: UUID
    registration_code: str
    rescue_code: str
    unit_name: str
    site_name: str
    address: str
    district: str
    lat: float | None
    lon: float | None
    skills: list[str]
    rule_pack: str
    region: str
    time_zone: str
    phone_24h: str
    firm_name: str


async def lock_elevator(elevator: UUID) -> None:
    """Have calls about one elevator come one after the other, until the end of the transaction."""
    await database.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", Lock.DISPATCH, str(elevator))


async def elevators_named(name: str) -> Sequence[UUID]:
    """Return the elevators in sight with this registration code or rescue code, two at the most."""
    rows = await database.fetch(
        "SELECT id FROM elevator WHERE (registration_code = $1 OR rescue_code = $1) AND state <> 'scrapped'"
        " ORDER BY registration_code <> $1, id LIMIT 2",
        name,
    )
    return [row["id"] for row in rows]


async def facts(elevator: UUID) -> Facts | None:
    """Return what a rescue needs to know of an elevator."""
    return await database.fetch_one_as(
        Facts,
        "SELECT e.firm, e.id AS elevator, e.registration_code, e.rescue_code, e.unit_name, s.name AS site_name, s.address,"
        " s.district, s.lat, s.lon, e.skills, e.rule_pack, f.region, f.time_zone, f.phone_24h, f.name AS firm_name"
        " FROM elevator e JOIN site s ON s.id = e.site JOIN firm f ON f.id = e.firm WHERE e.id = $1",
        elevator,
    )


_ROW = (
    "SELECT id, firm, elevator, raised_at, ladder, rung, next_rung_at, due_at, acknowledged_at, acknowledged_by, arrived_at,"
    " arrived_how, released_at, closed_at FROM dispatch"
)


async def locked(dispatch: UUID) -> DispatchRow | None:
    """Return a dispatch, locked until the end of the transaction."""
    return await database.fetch_one_as(DispatchRow, _ROW + " WHERE id = $1 FOR UPDATE", dispatch)


async def open_at(elevator: UUID) -> DispatchRow | None:
    """Return the open dispatch of an elevator, locked."""
    return await database.fetch_one_as(DispatchRow, _ROW + " WHERE open_elevator = $1 FOR UPDATE", elevator)


async def under_way_at(elevator: UUID, at: datetime) -> DispatchRow | None:
    """Return the dispatch of an elevator that an instant lies in, locked: a scan may come late."""
    return await database.fetch_one_as(
        DispatchRow,
        _ROW + " WHERE elevator = $1 AND raised_at <= $2 AND (closed_at IS NULL OR closed_at >= $2)"
        " ORDER BY raised_at DESC LIMIT 1 FOR UPDATE",
        elevator, at,
    )  # fmt: skip


async def dispatch_of_call(firm: UUID, source: str, call: str) -> tuple[UUID, UUID] | None:
    """Return the dispatch, and its elevator, that a call has raised or was merged into."""
    rows = await database.fetch(
        "SELECT d.id, d.elevator FROM dispatch_call c JOIN dispatch d ON d.id = c.dispatch"
        " WHERE c.firm = $1 AND c.source = $2 AND c.call = $3",
        firm, source, call,
    )  # fmt: skip
    return (rows[0]["id"], rows[0]["elevator"]) if rows else None


async def insert_call(firm: UUID, dispatch: UUID, source: str, call: str, at: datetime) -> bool:
    """Write down what raised a dispatch or was merged into it; return False where it is known."""
    written = await database.execute(
        "INSERT INTO dispatch_call (id, firm, dispatch, source, call, at) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)"
        " ON CONFLICT (firm, source, call) DO NOTHING",
        firm, dispatch, source, call, at,
    )  # fmt: skip
    return bool(written)


async def insert(new: NewDispatch) -> None:
    """Write a dispatch."""
    await database.execute(
        "INSERT INTO dispatch (id, firm, elevator, open_elevator, source, caller, words, people, raised_at, raised_by, ladder,"
        " limit_s, limit_rule, due_at) VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        new.id, new.firm, new.elevator, new.source, new.caller, new.words, new.people, new.raised_at, new.raised_by, new.ladder,
        new.limit_s, new.limit_rule, new.due_at,
    )  # fmt: skip


async def add_node(firm: UUID, dispatch: UUID, at: datetime, what: str, account: UUID | None, detail: dict[str, Any]) -> None:
    """Write down a point of time."""
    await database.execute(
        "INSERT INTO dispatch_node (id, firm, dispatch, at, what, account, detail)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)",
        firm, dispatch, at, what, account, detail,
    )  # fmt: skip


async def has_node(dispatch: UUID, what: str) -> bool:
    """Return whether something was written down already."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM dispatch_node WHERE dispatch = $1 AND what = $2)", dispatch, what
        )
    )


async def set_rung(dispatch: UUID, rung: int, now: datetime, next_at: datetime | None) -> None:
    """Note which rung rings, and when the next will."""
    await database.execute(
        "UPDATE dispatch SET rung = $2, rung_at = coalesce(rung_at, $3), next_rung_at = $4 WHERE id = $1",
        dispatch, rung, now, next_at,
    )  # fmt: skip


async def set_next_rung(dispatch: UUID, next_at: datetime | None) -> None:
    """Note when the next rung rings; None: none will."""
    await database.execute("UPDATE dispatch SET next_rung_at = $2 WHERE id = $1", dispatch, next_at)


async def insert_ring(firm: UUID, dispatch: UUID, rung: int, call: Call, now: datetime) -> bool:
    """Write down that somebody is rung; return False where this rung has rung them."""
    written = await database.execute(
        "INSERT INTO dispatch_ring (id, firm, dispatch, rung, who, account, technician, name, phone, why_zh, why_en, travel_s,"
        " rung_at) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (dispatch, rung, who) DO NOTHING",
        firm, dispatch, rung, call.who, call.account, call.technician, call.name, call.phone, call.why_zh, call.why_en,
        call.travel_s, now,
    )  # fmt: skip
    return bool(written)


async def rung_so_far(dispatch: UUID) -> list[Call]:
    """Return everybody who was rung, in the order of ringing."""
    return await database.fetch_as(
        Call,
        "SELECT who, name, account, technician, phone, why_zh, why_en, travel_s FROM dispatch_ring WHERE dispatch = $1"
        " ORDER BY rung, rung_at, name",
        dispatch,
    )


async def refused(dispatch: UUID) -> set[str]:
    """Return who cannot go, by their last answer."""
    rows = await database.fetch(
        "SELECT who FROM (SELECT DISTINCT ON (who) who, answer FROM dispatch_ring WHERE dispatch = $1 AND answer <> ''"
        " ORDER BY who, answered_at DESC) last WHERE answer = 'cannot'",
        dispatch,
    )
    return {row["who"] for row in rows}


async def set_answer(
    dispatch: UUID, account: UUID | None, technician: UUID | None, answer: str, reason: str, at: datetime
) -> int:
    """Write what somebody answers to every ring of theirs; return how many rings there are."""
    return await database.execute(
        "UPDATE dispatch_ring SET answer = $4, answer_reason = $5, answered_at = $6 WHERE dispatch = $1"
        " AND ((technician IS NOT NULL AND technician = $3) OR (technician IS NULL AND account = $2))",
        dispatch, account, technician, answer, reason, at,
    )  # fmt: skip


async def set_going(dispatch: UUID, account: UUID | None, at: datetime) -> None:
    """Note that somebody goes; nobody more is rung."""
    await database.execute(
        "UPDATE dispatch SET acknowledged_at = coalesce(acknowledged_at, $3), acknowledged_by = coalesce(acknowledged_by, $2),"
        " next_rung_at = NULL WHERE id = $1",
        dispatch, account, at,
    )  # fmt: skip


async def set_not_going(dispatch: UUID) -> None:
    """Note that whoever was to go does not."""
    await database.execute("UPDATE dispatch SET acknowledged_at = NULL, acknowledged_by = NULL WHERE id = $1", dispatch)


async def set_arrived(dispatch: UUID, account: UUID | None, at: datetime, how: str) -> None:
    """Note that somebody is there."""
    await database.execute(
        "UPDATE dispatch SET arrived_at = $3, arrived_by = $2, arrived_how = $4, next_rung_at = NULL WHERE id = $1",
        dispatch, account, at, how,
    )  # fmt: skip


async def set_released(dispatch: UUID, at: datetime) -> None:
    """Note that the people are out."""
    await database.execute("UPDATE dispatch SET released_at = $2, next_rung_at = NULL WHERE id = $1", dispatch, at)


async def set_closed(dispatch: UUID, account: UUID | None, at: datetime, outcome: str, cause: str, reason: str) -> None:
    """Close a dispatch."""
    await database.execute(
        "UPDATE dispatch SET closed_at = $3, closed_by = $2, open_elevator = NULL, next_rung_at = NULL, outcome = $4,"
        " cause = $5, close_reason = $6 WHERE id = $1",
        dispatch, account, at, outcome, cause, reason,
    )  # fmt: skip


async def due_steps(now: datetime) -> Sequence[UUID]:
    """Return open dispatches whose next step has passed: their job was lost, or is late."""
    rows = await database.fetch(
        "SELECT id FROM dispatch d WHERE closed_at IS NULL AND (next_rung_at <= $1 OR (due_at <= $1 AND arrived_at IS NULL"
        " AND NOT EXISTS (SELECT FROM dispatch_node n WHERE n.dispatch = d.id AND n.what = 'late'))) ORDER BY raised_at",
        now,
    )
    return [row["id"] for row in rows]


async def all_refused(dispatch: UUID, rung: int) -> bool:
    """Return whether everybody whom a rung has rung cannot go."""
    return bool(
        await database.fetch_value(
            "SELECT coalesce(bool_and(answer = 'cannot'), true) FROM dispatch_ring WHERE dispatch = $1 AND rung = $2",
            dispatch,
            rung,
        )
    )
