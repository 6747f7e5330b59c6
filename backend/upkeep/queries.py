"""SQL of due windows, visits done and changes of mode."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from backend import database
from backend.upkeep.views import DueFilter, DueRow, DueWindowView, ModeChange
from planner.intervals.receipt import Text

_WINDOW = (
    "w.elevator, w.firm, w.first_day, w.last_day, w.maintenance_class, e.mode, w.mode_effective, w.fallen_back,"
    " CASE WHEN w.fallen_back THEN w.fixed_again_on END AS fallen_back_on, w.paused, w.gap_days, w.reason_en, w.reason_zh,"
    " w.computed_at"
)


class StoredWindow(DueWindowView, frozen=True, kw_only=True):
    """A window with what the next computation needs of it."""

    fixed_again_on: date | None
    checked_on: date | None


class NewWindow(Struct, frozen=True, kw_only=True):
    """A window as it is written."""

    elevator: UUID
    first_day: date
    last_day: date
    maintenance_class: str
    mode_effective: str
    fallen_back: bool
    fixed_again_on: date | None
    checked_on: date | None
    gap_days: int
    paused: bool
    reason_en: str
    reason_zh: str
    receipt: bytes
    """JSON."""


class ReceiptRow(Struct, frozen=True, kw_only=True):
    """A stored receipt with the names of its elevator."""

    registration_code: str
    rescue_code: str
    unit_name: str
    site_name: str
    rule_pack: str
    state: str
    firm: UUID
    time_zone: str
    computed_on: date | None
    """None where there is no window."""

    receipt: dict[str, Any] | None


class Listed(Struct, frozen=True, kw_only=True):
    """How many lines fit a filter."""

    total: int
    overdue: int


async def windows(ids: Collection[UUID]) -> list[StoredWindow]:
    """Return the stored windows of elevators."""
    return await database.fetch_as(
        StoredWindow,
        f"SELECT {_WINDOW}, w.fixed_again_on, w.checked_on FROM due_window w JOIN elevator e ON e.id = w.elevator"
        " WHERE w.elevator = ANY($1::uuid[])",
        list(ids),
    )


async def windows_until(firm: UUID, until: date) -> list[DueWindowView]:
    """Return a firm's windows that count and whose first day is not after a day, by last day."""
    return await database.fetch_as(
        DueWindowView,
        f"SELECT {_WINDOW} FROM due_window w JOIN elevator e ON e.id = w.elevator"
        " WHERE w.firm = $1 AND e.state = 'in_use' AND w.first_day <= $2 ORDER BY w.last_day, e.registration_code, w.elevator",
        firm,
        until,
    )


async def class_days(firm: UUID, until: date) -> dict[UUID, dict[str, date]]:
    """Return by elevator and class the earliest last day of the rules that the class satisfies, of windows until a day."""
    rows = await database.fetch(
        "SELECT d.elevator, c->>'maintenance_class' AS class, min((c->>'day')::date) AS day"
        " FROM due_window d, jsonb_array_elements(d.receipt->'candidates') c WHERE d.firm = $1 AND d.first_day <= $2"
        " GROUP BY d.elevator, c->>'maintenance_class'",
        firm,
        until,
    )
    found: dict[UUID, dict[str, date]] = {}
    for row in rows:
        found.setdefault(row["elevator"], {})[row["class"]] = row["day"]
    return found


async def write_windows(firm: UUID, computed_on: date, computed_at: datetime, new: Sequence[NewWindow]) -> None:
    """Write windows over those that were there."""
    columns = list(zip(*(msgspec.structs.astuple(window) for window in new), strict=True))
    columns[-1] = tuple(receipt.decode() for receipt in columns[-1])
    await database.execute(
        "INSERT INTO due_window (firm, computed_on, computed_at, elevator, first_day, last_day, maintenance_class,"
        " mode_effective, fallen_back, fixed_again_on, checked_on, gap_days, paused, reason_en, reason_zh, receipt)"
        " SELECT $1, $2, $3, u.elevator, u.first_day, u.last_day, u.maintenance_class, u.mode_effective, u.fallen_back,"
        " u.fixed_again_on, u.checked_on, u.gap_days, u.paused, u.reason_en, u.reason_zh, u.receipt::jsonb"
        " FROM unnest($4::uuid[], $5::date[], $6::date[], $7::text[], $8::text[], $9::bool[], $10::date[], $11::date[],"
        " $12::int[], $13::bool[], $14::text[], $15::text[], $16::text[])"
        " AS u (elevator, first_day, last_day, maintenance_class, mode_effective, fallen_back, fixed_again_on, checked_on,"
        " gap_days, paused, reason_en, reason_zh, receipt)"
        " ON CONFLICT (elevator) DO UPDATE SET firm = excluded.firm, computed_on = excluded.computed_on,"
        " computed_at = excluded.computed_at, first_day = excluded.first_day, last_day = excluded.last_day,"
        " maintenance_class = excluded.maintenance_class, mode_effective = excluded.mode_effective,"
        " fallen_back = excluded.fallen_back, fixed_again_on = excluded.fixed_again_on, checked_on = excluded.checked_on,"
        " gap_days = excluded.gap_days, paused = excluded.paused, reason_en = excluded.reason_en,"
        " reason_zh = excluded.reason_zh, receipt = excluded.receipt",
        firm, computed_on, computed_at, *(list(column) for column in columns),
    )  # fmt: skip


async def delete_windows(ids: Collection[UUID]) -> int:
    """Remove the windows of elevators; return how many there were."""
    return await database.execute("DELETE FROM due_window WHERE elevator = ANY($1::uuid[])", list(ids))


async def elevators_by_firm(ids: Collection[UUID] | None) -> list[tuple[UUID, UUID]]:
    """Return (firm, elevator) of the scope's elevators, or of those named; firm by firm."""
    rows = await database.fetch(
        "SELECT firm, id FROM elevator WHERE $1::uuid[] IS NULL OR id = ANY($1) ORDER BY firm, id",
        None if ids is None else list(ids),
    )
    return [(row["firm"], row["id"]) for row in rows]


async def elevators_of(firm: UUID) -> list[UUID]:
    """Return a firm's elevators."""
    rows = await database.fetch("SELECT id FROM elevator WHERE firm = $1 ORDER BY id", firm)
    return [row["id"] for row in rows]


async def stale_elevators(now: datetime, silent_h: Mapping[str, int]) -> list[tuple[UUID, UUID]]:
    """Return (firm, elevator) of the scope's elevators whose window is not of the present local day, or has lost its monitor.

    Parameters
    ----------
    now
        The present instant.
    silent_h
        Rule pack → hours of silence after which an elevator under it is no longer maintained on demand.
    """
    rows = await database.fetch(
        "SELECT e.firm, e.id FROM elevator e JOIN firm f ON f.id = e.firm LEFT JOIN due_window w ON w.elevator = e.id"
        " LEFT JOIN unnest($2::text[], $3::int[]) AS p (rule_pack, hours) USING (rule_pack)"
        " LEFT JOIN elevator_signal s ON s.elevator = e.id AND w.mode_effective = 'on_demand'"
        " WHERE CASE WHEN e.state = 'scrapped' THEN w.elevator IS NOT NULL"
        " ELSE w.computed_on IS DISTINCT FROM ($1::timestamptz AT TIME ZONE f.time_zone)::date"
        " OR s.at < $1 - make_interval(hours => p.hours) END ORDER BY e.firm, e.id",
        now,
        list(silent_h),
        list(silent_h.values()),
    )
    return [(row["firm"], row["id"]) for row in rows]


async def receipt(elevator: UUID) -> ReceiptRow | None:
    """Return an elevator's names and stored receipt, None where the scope sees no such elevator."""
    return await database.fetch_one_as(
        ReceiptRow,
        "SELECT e.registration_code, e.rescue_code, e.unit_name, s.name AS site_name, e.rule_pack, e.state, e.firm,"
        " f.time_zone, w.computed_on, w.receipt FROM elevator e JOIN site s ON s.id = e.site JOIN firm f ON f.id = e.firm"
        " LEFT JOIN due_window w ON w.elevator = e.id WHERE e.id = $1",
        elevator,
    )


_FROM = (
    " FROM due_window w JOIN elevator e ON e.id = w.elevator JOIN site s ON s.id = e.site JOIN firm f ON f.id = e.firm"
    " CROSS JOIN LATERAL (SELECT w.last_day - ($1::timestamptz AT TIME ZONE f.time_zone)::date AS days_left) d"
)
_FITS = (
    " WHERE e.state <> 'scrapped' AND ($2::date IS NULL OR w.last_day <= $2) AND ($3::text IS NULL OR s.district = $3)"
    " AND ($4::text IS NULL OR w.maintenance_class = $4) AND ($5::text IS NULL OR w.mode_effective = $5)"
    " AND ($6::bool IS NULL OR w.fallen_back = $6) AND ($7::bool IS NULL OR w.paused = $7)"
    " AND (NOT $8::bool OR (d.days_left < 0 AND NOT w.paused)) AND ($9::uuid IS NULL OR e.site = $9)"
    " AND ($10::text IS NULL OR strpos(lower(concat_ws(' ', e.registration_code, e.rescue_code, e.unit_name, s.name,"
    " s.address)), lower($10)) > 0) AND ($11::uuid IS NULL OR w.firm = $11)"
)


def _filter(now: datetime, wanted: DueFilter) -> list[Any]:
    return [
        now, wanted.until, wanted.district, wanted.maintenance_class, wanted.mode_effective, wanted.fallen_back, wanted.paused,
        wanted.overdue, wanted.site, wanted.text, wanted.firm,
    ]  # fmt: skip


async def due_rows(now: datetime, wanted: DueFilter, after: Sequence[object] | None, limit: int) -> list[DueRow]:
    """Return lines of the list after a place in it: paused ones last, then by last day and registration code."""
    paused, last_day, code, elevator = after or (None, None, None, None)
    return await database.fetch_as(
        DueRow,
        f"SELECT {_WINDOW}, e.registration_code, e.rescue_code, e.unit_name, s.id AS site, s.name AS site_name, s.district,"
        f" d.days_left, (d.days_left < 0 AND NOT w.paused) AS overdue {_FROM} {_FITS}"
        " AND ($12::bool IS NULL OR (w.paused, w.last_day, e.registration_code, w.elevator)"
        " > ($12::bool, $13::date, $14::text, $15::uuid))"
        " ORDER BY w.paused, w.last_day, e.registration_code, w.elevator LIMIT $16",
        *_filter(now, wanted), paused, last_day, code, elevator, limit,
    )  # fmt: skip


async def count_due(now: datetime, wanted: DueFilter) -> Listed:
    """Return how many lines fit, on all pages."""
    found = await database.fetch_one_as(
        Listed,
        f"SELECT count(*) AS total, count(*) FILTER (WHERE d.days_left < 0 AND NOT w.paused) AS overdue {_FROM} {_FITS}",
        *_filter(now, wanted),
    )
    assert found is not None  # noqa: S101 - a count is always one row
    return found


class NewChange(Struct, frozen=True, kw_only=True):
    """A change of mode as it is written."""

    elevator: UUID
    kind: str
    reasons: tuple[Text, ...]


async def insert_mode_changes(firm: UUID, on_day: date, at: datetime, changes: Sequence[NewChange]) -> None:
    """Write changes of mode."""
    await database.execute(
        "INSERT INTO mode_change (id, firm, elevator, kind, on_day, reasons, changed_at)"
        " SELECT gen_random_uuid(), $1, u.elevator, u.kind, $2, u.reasons::jsonb, $3"
        " FROM unnest($4::uuid[], $5::text[], $6::text[]) AS u (elevator, kind, reasons)",
        firm, on_day, at, [change.elevator for change in changes], [change.kind for change in changes],
        [msgspec.json.encode(change.reasons).decode() for change in changes],
    )  # fmt: skip


async def mode_changes(elevator: UUID) -> list[ModeChange]:
    """Return an elevator's changes of mode, newest first."""
    return await database.fetch_as(
        ModeChange,
        "SELECT elevator, kind, on_day, changed_at,"
        " ARRAY(SELECT r ->> 'en' FROM jsonb_array_elements(reasons) r) AS reasons_en,"
        " ARRAY(SELECT r ->> 'zh' FROM jsonb_array_elements(reasons) r) AS reasons_zh"
        " FROM mode_change WHERE elevator = $1 ORDER BY changed_at DESC, id",
        elevator,
    )


async def write_visit(
    *, firm: UUID, elevator: UUID, visit: UUID, maintenance_class: str, departed_at: datetime, left_out: Sequence[str]
) -> None:
    """Write a finished visit over what was told of it before."""
    await database.execute(
        "INSERT INTO visit_done (firm, elevator, visit, maintenance_class, departed_at, left_out)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (elevator, visit) DO UPDATE SET maintenance_class = excluded.maintenance_class,"
        " departed_at = excluded.departed_at, left_out = excluded.left_out",
        firm, elevator, visit, maintenance_class, departed_at, list(left_out),
    )  # fmt: skip


async def delete_visit(elevator: UUID, visit: UUID) -> int:
    """Remove a visit with the items that it alone has done."""
    await database.execute("DELETE FROM item_done WHERE elevator = $1 AND visit = $2", elevator, visit)
    return await database.execute("DELETE FROM visit_done WHERE elevator = $1 AND visit = $2", elevator, visit)


async def replace_items(firm: UUID, elevator: UUID, visit: UUID, done_at: datetime, items: Collection[str]) -> None:
    """Write the items that a visit did beyond its class; a later time that is known already stays."""
    await database.execute(
        "DELETE FROM item_done WHERE elevator = $1 AND visit = $2 AND NOT item = ANY($3::text[])", elevator, visit, list(items)
    )
    await database.execute(
        "INSERT INTO item_done (firm, elevator, item, done_at, visit) SELECT $1, $2, item, $4, $3 FROM unnest($5::text[]) item"
        " ON CONFLICT (elevator, item) DO UPDATE SET done_at = excluded.done_at, visit = excluded.visit, told_by = NULL,"
        " note = '' WHERE item_done.done_at < excluded.done_at OR item_done.visit = excluded.visit",
        firm, elevator, visit, done_at, list(items),
    )  # fmt: skip


async def write_told_visits(firm: UUID, visits: Sequence[tuple[UUID, UUID, str, datetime]]) -> None:
    """Write visits told at import: (elevator, id, class, departure); told again they are replaced."""
    elevators, ids, classes, times = (list(column) for column in zip(*visits, strict=True))
    await database.execute(
        "INSERT INTO visit_done (firm, elevator, visit, told, maintenance_class, departed_at)"
        " SELECT $1, u.elevator, u.visit, true, u.maintenance_class, u.departed_at"
        " FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[])"
        " AS u (elevator, visit, maintenance_class, departed_at)"
        " ON CONFLICT (elevator, visit) DO UPDATE SET departed_at = excluded.departed_at, noted_at = current_timestamp",
        firm, elevators, ids, classes, times,
    )  # fmt: skip


async def special_checks_done(elevator: UUID) -> list[tuple[str, datetime, str]]:
    """Return (item and key, time, note) of the special checks that were made."""
    rows = await database.fetch("SELECT item, done_at, note FROM item_done WHERE elevator = $1 AND item LIKE '%:%'", elevator)
    return [(row["item"], row["done_at"], row["note"]) for row in rows]


async def write_special_check(
    *, firm: UUID, elevator: UUID, check: str, done_at: datetime, told_by: UUID | None, note: str
) -> None:
    """Write when a special check was made; what a person says stands over what was known."""
    await database.execute(
        "INSERT INTO item_done (firm, elevator, item, done_at, told_by, note) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (elevator, item) DO UPDATE SET done_at = excluded.done_at, visit = NULL, told_by = excluded.told_by,"
        " note = excluded.note",
        firm, elevator, check, done_at, told_by, note,
    )  # fmt: skip


async def last_visit_day(elevator: UUID) -> date | None:
    """Return the local day of an elevator's last completed visit, None without one."""
    found: date | None = await database.fetch_value(
        "SELECT max((v.departed_at AT TIME ZONE f.time_zone)::date) FROM visit_done v JOIN firm f ON f.id = v.firm"
        " WHERE v.elevator = $1",
        elevator,
    )
    return found


async def firm_of(elevator: UUID) -> UUID | None:
    """Return the firm of an elevator, None where the scope sees no such elevator."""
    found: UUID | None = await database.fetch_value("SELECT firm FROM elevator WHERE id = $1", elevator)
    return found
