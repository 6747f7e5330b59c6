"""Start, pause and resume of one's round, as the technicians' phones tell them: at once, or days later from a cellar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotAllowed
from backend.people.service import audit
from backend.rounds import day_change_queries as changes
from backend.rounds.day_change_queries import MarkRow
from backend.rounds.day_change_views import LATE_SENT, MarkInput, MarkKind, RoundStanding, RoundState
from backend.rounds.fact_queries import time_zone
from backend.rounds.repair_facts import MarkFact
from backend.scope import Role, Scope

_DEEDS = {MarkKind.START: "round.started", MarkKind.PAUSE: "round.paused", MarkKind.RESUME: "round.resumed"}


def acting_technician(scope: Scope) -> UUID:
    """Return the technician who asks.

    Raises
    ------
    NotAllowed
        For anybody else: a technician's day is changed by themselves, the office repairs it.
    """
    if scope.role is not Role.TECHNICIAN or scope.technician is None:
        raise NotAllowed("only a technician changes their own day: the office repairs it")
    return scope.technician


def told_at(at: datetime, now: datetime) -> datetime:
    """Return when something was done, by the phone: never later than now, for phones run ahead.

    Raises
    ------
    InvalidInput
        Without an offset from UTC, or so long ago that no phone can have kept it.
    """
    if at.tzinfo is None:
        raise InvalidInput("when was it?", faults=[Fault("at", at.isoformat(), "give the time with its offset from UTC")])
    if at < now - LATE_SENT:
        fault = Fault.of("at", at.isoformat(), "it must not lie more than {days} days back", days=LATE_SENT.days)
        raise InvalidInput("this was too long ago", faults=[fault])
    return min(at, now)


async def mark_round(scope: Scope, data: MarkInput) -> RoundStanding:
    """Note that a technician began, interrupted or took up their round. Safe to repeat; in whatever order they arrive.

    Parameters
    ----------
    scope
        The technician.
    data
        The mark, with the id and the time that their phone gave it.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    InvalidInput
        If the time is none.
    Conflict
        If the technician belonged to no crew on that day, or the id was used for something else.
    """
    technician, firm, now = acting_technician(scope), scope.require_firm(), clock.now()
    async with database.tx(scope):
        at = told_at(data.at, now)
        day = clock.local_date(at, await time_zone(firm))
        crew = await changes.crew_of(technician, day)
        if crew is None:
            raise Conflict("you belong to no crew on {day}: ask the office", day=day.isoformat())
        new = MarkFact(id=data.id, crew=crew, kind=data.kind.value, at=at, note=data.note.strip())
        if await changes.insert_mark(new, technician, firm, day, now):
            detail = {"day": day.isoformat(), "at": at.isoformat()} | ({"reason": new.note} if new.note else {})
            await audit(firm, scope.account, _DEEDS[data.kind], str(crew), detail)
        else:
            known = await changes.mark(data.id)
            if known is None or known.technician != technician or known.kind != data.kind.value:
                raise Conflict("this id was used for something else: make a new one")
            crew, day = known.crew, known.day
        return standing_of(crew, await changes.marks_of_day(firm, day, crew))


def standing_of(crew: UUID, marks: Iterable[MarkRow]) -> RoundStanding:
    """Return how far a crew says it is; marks that make no sense one after the other (a second pause) change nothing."""
    state, started, since, last = RoundState.WAITING, None, None, None
    paused_s = 0
    for mark in sorted(marks, key=lambda each: each.at):
        wanted = RoundState.PAUSED if mark.kind == MarkKind.PAUSE else RoundState.RUNNING
        if wanted is state:
            continue
        if state is RoundState.PAUSED and since is not None:
            paused_s += int((mark.at - since).total_seconds())
        started = started or mark.at
        state, since, last = wanted, mark.at, mark
    paused = state is RoundState.PAUSED
    return RoundStanding(
        crew=crew, state=state, started_at=started, since=since, paused_s=paused_s,
        note=last.note if last and paused else "", technician=last.technician_name if last else "",
    )  # fmt: skip


async def standings_inside(firm: UUID | None, day: date) -> list[RoundStanding]:
    """Return how far the crews say they are that said anything, inside the caller's transaction."""
    marks = await changes.marks_of_day(firm, day)
    return [standing_of(crew, [mark for mark in marks if mark.crew == crew]) for crew in dict.fromkeys(m.crew for m in marks)]
