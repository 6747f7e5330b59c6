"""Rows become facts: everything that the due windows of some elevators of one firm depend on, read in a dozen queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from backend import clock
from backend.risk.inside import risks_inside
from backend.telemetry import service as telemetry
from backend.telemetry.views import EventView, LastSeen, UsageQuery
from backend.upkeep import fact_queries, queries
from backend.upkeep.areas import concerns
from backend.upkeep.fact_queries import DeferralRow, ElevatorRow, ItemRow, PeriodRow, VisitRow
from backend.upkeep.health import evidence
from backend.upkeep.holidays import holidays_inside
from backend.upkeep.queries import StoredWindow
from backend.upkeep.use import UseWanted, patterns, rate_pattern
from planner.intervals.due import counters_wanted
from planner.intervals.facts import (
    AgreementFacts,
    DeferralFact,
    ElevatorFacts,
    EventFact,
    FirmFacts,
    Holiday,
    ModeHistory,
    MonitorFacts,
    PeriodFact,
    ProgrammeFacts,
    UsageFact,
    VisitFact,
)
from planner.intervals.forecast import UsePattern
from planner.intervals.health_evidence import HealthFacts
from planner.intervals.pack import Condition, FaultRate, RulePack, Trigger
from planner.intervals.receipt import Mode
from planner.intervals.rules import FaultyInputError, UnknownPackError, load_pack
from planner.risk.best_day import RiskFacts

STALE_MONITOR = timedelta(days=90)
"""A monitor that was not heard for so long is taken as gone: its last rate says nothing of today."""

R = TypeVar("R", VisitRow, ItemRow, EventView, DeferralRow)


class Known(Struct, frozen=True, kw_only=True):
    """An elevator's facts with its rule pack, or why there are none."""

    row: ElevatorRow
    window: StoredWindow | None
    facts: ElevatorFacts | None
    pack: RulePack | None
    fault: str = ""


class _Read(Struct, frozen=True, kw_only=True):
    """What was read for all elevators together."""

    zone: ZoneInfo
    now: datetime
    today: date
    visits: dict[UUID, list[VisitRow]]
    items: dict[UUID, list[ItemRow]]
    windows: dict[UUID, StoredWindow]
    hazards: dict[UUID, datetime]
    periods: list[PeriodRow]
    deferrals: dict[UUID, list[DeferralRow]]
    holidays: tuple[Holiday, ...]
    seen: dict[UUID, LastSeen]
    health: dict[UUID, HealthFacts]
    shares: dict[UUID, float]
    events: dict[UUID, list[EventView]]
    risks: dict[UUID, RiskFacts]

    def day(self, at: datetime) -> date:
        """Return the local day of an instant."""
        return at.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Return the instant at which a local day begins."""
        return datetime.combine(day, time.min, self.zone)

    def rest_of_day(self, at: datetime) -> float:
        """Return the share of its local day that comes after an instant."""
        end = self.midnight(self.day(at) + timedelta(days=1))
        return min(1.0, max(0.0, (end - at).total_seconds() / 86_400))


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
    return await _with_usage(known, read)


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


async def _read(firm: UUID, zone: ZoneInfo, rows: list[ElevatorRow], packs: Iterable[RulePack]) -> _Read:
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
    return _Read(
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


def _known(row: ElevatorRow, pack: RulePack | None, fault: str, read: _Read) -> Known:
    window = read.windows.get(row.id)
    if pack is None:
        return Known(row=row, window=window, facts=None, pack=None, fault=fault)
    try:
        return Known(row=row, window=window, facts=_facts(row, window, read), pack=pack)
    except msgspec.ValidationError as error:
        return Known(row=row, window=window, facts=None, pack=None, fault=str(error))


def _facts(row: ElevatorRow, window: StoredWindow | None, read: _Read) -> ElevatorFacts:
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


def _period(period: PeriodRow, read: _Read) -> PeriodFact:
    return PeriodFact(
        name=period.name, kind=period.kind, starts_on=period.starts_on, ends_on=period.ends_on,
        gap_days=period.gap_days, announced_on=read.day(period.created_at),
    )  # fmt: skip


def _monitor(row: ElevatorRow, window: StoredWindow | None, read: _Read) -> MonitorFacts:
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


class _Wanted(NamedTuple):
    """A question about use: of which elevator, of what, since when, and the budgets it is held against."""

    place: int
    """Among the known."""

    counter: str
    since: date
    at: datetime
    """The instant from which it counts."""

    budgets: set[int]


async def _with_usage(known: list[Known], read: _Read) -> list[Known]:
    """Add the usage of elevators whose monitor was heard of lately, in a few queries for all of them."""
    wanted = [one for index, each in enumerate(known) for one in _wanted(index, each, read)]
    if not wanted:
        return known
    asked = {(one.place, one.counter) for one in wanted}
    pattern = await _patterns(known, asked, read)
    rates = await _rates(known, asked - pattern.keys(), read)
    totals = await telemetry.usage_since(
        [UsageQuery(elevator=known[one.place].row.id, counter=one.counter, since=one.at) for one in wanted]
    )
    crossed = await _crossed(known, [(one, total.total) for one, total in zip(wanted, totals, strict=True)], read)
    usage: dict[int, list[UsageFact]] = defaultdict(list)
    for number, (one, total) in enumerate(zip(wanted, totals, strict=True)):
        found = pattern.get((one.place, one.counter), rates.get((one.place, one.counter)))
        if found is not None or total.readings:
            seen_at = read.seen[known[one.place].row.id].at
            usage[one.place].append(
                UsageFact(
                    counter=one.counter, since=one.since, used=max(0, total.total), per_day=found.per_day if found else 0.0,
                    known_until=max(read.day(seen_at), one.since), crossed=tuple(crossed.get(number, ())), pattern=found,
                    rest=read.rest_of_day(max(seen_at, one.at)),
                )
            )  # fmt: skip
    return [
        msgspec.structs.replace(each, facts=msgspec.structs.replace(each.facts, usage=tuple(usage[index])))
        if each.facts is not None and index in usage
        else each
        for index, each in enumerate(known)
    ]


def _wanted(index: int, known: Known, read: _Read) -> list[_Wanted]:
    seen = read.seen.get(known.row.id)
    if known.facts is None or known.pack is None or seen is None or read.now - seen.at >= STALE_MONITOR:
        return []
    asked = counters_wanted(known.facts, known.pack)
    return [
        _Wanted(index, counter, since, _instant(known, since, read), budgets)
        for (counter, since), budgets in sorted(asked.items())
    ]


async def _crossed(known: list[Known], counted: list[tuple[_Wanted, int]], read: _Read) -> dict[int, list[tuple[int, date]]]:
    """Return for each question, by its number, the budgets that are used up, each with the day on which it was."""
    over = [(number, one, most) for number, (one, total) in enumerate(counted) for most in sorted(one.budgets) if total >= most]
    found: dict[int, list[tuple[int, date]]] = defaultdict(list)
    if not over:
        return found
    hours = await fact_queries.reached_at([(known[one.place].row.id, one.counter, one.at, most) for _, one, most in over])
    for (number, _, most), hour in zip(over, hours, strict=True):
        if hour is not None:
            found[number].append((most, read.day(hour)))
    return found


def _instant(known: Known, since: date, read: _Read) -> datetime:
    """Return the instant from which a day's use counts: the end of that day's work, or its beginning where there was none."""
    ends = [visit.departed_at for visit in read.visits.get(known.row.id, ()) if read.day(visit.departed_at) == since]
    ends += [item.done_at for item in read.items.get(known.row.id, ()) if read.day(item.done_at) == since]
    return min(ends, default=read.midnight(since))


async def _patterns(known: list[Known], wanted: set[tuple[int, str]], read: _Read) -> dict[tuple[int, str], UsePattern]:
    """Return how counters grow on each weekday, by the place of the elevator; of those that have a whole day."""
    places: dict[UUID, int] = {}
    counters: dict[int, list[str]] = defaultdict(list)
    for index, counter in sorted(wanted):
        counters[index].append(counter)
    asked = []
    for index, some in counters.items():
        one = known[index]
        if one.pack is not None:
            seen_at = read.seen[one.row.id].at
            asked.append(
                UseWanted(
                    elevator=one.row.id, seen_at=seen_at, seen_on=read.day(seen_at), pack=one.pack, counters=frozenset(some)
                )
            )  # fmt: skip
            places[one.row.id] = index
    found = await patterns(asked, read.zone.key)
    return {(places[elevator], counter): pattern for (elevator, counter), pattern in found.items()}


async def _rates(known: list[Known], wanted: set[tuple[int, str]], read: _Read) -> dict[tuple[int, str], UsePattern]:
    """Return the use of counters without a whole day: their daily rate up to the last sign of life, not up to today."""
    if not wanted:
        return {}
    indexes = {index for index, _ in wanted}
    seen = {index: read.seen[known[index].row.id].at for index in indexes}
    begin = {index: seen[index] - timedelta(days=_forecast_days(known[index])) for index in indexes}
    earliest = min(begin.values()).date()
    first = {row.elevator: row for row in await fact_queries.first_seen([known[index].row.id for index in indexes], earliest)}
    ordered = sorted(wanted)
    totals = await telemetry.usage_since(
        [UsageQuery(elevator=known[index].row.id, counter=counter, since=begin[index]) for index, counter in ordered]
    )
    rates = {}
    for (index, counter), total in zip(ordered, totals, strict=True):
        if total.readings:
            began = max(begin[index], _first_hour(first.get(known[index].row.id), begin[index]))
            days = max(1.0, (seen[index] - began).total_seconds() / 86_400)
            pack = known[index].pack
            if pack is not None:
                rate = rate_pattern(read.day(seen[index]), max(0, total.total) / days, pack.forecast)
                rates[(index, counter)] = rate
    return {key: rate for key, rate in rates.items() if rate is not None}


def _forecast_days(known: Known) -> int:
    return known.pack.forecast.within_days if known.pack is not None else 1


def _first_hour(row: fact_queries.FirstSeenRow | None, otherwise: datetime) -> datetime:
    if row is None:
        return otherwise
    lowest = (row.hours & -row.hours).bit_length() - 1
    return datetime.combine(row.day, time(lowest), tzinfo=UTC)
