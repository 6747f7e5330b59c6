"""SQL of repairs: the day as it is, proposals, and the rewriting of published rounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from backend import database
from backend.rounds.facts import CrewFact, ElevatorFact
from backend.rounds.repair_facts import MadeVisit, RoundOfDay


class RepairRow(Struct, frozen=True, kw_only=True):
    """A repair without what it stands on."""

    id: UUID
    firm: UUID
    day: date
    state: str
    asked_by: str
    asked_at: datetime
    decided_at: datetime | None
    events: dict[str, Any]
    answer: dict[str, Any]
    seen: dict[str, Any]
    chosen: int | None


class RoundState(Struct, frozen=True, kw_only=True):
    """A published round, to go back to."""

    id: UUID
    crew: UUID
    day: date
    run: UUID
    depart_s: int
    return_s: int
    break_start_s: int | None
    break_duration_s: int | None
    published_at: datetime


class OrderState(Struct, frozen=True, kw_only=True):
    """A stop, to go back to."""

    id: UUID
    round: UUID
    position: int
    arrive_s: int
    start_s: int
    leave_s: int
    state: str
    state_reason: str


class Kept(Struct, frozen=True, kw_only=True):
    """Rounds and stops as they were at a moment."""

    rounds: list[RoundState]
    orders: list[OrderState]


async def rounds_from(firm: UUID, first: date, last: date) -> list[RoundOfDay]:
    """Return the published rounds of some days."""
    return await database.fetch_as(
        RoundOfDay,
        "SELECT id, crew, day, run, version, depart_s, return_s, break_start_s, break_duration_s FROM published_round"
        " WHERE firm = $1 AND day BETWEEN $2 AND $3 ORDER BY day, crew",
        firm,
        first,
        last,
    )


async def elevators(ids: Sequence[UUID]) -> list[ElevatorFact]:
    """Return what visits of elevators need, whatever their state."""
    return await database.fetch_as(
        ElevatorFact,
        "SELECT e.id, e.site, e.bank, e.rule_pack, e.service_min, e.skills, s.lat, s.lon, s.access_hours"
        " FROM elevator e JOIN site s ON s.id = e.site WHERE e.id = ANY($1::uuid[])",
        list(ids),
    )


async def crews(firm: UUID, named: Sequence[UUID]) -> list[CrewFact]:
    """Return the active crews, and those named."""
    return await database.fetch_as(
        CrewFact,
        "SELECT id, base_lat, base_lon FROM crew WHERE firm = $1 AND (active OR id = ANY($2::uuid[])) ORDER BY id",
        firm,
        list(named),
    )


async def visits_of(firm: UUID, day: date) -> list[MadeVisit]:
    """Return the visits begun on a local day that count or may, with the crew of who made them, in order of arrival."""
    return await database.fetch_as(
        MadeVisit,
        "SELECT v.id, v.elevator, v.work_order, v.maintenance_class, v.arrived_at, v.departed_at,"
        " (SELECT m.crew FROM crew_member m WHERE m.technician = v.technician AND m.starts_on <= $2"
        "  AND (m.ends_on IS NULL OR m.ends_on >= $2) ORDER BY m.starts_on DESC, m.crew LIMIT 1) AS crew"
        " FROM visit v JOIN firm f ON f.id = v.firm"
        " WHERE v.firm = $1 AND v.state IN ('open', 'finished') AND v.withdrawn = ''"
        " AND (v.arrived_at AT TIME ZONE f.time_zone)::date = $2 ORDER BY v.arrived_at, v.id",
        firm,
        day,
    )


# Proposals.

_REPAIR = (
    "SELECT d.id, d.firm, d.day, d.state, coalesce(a.name, '') AS asked_by, d.asked_at, d.decided_at, d.events, d.answer,"
    " d.seen, d.chosen FROM day_repair d LEFT JOIN account a ON a.id = d.asked_by"
)


async def insert_repair(
    id: UUID,  # noqa: A002 - as everywhere in this room
    firm: UUID,
    account: UUID | None,
    at: datetime,
    day: date,
    parts: tuple[object, object, object],
) -> None:
    """Keep a proposal: `parts` are events, what was seen, and the answer, as JSON values."""
    events, seen, answer = parts
    await database.execute(
        "INSERT INTO day_repair (id, firm, asked_by, asked_at, day, state, events, seen, answer)"
        " VALUES ($1, $2, $3, $4, $5, 'proposed', $6, $7, $8)",
        id, firm, account, at, day, events, seen, answer,
    )  # fmt: skip


async def repair(id: UUID, *, lock: bool = False) -> RepairRow | None:  # noqa: A002
    """Return a repair; locked until the end of the transaction if wanted."""
    return await database.fetch_one_as(RepairRow, f"{_REPAIR} WHERE d.id = $1" + " FOR UPDATE OF d" * lock, id)


async def repairs_of(firm: UUID | None, day: date, most: int) -> list[RepairRow]:
    """Return the repairs of a day, the newest first."""
    return await database.fetch_as(
        RepairRow,
        f"{_REPAIR} WHERE ($1::uuid IS NULL OR d.firm = $1) AND d.day = $2 ORDER BY d.asked_at DESC, d.id LIMIT $3",
        firm,
        day,
        most,
    )


async def decide(id: UUID, state: str, account: UUID | None, at: datetime, chosen: int | None = None) -> None:  # noqa: A002
    """Move a repair on."""
    await database.execute(
        "UPDATE day_repair SET state = $2, decided_by = $3, decided_at = $4, chosen = coalesce($5, chosen) WHERE id = $1",
        id, state, account, at, chosen,
    )  # fmt: skip


async def keep(id: UUID, before: object, after: object) -> None:  # noqa: A002
    """Keep what a repair found and what it left."""
    await database.execute("UPDATE day_repair SET before = $2, after = $3 WHERE id = $1", id, before, after)


async def kept(id: UUID) -> tuple[Any, Any]:  # noqa: A002
    """Return what a repair found and what it left, as JSON values."""
    rows = await database.fetch("SELECT before, after FROM day_repair WHERE id = $1", id)
    return rows[0]["before"], rows[0]["after"]


# Published rounds.


async def state_of(rounds: Sequence[UUID], orders: Sequence[UUID]) -> Kept:
    """Return rounds and their stops as they are, and some other stops; locked until the end of the transaction."""
    found = await database.fetch_as(
        RoundState,
        "SELECT id, crew, day, run, depart_s, return_s, break_start_s, break_duration_s, published_at FROM published_round"
        " WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE",
        list(rounds),
    )
    stops = await database.fetch_as(
        OrderState,
        "SELECT id, round, position, arrive_s, start_s, leave_s, state, state_reason FROM work_order"
        " WHERE round = ANY($1::uuid[]) OR id = ANY($2::uuid[]) ORDER BY id FOR UPDATE",
        list(rounds),
        list(orders),
    )
    return Kept(rounds=found, orders=stops)


async def make_room(rounds: Sequence[UUID]) -> None:
    """Move the stops of rounds out of the way of their new positions, which are unique within a round."""
    await database.execute(
        "UPDATE work_order SET position = -1 - position WHERE round = ANY($1::uuid[]) AND position >= 0", list(rounds)
    )


async def set_stops(stops: Sequence[OrderState]) -> None:
    """Write round, position, times and state of stops that are there."""
    columns = [
        [getattr(each, name) for each in stops]
        for name in ("id", "round", "position", "arrive_s", "start_s", "leave_s", "state", "state_reason")
    ]
    await database.execute(
        "UPDATE work_order w SET round = u.round, position = u.position, arrive_s = u.arrive_s, start_s = u.start_s,"
        " leave_s = u.leave_s, state = u.state, state_reason = u.reason"
        " FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::int[], $5::int[], $6::int[], $7::text[], $8::text[])"
        " AS u(id, round, position, arrive_s, start_s, leave_s, state, reason) WHERE w.id = u.id",
        *columns,
    )


async def set_round(round_: RoundState) -> None:
    """Write a round's times and move it to its next version."""
    await database.execute(
        "UPDATE published_round SET depart_s = $2, return_s = $3, break_start_s = $4, break_duration_s = $5,"
        " version = version + 1 WHERE id = $1",
        round_.id, round_.depart_s, round_.return_s, round_.break_start_s, round_.break_duration_s,
    )  # fmt: skip


async def put_round_back(firm: UUID, round_: RoundState) -> None:
    """Write a round again that was removed with its last stop."""
    await database.execute(
        "INSERT INTO published_round (id, firm, crew, day, run, depart_s, return_s, break_start_s, break_duration_s, version,"
        " published_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10)",
        round_.id, firm, round_.crew, round_.day, round_.run, round_.depart_s, round_.return_s, round_.break_start_s,
        round_.break_duration_s, round_.published_at,
    )  # fmt: skip


async def remove_stops(orders: Sequence[UUID]) -> None:
    """Remove stops that a repair had made."""
    await database.execute("DELETE FROM work_order WHERE id = ANY($1::uuid[])", list(orders))


async def remove_empty(rounds: Sequence[UUID]) -> list[UUID]:
    """Remove those of some rounds that have no stop of any state; return which."""
    rows = await database.fetch(
        "DELETE FROM published_round r WHERE r.id = ANY($1::uuid[])"
        " AND NOT EXISTS (SELECT FROM work_order w WHERE w.round = r.id) RETURNING id",
        list(rounds),
    )
    return [row["id"] for row in rows]


async def visited(orders: Sequence[UUID]) -> bool:
    """Tell whether a visit of any state belongs to one of some stops."""
    found: bool = await database.fetch_value(
        "SELECT EXISTS (SELECT FROM visit WHERE work_order = ANY($1::uuid[]))", list(orders)
    )
    return found
