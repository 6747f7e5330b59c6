"""Why a visit is left out: the first reason that binds over all crews and days, and one plain sentence about it."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable, Iterator, Sequence

import msgspec

from planner.rounds.insertion import Inserter, Neighbourhood
from planner.rounds.model import NEVER_S, Duty
from planner.rounds.plan import Unplanned
from planner.rounds.problem import Crew, Visit
from planner.rounds.solution import Solution
from planner.rounds.timing import Timetable, timetable

MINUTE_S = 60
ROUTES_TRIED = 24
"""Routes of a visit's crews and days, the ones with the most room first, of which the missing minutes are worked out."""


class Reason(msgspec.Struct, frozen=True):
    """Why one visit is left out.

    Attributes
    ----------
    visit
        Its id.
    code
        ``skill`` no crew has the skills; ``people`` none that has them is large enough; ``load`` none of those has room
        for it even when empty; ``pin`` the crew and day that it is pinned to cannot take it; ``day`` none of those works
        on its days; ``window`` none can start within its windows, even without other visits; ``too_long`` the visit and the way
        there and back are longer than any shift; ``bank`` another elevator of its bank is at work whenever it would fit;
        ``load_full`` what the crews carry already leaves no room; ``shift_full`` the shifts lack `amount` minutes;
        ``not_worth_it`` planning it would cost `amount` more than leaving it out.
    detail
        The reason as one English sentence.
    crew, day
        Where it comes closest to fitting, if the reason speaks of one place.
    amount
        Minutes or cost that are missing, if the reason speaks of any.
    """

    visit: str
    code: str
    detail: str
    crew: str | None = None
    day: int | None = None
    amount: int | None = None

    def unplanned(self) -> Unplanned:
        """Give the line of a plan."""
        return Unplanned(self.visit, self.code, self.detail)


def reasons(solution: Solution, near: Neighbourhood, hurry: Callable[[], bool]) -> list[Reason]:
    """Explain every visit that a solution leaves out, mandatory ones first, otherwise in the problem's order.

    Parameters
    ----------
    solution
        Not changed.
    near
        Its model's neighbourhood.
    hurry
        Asked before every visit until it is true: whether to leave the minutes of full shifts uncounted from then on.
    """
    visits = solution.model.problem.visits
    explainer = _Explainer(solution, near)
    found = []
    hurried = False
    for i in sorted(solution.left_out(), key=lambda i: not visits[i].mandatory):
        hurried = hurried or hurry()
        found.append(explainer.reason(i, counted=not hurried))
    return found


class _Explainer:
    """Finds reasons, the cheap ones first: they need no look at the routes."""

    def __init__(self, solution: Solution, near: Neighbourhood) -> None:
        self._solution = solution
        self._model = solution.model
        self._inserter = Inserter(solution, near, random.Random(0))  # noqa: S311 - nothing is drawn from it

    def reason(self, i: int, *, counted: bool) -> Reason:
        visit = self._model.problem.visits[i]
        found = self._of_crews(visit) or self._of_days(visit) or self._alone(i, visit)
        if found is not None:
            return found
        return self._beside_others(i, visit) if counted else _shift_full(visit, None, None)

    def _date(self, day: int) -> str:
        return (self._model.problem.start_date + datetime.timedelta(days=day)).isoformat()

    def _of_crews(self, visit: Visit) -> Reason | None:
        """Skills, people and room: the same on every day."""
        problem = self._model.problem
        skilled = [crew for crew in problem.crews if set(visit.skills) <= set(crew.skills)]
        if not skilled:
            return Reason(visit.id, "skill", _lacking_skill(visit, problem.crews))
        enough = [crew for crew in skilled if crew.people >= visit.people]
        if not enough:
            most = max(crew.people for crew in skilled)
            told = f"It needs {visit.people} people, the largest crew with its skills has {most}."
            return Reason(visit.id, "people", told, amount=visit.people - most)
        rooms = [crew.load_capacity for crew in enough if crew.load_capacity is not None]
        if len(rooms) == len(enough) and max(rooms) < visit.load:
            told = f"It takes {visit.load} of load, the largest crew that could do it carries {max(rooms)}."
            return Reason(visit.id, "load", told, amount=visit.load - max(rooms))
        return None

    def _of_days(self, visit: Visit) -> Reason | None:
        problem, model = self._model.problem, self._model
        if visit.pinned is not None or model.options[model.number[visit.id]]:
            return None
        if visit.first_day >= problem.days:
            told = f"It is due from {self._date(visit.first_day)} on, after the last day of this plan."
        elif visit.first_day == visit.last_day:
            told = f"No crew that could do it works on {self._date(visit.first_day)}, its only day."
        else:
            last = min(visit.last_day, problem.days - 1)
            told = f"No crew that could do it works from {self._date(visit.first_day)} to {self._date(last)}."
        return Reason(visit.id, "day", told)

    def _alone(self, i: int, visit: Visit) -> Reason | None:
        """Whether any crew could do it if it had nothing else to do."""
        model = self._model
        windowless = False
        least_s, at = NEVER_S, -1
        for k in model.options[i]:
            duty = model.duties[k]
            if timetable(model, duty, [i]) is not None:
                return None
            late_s = _late_s(duty, timetable(model, _endless(duty), [i]))
            if late_s is not None and late_s < least_s:
                least_s, at = late_s, k
            windowless = windowless or self._fits_without_windows(duty, i)
        if visit.pinned is not None:
            told = f"It is pinned to {visit.pinned.crew} on {self._date(visit.pinned.day)}, where the hours do not allow it."
            return Reason(visit.id, "pin", told, visit.pinned.crew, visit.pinned.day)
        if windowless or at < 0:
            told = "No crew that could do it can start within its time windows, even with nothing else to do."
            return Reason(visit.id, "window", told)
        duty, minutes = model.duties[at], _minutes(least_s)
        told = f"Even alone it takes {minutes} more than any shift has; {duty.crew} on {self._date(duty.day)} comes closest."
        return Reason(visit.id, "too_long", told, duty.crew, duty.day, math.ceil(least_s / MINUTE_S))

    def _fits_without_windows(self, duty: Duty, i: int) -> bool:
        """Tell whether nothing but the visit's windows keeps a crew from it."""
        model = self._model
        takes_s = model.travel[duty.start][model.place[i]] + model.service_s[i] + model.travel[model.place[i]][duty.end]
        longest_s = duty.latest_s - duty.from_s
        if duty.max_duration_s is not None:
            longest_s = min(longest_s, duty.max_duration_s)
        return model.windows[i] is not None and takes_s <= longest_s

    def _beside_others(self, i: int, visit: Visit) -> Reason:
        """Say what stands in its way on the routes as they are."""
        model, price, pin = self._model, self._model.price[i], visit.pinned
        if pin is not None:
            told = f"It is pinned to {pin.crew} on {self._date(pin.day)}, where it does not fit beside the other visits."
            return Reason(visit.id, "pin", told, pin.crew, pin.day)
        spot = self._inserter.best(i, NEVER_S, everywhere=True)
        if spot is not None:
            duty, more = model.duties[spot.duty], max(0, spot.cost - price)
            cheapest = f"{duty.crew} on {self._date(duty.day)}"
            told = f"Planning it would cost {more} more than leaving it out; {cheapest} would be cheapest."
            return Reason(visit.id, "not_worth_it", told, duty.crew, duty.day, more)
        loads = [self._excess(k, i) for k in model.options[i]]
        if all(excess > 0 for excess in loads):
            told = f"Every crew that could do it is loaded already; {min(loads)} more room for load would do."
            return Reason(visit.id, "load_full", told, amount=min(loads))
        if self._solution.has_banks and model.bank[i] >= 0 and self._fits_but_for_bank(i):
            return Reason(visit.id, "bank", f"Whenever it would fit, another elevator of bank {visit.bank} is at work.")
        return self._missing_minutes(i, visit)

    def _excess(self, k: int, i: int) -> int:
        capacity = self._model.duties[k].capacity
        return 0 if capacity is None else self._solution.ways[k].load + self._model.load[i] - capacity

    def _routes_with(self, i: int) -> Iterator[tuple[int, list[int]]]:
        """Give the routes of its crews and days with the visit in every place; those with the most room come first."""
        ways = self._solution.ways
        roomy = sorted(self._model.options[i], key=lambda k: (-ways[k].widest_s, k))
        for k in [k for k in roomy if self._excess(k, i) <= 0][:ROUTES_TRIED]:
            stops = ways[k].stops
            for p in range(len(stops) + 1):
                yield k, [*stops[:p], i, *stops[p:]]

    def _fits_but_for_bank(self, i: int) -> bool:
        return any(timetable(self._model, self._model.duties[k], stops) is not None for k, stops in self._routes_with(i))

    def _missing_minutes(self, i: int, visit: Visit) -> Reason:
        least_s, at = NEVER_S, -1
        for k, stops in self._routes_with(i):
            duty = self._model.duties[k]
            late_s = _late_s(duty, timetable(self._model, _endless(duty), stops))
            if late_s is not None and late_s < least_s:
                least_s, at = late_s, k
        if at < 0:
            told = "Within its time windows and those of the visits around it, no route has a place for it."
            return Reason(visit.id, "window", told)
        duty = self._model.duties[at]
        return _shift_full(visit, least_s, f"{duty.crew} on {self._date(duty.day)}", duty)


def _lacking_skill(visit: Visit, crews: Sequence[Crew]) -> str:
    held = {skill for crew in crews for skill in crew.skills}
    unknown = sorted(set(visit.skills) - held)
    if not crews:
        return "There is no crew."
    if unknown:
        return f"No crew has {'the skill' if len(unknown) == 1 else 'the skills'} {', '.join(unknown)}."
    return f"No one crew has all the skills {', '.join(sorted(set(visit.skills)))}."


def _endless(duty: Duty) -> Duty:
    """Give the same shift without an end."""
    return duty._replace(latest_s=NEVER_S, max_duration_s=None)


def _late_s(duty: Duty, times: Timetable | None) -> int | None:
    """Give the seconds that a route is longer than its shift; None if it cannot be done even in endless time."""
    if times is None or times.return_s >= NEVER_S:
        return None
    too_long_s = 0 if duty.max_duration_s is None else times.return_s - times.depart_s - duty.max_duration_s
    return max(1, times.return_s - duty.latest_s, too_long_s)


def _minutes(seconds: int) -> str:
    minutes = math.ceil(seconds / MINUTE_S)
    return f"{minutes} minute" if minutes == 1 else f"{minutes} minutes"


def _shift_full(visit: Visit, late_s: int | None, where: str | None, duty: Duty | None = None) -> Reason:
    if late_s is None or duty is None:
        return Reason(visit.id, "shift_full", "The shifts of all crews that could do it are full on its days.")
    told = f"All shifts that could take it are full; {where} comes closest and lacks {_minutes(late_s)}."
    return Reason(visit.id, "shift_full", told, duty.crew, duty.day, math.ceil(late_s / MINUTE_S))
