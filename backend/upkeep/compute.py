"""Computing due windows: facts of some elevators in, windows, receipts and changes of mode out, all in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import Struct

from backend import clock
from backend.telemetry.health import keep_inside as keep_health
from backend.upkeep import fact_queries, queries, stored
from backend.upkeep.gather import known_inside
from backend.upkeep.health import judged
from backend.upkeep.known import Known
from backend.upkeep.queries import NewChange, NewWindow, StoredWindow
from backend.upkeep.views import ModeChangeKind, Summary
from planner.intervals.due import DueWindow, due_window
from planner.intervals.receipt import Receipt, Text

NOTHING = Summary(elevators=0, moved=0, removed=0, fallen_back=0, restored=0, failed=[])


class _Computed(Struct, frozen=True, kw_only=True):
    """One elevator's window before and after."""

    before: StoredWindow | None
    new: NewWindow
    change: NewChange | None


def together(one: Summary, other: Summary) -> Summary:
    """Return the sum of two summaries."""
    return Summary(
        elevators=one.elevators + other.elevators, moved=one.moved + other.moved, removed=one.removed + other.removed,
        fallen_back=one.fallen_back + other.fallen_back, restored=one.restored + other.restored,
        failed=one.failed + other.failed,
    )  # fmt: skip


async def compute_inside(firm: UUID, elevators: Collection[UUID]) -> Summary:
    """Compute the windows of some elevators of a firm anew inside the caller's transaction.

    One computation of a firm's windows waits for the other, so that a window never goes back to what was known before.
    """
    if not elevators:
        return NOTHING
    await fact_queries.lock_firm(firm)
    zone = await fact_queries.time_zone_of(firm)
    if zone is None:
        return NOTHING
    now = clock.now()
    today = clock.local_date(now, zone)
    computed: list[_Computed] = []
    gone: list[UUID] = []
    failed: list[str] = []
    seen = await known_inside(firm, zone, elevators)
    await keep_health(firm, judged(seen), now)
    for known in seen:
        if known.facts is None or known.pack is None:
            failed.append(f"{known.row.registration_code}: {known.fault}")
            continue
        try:
            found = due_window(known.facts, known.pack, today)
        except ValueError as error:  # an equipment type or class that no list of items has
            failed.append(f"{known.row.registration_code}: {error}")
            continue
        if found is None:
            gone.append(known.row.id)
        else:
            computed.append(_computed(known, *found))
    if computed:
        await queries.write_windows(firm, today, now, [each.new for each in computed])
    changes = [each.change for each in computed if each.change is not None]
    if changes:
        await queries.insert_mode_changes(firm, today, now, changes)
    return _summary(computed, removed=await queries.delete_windows(gone) if gone else 0, failed=failed)


def _computed(known: Known, window: DueWindow, receipt: Receipt) -> _Computed:
    new = NewWindow(
        elevator=known.row.id, first_day=window.first_day, last_day=window.last_day,
        maintenance_class=window.maintenance_class, mode_effective=window.mode_effective, fallen_back=window.fallen_back,
        fixed_again_on=window.fixed_again_on, checked_on=window.checked_on, gap_days=window.gap_days, paused=window.paused,
        reason_en=(receipt.paused or receipt.sentence).en, reason_zh=(receipt.paused or receipt.sentence).zh,
        receipt=stored.to_json(receipt),
    )  # fmt: skip
    return _Computed(before=known.window, new=new, change=_change(known, window, receipt))


def _change(known: Known, window: DueWindow, receipt: Receipt) -> NewChange | None:
    """Return the change of mode, None where the mode that counts is the one before."""
    was_fallen_back = known.window is not None and known.window.fallen_back
    if window.fallen_back and not was_fallen_back:
        return NewChange(elevator=known.row.id, kind=ModeChangeKind.FALLEN_BACK.value, reasons=receipt.mode.reasons)
    if was_fallen_back and window.mode_effective == "on_demand":
        back = Text("按需维保的条件均已满足", "all conditions of maintenance on demand are met")
        return NewChange(elevator=known.row.id, kind=ModeChangeKind.RESTORED.value, reasons=(back,))
    return None


def _summary(computed: Sequence[_Computed], *, removed: int, failed: list[str]) -> Summary:
    kinds = [each.change.kind for each in computed if each.change is not None]
    return Summary(
        elevators=len(computed), moved=sum(_moved(each) for each in computed), removed=removed,
        fallen_back=kinds.count(ModeChangeKind.FALLEN_BACK.value), restored=kinds.count(ModeChangeKind.RESTORED.value),
        failed=failed,
    )  # fmt: skip


def _moved(each: _Computed) -> bool:
    before, new = each.before, each.new
    return before is None or (before.first_day, before.last_day, before.maintenance_class) != (
        new.first_day,
        new.last_day,
        new.maintenance_class,
    )
