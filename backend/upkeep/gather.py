"""Rows become facts: everything that the due windows of some elevators of one firm depend on, read in a dozen queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from backend import clock
from backend.risk.inside import risks_inside
from backend.telemetry import service as telemetry
from backend.telemetry.views import EventView
from backend.upkeep import fact_queries, queries
from backend.upkeep.areas import concerns
from backend.upkeep.fact_queries import DeferralRow, ElevatorRow, ItemRow, PeriodRow, VisitRow
from backend.upkeep.gather_use import with_usage
from backend.upkeep.health import evidence
from backend.upkeep.holidays import holidays_inside
from backend.upkeep.known import Known, Read
from backend.upkeep.queries import StoredWindow
from planner.intervals.facts import (
    AgreementFacts,
    DeferralFact,
    ElevatorFacts,
    EventFact,
    FirmFacts,
    ModeHistory,
    MonitorFacts,
    PeriodFact,
    ProgrammeFacts,
    VisitFact,
)
from planner.intervals.health_evidence import HealthFacts
from planner.intervals.pack import Condition, FaultRate, RulePack, Trigger
from planner.intervals.receipt import Mode
from planner.intervals.rules import FaultyInputError, UnknownPackError, load_pack

R = TypeVar("R", VisitRow, ItemRow, EventView, DeferralRow)


async def known_inside(firm: UUID, zone: str, ids: Collection[UUID]) -> list[Known]:
    """Return what is known of a firm's elevators, inside the caller's transaction.

    Parameters
    ----------
    firm, zone
        The firm and its time zone.
    ids
        Elevators; those of other firms are left out.
    """
    rows = await fact_queries.elevators(firm, ids)
    packs, faults = _packs(rows, clock.today(zone))
    read = await _read(firm, ZoneInfo(zone), rows, packs.values())
    known = [_known(row, packs.get(row.rule_pack), faults.get(row.rule_pack, ""), read) for row in rows]
    return await with_usage(known, read)


def _packs(rows: Iterable[ElevatorRow], today: date) -> tuple[dict[str, RulePack], dict[str, str]]:
    """Return the rule packs by id as they hold today, and why others cannot be used."""
    packs: dict[str, RulePack] = {}
    faults: dict[str, str] = {}
    for pack_id in {row.rule_pack for row in rows}:
        try:
            packs[pack_id] = load_pack(pack_id, today)
        except (UnknownPackError, FaultyInputError) as error:
            faults[pack_id] = str(error)
    return packs, faults


async def _read(firm: UUID, zone: ZoneInfo, rows: list[ElevatorRow], packs: Iterable[RulePack]) -> Read:
    ids = [row.id for row in rows]
    now = clock.now()
    today = now.astimezone(zone).date()
    seen = await telemetry.last_seen(ids)
    monitored = [row.id for row in rows if row.id in seen and row.mode == "on_demand"]
    days = max((pack.on_demand.remote_check.within_days for pack in packs if pack.on_demand is not None), default=0)
    shares = await telemetry.online_shares(monitored, now - timedelta(days=days), now) if days and monitored else {}
    kinds, back = _events_wanted(packs)
    since = datetime.combine(today - timedelta(days=back), time.min, zone)
    visits = _by_elevator(await fact_queries.latest_visits(ids))
    return Read(
        zone=zone, now=now, today=today, visits=visits,
        health=await _health(rows, {pack.id: pack for pack in packs}, visits, seen, zone, now),
        items=_by_elevator(await fact_queries.items_done(ids)),
        windows={window.elevator: window for window in await queries.windows(ids)},
        hazards={hazard.elevator: hazard.since for hazard in await fact_queries.hazards(ids)},
        periods=await fact_queries.periods(firm, today),
        deferrals=_by_elevator(await fact_queries.deferrals(ids)),
        holidays=await holidays_inside(firm, packs, today),
        seen=seen, shares=shares,
        events=_by_elevator(await telemetry.events_since(list(seen), since, kinds=kinds) if seen else []),
        risks=await risks_inside(firm, ids),
    )  # fmt: skip


async def _health(
    rows: Iterable[ElevatorRow],
    packs: Mapping[str, RulePack],
    visits: Mapping[UUID, Sequence[VisitRow]],
    seen: Collection[UUID],
    zone: ZoneInfo,
    now: datetime,
) -> dict[UUID, HealthFacts]:
    """Return what is known of the data of those elevators whose monitor was ever heard of."""
    last = {elevator: max(visit.departed_at for visit in theirs) for elevator, theirs in visits.items()}
    asked = [(row.id, packs.get(row.rule_pack), last.get(row.id)) for row in rows if row.id in seen]
    return await evidence(asked, zone, now)


def _by_elevator(rows: Iterable[R]) -> dict[UUID, list[R]]:
    grouped: dict[UUID, list[R]] = defaultdict(list)
    for row in rows:
        grouped[row.elevator].append(row)
    return grouped


def _events_wanted(packs: Iterable[RulePack]) -> tuple[set[str], int]:
    """Return the kinds of events that any rule reads, and the most days that one looks back."""
    kinds: set[str] = set()
    back = 1
    for pack in packs:
        reading: list[FaultRate | Condition | Trigger] = [pack.fault_rate, pack.fixed.fault_rate]
        if pack.programme is not None:
            back = max([back, *(factor.within_days or 1 for factor in pack.programme.factors)])
        if pack.on_demand is not None:
            reading += [*pack.on_demand.conditions, *pack.on_demand.triggers]
        for rule in reading:
            kinds |= set(rule.kinds)
            back = max(back, rule.within_days or 1)
    return kinds, back


def _known(row: ElevatorRow, pack: RulePack | None, fault: str, read: Read) -> Known:
    window = read.windows.get(row.id)
    if pack is None:
        return Known(row=row, window=window, facts=None, pack=None, fault=fault)
    try:
        return Known(row=row, window=window, facts=_facts(row, window, read), pack=pack)
    except msgspec.ValidationError as error:
        return Known(row=row, window=window, facts=None, pack=None, fault=str(error))


def _facts(row: ElevatorRow, window: StoredWindow | None, read: Read) -> ElevatorFacts:
    """Return the facts of one elevator, without its usage."""
    hazard = read.hazards.get(row.id)
    fields: dict[str, Any] = {
        "equipment_type": row.equipment_type, "state": row.state, "state_reason": row.state_reason, "mode": row.mode,
        "site_kind": row.site_kind, "registered_on": min(read.day(row.created_at), read.today),
        "in_use_since": row.in_use_since,
        "inspection_due_on": row.inspection_due_on, "inspected_on": row.inspected_on, "filing": row.on_demand_filing,
        "filed_on": row.on_demand_filed_on, "filed_gap_days": row.on_demand_gap_days, "declared_on": row.on_demand_declared_on,
        "watch": row.watch_list, "special_kind": row.special_kind, "programme": _programme(row),
        "deferrals": tuple(_deferral(one) for one in read.deferrals.get(row.id, ())), "holidays": read.holidays,
        "hazard_since": None if hazard is None else read.day(hazard),
        "excluded": tuple(row.excluded),
        "visits": tuple(
            VisitFact(day=read.day(v.departed_at), maintenance_class=v.maintenance_class, left_out=tuple(v.left_out))
            for v in read.visits.get(row.id, ())
        ),
        "done": {item.item: read.day(item.done_at) for item in read.items.get(row.id, ())},
        "events": tuple(EventFact(day=read.day(event.at), kind=event.kind) for event in read.events.get(row.id, ())),
        "periods": tuple(_period(period, read) for period in read.periods if concerns(period, row)),
        "firm": FirmFacts(
            licence_number=row.licence_number, licence_expires_on=row.licence_expires_on, credit_class=row.credit_class,
            violation_since=row.serious_violation_on,
        ),
        "agreement": AgreementFacts(
            starts_on=row.starts_on, ends_on=row.ends_on, consent_on=row.on_demand_consent_on,
            withdrawn_on=row.on_demand_withdrawn_on, insurance_until=row.insurance_until,
        ),
        "monitor": _monitor(row, window, read),
        "history": _history(window), "risk": read.risks.get(row.id),
    }  # fmt: skip
    return msgspec.convert(fields, ElevatorFacts)


def _history(window: StoredWindow | None) -> ModeHistory:
    if window is None:
        return ModeHistory()
    effective: Mode = "on_demand" if window.mode_effective == "on_demand" else "fixed"
    return ModeHistory(effective=effective, fixed_again_on=window.fixed_again_on)


def _programme(row: ElevatorRow) -> ProgrammeFacts | None:
    """Return the elevator's own document about its intervals; None while its day or its gap is missing."""
    if not row.programme_document or row.programme_dated_on is None or row.programme_gap_days is None:
        return None
    return ProgrammeFacts(document=row.programme_document, dated_on=row.programme_dated_on, gap_days=row.programme_gap_days)


def _deferral(row: DeferralRow) -> DeferralFact:
    return DeferralFact(
        counted_from=row.counted_from, days=row.days, reason=row.reason, words=row.words, document=row.document,
        issuer=row.issuer, dated_on=row.dated_on, consent_on=row.consent_on, entered_on=row.entered_on,
    )  # fmt: skip


def _period(period: PeriodRow, read: Read) -> PeriodFact:
    return PeriodFact(
        name=period.name, kind=period.kind, starts_on=period.starts_on, ends_on=period.ends_on,
        gap_days=period.gap_days, announced_on=read.day(period.created_at),
    )  # fmt: skip


def _monitor(row: ElevatorRow, window: StoredWindow | None, read: Read) -> MonitorFacts:
    seen = read.seen.get(row.id)
    seen_on = None if seen is None else read.day(seen.at)
    return MonitorFacts(
        since=row.monitored_since or seen_on,  # one that speaks is there, also where nobody has registered it
        silent_h=None if seen is None else max(0.0, (read.now - seen.at).total_seconds() / 3600),
        seen_on=seen_on,
        online_share=read.shares.get(row.id),
        checked_on=None if window is None else window.checked_on,
        health=read.health.get(row.id),
    )
