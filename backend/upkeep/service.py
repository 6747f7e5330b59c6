"""Due windows: computed from what was done, what telemetry says and what the rules demand; stored with the receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time
from itertools import groupby
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from msgspec import structs

from backend import clock, database
from backend.errors import Fault, InvalidInput, NotFound
from backend.paging import DEFAULT_LIMIT, bounded, decode, encode
from backend.scope import Scope, of_firm
from backend.upkeep import fact_queries, queries, stored
from backend.upkeep.checks import note_special_check, special_checks
from backend.upkeep.compute import NOTHING, compute_inside, together
from backend.upkeep.deferrals import (
    add_deferral,
    deferral_file,
    deferral_offer,
    deferrals,
    deferrals_inside,
    withdraw_deferral,
)
from backend.upkeep.gather import known_inside
from backend.upkeep.moving import moves_inside
from backend.upkeep.periods import (
    add_special_period,
    change_special_period,
    concerned,
    list_special_periods,
    remove_special_period,
    special_period,
    today_inside,
)
from backend.upkeep.views import (
    DueFilter,
    DuePage,
    DueWindowView,
    ModeChange,
    ReceiptView,
    Summary,
    ToldVisit,
    WindowChange,
)
from planner.intervals.facts import ElevatorFacts
from planner.intervals.items import CLASSES, TSG, Item, checklist, items_by_code
from planner.intervals.receipt import Receipt
from planner.intervals.rules import RulePack, UnknownPackError, load_pack, pack_ids, pack_versions

__all__ = [
    "add_deferral",
    "add_special_period",
    "change_special_period",
    "class_days_inside",
    "concerned",
    "deferral_file",
    "deferral_offer",
    "deferrals",
    "deferrals_inside",
    "due_list",
    "facts_inside",
    "list_special_periods",
    "mode_changes",
    "mode_changes_inside",
    "note_special_check",
    "note_told_visits_inside",
    "note_visit",
    "receipt",
    "recompute",
    "recompute_inside",
    "recompute_stale",
    "remove_special_period",
    "rule_pack",
    "rule_pack_versions",
    "rule_packs",
    "special_checks",
    "special_period",
    "stored_receipt_inside",
    "window_inside",
    "windows_inside",
    "withdraw_deferral",
    "withdraw_visit",
]

BATCH = 250
"""Elevators of one transaction: a tenth of a second of work each, so that other work of the process is not kept waiting."""

_MODES = ("fixed", "on_demand")


async def recompute(scope: Scope, elevators: Collection[UUID] | None = None) -> Summary:
    """Compute the windows of the scope's elevators anew, in several transactions of some hundred elevators each.

    Parameters
    ----------
    scope
        A firm's scope, or one without a firm for all firms.
    elevators
        Only these; None means all.
    """
    async with database.tx(scope):
        wanted = await queries.elevators_by_firm(elevators)
    return await _in_batches(wanted)


async def recompute_stale(scope: Scope) -> Summary:
    """Compute the windows anew that were not computed on the present local day of their firm, missing ones included.

    Those of elevators on demand whose monitor has fallen silent since are among them: silence sends no event.
    """
    async with database.tx(scope):
        wanted = await queries.stale_elevators(clock.now(), _silent_hours())
    return await _in_batches(wanted)


def _silent_hours() -> dict[str, int]:
    """Return for each pack the hours of silence that end maintenance on demand."""
    return {
        pack.id: trigger.hours
        for pack in rule_packs()
        if pack.on_demand is not None
        for trigger in pack.on_demand.triggers
        if trigger.key == "monitor_silent" and trigger.hours is not None
    }


async def _in_batches(wanted: Iterable[tuple[UUID, UUID]]) -> Summary:
    total = NOTHING
    for firm, pairs in groupby(wanted, key=lambda pair: pair[0]):
        ids = [elevator for _, elevator in pairs]
        for start in range(0, len(ids), BATCH):
            async with database.tx(of_firm(firm)):
                total = together(total, await compute_inside(firm, ids[start : start + BATCH]))
            await asyncio.sleep(0)
    return total


async def recompute_inside(firm: UUID, elevators: Collection[UUID]) -> Summary:
    """Compute some windows of a firm anew inside the caller's transaction."""
    return await compute_inside(firm, elevators)


async def note_visit(
    *, firm: UUID, elevator: UUID, visit: UUID, maintenance_class: str, departed_at: datetime, items: Collection[str]
) -> WindowChange:
    """Take in a finished visit inside the caller's transaction and compute the elevator's window anew.

    May be repeated; a visit that is told again with other items or another class (a correction) replaces what was told
    before. A visit that arrives late never moves the last visit, or an item's last time, back.

    Parameters
    ----------
    firm, elevator, visit
        Whose, where and which.
    maintenance_class
        Class of the visit; it includes the lower ones.
    departed_at
        Departure scan, aware.
    items
        Codes of the items that were done. Items of the class that are not among them were answered as not applicable.
        Special checks that were made are named by item and key, such as `A-4-06:governor_speed`.
    """
    await fact_queries.lock_firm(firm)
    before = await window_inside(elevator)
    rows = await fact_queries.elevators(firm, [elevator])
    if not rows:
        raise NotFound("no elevator {elevator}", elevator=elevator)
    listed = _list_of(rows[0].equipment_type, maintenance_class, rows[0].rule_pack, departed_at.date())
    expected = {item.code for item in listed}
    left_out = sorted(expected - set(items) - set(rows[0].excluded))
    await queries.write_visit(
        firm=firm,
        elevator=elevator,
        visit=visit,
        maintenance_class=maintenance_class,
        departed_at=departed_at,
        left_out=left_out,
    )
    beyond = sorted(item for item in set(items) - expected if item.partition(":")[0] in items_by_code())
    await queries.replace_items(firm, elevator, visit, departed_at, beyond)
    await compute_inside(firm, [elevator])
    return WindowChange(before=before, after=await window_inside(elevator))


def _list_of(equipment_type: str, maintenance_class: str, rule_pack: str, day: date) -> tuple[Item, ...]:
    """Return the items of a class by the list of a pack on a day; by that of TSG T5002-2017 where nobody knows the pack."""
    item_list = load_pack(rule_pack, day).item_list if rule_pack in pack_ids() else TSG
    return checklist(equipment_type, maintenance_class, item_list)


async def withdraw_visit(*, firm: UUID, elevator: UUID, visit: UUID) -> WindowChange:
    """Take back a visit that does not count any more, inside the caller's transaction: the one before it is the last again."""
    await fact_queries.lock_firm(firm)
    before = await window_inside(elevator)
    await queries.delete_visit(elevator, visit)
    await compute_inside(firm, [elevator])
    return WindowChange(before=before, after=await window_inside(elevator))


async def note_told_visits_inside(firm: UUID, visits: Sequence[ToldVisit]) -> None:
    """Take in visits told at import, inside the caller's transaction; windows are not computed (see `recompute`).

    An elevator has one told visit per class: telling it again replaces it.

    Raises
    ------
    InvalidInput
        If a class is none of the four.
    """
    faults = [
        Fault.of(f"visits[{i}].maintenance_class", told.maintenance_class[:60], "use one of {known}", known=", ".join(CLASSES))
        for i, told in enumerate(visits)
        if told.maintenance_class not in CLASSES
    ]
    if faults:
        raise InvalidInput("the visits cannot be taken in", faults=faults)
    zone = ZoneInfo(await fact_queries.time_zone_of(firm) or "UTC")
    latest: dict[tuple[UUID, str], date] = {}
    for told in visits:
        key = (told.elevator, told.maintenance_class)
        latest[key] = max(told.on_day, latest.get(key, told.on_day))
    if latest:
        await queries.write_told_visits(
            firm,
            [
                (elevator, uuid5(elevator, f"told/{name}"), name, datetime.combine(day, time(12), zone))
                for (elevator, name), day in latest.items()
            ],
        )


async def due_list(scope: Scope, wanted: DueFilter, *, cursor: str | None = None, limit: int = DEFAULT_LIMIT) -> DuePage:
    """Return what is due, most urgent first; paused windows come last.

    Raises
    ------
    InvalidInput
        If the cursor is none of this list's, or the filter names no class or mode.
    """
    faults = []
    if wanted.maintenance_class is not None and wanted.maintenance_class not in CLASSES:
        faults.append(
            Fault.of("maintenance_class", wanted.maintenance_class[:60], "use one of {known}", known=", ".join(CLASSES))
        )
    if wanted.mode_effective is not None and wanted.mode_effective not in _MODES:
        faults.append(Fault.of("mode_effective", wanted.mode_effective[:60], "use one of {known}", known=", ".join(_MODES)))
    texts = {"district": wanted.district, "text": wanted.text}
    faults += [Fault(name, None, "leave out the NUL character") for name, text in texts.items() if "\x00" in (text or "")]
    if faults:
        raise InvalidInput("the list cannot be filtered like this", faults=faults)
    after = decode(cursor, (bool, date, str, UUID))
    rows_wanted, now = bounded(limit), clock.now()
    async with database.tx(scope):
        rows = await queries.due_rows(now, wanted, after, rows_wanted + 1)
        counted = await queries.count_due(now, wanted)
        today = await today_inside(scope.firm)
    more = len(rows) > rows_wanted
    rows = rows[:rows_wanted]
    last = rows[-1] if rows else None
    following = encode([last.paused, last.last_day, last.registration_code, last.elevator]) if more and last else None
    return DuePage(rows=rows, next_cursor=following, total=counted.total, overdue=counted.overdue, on_day=today)


async def receipt(scope: Scope, elevator: UUID) -> ReceiptView:
    """Return an elevator's window with its receipt; it is computed first where there is none of today.

    Raises
    ------
    NotFound
        If the asker sees no such elevator, or it is scrapped and therefore has no window.
    InvalidInput
        If its rule pack cannot be used.
    """
    async with database.tx(scope):
        found = await queries.receipt(elevator)
        if found is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        today = clock.today(found.time_zone)
        why = _read_receipt(found) if found.computed_on == today else None
        if why is None:
            summary = await compute_inside(found.firm, [elevator])
            if summary.failed:
                raise InvalidInput("the due window cannot be computed: {reason}", reason=summary.failed[0])
            found = await queries.receipt(elevator) or found
            why = _read_receipt(found)
        window = await window_inside(elevator)
        if window is not None and why is not None:
            why = structs.replace(why, moves=await moves_inside(found.firm, found.time_zone, elevator))
    if window is None or why is None:
        raise NotFound("no due window of elevator {elevator}: it is scrapped", elevator=found.registration_code)
    days_left = (window.last_day - today).days
    return ReceiptView(
        registration_code=found.registration_code, rescue_code=found.rescue_code, unit_name=found.unit_name,
        site_name=found.site_name, days_left=days_left, overdue=days_left < 0 and not window.paused, window=window, receipt=why,
    )  # fmt: skip


async def stored_receipt_inside(elevator: UUID) -> Receipt | None:
    """Return an elevator's receipt as it is stored, inside the caller's transaction; None where there is none to be read."""
    found = await queries.receipt(elevator)
    return None if found is None else _read_receipt(found)


def _read_receipt(row: queries.ReceiptRow) -> Receipt | None:
    if row.receipt is None or row.rule_pack not in pack_ids() or row.computed_on is None:
        return None
    return stored.from_json(row.receipt, load_pack(row.rule_pack, row.computed_on))


async def window_inside(elevator: UUID) -> DueWindowView | None:
    """Return an elevator's window as it is stored, inside the caller's transaction; None where there is none."""
    return next(iter(await queries.windows([elevator])), None)


async def windows_inside(firm: UUID, until: date) -> list[DueWindowView]:
    """Return the windows of a firm's elevators in use whose first day is not after a day, inside the caller's transaction.

    Overdue ones are among them, paused ones are not. By last day.
    """
    return await queries.windows_until(firm, until)


async def class_days_inside(firm: UUID, until: date) -> dict[UUID, dict[str, date]]:
    """Return by when each class must be done next, by elevator and class, inside the caller's transaction.

    Of the elevators whose window opens no later than a day.
    """
    return await queries.class_days(firm, until)


async def mode_changes_inside(elevator: UUID) -> list[ModeChange]:
    """Return an elevator's changes of mode, newest first, inside the caller's transaction; they are public."""
    return await queries.mode_changes(elevator)


async def mode_changes(scope: Scope, elevator: UUID) -> list[ModeChange]:
    """Return an elevator's changes of mode, newest first.

    Raises
    ------
    NotFound
        If the asker sees no such elevator.
    """
    async with database.tx(scope):
        if await queries.firm_of(elevator) is None:
            raise NotFound("no elevator {elevator}", elevator=elevator)
        return await queries.mode_changes(elevator)


def rule_packs(on_day: date | None = None) -> list[RulePack]:
    """Return all rule packs by id, as they hold on a day; today (UTC) when None."""
    day = on_day or clock.now().date()
    return [load_pack(pack_id, day) for pack_id in pack_ids()]


def rule_pack_versions(pack_id: str) -> list[RulePack]:
    """Return what has held and will hold under a rule pack's id, oldest first.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    try:
        return list(pack_versions(pack_id))
    except UnknownPackError as error:
        raise NotFound("no rule pack {pack}; there are {packs}", pack=pack_id[:60], packs=", ".join(pack_ids())) from error


def rule_pack(pack_id: str, on_day: date | None = None) -> RulePack:
    """Return a rule pack as it holds on a day; today (UTC) when None.

    Raises
    ------
    NotFound
        If there is none of this id.
    """
    try:
        return load_pack(pack_id, on_day or clock.now().date())
    except UnknownPackError as error:
        raise NotFound("no rule pack {pack}; there are {packs}", pack=pack_id[:60], packs=", ".join(pack_ids())) from error


async def facts_inside(firm: UUID) -> dict[UUID, ElevatorFacts]:
    """Return what is known of all of a firm's elevators, inside the caller's transaction; without those that have faults."""
    zone = await fact_queries.time_zone_of(firm)
    if zone is None:
        return {}
    ids = await queries.elevators_of(firm)
    found: dict[UUID, ElevatorFacts] = {}
    for begin in range(0, len(ids), BATCH):
        for known in await known_inside(firm, zone, ids[begin : begin + BATCH]):
            if known.facts is not None:
                found[known.row.id] = known.facts
    return found
