"""Where every crew stands at the present moment; what it has done and what is under way is cut off here and never changes.

Under way is a visit that has begun, or at whose door the crew waits, and the drive to the next one: whoever is on the way
somewhere gets there, unless the place is closed, the visit is off, or somebody asks for the crew to turn round.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from planner.rounds.model import NEVER_S
from planner.rounds.plan import Route, Stop
from planner.rounds.problem import Shift, Visit
from planner.rounds.timing import first_start
from planner.rounds.travel import Matrix
from planner.today.asked import Progress, UnderWay


class Spot(NamedTuple):
    """A place: on the drive from a location `at` to one `toward` after so many seconds of driving, or at the end of it.

    `gone_s` are the seconds since it left, without a break. Who stands at a location has not left it: all is 0.
    """

    at: int
    toward: int
    driven_s: int = 0
    gone_s: int = 0

    @property
    def standing(self) -> bool:
        """Whether it is simply at a location."""
        return self.at == self.toward or self.gone_s == 0


class Stand(NamedTuple):
    """Where a crew is.

    Attributes
    ----------
    crew
        Whose.
    depart_s
        When it set off; None while it has not.
    stops
        What is over or under way, in order, with times that stay.
    free_s, spot
        When and where it can turn to something else.
    break_start_s
        Begin of the break that was taken or cannot be moved any more.
    rest_gone
        Whether no break is due any more.
    heading
        The visit that it is driving to; it is the last of `stops` unless the crew turns round.
    returned
        Whether it is back already.
    rest_late
        Whether its break was overdue and is put before everything else.
    """

    crew: str
    depart_s: int | None
    stops: tuple[Stop, ...]
    free_s: int
    spot: Spot
    break_start_s: int | None = None
    rest_gone: bool = False
    heading: str | None = None
    returned: bool = False
    rest_late: bool = False


class Scene(NamedTuple):
    """What standing depends on, the same for all crews.

    Attributes
    ----------
    now_s
        The present.
    row
        Location → its row of the matrix.
    visits
        By id, as they are after what has happened.
    matrix
        Seconds of driving.
    begun
        Visits that any crew has done or under way.
    placed
        Emergencies whose times have been worked out just now.
    """

    now_s: int
    row: Mapping[str, int]
    visits: Mapping[str, Visit]
    matrix: Matrix
    begun: Collection[str]
    placed: Collection[str]


class Course(NamedTuple):
    """What is known about one crew's day.

    Attributes
    ----------
    shift, route
        Its hours and published round; no route where it has none.
    told
        How far it has come, None to believe the plan.
    off
        Visits of the round that it shall not go on to.
    late_s
        Seconds that it is late.
    work_late_s
        Seconds that visits take longer, by id.
    turns
        Whether it is to turn round where it drives.
    out_from_s
        When it stops working; None while it works.
    as_published
        Whether its round is the whole of what was published, none of it made by another crew.
    """

    shift: Shift
    route: Route | None
    told: Progress | None
    off: Collection[str]
    late_s: int
    work_late_s: Mapping[str, int]
    turns: bool
    out_from_s: int | None
    as_published: bool


def believed(crew: str, route: Route | None, now_s: int) -> Progress:
    """Give the progress of a crew that does all as planned."""
    if route is None or route.depart_s > now_s:
        return Progress(crew)
    done = tuple(stop for stop in route.stops if stop.leave_s <= now_s)
    then = route.stops[len(done)] if len(done) < len(route.stops) else None
    at_work = then is not None and then.arrive_s <= now_s
    under_way = UnderWay(then.visit, then.arrive_s, then.start_s, then.leave_s) if then is not None and at_work else None
    rested = route.break_start_s if route.break_start_s is not None and route.break_start_s <= now_s else None
    return Progress(crew, route.depart_s, done, under_way, rested)


def stand_of(crew: str, course: Course, scene: Scene) -> Stand:
    """Say where a crew stands."""
    told = course.told or believed(crew, course.route, scene.now_s)
    if told.departed_s is None:
        free_s = max(course.shift.from_s, scene.now_s) + course.late_s
        home = scene.row[course.shift.start_location]
        return Stand(crew, None, (), free_s, Spot(home, home))
    found = _at_work(crew, course, told, scene) if told.under_way else _on_the_way(crew, course, told, scene)
    return _rested(found, course)


def _at_work(crew: str, course: Course, told: Progress, scene: Scene) -> Stand:
    work = told.under_way
    assert work is not None  # noqa: S101 - the caller has looked
    late_s = course.late_s + course.work_late_s.get(work.visit, 0)
    leave_s = max(work.ends_s, scene.now_s) + late_s
    stops = (*told.done, Stop(work.visit, work.arrive_s, work.start_s, leave_s))
    here = scene.row[scene.visits[work.visit].location]
    rested = told.break_start_s
    if course.told is None and course.route is not None:
        rested = _fixed_break(course.route, work.start_s, rested)
    return Stand(crew, told.departed_s, stops, leave_s, Spot(here, here), rested, rested is not None)


def _fixed_break(route: Route, before_s: int, rested: int | None) -> int | None:
    """Give the planned break if it lies before something that cannot be moved."""
    planned = route.break_start_s
    return planned if planned is not None and planned < before_s else rested


def _on_the_way(crew: str, course: Course, told: Progress, scene: Scene) -> Stand:
    """Say where a crew stands that is at no visit: driving, resting, or done."""
    shift, now_s = course.shift, scene.now_s
    planned = course.route.stops if course.route else ()
    awaited = [stop for stop in planned if stop.visit not in scene.begun]
    last = told.done[-1] if told.done else None
    left_s = last.leave_s if last else told.departed_s or 0
    here = scene.row[scene.visits[last.visit].location if last else shift.start_location]
    if told.position is not None and told.position.at_s >= left_s:
        left_s, here = told.position.at_s, scene.row[told.position.location]
    there = scene.row[scene.visits[awaited[0].visit].location if awaited else shift.end_location]
    drive_s = int(scene.matrix[here, there])
    rest_s = _rest_s(told, shift, left_s, now_s)
    gone_s = max(0, now_s - left_s - rest_s)
    spot = Spot(here, there, min(gone_s, drive_s), gone_s)
    rested = told.break_start_s
    resting_until_s = now_s
    if rested is not None and shift.break_ is not None:
        resting_until_s = max(now_s, rested + shift.break_.duration_s)
    stand = Stand(
        crew, told.departed_s, told.done, resting_until_s + course.late_s, spot, rested, rested is not None,
        returned=not awaited and gone_s >= drive_s,
    )  # fmt: skip
    if not awaited or resting_until_s > now_s:
        return stand
    stand = stand._replace(heading=awaited[0].visit)
    if course.turns or awaited[0].visit in course.off:
        return stand
    return _arriving(stand, course, awaited[0], left_s + drive_s + rest_s, scene)


def _rest_s(told: Progress, shift: Shift, left_s: int, now_s: int) -> int:
    """Give the seconds of break between a departure and now."""
    if told.break_start_s is None or shift.break_ is None:
        return 0
    return max(0, min(now_s, told.break_start_s + shift.break_.duration_s) - max(left_s, told.break_start_s))


def _arriving(stand: Stand, course: Course, stop: Stop, expected_s: int, scene: Scene) -> Stand:
    """Add the visit that a crew drives to: as planned where nothing speaks against it, else with the times to be expected."""
    visit = scene.visits[stop.visit]
    here = scene.row[visit.location]
    out_s = NEVER_S if course.out_from_s is None else course.out_from_s
    as_planned = course.told is None and course.as_published and course.late_s == 0
    as_planned = as_planned and stop.leave_s - stop.start_s == visit.service_s
    if (as_planned or stop.visit in scene.placed) and course.route is not None:
        if stop.start_s >= out_s:
            return stand
        rested = _fixed_break(course.route, stop.start_s, stand.break_start_s)
        stops = (*stand.stops, stop)
        return stand._replace(
            stops=stops, free_s=stop.leave_s, spot=Spot(here, here), break_start_s=rested, rest_gone=rested is not None
        )
    arrive_s = max(scene.now_s, expected_s) + course.late_s
    rested, pause = stand.break_start_s, course.shift.break_
    windows = tuple(sorted((window.from_s, window.to_s) for window in visit.windows)) or None
    start_s = first_start(windows, arrive_s)
    if pause is not None and not stand.rest_gone and start_s + visit.service_s > pause.to_s >= scene.now_s:
        rested = max(scene.now_s, pause.from_s)  # after the visit it would be too late for it
        arrive_s = max(arrive_s, rested) + pause.duration_s
        start_s = first_start(windows, arrive_s)
    if start_s >= min(out_s, NEVER_S):
        return stand  # it comes too late: the crew may as well turn round
    stops = (*stand.stops, Stop(stop.visit, arrive_s, start_s, start_s + visit.service_s))
    return stand._replace(
        stops=stops, free_s=stops[-1].leave_s, spot=Spot(here, here), break_start_s=rested, rest_gone=rested is not None
    )


def _rested(stand: Stand, course: Course) -> Stand:
    """Put a break that is overdue before everything else; a crew that came home early has had its break there."""
    pause = course.shift.break_
    if pause is None or stand.rest_gone or stand.free_s <= pause.to_s:
        return stand
    if stand.returned and course.told is None and course.route is not None:
        begin_s = max(course.route.return_s, pause.from_s)
        if begin_s <= pause.to_s:
            spot = stand.spot
            gone_s = max(spot.driven_s, spot.gone_s - pause.duration_s)  # its rest at home is no time on the road
            free_s = max(stand.free_s, begin_s + pause.duration_s)
            return stand._replace(break_start_s=begin_s, rest_gone=True, free_s=free_s, spot=spot._replace(gone_s=gone_s))
    if (stand.depart_s or 0) > pause.to_s:
        return stand._replace(rest_gone=True)  # whoever sets off so late needs none
    late = stand.free_s
    return stand._replace(break_start_s=late, rest_gone=True, free_s=late + pause.duration_s, rest_late=True)
