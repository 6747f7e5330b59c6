"""Carries out visits as technicians would: scan, answer, scan; through the services, at their times.

Most crews have enrolled their phones: what they do is signed, the second technician scans for themselves, and entries go up as
phones send them. A crew without phones uses the pages in the browser, which sign nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from backend import clock
from backend.demo.phones import METRES_PER_DEGREE, DemoPhone, Place
from backend.demo.schedule import PlannedVisit
from backend.labels.views import LabelZone
from backend.scope import Scope
from backend.visits import service as visits
from backend.visits.inputs import AnswerInput, ArrivalInput, FindingInput, PositionInput, Result, ScanInput, Severity
from backend.visits.views import ChecklistItem, VisitView
from qr.chain.bodies import Answer, FindingBody, Found, WorkBody
from qr.keys import KeyRing

_SCATTER_M = 12.0
"""How far a phone's position is from the site, typically."""

_ACCURACY_M = 15.0
_FINDINGS = (
    (Severity.GENERAL, "层门地坎有杂物，已清理；建议加强日常保洁。", "加强保洁，每周巡检层门地坎。"),
    (Severity.SERIOUS, "底坑渗水，积水约 2 厘米，可能影响缓冲器和张紧轮。", "由使用单位对底坑做防水处理，完成前每周检查。"),
    (Severity.GENERAL, "轿厢照明一盏不亮，已更换。", "备用灯管存放于值班室。"),
)
"""Made-up findings: how bad, what, what is proposed."""

_MACHINE_ROOM_AFTER, _PIT_AFTER = 0.2, 0.8
"""Shares of a visit after which its zones are scanned."""

_EARLIER_CLASS = "half_month"
"""Of visits before the published rounds; what was due then nobody knows any more."""


class DemoCrew(Struct, frozen=True, kw_only=True):
    """Two technicians at work."""

    lead: Scope
    second: UUID | None
    phone: DemoPhone | None
    """Of the lead; None where the crew uses the pages in the browser."""

    second_phone: DemoPhone | None


class Carrier:
    """Makes visits.

    Parameters
    ----------
    ring
        Keys that verify the labels.
    code_of
        Elevator → code of its label.
    zone_codes
        Elevator and zone → code of the label there, where one hangs.
    crews
        Who is at work, by crew.
    rng
        For delays and positions.
    """

    def __init__(
        self,
        ring: KeyRing,
        code_of: Mapping[UUID, str],
        zone_codes: Mapping[tuple[UUID, LabelZone], str],
        crews: Mapping[UUID, DemoCrew],
        rng: random.Random,
    ) -> None:
        self._ring, self._code_of, self._zone_codes, self._crews, self._rng = ring, code_of, zone_codes, crews, rng
        self._mornings: dict[UUID, date] = {}

    async def carry_out(
        self, planned: Sequence[PlannedVisit], until: datetime, *, findings: int = 0, done: Callable[[int], None]
    ) -> list[UUID]:
        """Make visits one after the other; one that would end after an instant stays open.

        Parameters
        ----------
        planned
            In the order of their arrivals.
        until
            Nothing happens after it.
        findings
            How many of the visits find something.
        done
            Told of each visit.

        Returns
        -------
        list of UUID
            The finished visits.
        """
        finished: list[UUID] = []
        for number, visit in enumerate(planned):
            crew = self._crews[visit.crew]
            finding = _finding(number) if number < findings else None
            if crew.phone is None:
                made = await self._by_pages(visit, crew, until, finding)
            else:
                made = await self._by_phones(visit, crew, crew.phone, until, finding)
            finished += [made] if visit.departure <= until else []
            done(1)
        return finished

    async def _by_pages(self, visit: PlannedVisit, crew: DemoCrew, until: datetime, finding: FindingInput | None) -> UUID:
        with clock.stopped_at(visit.arrival):
            arrival = ArrivalInput(
                id=uuid4(), scan=self._scan(visit, visit.arrival), work_order=visit.order.id if visit.order else None,
                second_technician=crew.second,
            )  # fmt: skip
            view = await visits.arrive(crew.lead, self._ring, arrival)
        if visit.departure > until:
            return view.summary.id
        with clock.stopped_at(visit.departure - timedelta(minutes=5)):
            await visits.answer(crew.lead, view.summary.id, [_answer(item, self._rng) for item in _asked(view)])
            if finding is not None:
                await visits.add_finding(crew.lead, view.summary.id, finding)
        with clock.stopped_at(visit.departure):
            await visits.depart(crew.lead, self._ring, view.summary.id, self._scan(visit, visit.departure))
        return view.summary.id

    async def _by_phones(
        self, visit: PlannedVisit, crew: DemoCrew, phone: DemoPhone, until: datetime, finding: FindingInput | None
    ) -> UUID:
        await self._open_apps(visit, crew)
        made, code = uuid4(), self._code_of[visit.elevator]
        place = None if visit.lat is None or visit.lon is None else Place(visit.lat, visit.lon)
        phone.scan(
            "arrival", made, code, visit.arrival, place, work_order=visit.order.id if visit.order else None,
            second_technician=crew.second, maintenance_class=visit.order.maintenance_class if visit.order else _EARLIER_CLASS,
        )  # fmt: skip
        with clock.stopped_at(visit.arrival + timedelta(seconds=20)):
            await phone.sync()
        if visit.departure > until:
            return made
        self._walk_zones(visit, phone, made, place)
        view = await visits.visit(phone.owner, made)
        answered = visit.departure - timedelta(minutes=4)
        phone.append("work", made, _work([_answer(item, self._rng) for item in _asked(view)]), answered)
        if finding is not None:
            found = msgspec.convert(msgspec.to_builtins(finding), Found)
            phone.append("finding", made, FindingBody(finding=found, photos=[]), answered)
        if crew.second_phone is not None:
            crew.second_phone.scan("join", made, code, visit.arrival + timedelta(seconds=50), place)
            crew.second_phone.scan("leave", made, code, visit.departure - timedelta(seconds=45), place)
            with clock.stopped_at(visit.departure - timedelta(seconds=30)):
                await crew.second_phone.sync()
        phone.scan("departure", made, code, visit.departure, place, owner_code_sha256="")
        with clock.stopped_at(visit.departure + timedelta(seconds=20)):
            await phone.sync()
        return made

    def _walk_zones(self, visit: PlannedVisit, phone: DemoPhone, made: UUID, place: Place | None) -> None:
        """Scan the labels of the zones that have one: the machine room first, the pit last."""
        for share, zone in ((_MACHINE_ROOM_AFTER, LabelZone.MACHINE_ROOM), (_PIT_AFTER, LabelZone.PIT)):
            code = self._zone_codes.get((visit.elevator, zone))
            if code is not None:
                phone.scan(
                    "zone", made, code, visit.arrival + share * (visit.departure - visit.arrival), place, zone=zone.value
                )

    async def _open_apps(self, visit: PlannedVisit, crew: DemoCrew) -> None:
        """Let the crew open their apps in the morning: the first server time of the day."""
        day = visit.arrival.date()
        if self._mornings.get(visit.crew) == day:
            return
        self._mornings[visit.crew] = day
        with clock.stopped_at(visit.arrival - timedelta(minutes=25)):
            for phone in (crew.phone, crew.second_phone):
                if phone is not None:
                    phone.open_app()

    def _scan(self, visit: PlannedVisit, at: datetime) -> ScanInput:
        position = None
        if visit.lat is not None and visit.lon is not None:
            north, east = (self._rng.gauss(0, _SCATTER_M) / METRES_PER_DEGREE for _ in range(2))
            position = PositionInput(lat=visit.lat + north, lon=visit.lon + east, accuracy_m=_ACCURACY_M)
        return ScanInput(id=uuid4(), code=self._code_of[visit.elevator], at=at, position=position)


def _work(answers: Sequence[AnswerInput]) -> WorkBody:
    """Return the body of a batch of answers as phones sign it: measured values are digits."""
    told = [
        Answer(
            item=each.item, result=each.result.value, measured=None if each.measured is None else f"{each.measured:g}",
            unit=None, note="", special_checks=[],
        )
        for each in answers
    ]  # fmt: skip
    return WorkBody(answers=told, parts=[], photos=[])


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
