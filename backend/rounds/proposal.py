"""A plan with names, reasons and figures: snapshot and plan become what people read. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from backend.rounds import reasons
from backend.rounds.explaining import WhyLeftOut, look_at, name_of, why_left_out, wording_of
from backend.rounds.plan_views import (
    CrewBase,
    ElevatorName,
    KeptRound,
    LeftOut,
    LostCrewDay,
    MovedVisit,
    PlannedRound,
    PlannedStop,
    PlanPrice,
    ProposedPlan,
    WhatChanged,
)
from backend.rounds.problem_parts import base_of
from backend.rounds.snapshot import Item, Snapshot
from backend.rounds.times import kilometres
from backend.rounds.travel_words import travel_of_plan
from backend.rounds.views import RunView
from planner.rounds.evaluate import evaluate
from planner.rounds.explain.report import say_change
from planner.rounds.plan import Plan, Route
from planner.rounds.problem import Crew, Shift, Visit
from planner.rounds.travel import Matrix, travel_matrix
from planner.travel.kilometres import Kilometres


class Names(Struct, frozen=True, kw_only=True):
    """What people call things, by id."""

    elevators: Mapping[UUID, ElevatorName]
    crews: Mapping[UUID, str]


class Compared(Struct, frozen=True, kw_only=True):
    """An earlier run over some of the same days."""

    run: RunView
    snapshot: Snapshot
    plan: Plan


class _Looked(Struct, frozen=True, kw_only=True):
    """A problem by its ids."""

    snapshot: Snapshot
    names: Names
    matrix: Matrix
    row: dict[str, int]
    visits: dict[str, Visit]
    items: dict[str, Item]
    crews: dict[str, Crew]
    shifts: dict[tuple[str, int], Shift]
    kilometres: Kilometres


def propose(
    run: RunView,
    snapshot: Snapshot,
    plan: Plan,
    names: Names,
    before: Compared | None,
    known: Mapping[str, WhyLeftOut] | None = None,
) -> ProposedPlan:
    """Return a plan with all that a table, a map or a file of it needs.

    Parameters
    ----------
    run, snapshot, plan
        The run, what it was asked and what it answered.
    names
        Of every elevator and crew of both snapshots; an elevator that is no longer registered is left unnamed.
    before
        The plan to compare with, if there is one.
    known
        `backend.rounds.explaining.why_left_out` of the plan, where it is known already.
    """
    looked = _look(snapshot, names)
    found = evaluate(snapshot.problem, plan, looked.matrix)
    rounds = [_round(route, looked) for route in plan.routes if route.stops]
    rounds.sort(key=lambda each: (each.day, each.crew_name, each.crew))
    driving_s, service_s = sum(each.driving_s for each in rounds), sum(each.service_s for each in rounds)
    available_s = sum(shift.to_s - shift.from_s for shift in looked.shifts.values())
    busy_s = sum(_busy_s(each) for each in rounds)
    cost = found.cost
    return ProposedPlan(
        run=run,
        time_zone=snapshot.problem.time_zone,
        rounds=rounds,
        left_out=_left_out(plan, looked, why_left_out(look_at(snapshot, plan)) if known is None else known),
        lost_crew_days=[
            LostCrewDay(
                crew=lost.crew, crew_name=_crew(lost.crew, names), day=lost.day, code=lost.code.value,
                reason_en=(why := reasons.of_lost_day(lost)).en, reason_zh=why.zh,
            )
            for lost in snapshot.lost_days
        ],
        kept=[
            KeptRound(round=each.id, crew=each.crew, crew_name=_crew(each.crew, names), day=each.day, stops=each.stops)
            for each in snapshot.rounds
        ],
        crews=_bases(looked),
        violations=[each.message for each in found.violations],
        price=PlanPrice(
            travel=cost.travel, shifts=cost.shifts, overtime=cost.overtime, days=cost.days, crews=cost.crews,
            deferred=cost.deferred, missed=cost.missed, changes=cost.changes, total=cost.total,
        ),
        bound=plan.bound,
        planned=sum(len(each.stops) for each in rounds),
        missed_mandatory=found.missed_mandatory,
        deferred=found.deferred,
        driving_s=driving_s,
        distance_m=sum(each.distance_m for each in rounds),
        travel=travel_of_plan(snapshot, looked.kilometres.measure, _places(looked)),
        service_s=service_s,
        overtime_s=sum(each.overtime_s for each in rounds),
        utilisation=busy_s / available_s if available_s else 0.0,
        changed=_changed(snapshot, plan, before, names) if before else None,
    )  # fmt: skip


def _look(snapshot: Snapshot, names: Names) -> _Looked:
    problem = snapshot.problem
    return _Looked(
        snapshot=snapshot,
        names=names,
        matrix=travel_matrix(problem.travel, problem.locations),
        row={place.id: number for number, place in enumerate(problem.locations)},
        visits={visit.id: visit for visit in problem.visits},
        items={str(item.elevator): item for item in snapshot.items},
        crews={crew.id: crew for crew in problem.crews},
        shifts={(crew.id, shift.day): shift for crew in problem.crews for shift in crew.shifts},
        kilometres=kilometres(snapshot),
    )


def _round(route: Route, looked: _Looked) -> PlannedRound:
    shift, crew = looked.shifts[route.crew, route.day], looked.crews[route.crew]
    place = looked.snapshot.problem.locations[looked.row[shift.start_location]]
    day = looked.snapshot.day(route.day)
    here = looked.row[shift.start_location]
    stops: list[PlannedStop] = []
    driving_s = service_s = 0
    for position, stop in enumerate(route.stops):
        visit, item = looked.visits[stop.visit], looked.items[stop.visit]
        there = looked.row[visit.location]
        drive_s = int(looked.matrix[here, there])
        driving_s, service_s, here = driving_s + drive_s, service_s + visit.service_s, there
        bent = reasons.of_bent(item.bent)
        stops.append(
            PlannedStop(
                position=position,
                place=_name(item.elevator, looked.names),
                maintenance_class=item.maintenance_class,
                due_first_day=item.first_day,
                due_last_day=item.last_day,
                days_late=max(0, (day - item.last_day).days),
                mandatory=visit.mandatory,
                bent=item.bent,
                bent_en=bent.en,
                bent_zh=bent.zh,
                reason_en=item.reason_en,
                reason_zh=item.reason_zh,
                drive_s=drive_s,
                arrive_s=stop.arrive_s,
                start_s=stop.start_s,
                leave_s=stop.leave_s,
            )
        )
    driving_s += int(looked.matrix[here, looked.row[shift.end_location]])
    pause_s = shift.break_.duration_s if shift.break_ is not None and route.break_start_s is not None else None
    crew_id = looked.snapshot.crew_of[route.crew]
    return PlannedRound(
        crew=crew_id,
        crew_name=_crew(crew_id, looked.names),
        day=day,
        people=crew.people,
        base_lat=place.lat or 0.0,
        base_lon=place.lon or 0.0,
        shift_from_s=shift.from_s,
        shift_to_s=shift.to_s,
        depart_s=route.depart_s,
        return_s=route.return_s,
        break_start_s=route.break_start_s,
        break_duration_s=pause_s,
        driving_s=driving_s,
        distance_m=looked.kilometres.route_m(route),
        service_s=service_s,
        overtime_s=max(0, route.return_s - shift.to_s),
        utilisation=(driving_s + service_s + (pause_s or 0)) / (shift.to_s - shift.from_s),
        stops=stops,
    )


def _places(looked: _Looked) -> dict[str, str]:
    """Return what people call the problem's locations."""
    named = {base_of(crew): f"{_crew(crew, looked.names)}" for crew in looked.snapshot.crew_of.values()}
    for item in looked.snapshot.items:
        place = _name(item.elevator, looked.names)
        named[str(place.site)] = place.site_name or place.address or place.registration_code
    return named


def _busy_s(round_: PlannedRound) -> int:
    return round_.driving_s + round_.service_s + (round_.break_duration_s or 0)


def _left_out(plan: Plan, looked: _Looked, known: Mapping[str, WhyLeftOut]) -> list[LeftOut]:
    found = []
    wording = wording_of(looked.snapshot, looked.names.elevators, looked.names.crews)
    for unplanned in plan.unplanned:
        item, explained = looked.items[unplanned.visit], known[unplanned.visit]
        reason = wording.say(explained.reason.told)
        helped = None if explained.help is None else say_change(wording, explained.help)
        found.append(
            LeftOut(
                place=_name(item.elevator, looked.names),
                maintenance_class=item.maintenance_class,
                due_first_day=item.first_day,
                due_last_day=item.last_day,
                mandatory=looked.visits[unplanned.visit].mandatory,
                before_search=False,
                code=explained.reason.code,
                reason_en=reason.en,
                reason_zh=reason.zh,
                help_kind="" if explained.help is None else explained.help.kind,
                help_en="" if helped is None else helped.en,
                help_zh="" if helped is None else helped.zh,
            )
        )
    for out in looked.snapshot.out:
        why = reasons.of_out(out.code, out.detail)
        found.append(
            LeftOut(
                place=_name(out.elevator, looked.names),
                maintenance_class=out.maintenance_class,
                due_first_day=out.first_day,
                due_last_day=out.last_day,
                mandatory=out.mandatory,
                before_search=True,
                code=out.code.value,
                reason_en=why.en,
                reason_zh=why.zh,
            )
        )
    return sorted(found, key=lambda each: (not each.mandatory, each.due_last_day or date.max, each.place.registration_code))


def _name(elevator: UUID, names: Names) -> ElevatorName:
    return name_of(elevator, names.elevators)


def _crew(crew: UUID, names: Names) -> str:
    return names.crews.get(crew, str(crew))


def _bases(looked: _Looked) -> list[CrewBase]:
    """Return where the crews of the problem set off, each once."""
    found: dict[UUID, CrewBase] = {}
    for crew in looked.snapshot.problem.crews:
        id_ = looked.snapshot.crew_of[crew.id]
        place = looked.snapshot.problem.locations[looked.row[crew.shifts[0].start_location]]
        found.setdefault(
            id_, CrewBase(crew=id_, crew_name=_crew(id_, looked.names), lat=place.lat or 0.0, lon=place.lon or 0.0)
        )
    return sorted(found.values(), key=lambda each: (each.crew_name, each.crew))


def _changed(snapshot: Snapshot, plan: Plan, before: Compared, names: Names) -> WhatChanged:
    """Compare two plans on the days that both have; what is published meanwhile was left alone and is no change."""
    then, now = _where(before.snapshot, before.plan), _where(snapshot, plan)
    first = max(snapshot.start_date, before.snapshot.start_date)
    last = min(each.day(each.problem.days - 1) for each in (snapshot, before.snapshot))
    kept = {each.elevator for each in snapshot.kept}
    added: list[MovedVisit] = []
    moved: list[MovedVisit] = []
    removed: list[MovedVisit] = []
    unchanged = 0
    for elevator in sorted((then.keys() | now.keys()) - kept):
        old, new = then.get(elevator), now.get(elevator)
        if not any(place is not None and first <= place[1] <= last for place in (old, new)):
            continue
        if old == new:
            unchanged += 1
            continue
        line = MovedVisit(
            place=_name(elevator, names),
            day_before=old[1] if old else None,
            crew_before=_crew(old[0], names) if old else None,
            day_after=new[1] if new else None,
            crew_after=_crew(new[0], names) if new else None,
        )
        (added if old is None else removed if new is None else moved).append(line)
    return WhatChanged(
        compared_with=before.run.id,
        state=before.run.state.value,
        added=added,
        moved=moved,
        removed=removed,
        unchanged=unchanged,
        driving_s_before=before.run.outline.driving_s or 0,
        missed_before=before.run.outline.missed_mandatory or 0,
    )


def _where(snapshot: Snapshot, plan: Plan) -> dict[UUID, tuple[UUID, date]]:
    """Return crew and day of every planned elevator."""
    return {
        UUID(stop.visit): (snapshot.crew_of[route.crew], snapshot.day(route.day))
        for route in plan.routes
        for stop in route.stops
    }
