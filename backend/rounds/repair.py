"""Repairs of a day under way: what has happened is told, what may be done about it is proposed. Nothing is changed here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.people.service import audit
from backend.rounds import day_change_queries, fact_queries, order_queries, queries, repair_queries
from backend.rounds.facts import Facts
from backend.rounds.preferences import TRAVEL
from backend.rounds.repair_checks import event_faults, in_office_words
from backend.rounds.repair_day import Question, question
from backend.rounds.repair_facts import DayFacts
from backend.rounds.repair_queries import RepairRow
from backend.rounds.repair_views import Events, RepairLine, RepairNote, RepairState, RepairView, StoredAnswer
from backend.rounds.repair_words import names_of, options_of
from backend.rounds.service_times import with_learnt_inside
from backend.rounds.times import ESTIMATED, EngineChoice
from backend.scope import Scope
from backend.settings import DEFAULT_TIME_ZONE
from backend.travel.service import travelled
from backend.travel.spec import ESTIMATE
from backend.upkeep import service as upkeep
from planner.rounds.travel import Matrix
from planner.today.answer import Repair
from planner.today.links import today_faults
from planner.today.process import repair_apart

HORIZON_DAYS = 7
"""Days, the present one included, whose published rounds may take up what finds no place today."""
NO_ENGINE = RepairNote(
    en="The travel engine did not answer: driving is estimated.", zh="行驶时间服务未应答，行驶时间为估算值。"
)
LISTED = 100
"""Repairs of a day that are listed."""


async def propose_repair(scope: Scope, events: Events, *, engine: EngineChoice = ESTIMATED) -> RepairView:
    """Tell what has happened today and get proposals; the published rounds stay as they are.

    Parameters
    ----------
    scope
        A manager of the firm.
    events
        What has happened.
    engine
        Where travel times come from.

    Raises
    ------
    InvalidInput
        With all faults: nothing told, names that are none of this firm's, times that are over.
    Conflict
        If no round is published for today.
    """
    firm = scope.require_firm()
    now = clock.now()
    async with database.tx(scope):
        facts = await day_facts_inside(firm, now, urgent=[each.elevator for each in events.emergencies])
    if faults := event_faults(facts, events):
        raise InvalidInput("the day cannot be repaired", faults=faults)
    if not any(round_.day == facts.today for round_ in facts.rounds):
        raise Conflict("no round is published for today: there is nothing to repair")
    asked = question(facts, events, [uuid4() for _ in events.emergencies])
    if faults := [Fault(fault.path, None, fault.message) for fault in today_faults(asked.today, asked.problem, asked.plan)]:
        raise InvalidInput("the day cannot be repaired", faults=in_office_words(faults))
    answer, notes = await _answered(facts, asked, events, engine)
    told = [*notes, *(RepairNote(en=note.en, zh=note.zh) for note in answer.notes)]
    options = options_of(facts, asked, answer)
    stored = StoredAnswer(now_s=facts.now_s, time_zone=facts.time_zone, options=options, notes=told)
    new = uuid4()
    seen = {str(round_.id): round_.version for round_ in facts.rounds}
    parts = (msgspec.to_builtins(events), seen, msgspec.to_builtins(stored))
    async with database.tx(scope):
        await repair_queries.insert_repair(new, firm, scope.account, now, facts.today, parts)
        detail = {name: len(told) for name, told in msgspec.structs.asdict(events).items() if isinstance(told, list) and told}
        await audit(firm, scope.account, "repair.proposed", str(new), detail)
        return view(await existing_repair(new))


async def _answered(facts: DayFacts, asked: Question, events: Events, engine: EngineChoice) -> tuple[Repair, list[RepairNote]]:
    """Ask the planner, in a thread: the first answer takes a blink, and the search runs in a process of its own."""
    travel = await travel_of_day(asked, engine)
    notes = [NO_ENGINE] if travel.is_silent else []
    names = names_of(facts, asked)
    answer = await asyncio.to_thread(
        repair_apart, asked.problem, asked.plan, asked.today, events.search_s, matrix=travel.durations_s, names=names
    )
    return answer, notes


class TravelOfDay(NamedTuple):
    """Travel between the places of a question; None where it is estimated, `is_silent` where the engine did not answer."""

    durations_s: Matrix | None = None
    distances_m: Matrix | None = None
    is_silent: bool = False


async def travel_of_day(asked: Question, engine: EngineChoice) -> TravelOfDay:
    """Ask the engine, where there is one, for the times between the places of a question."""
    if engine.spec == ESTIMATE:
        return TravelOfDay()
    travel = await travelled(engine.spec, asked.problem.locations, TRAVEL, engine.folder)
    if not travel.places:
        return TravelOfDay(is_silent=True)
    return TravelOfDay(await asyncio.to_thread(travel.durations_s), await asyncio.to_thread(travel.distances_m))


async def day_facts_inside(firm: UUID, now: datetime, *, days: int = HORIZON_DAYS, urgent: Sequence[UUID] = ()) -> DayFacts:
    """Return what is known of a day under way and those after it.

    Parameters
    ----------
    firm, now
        Whose, and the present.
    days
        How many days, the present one included.
    urgent
        Elevators that need not be on any round.
    """
    time_zone = await fact_queries.time_zone(firm)
    today = clock.today(time_zone)
    last = today + timedelta(days=days - 1)
    local = now.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    rounds = await repair_queries.rounds_from(firm, today, last)
    orders = await order_queries.orders_of_rounds([each.id for each in rounds], now)
    visits = await repair_queries.visits_of(firm, today)
    elevators = sorted({each.elevator for each in orders} | {each.elevator for each in visits} | set(urgent))
    windows = {each: await upkeep.window_inside(each) for each in urgent}
    known = await with_learnt_inside(firm, await repair_queries.elevators(elevators), today)
    return DayFacts(
        firm=firm,
        time_zone=time_zone,
        today=today,
        now_s=int((local - datetime.combine(today, time.min)).total_seconds()),
        days=days,
        rounds=rounds,
        orders=orders,
        visits=visits,
        marks=await day_change_queries.marks_as_facts(firm, today),
        elevators={each.id: each for each in known},
        places=await queries.elevator_names(elevators),
        work=await _work(firm, time_zone, today, last, [each.crew for each in rounds]),
        crew_names=await queries.crew_names(firm),
        windows={each: (found.first_day, found.last_day, found.maintenance_class) for each, found in windows.items() if found},
    )


async def _work(firm: UUID, time_zone: str, today: date, last: date, at_work: list[UUID]) -> Facts:
    """Return who works when; published days are not struck out, for they are what is repaired."""
    return Facts(
        time_zone=time_zone, today=today, start_date=today, days=(last - today).days + 1, not_before_s=0,
        elevators=[], windows=[], orders=[], rounds=[],
        crews=await repair_queries.crews(firm, at_work), shifts=await fact_queries.shifts(firm),
        members=await fact_queries.members(firm, today, last), absences=await fact_queries.absences(firm, today, last),
        last_crews=[],
    )  # fmt: skip


# Looking at them.


async def existing_repair(id: UUID, *, lock: bool = False) -> RepairRow:  # noqa: A002 - as everywhere in this room
    """Return a repair inside the caller's transaction.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    row = await repair_queries.repair(id, lock=lock)
    if row is None:
        raise NotFound("no repair {id}", id=id)
    return row


async def repair(scope: Scope, id: UUID) -> RepairView:  # noqa: A002
    """Return a repair.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    """
    async with database.tx(scope):
        return view(await existing_repair(id))


async def repairs(scope: Scope, day: date | None = None) -> list[RepairLine]:
    """Return the repairs of a day (today when None), the newest first."""
    async with database.tx(scope):
        day = day or clock.today(await fact_queries.time_zone(scope.firm) if scope.firm else DEFAULT_TIME_ZONE)
        rows = await repair_queries.repairs_of(scope.firm, day, LISTED)
    return [
        RepairLine(
            id=row.id, day=row.day, state=RepairState(row.state), asked_by=row.asked_by, asked_at=row.asked_at,
            decided_at=row.decided_at, events=msgspec.convert(row.events, Events),
        )
        for row in rows
    ]  # fmt: skip


async def discard_repair(scope: Scope, id: UUID) -> RepairView:  # noqa: A002
    """Put a proposal aside. Safe to repeat.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id.
    Conflict
        If it has been carried out.
    """
    async with database.tx(scope):
        row = await existing_repair(id, lock=True)
        if row.state == RepairState.APPLIED:
            raise Conflict("this repair has been carried out: undo it instead")
        if row.state == RepairState.UNDONE:
            raise Conflict("this repair has been undone already: there is nothing to discard")
        if row.state == RepairState.PROPOSED:
            await repair_queries.decide(id, RepairState.DISCARDED, scope.account, clock.now())
            await audit(row.firm, scope.account, "repair.discarded", str(id))
        return view(await existing_repair(id))


def view(row: RepairRow) -> RepairView:
    """Return what leaves the room about a repair."""
    answer = msgspec.convert(row.answer, StoredAnswer)
    return RepairView(
        id=row.id,
        firm=row.firm,
        day=row.day,
        time_zone=answer.time_zone,
        now_s=answer.now_s,
        state=RepairState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        events=msgspec.convert(row.events, Events),
        options=answer.options,
        chosen=row.chosen,
        notes=answer.notes,
    )
