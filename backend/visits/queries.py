"""SQL of visits, scans, answers, records and the owner's decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from backend import database
from backend.visits.decider import Decider
from backend.visits.inputs import AnswerInput, Source
from backend.visits.rows import (
    ElevatorFacts,
    NewVisit,
    RecordRow,
    ScanRow,
    TechnicianRow,
    VisitRow,
)
from backend.visits.views import AnswerView, Person, ScanView, VisitFilter, VisitSummary

Place = tuple[datetime, UUID]
"""The last row of a list that was seen: its instant and id."""

_VISIT_COLUMNS = (
    "id, firm, elevator, work_order, planned, maintenance_class, rule_pack, technician, second_technician, state, arrived_at,"
    " departed_at, closed_reason, outcome, asked, withdrawn, confirmation, grade, review, held_back"
)
_SCAN_COLUMNS = (
    "id, firm, visit, label, technician, kind, at, received_at, clock_ahead_s, source, zone, label_zone, lat, lon,"
    " accuracy_m, request_sha256"
)


async def lock_elevator(elevator: UUID) -> None:
    """Let arrivals at one elevator pass one by one until the end of the transaction."""
    await database.execute("SELECT FROM elevator WHERE id = $1 FOR NO KEY UPDATE", elevator)


async def elevator_facts(elevator: UUID) -> ElevatorFacts | None:
    """Return what the register says about an elevator."""
    return await database.fetch_one_as(
        ElevatorFacts,
        "SELECT e.id, e.firm, e.registration_code, e.rescue_code, e.unit_name, e.bank, e.equipment_type, e.manufacturer,"
        " e.model, e.rated_load_kg, e.rated_speed_mm_s, e.stops, e.travel_mm, e.in_use_since, e.rule_pack, e.state,"
        " e.state_reason, e.item_exclusions, e.extra, s.name AS site_name, s.address, s.district, s.access_notes, s.lat, s.lon,"
        " o.id AS owner, coalesce(o.name, '') AS owner_name, coalesce(o.safety_officer, '') AS safety_officer,"
        " f.name AS firm_name, f.licence_number, f.phone_24h, f.time_zone"
        " FROM elevator e JOIN site s ON s.id = e.site LEFT JOIN owner o ON o.id = s.owner JOIN firm f ON f.id = e.firm"
        " WHERE e.id = $1",
        elevator,
    )


_TECHNICIANS = (
    "SELECT t.id, t.name, t.badge, t.active, c.number AS certificate, c.expires_on FROM technician t"
    " LEFT JOIN LATERAL (SELECT number, expires_on FROM certificate c WHERE c.technician = t.id AND c.code = 'T'"
    " ORDER BY expires_on DESC, number LIMIT 1) c ON true"
)


async def technician(technician: UUID) -> TechnicianRow | None:
    """Return a technician."""
    return await database.fetch_one_as(TechnicianRow, _TECHNICIANS + " WHERE t.id = $1", technician)


async def colleagues(technician: UUID, day: date) -> list[Person]:
    """Return who else of the firm may work on a day: active, certified, not absent; crew mates first, then by name."""
    return await database.fetch_as(
        Person,
        "WITH crews AS (SELECT m.crew, m.technician FROM crew_member m WHERE m.starts_on <= $2"
        " AND (m.ends_on IS NULL OR m.ends_on >= $2))"
        " SELECT t.id, t.name, t.badge FROM technician t"
        " WHERE t.id <> $1 AND t.active AND t.firm = (SELECT firm FROM technician WHERE id = $1)"
        " AND EXISTS (SELECT FROM certificate c WHERE c.technician = t.id AND c.code = 'T' AND c.expires_on >= $2)"
        " AND NOT EXISTS (SELECT FROM absence a WHERE a.technician = t.id AND $2 BETWEEN a.starts_on AND a.ends_on)"
        " ORDER BY NOT EXISTS (SELECT FROM crews mine JOIN crews theirs USING (crew)"
        " WHERE mine.technician = $1 AND theirs.technician = t.id), t.name, t.badge",
        technician,
        day,
    )


async def time_zone_of(firm: UUID) -> str:
    """Return the time zone of a firm."""
    found: str = await database.fetch_value("SELECT time_zone FROM firm WHERE id = $1", firm)
    return found


async def visit(visit: UUID, *, lock: bool = False) -> VisitRow | None:
    """Return a visit, on demand locked until the end of the transaction."""
    sql = f"SELECT {_VISIT_COLUMNS} FROM visit WHERE id = $1" + (" FOR UPDATE" if lock else "")
    return await database.fetch_one_as(VisitRow, sql, visit)


async def open_visit_of_elevator(elevator: UUID) -> UUID | None:
    """Return the open visit of an elevator, if there is one."""
    found: UUID | None = await database.fetch_value("SELECT id FROM visit WHERE elevator = $1 AND state = 'open'", elevator)
    return found


async def day_of_order(work_order: UUID) -> date:
    """Return the day of a work order."""
    found: date = await database.fetch_value(
        "SELECT r.day FROM work_order w JOIN published_round r ON r.id = w.round WHERE w.id = $1", work_order
    )
    return found


async def order_is_taken(work_order: UUID, apart_from: UUID) -> bool:
    """Return whether another visit that is open or counts was made for a work order."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM visit WHERE work_order = $1 AND id <> $2 AND state <> 'abandoned' AND withdrawn = ''"
            " AND NOT held_back)",
            work_order,
            apart_from,
        )
    )


async def insert_visit(new: NewVisit) -> bool:
    """Write a visit; False where its id is taken, by whomever."""
    return bool(
        await database.execute(
            "INSERT INTO visit (id, firm, elevator, work_order, maintenance_class, rule_pack, technician, second_technician,"
            " opened_at, arrived_at, planned, asked, state, closed_reason, withdrawn, confirmation)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', '', '', 'pending')"
            " ON CONFLICT (id) DO NOTHING",
            new.id, new.firm, new.elevator, new.work_order, new.maintenance_class, new.rule_pack, new.technician,
            new.second_technician, new.opened_at, new.arrived_at, new.planned.value,
            new.asked,
        )
    )  # fmt: skip


async def set_second_technician(visit: UUID, second: UUID | None) -> None:
    """Name the second technician of a visit."""
    await database.execute("UPDATE visit SET second_technician = $2 WHERE id = $1", visit, second)


async def insert_scan(scan: ScanRow) -> bool:
    """Write a scan; False where its id is taken, by whomever."""
    return bool(
        await database.execute(
            f"INSERT INTO scan ({_SCAN_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
            " ON CONFLICT (id) DO NOTHING",
            *msgspec.structs.astuple(scan),
        )
    )


async def scans(visit: UUID) -> list[ScanRow]:
    """Return the scans of a visit: arrival, departure, then those of zones and of other technicians as they were made."""
    return await database.fetch_as(
        ScanRow,
        f"SELECT {_SCAN_COLUMNS} FROM scan WHERE visit = $1"
        " ORDER BY array_position(ARRAY['arrival', 'departure'], kind), at, id",
        visit,
    )


def scan_view(scan: ScanRow) -> ScanView:
    """Return a scan as it is shown: without its position."""
    return ScanView(
        id=scan.id, kind=scan.kind, at=scan.at, received_at=scan.received_at, clock_ahead_s=scan.clock_ahead_s,
        source=Source(scan.source), has_position=scan.lat is not None, zone=scan.zone, technician=scan.technician,
    )  # fmt: skip


async def save_answers(visit: VisitRow, answers: Sequence[AnswerInput], at: datetime) -> None:
    """Write answers over earlier ones of the same items; one that says the same again keeps its time."""
    await database.execute(
        "INSERT INTO item_result AS old (firm, visit, item, result, measured, unit, note, special_checks, answered_at)"
        " SELECT $1, $2, item, result, measured, unit, note, string_to_array(checks, ' '), $9 FROM"
        " unnest($3::text[], $4::text[], $5::float8[], $6::text[], $7::text[], $8::text[])"
        " AS t (item, result, measured, unit, note, checks)"
        " ON CONFLICT (visit, item) DO UPDATE SET result = excluded.result, measured = excluded.measured,"
        " unit = excluded.unit, note = excluded.note, special_checks = excluded.special_checks,"
        " answered_at = excluded.answered_at WHERE (old.result, old.measured, old.unit, old.note, old.special_checks)"
        " IS DISTINCT FROM"
        " (excluded.result, excluded.measured, excluded.unit, excluded.note, excluded.special_checks)",
        visit.firm, visit.id, [a.item for a in answers], [a.result.value for a in answers], [a.measured for a in answers],
        [a.unit or "" for a in answers], [a.note for a in answers], [" ".join(a.special_checks) for a in answers], at,
    )  # fmt: skip


async def answers(visit: UUID) -> list[AnswerView]:
    """Return the answers of a visit by item."""
    return await database.fetch_as(
        AnswerView,
        "SELECT item, result, measured, unit, note, special_checks, answered_at FROM item_result WHERE visit = $1"
        " ORDER BY item",
        visit,
    )


async def finish(visit: UUID, departed_at: datetime) -> None:
    """Set a visit finished."""
    await database.execute("UPDATE visit SET state = 'finished', departed_at = $2 WHERE id = $1", visit, departed_at)


async def position_forgotten(visit: UUID) -> bool:
    """Return whether the position of a scan of a visit was forgotten after its time."""
    return bool(
        await database.fetch_value(
            "SELECT EXISTS (SELECT FROM scan WHERE visit = $1 AND position_forgotten_at IS NOT NULL)", visit
        )
    )


async def set_outcome(visit: UUID, outcome: object) -> None:
    """Note what the departure changed."""
    await database.execute("UPDATE visit SET outcome = $2 WHERE id = $1", visit, outcome)


async def abandon(visit: UUID, reason: str) -> None:
    """Set a visit abandoned."""
    await database.execute("UPDATE visit SET state = 'abandoned', closed_reason = $2 WHERE id = $1", visit, reason)


async def set_after_correction(visit: UUID, withdrawn: str) -> None:
    """Note whether a corrected visit counts, and ask the owner anew."""
    await database.execute("UPDATE visit SET withdrawn = $2, confirmation = 'pending' WHERE id = $1", visit, withdrawn)


async def insert_record(
    *, firm: UUID, visit: UUID, version: int, reason: str, body: dict[str, Any], sha256: str, account: UUID | None, at: datetime
) -> UUID:
    """Write a version of a record; return its id."""
    found: UUID = await database.fetch_value(
        "INSERT INTO visit_record (id, firm, visit, version, reason, body, sha256, written_by, written_at)"
        " VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        firm, visit, version, reason, body, sha256, account, at,
    )  # fmt: skip
    return found


async def records(visit: UUID) -> list[RecordRow]:
    """Return all versions of a record, newest last."""
    return await database.fetch_as(
        RecordRow,
        "SELECT r.visit, r.version, r.reason, r.body, r.sha256, r.written_at, coalesce(a.name, '') AS written_by,"
        " d.decision, d.reason AS decision_reason, d.decided_at, d.how AS decision_how, coalesce(b.name, '') AS decided_by,"
        " coalesce(d.number_tail, '') AS number_tail FROM visit_record r"
        " LEFT JOIN account a ON a.id = r.written_by"
        " LEFT JOIN owner_decision d ON d.visit = r.visit AND d.version = r.version"
        " LEFT JOIN account b ON b.id = d.decided_by"
        " WHERE r.visit = $1 ORDER BY r.version",
        visit,
    )


async def insert_decision(firm: UUID, visit: UUID, version: int, decision: str, reason: str, by: Decider, at: datetime) -> None:
    """Write the owner's word on a version."""
    await database.execute(
        "INSERT INTO owner_decision (id, firm, visit, version, decision, reason, decided_by, decided_at, how, owner,"
        " number_tail, known_phone) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        firm, visit, version, decision, reason, by.account, at, by.how.value, by.owner, by.number_tail, by.known_phone,
    )  # fmt: skip
    await database.execute("UPDATE visit SET confirmation = $2 WHERE id = $1", visit, decision)


_SUMMARY = (
    "SELECT v.id, v.elevator, e.registration_code, e.unit_name, s.name AS site_name, v.maintenance_class, v.state,"
    " v.work_order IS NOT NULL AS scheduled, v.planned, v.arrived_at, v.departed_at,"
    " jsonb_build_object('id', t.id, 'name', t.name, 'badge', t.badge) AS technician,"
    " CASE WHEN t2.id IS NOT NULL THEN jsonb_build_object('id', t2.id, 'name', t2.name, 'badge', t2.badge) END"
    " AS second_technician, v.confirmation, v.withdrawn, nullif(v.grade, '') AS grade, v.review, v.held_back,"
    " coalesce((SELECT d.reason FROM owner_decision d WHERE d.visit = v.id AND v.confirmation = 'refused'"
    " ORDER BY d.version DESC LIMIT 1), '') AS confirmation_reason,"
    " (SELECT max(version) FROM visit_record r WHERE r.visit = v.id) AS version,"
    " (SELECT count(*) FROM finding n WHERE n.visit = v.id) AS findings, f.time_zone"
    " FROM visit v JOIN elevator e ON e.id = v.elevator JOIN site s ON s.id = e.site JOIN firm f ON f.id = v.firm"
    " JOIN technician t ON t.id = v.technician LEFT JOIN technician t2 ON t2.id = v.second_technician"
)


async def summary(visit: UUID) -> VisitSummary | None:
    """Return a visit as a line of a list."""
    return await database.fetch_one_as(VisitSummary, _SUMMARY + " WHERE v.id = $1", visit)


async def summaries(wanted: VisitFilter, owner: UUID | None, after: Place | None, limit: int) -> list[VisitSummary]:
    """Return visits, newest arrival first.

    Parameters
    ----------
    wanted
        The filter.
    owner
        Only visits of this owner's elevators; None means all.
    after, limit
        The last row that was seen, and how many to return.
    """
    return await database.fetch_as(
        VisitSummary,
        _SUMMARY + " WHERE ($1::text IS NULL OR v.state = $1) AND ($2::text IS NULL OR v.confirmation = $2)"
        " AND ($3::boolean IS NULL OR (v.work_order IS NOT NULL) = $3) AND ($4::uuid IS NULL OR v.elevator = $4)"
        " AND ($5::uuid IS NULL OR $5 IN (v.technician, v.second_technician))"
        " AND ($6::date IS NULL OR (v.arrived_at AT TIME ZONE f.time_zone)::date >= $6)"
        " AND ($7::date IS NULL OR (v.arrived_at AT TIME ZONE f.time_zone)::date <= $7)"
        " AND ($8::uuid IS NULL OR s.owner = $8)"
        " AND ($9::timestamptz IS NULL OR (v.arrived_at, v.id) < ($9, $10::uuid))"
        " AND ($12::text IS NULL OR v.review = $12) AND ($13::text IS NULL OR v.grade = $13)"
        " ORDER BY v.arrived_at DESC, v.id DESC LIMIT $11",
        wanted.state, wanted.confirmation, wanted.scheduled, wanted.elevator, wanted.technician, wanted.from_day, wanted.to_day,
        owner, *(after or (None, None)), limit, wanted.review, wanted.grade,
    )  # fmt: skip


async def open_visits_of(technician: UUID) -> list[VisitSummary]:
    """Return the open visits of a technician, as first or second one, oldest first."""
    return await database.fetch_as(
        VisitSummary,
        _SUMMARY + " WHERE v.state = 'open' AND $1 IN (v.technician, v.second_technician) ORDER BY v.arrived_at, v.id",
        technician,
    )


async def visits_of_orders(orders: Sequence[UUID]) -> dict[UUID, VisitRow]:
    """Return the visit of each work order that has one; the newest where one was abandoned before."""
    rows = await database.fetch_as(
        VisitRow,
        f"SELECT {_VISIT_COLUMNS} FROM visit WHERE work_order = ANY($1::uuid[]) AND state <> 'abandoned' AND withdrawn = ''"
        " AND NOT held_back ORDER BY arrived_at",
        list(orders),
    )
    return {row.work_order: row for row in rows if row.work_order is not None}


async def owner_of(visit: UUID) -> UUID | None:
    """Return the owner (使用单位) of the elevator of a visit."""
    found: UUID | None = await database.fetch_value(
        "SELECT s.owner FROM visit v JOIN elevator e ON e.id = v.elevator JOIN site s ON s.id = e.site WHERE v.id = $1", visit
    )
    return found
