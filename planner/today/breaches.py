"""What stands against a round in a certain order, named: the hours missed and by how much, the break, the end of the shift.

Worked out by giving way: the round is timed with the shift open at its end, then without the hours that cannot be kept, one
stop after the other, and at last without the break; what had to give way is what breaks.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

from planner.rounds.model import NEVER_S, Duty, Model
from planner.rounds.problem import Problem
from planner.rounds.timing import Timetable, timetable
from planner.today.words import Names, clock, minutes


class Breach(NamedTuple):
    """One thing that breaks.

    Attributes
    ----------
    code
        `window` (the elevator's access hours), `break`, `shift` (the latest end with overtime), `duration`, `load`, `skill`,
        `people`, `pin`, `day` (its due window), `bank` (its neighbour is at work then), or `full` where nothing alone breaks.
    crew, visit
        Whose round, and where; no visit where it is about the whole.
    at_s
        When the work would begin, or the crew would be back.
    limit_s
        The latest that this may be.
    hours
        The access hours.
    lacks
        Skills that are missing.
    already
        Whether it breaks without the change too.
    """

    code: str
    crew: str
    visit: str | None = None
    at_s: int | None = None
    limit_s: int | None = None
    hours: tuple[tuple[int, int], ...] = ()
    lacks: tuple[str, ...] = ()
    already: bool = False


def lacking(problem: Problem, model: Model, crew: str, duty: int, i: int) -> Breach | None:
    """Say what keeps a crew from a visit whatever the order; None if nothing does."""
    if duty in model.options[i]:
        return None
    visit = model.problem.visits[i]
    of = next(each for each in problem.crews if each.id == crew)
    missing = tuple(sorted(set(visit.skills) - set(of.skills)))
    day = model.duties[duty].day
    if missing:
        return Breach("skill", crew, visit.id, lacks=missing)
    if visit.people > of.people:
        return Breach("people", crew, visit.id)
    if of.load_capacity is not None and visit.load > of.load_capacity:
        return Breach("load", crew, visit.id)
    if not visit.first_day <= day <= visit.last_day:
        return Breach("day", crew, visit.id)
    return Breach("pin", crew, visit.id)


def alone_breaches(model: Model, duty: int, stops: list[int]) -> list[Breach]:
    """Say what breaks if a crew does some stops in this order, other crews' banks left aside; empty if nothing does."""
    shift = model.duties[duty]
    if shift.capacity is not None and sum(model.load[i] for i in stops) > shift.capacity:
        return [Breach("load", shift.crew)]
    if timetable(model, shift, stops) is not None:
        return []
    loose = copy.copy(model)
    loose.windows = list(model.windows)
    wide = shift._replace(latest_s=NEVER_S // 2, max_duration_s=None)
    found: list[Breach] = []
    times = timetable(loose, wide, stops)
    while times is None:
        wide, breach = _given_way(loose, wide, stops)
        found.append(breach)
        times = timetable(loose, wide, stops)
    if wide.rest is not None and times.return_s > shift.latest_s and times.depart_s > wide.rest[1]:
        # only by setting off after the break was due: told as what it is, unless the end is too late without any break
        without = timetable(loose, wide._replace(rest=None), stops)
        if without is not None and without.return_s <= shift.latest_s:
            return [*found, Breach("break", shift.crew)]
    found += _late(model, shift, stops, times, found)
    return found or [Breach("shift", shift.crew, None, times.return_s, shift.latest_s)]


def _given_way(loose: Model, wide: Duty, stops: list[int]) -> tuple[Duty, Breach]:
    """Let the first thing give way that stops a round from being timed: hours of a stop, else the break."""
    count = next(n for n in range(1, len(stops) + 1) if timetable(loose, wide, stops[:n]) is None)
    i = stops[count - 1]
    visit, hours = loose.problem.visits[i].id, loose.windows[i]
    if hours is None:
        return wide._replace(rest=None), Breach("break", wide.crew)
    loose.windows[i] = None
    times = timetable(loose, wide, stops[:count])
    if times is None:  # then it is the break that is in the way, or hours before it
        loose.windows[i] = hours
        return wide._replace(rest=None), Breach("break", wide.crew)
    return wide, Breach("window", wide.crew, visit, times.start_s[-1], hours[-1][1] if hours else None, hours)


def _late(model: Model, shift: Duty, stops: list[int], times: Timetable, found: list[Breach]) -> list[Breach]:
    """Say whether the end is too late; the begin of stops that gave way is told anew, for all that came before has moved."""
    start_of = {model.problem.visits[i].id: times.start_s[n] for n, i in enumerate(stops)}
    for n, breach in enumerate(found):
        if breach.visit is not None:
            found[n] = breach._replace(at_s=start_of[breach.visit])
    if times.return_s > shift.latest_s:
        return [Breach("shift", shift.crew, None, times.return_s, shift.latest_s)]
    longest_s = shift.max_duration_s
    if longest_s is not None and times.return_s - times.depart_s > longest_s:
        return [Breach("duration", shift.crew, None, times.return_s - times.depart_s, longest_s)]
    return []


def sentence(breach: Breach, names: Names) -> tuple[str, str]:
    """Tell a breach, English and Chinese."""
    visit = names.visit(breach.visit) if breach.visit is not None else ""
    crew = names.crew(breach.crew)
    at_s, limit_s = breach.at_s or 0, breach.limit_s or 0
    if breach.code == "window":
        told = [f"{clock(a)}–{clock(b)}" for a, b in breach.hours]
        en = f"{visit} would begin at {clock(at_s)}; it is open for work {', '.join(told) or 'at no time'}"
        return en, f"{visit}将于{clock(at_s)}开始，可作业时段为{'、'.join(told) or '无'}"
    if breach.code == "shift":
        over = minutes(at_s - limit_s)
        return (
            f"{crew} would be back at {clock(at_s)}, {over} min after the latest end with overtime ({clock(limit_s)})",
            f"{crew}将于{clock(at_s)}返回，比含加班的最晚时间（{clock(limit_s)}）晚{over}分钟",
        )
    if breach.code == "duration":
        en = f"{crew} would be out for {minutes(at_s)} min, {minutes(limit_s)} at the most"
        return en, f"{crew}将连续外出{minutes(at_s)}分钟，最长{minutes(limit_s)}分钟"
    if breach.code == "skill":
        lacks = ", ".join(breach.lacks)
        return f"{crew} lacks {lacks} for {visit}", f"{crew}不具备{visit}所需技能：{lacks}"
    en, zh = _PLAIN[breach.code]
    return en.format(crew=crew, visit=visit), zh.format(crew=crew, visit=visit)


_PLAIN = {
    "break": ("{crew} would find no time for the break", "{crew}将没有时间休息"),
    "load": ("{crew} has no room for what it would have to carry", "{crew}的车辆装不下"),
    "people": ("{visit} needs more people than {crew} has", "{visit}需要的人数多于{crew}"),
    "pin": ("{visit} is pinned to another crew", "{visit}已固定给其他班组"),
    "day": ("{visit} may not be made today: its due window is closed", "{visit}今天不在应维保期内"),
    "bank": (
        "{visit} stands beside an elevator at which another crew is at work then: never both at once",
        "{visit}所在的并联梯组届时有其他班组作业，不能同时停梯",
    ),
    "full": ("{crew} has no time left for this", "{crew}没有足够的时间"),
}
"""Code → sentences without figures."""
