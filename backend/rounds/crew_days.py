"""Who can work when: weekly hours, members, absences and certificates become shifts on concrete days. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from backend.rounds.facts import Facts, MemberFact, ShiftFact, SpecialDayFact
from planner.rounds.problem import DAY_S, Break


class LossCode(StrEnum):
    """Why a crew's shift is lost, or smaller than it should be."""

    SHIFT_OVER = "shift_over"
    HOLIDAY = "holiday"
    """Crews rest on public holidays."""

    NO_MEMBERS = "no_members"
    NOBODY_THERE = "nobody_there"
    """All are absent or without a valid certificate."""

    TOO_FEW = "too_few"
    """Fewer than any visit needs."""

    FEWER = "fewer"
    """The crew works, but not all of it."""


class LostDay(Struct, frozen=True, kw_only=True):
    """A crew's day that is lost or smaller, with the numbers behind it."""

    crew: UUID
    day: date
    code: LossCode
    there: int = 0
    members: int = 0
    absent: int = 0
    uncertified: int = 0
    needed: int = 0


class WorkDay(Struct, frozen=True, kw_only=True):
    """A crew's shift on one day with those who are there."""

    crew: UUID
    day: int
    """From the first day of the horizon."""

    people: int
    skills: tuple[str, ...]
    from_s: int
    to_s: int
    max_overtime_s: int
    pause: Break | None


class Presence(Struct, frozen=True, kw_only=True):
    """Who of a crew is there on a day."""

    members: int
    absent: int
    uncertified: int
    there: list[MemberFact]


def work_days(facts: Facts, least_people: int) -> tuple[list[WorkDay], list[LostDay]]:
    """Return the shifts that can be planned, and the days that are lost or smaller.

    A crew's published days are in neither: they are not planned again.

    Parameters
    ----------
    facts
        Of the firm and horizon.
    least_people
        The fewest technicians that any of the visits needs; a crew with fewer has nothing to do.
    """
    shift_of = {(shift.crew, shift.weekday): shift for shift in facts.shifts}
    members_of: dict[UUID, list[MemberFact]] = defaultdict(list)
    for member in facts.members:
        members_of[member.crew].append(member)
    absent_on = _absences(facts)
    published = {(one.crew, one.day) for one in facts.rounds}
    special = {each.day: each for each in facts.special_days}
    found: list[WorkDay] = []
    lost: list[LostDay] = []
    for crew in facts.crews:
        of_crew: list[WorkDay] = []
        for number in range(facts.days):
            day = facts.start_date + timedelta(days=number)
            shift, rests = _shift_on(crew.id, day, shift_of, special)
            if shift is None or (crew.id, day) in published:
                continue
            if rests:
                lost.append(LostDay(crew=crew.id, day=day, code=LossCode.HOLIDAY))
                continue
            presence = _presence(members_of[crew.id], day, absent_on)
            begins_s = max(shift.from_s, facts.not_before_s) if number == 0 else shift.from_s
            loss = _loss(crew.id, day, presence, least_people, over=begins_s >= shift.to_s)
            if loss is not None:
                lost.append(loss)
            if loss is None or loss.code is LossCode.FEWER:
                of_crew.append(_work_day(shift, number, begins_s, presence.there))
        for cut in _apart(of_crew):
            if cut.from_s < cut.to_s:
                found.append(cut)
            else:  # what is left of today's night shift belongs to the crew's next one
                lost.append(LostDay(crew=crew.id, day=facts.start_date + timedelta(days=cut.day), code=LossCode.SHIFT_OVER))
    return found, lost


def _shift_on(
    crew: UUID, day: date, shift_of: Mapping[tuple[UUID, int], ShiftFact], special: Mapping[date, SpecialDayFact]
) -> tuple[ShiftFact | None, bool]:
    """Return a crew's shift on a day, and whether it rests all the same; a working weekend has the hours of a weekday."""
    named = special.get(day)
    own = shift_of.get((crew, day.weekday()))
    if named is None or named.holiday:
        return own, named is not None
    return own or shift_of.get((crew, named.like_weekday)), False


def _absences(facts: Facts) -> set[tuple[UUID, date]]:
    """Return technician and day of every absence inside the horizon."""
    days = [facts.start_date + timedelta(days=number) for number in range(facts.days)]
    return {(each.technician, day) for each in facts.absences for day in days if each.starts_on <= day <= each.ends_on}


def _presence(members: Iterable[MemberFact], day: date, absent_on: set[tuple[UUID, date]]) -> Presence:
    belongs = [each for each in members if each.starts_on <= day and (each.ends_on is None or day <= each.ends_on)]
    of_day = list({each.technician: each for each in belongs}.values())
    present = [each for each in of_day if (each.technician, day) not in absent_on]
    there = [each for each in present if each.certified_until is not None and day <= each.certified_until]
    absent, uncertified = len(of_day) - len(present), len(present) - len(there)
    return Presence(members=len(of_day), absent=absent, uncertified=uncertified, there=there)


def _loss(crew: UUID, day: date, presence: Presence, least_people: int, *, over: bool) -> LostDay | None:
    there = len(presence.there)
    if over:
        code = LossCode.SHIFT_OVER
    elif not presence.members:
        code = LossCode.NO_MEMBERS
    elif not there:
        code = LossCode.NOBODY_THERE
    elif there < least_people:
        code = LossCode.TOO_FEW
    elif there < presence.members:
        code = LossCode.FEWER
    else:
        return None
    return LostDay(
        crew=crew, day=day, code=code, there=there, members=presence.members, absent=presence.absent,
        uncertified=presence.uncertified, needed=least_people,
    )  # fmt: skip


def _work_day(shift: ShiftFact, number: int, begins_s: int, there: list[MemberFact]) -> WorkDay:
    pause = None
    if shift.break_from_s is not None and shift.break_to_s is not None and shift.break_duration_s is not None:
        pause = Break(from_s=shift.break_from_s, to_s=shift.break_to_s, duration_s=shift.break_duration_s)
    return WorkDay(
        crew=shift.crew,
        day=number,
        people=len(there),
        skills=tuple(sorted({skill for member in there for skill in member.skills})),
        from_s=begins_s,
        to_s=shift.to_s,
        max_overtime_s=shift.max_overtime_s,
        pause=pause,
    )


def _apart(days: list[WorkDay]) -> Iterator[WorkDay]:
    """Cut a night shift, or its overtime, where the crew's next one begins: nobody works two at a time."""
    for number, day in enumerate(days):
        after = days[number + 1] if number + 1 < len(days) else None
        if after is None:
            yield day
            continue
        latest_s = (after.day - day.day) * DAY_S + after.from_s
        to_s = min(day.to_s, latest_s)
        yield replace(day, to_s=to_s, max_overtime_s=min(day.max_overtime_s, latest_s - to_s))
