"""What holds for one route: a function per rule, each yielding a sentence for every breach.

The name of a function is the name of its rule in `planner.rounds.evaluate.Violation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from planner.rounds.plan import Route, Stop
from planner.rounds.problem import Crew, Problem, Shift, Visit


class Call(NamedTuple):
    """A stop with its visit and the drive to it (0 if nobody can say where the route begins)."""

    stop: Stop
    visit: Visit
    left_s: int
    drive_s: int


class Trip(NamedTuple):
    """A route with what the problem says about it; `crew` and `shift` are None where the problem has none such.

    `calls` leaves out stops whose visit is unknown; `home_s` is the drive back.
    """

    route: Route
    crew: Crew | None
    shift: Shift | None
    calls: list[Call]
    home_s: int

    @property
    def name(self) -> str:
        """What sentences call the route."""
        return f"route of {self.route.crew} on day {self.route.day}"

    @property
    def last_leave_s(self) -> int:
        """Departure from the last stop."""
        return self.calls[-1].stop.leave_s if self.calls else self.route.depart_s

    @property
    def rest(self) -> tuple[int, int] | None:
        """Begin and end of the break taken, where the shift has one."""
        begin = self.route.break_start_s
        if begin is None or self.shift is None or self.shift.break_ is None:
            return None
        return begin, begin + self.shift.break_.duration_s

    def driven_s(self, left_s: int, arrived_s: int) -> int:
        """Seconds of driving that fit between two times, the break taken out."""
        if self.rest is None:
            return arrived_s - left_s
        return arrived_s - left_s - max(0, min(arrived_s, self.rest[1]) - max(left_s, self.rest[0]))


# Rules about the route and its shift, which hold for routes without stops too.


def shift_exists(trip: Trip, problem: Problem) -> Iterator[str]:
    """Nobody works a shift that is not planned, or beyond the horizon."""
    if trip.shift is None or not 0 <= trip.route.day < problem.days:
        yield "there is no such shift"


def break_foreseen(trip: Trip, problem: Problem) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    """Accept a stated break only where the shift has one."""
    if trip.route.break_start_s is not None and trip.shift is not None and trip.shift.break_ is None:
        yield "break_start_s is given, the shift has no break"


# Rules about one route with stops.


def break_in_window(trip: Trip) -> Iterator[str]:
    """Begin the break when the shift says."""
    pause = trip.shift.break_ if trip.shift else None
    if pause and trip.rest and not pause.from_s <= trip.rest[0] <= pause.to_s:
        yield f"the break starts at {trip.rest[0]}, allowed in {pause.from_s}..{pause.to_s}"


def break_on_the_way(trip: Trip) -> Iterator[str]:
    """Count no break before setting off or after coming home."""
    if trip.rest and (trip.rest[0] < trip.route.depart_s or trip.rest[1] > trip.route.return_s):
        yield f"the break {trip.rest[0]}..{trip.rest[1]} is not between departure and return"


def break_taken(trip: Trip) -> Iterator[str]:
    """Whoever is out at the break's latest start has to take it."""
    pause = trip.shift.break_ if trip.shift else None
    if pause and trip.rest is None and trip.route.depart_s <= pause.to_s <= trip.route.return_s:
        yield f"a break of {pause.duration_s} s starting in {pause.from_s}..{pause.to_s} is due, none is stated"


def returns_after_departing(trip: Trip) -> Iterator[str]:
    """Let nobody be back before setting off."""
    if trip.route.depart_s > trip.route.return_s:
        yield f"returns at {trip.route.return_s}, before it departs at {trip.route.depart_s}"


def departs_in_shift(trip: Trip) -> Iterator[str]:
    """Let nobody set off before the shift begins."""
    if trip.shift and trip.route.depart_s < trip.shift.from_s:
        yield f"departs at {trip.route.depart_s}, the shift begins at {trip.shift.from_s}"


def drives_home(trip: Trip) -> Iterator[str]:
    """Leave time for the way home."""
    if trip.shift is None:
        return
    driven = trip.driven_s(trip.last_leave_s, trip.route.return_s)
    if driven < trip.home_s:
        yield f"returns at {trip.route.return_s}, {trip.home_s - driven} s too early for the way home"


def returns_in_time(trip: Trip) -> Iterator[str]:
    """Overtime has its limit."""
    if trip.shift is None:
        return
    latest = trip.shift.to_s + trip.shift.max_overtime_s
    if trip.route.return_s > latest:
        yield f"returns at {trip.route.return_s}, at the latest {latest} with overtime"


def not_too_long(trip: Trip) -> Iterator[str]:
    """Count the longest duration from departure to return, break and overtime included."""
    longest = trip.shift.max_duration_s if trip.shift else None
    lasts = trip.route.return_s - trip.route.depart_s
    if longest is not None and lasts > longest:
        yield f"lasts {lasts} s, at most {longest}"


def load_fits(trip: Trip) -> Iterator[str]:
    """Carry everything from the beginning."""
    load = sum(call.visit.load for call in trip.calls)
    if trip.crew and trip.crew.load_capacity is not None and load > trip.crew.load_capacity:
        yield f"carries {load}, at most {trip.crew.load_capacity} fit"


# Rules about one stop.


def drives_there(trip: Trip, call: Call) -> Iterator[str]:
    """Leave time for the drive; a break within it is no driving."""
    driven = trip.driven_s(call.left_s, call.stop.arrive_s)
    if driven < call.drive_s:
        yield f"arrives at {call.stop.arrive_s}, {call.drive_s - driven} s too early for the drive"


def starts_after_arrival(trip: Trip, call: Call) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    """Start no work before being there."""
    if call.stop.start_s < call.stop.arrive_s:
        yield f"starts at {call.stop.start_s}, before it arrives at {call.stop.arrive_s}"


def leaves_after_service(trip: Trip, call: Call) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    """Take exactly the time that the work takes."""
    done = call.stop.start_s + call.visit.service_s
    if call.stop.leave_s != done:
        yield f"leaves at {call.stop.leave_s}, start plus service is {done}"


def starts_in_window(trip: Trip, call: Call) -> Iterator[str]:  # noqa: ARG001 - one signature for all
    """Judge the start; the work may outlast the window."""
    windows = call.visit.windows
    if windows and not any(window.from_s <= call.stop.start_s <= window.to_s for window in windows):
        allowed = ", ".join(f"{window.from_s}..{window.to_s}" for window in windows)
        yield f"starts at {call.stop.start_s}, allowed in {allowed}"


def not_interrupted(trip: Trip, call: Call) -> Iterator[str]:
    """Let the break interrupt a drive, but no work on an elevator."""
    if trip.rest and trip.rest[0] < call.stop.leave_s and call.stop.start_s < trip.rest[1]:
        yield f"the break {trip.rest[0]}..{trip.rest[1]} interrupts it"


def on_a_day_allowed(trip: Trip, call: Call) -> Iterator[str]:
    """Keep the due window."""
    if not call.visit.first_day <= trip.route.day <= call.visit.last_day:
        yield f"allowed on days {call.visit.first_day}..{call.visit.last_day} only"


def skills_present(trip: Trip, call: Call) -> Iterator[str]:
    """Ask the crew for every skill that the visit needs."""
    lacking = sorted(set(call.visit.skills) - set(trip.crew.skills)) if trip.crew else []
    if lacking:
        yield f"the crew lacks {', '.join(lacking)}"


def people_enough(trip: Trip, call: Call) -> Iterator[str]:
    """Send as many people as the work takes."""
    if trip.crew and call.visit.people > trip.crew.people:
        yield f"needs {call.visit.people} people, the crew has {trip.crew.people}"


SHIFT_RULES: tuple[Callable[[Trip, Problem], Iterator[str]], ...] = (shift_exists, break_foreseen)
ROUTE_RULES: tuple[Callable[[Trip], Iterator[str]], ...] = (
    break_in_window,
    break_on_the_way,
    break_taken,
    returns_after_departing,
    departs_in_shift,
    drives_home,
    returns_in_time,
    not_too_long,
    load_fits,
)
STOP_RULES: tuple[Callable[[Trip, Call], Iterator[str]], ...] = (
    drives_there,
    starts_after_arrival,
    leaves_after_service,
    starts_in_window,
    not_interrupted,
    on_a_day_allowed,
    skills_present,
    people_enough,
)
