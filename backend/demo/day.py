"""Carries out published rounds as technicians would: scan, answer, scan; through the services, at the planned times."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from backend import clock
from backend.rounds.views import CrewDay, OrderState, WorkOrderView
from backend.scope import Scope
from backend.visits import service as visits
from backend.visits.inputs import AnswerInput, ArrivalInput, FindingInput, PositionInput, Result, ScanInput, Severity
from backend.visits.views import ChecklistItem, VisitView
from qr.keys import KeyRing

_METRES_PER_DEGREE = 111_200
_SCATTER_M = 12.0
"""How far a phone's position is from the site, typically."""

_ACCURACY_M = 15.0
_FINDINGS = (
    (Severity.GENERAL, "层门地坎有杂物，已清理；建议加强日常保洁。", "加强保洁，每周巡检层门地坎。"),
    (Severity.SERIOUS, "底坑渗水，积水约 2 厘米，可能影响缓冲器和张紧轮。", "由使用单位对底坑做防水处理，完成前每周检查。"),
    (Severity.GENERAL, "轿厢照明一盏不亮，已更换。", "备用灯管存放于值班室。"),
)
"""Made-up findings: how bad, what, what is proposed."""


async def carry_out_day(
    day: CrewDay,
    *,
    until: datetime,
    time_zone: str,
    lead: Scope,
    ring: KeyRing,
    code_of: Mapping[UUID, str],
    rng: random.Random,
    findings: int = 0,
    done: Callable[[int], None] = lambda _count: None,
) -> list[UUID]:
    """Make the visits of a crew's day that would be over by an instant; the one under way then stays open.

    Parameters
    ----------
    day
        The published round.
    until
        Aware; nothing happens after it.
    time_zone
        Of the round's times.
    lead
        Scope of the technician who scans.
    ring
        Keys that verify the labels.
    code_of
        Elevator → code of its label.
    rng
        For delays and positions.
    findings
        How many of the visits find something.
    done
        Told how many stops are over.

    Returns
    -------
    list of UUID
        The finished visits.
    """
    midnight = datetime.combine(day.day, datetime.min.time(), ZoneInfo(time_zone))
    second = next((person.id for person in day.members if person.id != lead.technician), None)
    finished: list[UUID] = []
    for stop in day.stops:
        arrival = midnight + timedelta(seconds=stop.arrive_s + rng.randint(-240, 600))
        departure = max(midnight + timedelta(seconds=stop.leave_s + rng.randint(-300, 420)), arrival + timedelta(minutes=40))
        done(1)
        if arrival > until or stop.state is not OrderState.SCHEDULED:
            continue
        with clock.stopped_at(arrival):
            view = await visits.arrive(lead, ring, _arrival(stop, arrival, second, code_of[stop.elevator], rng))
        if departure > until:
            break
        with clock.stopped_at(departure - timedelta(minutes=5)):
            await visits.answer(lead, view.summary.id, [_answer(item, rng) for item in _asked(view)])
            if len(finished) < findings:
                await visits.add_finding(lead, view.summary.id, _finding(len(finished)))
        with clock.stopped_at(departure):
            await visits.depart(lead, ring, view.summary.id, _scan(stop, departure, code_of[stop.elevator], rng))
        finished.append(view.summary.id)
    return finished


def _arrival(stop: WorkOrderView, at: datetime, second: UUID | None, code: str, rng: random.Random) -> ArrivalInput:
    return ArrivalInput(id=uuid4(), scan=_scan(stop, at, code, rng), work_order=stop.id, second_technician=second)


def _scan(stop: WorkOrderView, at: datetime, code: str, rng: random.Random) -> ScanInput:
    position = None
    if stop.lat is not None and stop.lon is not None:
        north, east = (rng.gauss(0, _SCATTER_M) / _METRES_PER_DEGREE for _ in range(2))
        position = PositionInput(lat=stop.lat + north, lon=stop.lon + east, accuracy_m=_ACCURACY_M)
    return ScanInput(id=uuid4(), code=code, at=at, position=position)


def _asked(view: VisitView) -> Sequence[ChecklistItem]:
    return [item for item in view.checklist if item.code not in view.excluded]


def _answer(item: ChecklistItem, rng: random.Random) -> AnswerInput:
    if item.limit is None:
        return AnswerInput(item=item.code, result=Result.ADJUSTED if rng.random() < 0.04 else Result.OK)
    least = item.limit.least if item.limit.least is not None else 0.0
    most = item.limit.most if item.limit.most is not None else least + 2.0
    return AnswerInput(item=item.code, result=Result.OK, measured=round(least + (most - least) * 0.6, 1))


def _finding(number: int) -> FindingInput:
    severity, description, proposal = _FINDINGS[number % len(_FINDINGS)]
    return FindingInput(id=uuid4(), severity=severity, description=description, proposal=proposal)
