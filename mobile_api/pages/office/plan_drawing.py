"""A proposed plan as its pages draw it: who has which colour, what is where, how many stops when."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.rounds.plan_views import ElevatorName, PlannedRound, ProposedPlan
from mobile_api.i18n import language
from mobile_api.pages.office.plan_map import Mark, Track
from mobile_api.pages.render import clock_time


class Row(Struct, frozen=True, kw_only=True):
    """A crew's line in the table of days."""

    crew: UUID
    name: str
    stops: list[int | None]
    """Per day of the table; None where the crew has no round."""


def styles_of(plan: ProposedPlan) -> dict[UUID, int]:
    """Return each crew's number, which sets its colour and dash: the same on every day."""
    names = {one.crew: one.crew_name for one in plan.crews} | {one.crew: one.crew_name for one in plan.rounds}
    return {crew: number for number, crew in enumerate(sorted(names, key=lambda crew: (names[crew], str(crew))))}


def matrix_of(plan: ProposedPlan) -> tuple[list[date], list[Row]]:
    """Return the days with rounds, and every crew's stops on each."""
    days = sorted({one.day for one in plan.rounds})
    counted = {(one.crew, one.day): len(one.stops) for one in plan.rounds}
    names = {one.crew: one.crew_name for one in plan.crews} | {one.crew: one.crew_name for one in plan.rounds}
    rows = [Row(crew=crew, name=names[crew], stops=[counted.get((crew, day)) for day in days]) for crew in styles_of(plan)]
    return days, rows


def tracks_of(plan: ProposedPlan, day: date | None) -> tuple[list[Track], list[Mark]]:
    """Return the rounds of a day (all when None) for the map, and what was left out."""
    styles = styles_of(plan)
    tracks = [_track(one, styles[one.crew]) for one in plan.rounds if day is None or one.day == day]
    left_out = [
        Mark(lat=one.place.lat, lon=one.place.lon, title=f"{named(one.place)}: {_said(one.reason_zh, one.reason_en)}")
        for one in plan.left_out
        if one.place.lat is not None and one.place.lon is not None and one.mandatory
    ]
    return tracks, left_out


def _track(planned: PlannedRound, style: int) -> Track:
    base = Mark(lat=planned.base_lat, lon=planned.base_lon, title=planned.crew_name)
    stops = [
        Mark(
            lat=stop.place.lat, lon=stop.place.lon, number=stop.position + 1, link=f"/office/elevators/{stop.place.elevator}",
            title=f"{stop.position + 1}. {clock_time(stop.start_s)} {named(stop.place)} ({planned.crew_name})",
        )
        for stop in planned.stops
        if stop.place.lat is not None and stop.place.lon is not None
    ]  # fmt: skip
    return Track(style=style, name=f"{planned.crew_name} {planned.day}", base=base, stops=stops)


def named(place: ElevatorName) -> str:
    """Return what people call an elevator."""
    return " ".join(part for part in (place.site_name, place.unit_name or place.registration_code) if part)


def _said(zh: str, en: str) -> str:
    return zh if language.get() == "zh" else en


def chart_of(planned: PlannedRound) -> list[tuple[str, float, float]]:
    """Return a round as parts of its day: kind (`drive`, `work`, `break`), begin and length in percent."""
    begin = min(planned.shift_from_s, planned.depart_s)
    whole = max(planned.shift_to_s, planned.return_s) - begin or 1
    parts = [("drive", planned.depart_s, planned.return_s)]
    if planned.break_start_s is not None and planned.break_duration_s:
        parts.append(("break", planned.break_start_s, planned.break_start_s + planned.break_duration_s))
    parts += [("work", stop.start_s, stop.leave_s) for stop in planned.stops]
    percent = 100 / whole
    return [(kind, round((since - begin) * percent, 2), round((until - since) * percent, 2)) for kind, since, until in parts]
