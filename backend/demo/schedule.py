"""When the demo's visits are, before anything of them happens: their telemetry must be told before they are graded."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from backend.demo.cities import SEED, City
from backend.registry.views import CrewView, ElevatorView
from backend.rounds.views import CrewDay, OrderState, WorkOrderView
from planner import simulate
from planner.simulate import SimulatedVisit
from planner.simulate.visits import Conduct

FIRST_DAYS_AGO, LAST_DAYS_AGO = 12, 2
"""Visits before the published rounds: the last ones of the register, done on their day with a phone."""

MOST_EARLIER = 48
"""Visits before the published rounds that are made whole; each takes a fraction of a second."""

INVENTED = 1
"""Of these, visits that nobody made: the elevator carried passengers all the while."""

_PER_CREW_DAY = 4
_NOT_AT_WORK = timedelta(minutes=70)
"""From a departure to the next arrival: the telemetry of two visits of one crew's neighbours does not matter, the way does."""

_LEAST_WAY_S = 150
"""To the elevator beside it, with all the tools."""

_AROUND = timedelta(hours=2)
_FIRST_ARRIVAL_MIN = 8 * 60 + 20
_CHECKED_LANDINGS = 8


class PlannedVisit(Struct, frozen=True, kw_only=True):
    """A visit that is going to be made, or claimed."""

    elevator: UUID
    registration_code: str
    crew: UUID
    arrival: datetime
    departure: datetime
    lat: float | None
    lon: float | None
    landings: int
    conduct: Conduct = "works"
    order: WorkOrderView | None = None
    """The stop of a published round; None for a visit of the weeks before."""

    def simulated(self) -> SimulatedVisit:
        """Return the visit as its elevator's telemetry is simulated."""
        return SimulatedVisit(
            arrival=self.arrival, departure=self.departure, conduct=self.conduct, landings=self.landings
        )  # fmt: skip


def of_day(
    day: CrewDay, until: datetime, time_zone: str, rng: random.Random, fleet: Mapping[UUID, ElevatorView]
) -> list[PlannedVisit]:
    """Return the visits of a published round that begin before an instant, at about the planned times."""
    midnight = datetime.combine(day.day, datetime.min.time(), ZoneInfo(time_zone))
    found: list[PlannedVisit] = []
    before: WorkOrderView | None = None
    for stop in day.stops:
        arrival = midnight + timedelta(seconds=stop.arrive_s + rng.randint(-240, 600))
        if before is not None and found:  # late once, late for the rest of the morning
            way = timedelta(seconds=max(_LEAST_WAY_S, stop.arrive_s - before.leave_s))
            arrival = max(arrival, found[-1].departure + way)
        before = stop
        departure = max(midnight + timedelta(seconds=stop.leave_s + rng.randint(-300, 420)), arrival + timedelta(minutes=40))
        if arrival > until or stop.state is not OrderState.SCHEDULED:
            continue
        each = fleet[stop.elevator]
        found.append(
            PlannedVisit(
                elevator=stop.elevator, registration_code=each.registration_code, crew=day.crew, arrival=arrival,
                departure=departure, lat=stop.lat, lon=stop.lon, landings=each.stops or _CHECKED_LANDINGS, order=stop,
            )
        )  # fmt: skip
        if departure > until:
            break
    return found


def of_weeks(
    city: City, elevators: int, monitored: Sequence[ElevatorView], crews: Sequence[CrewView], today: date
) -> list[PlannedVisit]:
    """Return the last visits that the register tells of monitored elevators, by crew and time; one of them is invented.

    Parameters
    ----------
    city, elevators
        Whose register, and how much of it.
    monitored
        Elevators with telemetry.
    crews
        The nearest one makes the visit.
    today
        The present local day.
    """
    rng = random.Random(SEED)  # noqa: S311 - times of day, not secrets
    last = _last_visits(city, elevators, today)
    zone = ZoneInfo(str(city.firm.time_zone))
    by_crew_day: dict[tuple[date, str, UUID], list[ElevatorView]] = {}
    for each in monitored:
        day = last.get(each.registration_code)
        if day is None or not FIRST_DAYS_AGO >= (today - day).days >= LAST_DAYS_AGO or each.lat is None or each.lon is None:
            continue
        crew = _nearest(crews, each.lat, each.lon)
        by_crew_day.setdefault((day, crew.name, crew.id), []).append(each)
    found: list[PlannedVisit] = []
    for (day, _, crew_id), theirs in sorted(by_crew_day.items(), key=lambda item: item[0][:2], reverse=True):
        at = datetime.combine(day, datetime.min.time(), zone) + timedelta(minutes=_FIRST_ARRIVAL_MIN + rng.randint(0, 40))
        for each in theirs[:_PER_CREW_DAY]:
            departure = at + timedelta(minutes=rng.randint(41, 58))
            found.append(
                PlannedVisit(
                    elevator=each.id, registration_code=each.registration_code, crew=crew_id, arrival=at, departure=departure,
                    lat=each.lat, lon=each.lon, landings=each.stops or _CHECKED_LANDINGS,
                )
            )  # fmt: skip
            at = departure + _NOT_AT_WORK + timedelta(minutes=rng.randint(0, 20))
    kept = found[:MOST_EARLIER]
    return sorted(_with_invented(kept, {each.id: each for each in monitored}, zone), key=lambda visit: visit.arrival)


def _with_invented(
    visits: Sequence[PlannedVisit], fleet: Mapping[UUID, ElevatorView], zone: ZoneInfo
) -> Iterator[PlannedVisit]:
    """Let one of the latest visits be invented: where passengers left no gap, so that the elevator's word is clear."""
    latest = max((visit.arrival.date() for visit in visits), default=None)
    recent = [visit for visit in visits if latest is not None and (latest - visit.arrival.date()).days <= 1]
    clearest = sorted(recent, key=lambda visit: _longest_gap(visit, fleet[visit.elevator], zone))[:INVENTED]
    for visit in visits:
        yield msgspec.structs.replace(visit, conduct="absent") if visit in clearest else visit


def _longest_gap(visit: PlannedVisit, elevator: ElevatorView, zone: ZoneInfo) -> timedelta:
    """Return the longest time without a trip, had nobody come."""
    one = simulate.elevator(visit.registration_code, elevator.site_kind.value, SEED, stops=elevator.stops)
    offset = visit.arrival.astimezone(zone).utcoffset() or timedelta()
    told = simulate.records_with_visits(
        one, visit.arrival - _AROUND, visit.departure + _AROUND, [msgspec.structs.replace(visit, conduct="absent").simulated()],
        utc_offset_s=int(offset.total_seconds()),
    )  # fmt: skip
    longest, since, trips = timedelta(), visit.arrival, -1
    for record in told:
        at = datetime.fromtimestamp(record["at"] / 1000, zone)
        if record["counters"]["trips"] != trips and visit.arrival <= at <= visit.departure:
            longest, since, trips = max(longest, at - since), at, record["counters"]["trips"]
    return max(longest, visit.departure - since)


def _last_visits(city: City, elevators: int, today: date) -> dict[str, date]:
    """Return the last visit of each elevator as the register, or what the demo makes up for it, tells."""
    found = {}
    for data in (city.register(elevators, today), city.supplement(elevators, today)):
        for row in csv.DictReader(io.StringIO((data or b"").decode("utf-8-sig"))):
            told = row.get("last_visit_on")
            code = row.get("registration_code") or ""
            if told and code:
                found[code] = date.fromisoformat(told)
    return found


def _nearest(crews: Sequence[CrewView], lat: float, lon: float) -> CrewView:
    return min(crews, key=lambda crew: ((crew.base_lat - lat) ** 2 + (crew.base_lon - lon) ** 2, crew.name))
