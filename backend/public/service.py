"""What anybody may know about an elevator whose code they scanned: the page in the car, and the same as JSON.

No names of people, no phone but the firm's and the rescue service's. All in one transaction, and only of the one elevator.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from backend import clock, database
from backend.labels.printing import DEFAULT_RESCUE_PHONE
from backend.labels.resolve import resolve_inside
from backend.labels.views import ResolvedLabel
from backend.public import queries
from backend.public.rules import rules_inside
from backend.public.views import (
    Deferred,
    Hazard,
    Inspection,
    LastVisit,
    Mode,
    ModeNote,
    Monitor,
    MonitorState,
    NextVisit,
    OnDemandFacts,
    PublicElevator,
    PublicItem,
)
from backend.recordlog import service as recordlog
from backend.scope import SYSTEM
from backend.telemetry.service import last_seen, public_health_inside
from backend.upkeep import service as upkeep
from backend.upkeep.views import DueWindowView
from backend.visits import service as visits
from backend.visits.public_views import PublicVisit
from planner.intervals.items import checklist
from planner.intervals.own import promised_days
from planner.intervals.rules import RulePack, load_pack
from qr import code
from qr.errors import CodeError
from qr.keys import KeyRing
from qr.log.bundle import Bundle
from qr.log.note import Verifier

SILENT_AFTER = timedelta(hours=24)
"""A monitor that has told nothing for this long is silent, where the rule pack does not say otherwise."""

MOST_REASONS = 3
"""Reasons told of bad data: the page must stay small."""

LOOK_BACK = timedelta(days=365)
"""How far back the page says whether the promised intervals were kept."""


async def public_elevator(ring: KeyRing, text: str) -> PublicElevator:
    """Return what anybody may know about the elevator of a code.

    Raises
    ------
    LabelRefused
        With its reason, counted.
    """
    async with database.tx(SYSTEM):
        found = await resolve_inside(ring, text, firm=None)
        return await _facts_inside(found)


async def public_bundle(ring: KeyRing, text: str, known: list[Verifier]) -> Bundle:
    """Return the proof of the last visit of a code's elevator, without its record.

    Raises
    ------
    LabelRefused
        With its reason, counted.
    NotFound
        If there is no visit, or it is not in the log yet.
    """
    async with database.tx(SYSTEM):
        found = await resolve_inside(ring, text, firm=None)
        return await visits.public_bundle_inside(found.elevator, known)


def is_ours(ring: KeyRing, text: str) -> bool:
    """Return whether a code was made with a key of this installation, without asking the database."""
    try:
        parsed = code.parse(text)
    except CodeError:
        return False
    return code.verify(ring, parsed) is not None or code.verify_retired(ring, parsed) is not None


async def rescue_phone(text: str) -> str:
    """Return the rescue number to show where a code is refused: there may be somebody trapped all the same."""
    try:
        code_id = code.parse(text).id
    except CodeError:
        code_id = None
    async with database.tx(SYSTEM):
        return await queries.rescue_phone(code_id) or DEFAULT_RESCUE_PHONE


async def _facts_inside(found: ResolvedLabel) -> PublicElevator:
    elevator = found.elevator
    row = await queries.elevator(elevator)
    now, today = clock.now(), clock.today(row.time_zone)
    public = await visits.public_facts_inside(elevator)
    pack = load_pack(row.rule_pack, today)
    window = await upkeep.window_inside(elevator)
    return PublicElevator(
        code=found.code,
        zone=found.zone,
        rescue_phone=row.rescue_phone or DEFAULT_RESCUE_PHONE,
        rescue_code=row.rescue_code,
        registration_code=row.registration_code,
        site_name=row.site_name,
        unit_name=row.unit_name,
        address=row.address,
        equipment_type=row.equipment_type,
        state=public.state,
        owner=row.owner_name,
        firm=row.firm_name,
        firm_phone=row.firm_phone,
        last_visit=await _last_visit(elevator, public.last_visit, row.time_zone),
        next_visit=await _next_visit(elevator, window, today),
        mode=await _mode(elevator, row, pack, window, now),
        monitor=await _monitor(elevator, row, pack, window, now),
        inspection=Inspection(
            due_on=row.inspection_due_on,
            inspected_on=row.inspected_on,
            overdue=row.inspection_due_on is not None and row.inspection_due_on < today,
        ),
        hazards=[
            Hazard(severity=one.severity, title_zh=one.title_zh, title_en=one.title_en, since=one.since)
            for one in public.hazards
        ],
        on_day=today,
        time_zone=row.time_zone,
    )


async def _last_visit(elevator: UUID, recorded: PublicVisit | None, time_zone: str) -> LastVisit | None:
    """Return the last visit: the recorded one, or one told at import that is newer."""
    done = await queries.last_done(elevator)
    if done is not None and done.told and (recorded is None or done.departed_at > recorded.departed_at):
        day = clock.local_date(done.departed_at, time_zone)
        return LastVisit(
            day=day,
            maintenance_class=done.maintenance_class,
            badges=[],
            confirmation=None,
            recorded=False,
            log=None,
            verified=False,
        )
    if recorded is None:
        return None
    return LastVisit(
        day=recorded.day,
        maintenance_class=recorded.maintenance_class,
        badges=recorded.badges,
        confirmation=recorded.confirmation,
        recorded=True,
        log=await recordlog.logged_inside(recorded.id),
        verified=recorded.evidence_holds,
        grade=recorded.grade,
        reasons=recorded.reasons,
    )


async def _next_visit(elevator: UUID, window: DueWindowView | None, today: date) -> NextVisit | None:
    if window is None:
        return None
    return NextVisit(
        planned_day=await queries.planned_day(elevator, today),
        first_day=window.first_day,
        last_day=window.last_day,
        maintenance_class=window.maintenance_class,
        overdue=window.last_day < today and not window.paused,
        paused=window.paused,
        reason_zh="" if window.paused else window.reason_zh,  # of a stop it repeats what the office noted for itself
        reason_en="" if window.paused else window.reason_en,
        rules=await rules_inside(elevator),
        deferred=[
            Deferred(
                due_on=one.due_on,
                deferred_to=one.deferred_to,
                reason=one.reason,
                document=one.document,
                issuer=one.issuer,
                dated_on=one.dated_on,
            )
            for one in await upkeep.deferrals_inside(elevator)
        ],
    )


async def _mode(elevator: UUID, row: queries.ElevatorRow, pack: RulePack, window: DueWindowView | None, now: datetime) -> Mode:
    changes = [
        ModeNote(kind=change.kind, on_day=change.on_day, reasons_zh=change.reasons_zh, reasons_en=change.reasons_en)
        for change in (await upkeep.mode_changes_inside(elevator))[:3]
    ]
    return Mode(
        registered=row.mode,
        effective=window.mode_effective if window else row.mode,
        fallen_back=window.fallen_back if window else False,
        changes=changes,
        on_demand=await _on_demand(elevator, row, pack, now) if row.mode == "on_demand" else None,
    )


async def _on_demand(elevator: UUID, row: queries.ElevatorRow, pack: RulePack, now: datetime) -> OnDemandFacts | None:
    if pack.on_demand is None:
        return None
    remote = pack.on_demand.remote_check
    kept = await queries.fulfilment(elevator, now - LOOK_BACK, now, row.time_zone)
    return OnDemandFacts(
        visit_gap_days=promised_days(pack, row.on_demand_gap_days),
        remote_within_days=remote.within_days,
        filing=row.on_demand_filing,
        filed_on=row.on_demand_filed_on,
        declared_on=row.on_demand_declared_on,
        target=row.on_demand_target,
        items=[
            PublicItem(name_zh=item.name_zh, name_en=item.name_en, remote=item.remote_evidence in remote.signals)
            for item in checklist(row.equipment_type, "half_month", pack.item_list)
        ],
        look_back_days=LOOK_BACK.days,
        visits=kept.visits,
        longest_gap_days=kept.longest_gap_days,
        entrapments=kept.entrapments,
    )


async def _monitor(
    elevator: UUID, row: queries.ElevatorRow, pack: RulePack, window: DueWindowView | None, now: datetime
) -> Monitor:
    seen = (await last_seen([elevator])).get(elevator)
    found = await public_health_inside(elevator)
    silent = row.monitored if seen is None else now - seen.at > _silent_after(pack)
    spoke = MonitorState.NONE if seen is None else MonitorState.ONLINE
    bad = () if found is None else tuple(reason for reason in found.reasons if reason.state == "not_usable")[:MOST_REASONS]
    return Monitor(
        state=MonitorState.SILENT if silent else spoke,
        last_seen_at=None if seen is None else seen.at,
        health=None if found is None else found.state,
        reasons_zh=[reason.text.zh for reason in bad],
        reasons_en=[reason.text.en for reason in bad],
        shortens=row.mode == "on_demand" and window is not None and window.fallen_back and (silent or bool(bad)),
    )


def _silent_after(pack: RulePack) -> timedelta:
    """Return after what time without a record a monitor counts as silent: the pack's trigger for falling back."""
    triggers = pack.on_demand.triggers if pack.on_demand else ()
    hours = next((trigger.hours for trigger in triggers if trigger.key == "monitor_silent"), None)
    return timedelta(hours=hours) if hours else SILENT_AFTER
