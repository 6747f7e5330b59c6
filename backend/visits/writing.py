"""The body of a record, put together from the rows of a finished visit as they are on that day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from backend.visits.checklists import Checklist
from backend.visits.record import (
    FORMAT,
    RecordAsked,
    RecordBody,
    RecordCheck,
    RecordElevator,
    RecordFinding,
    RecordFirm,
    RecordItem,
    RecordPart,
    RecordPhoto,
    RecordPlace,
    RecordScan,
    RecordTechnician,
    decimal_text,
)
from backend.visits.rows import ElevatorFacts, ScanRow, TechnicianRow, VisitRow
from backend.visits.views import AnswerView, EvidenceCheck, FindingView
from planner.intervals.items import Item, items_by_code


def first_body(
    visit: VisitRow,
    elevator: ElevatorFacts,
    *,
    day: date,
    technicians: Sequence[RecordTechnician],
    scans: Sequence[ScanRow],
    checklist: Checklist,
    answers: Mapping[str, AnswerView],
    findings: Sequence[FindingView],
    evidence: Sequence[EvidenceCheck],
    parts: Sequence[RecordPart] = (),
    photos: Sequence[RecordPhoto] = (),
) -> RecordBody:
    """Return the body of version 1.

    Parameters
    ----------
    visit
        With its departure.
    elevator
        As registered now.
    day
        Local date of the departure.
    technicians, scans, findings, evidence, parts, photos
        What belongs to the visit.
    checklist, answers
        What was asked and answered; every item of the class has an answer.
    """
    assert visit.departed_at is not None  # noqa: S101 - only finished visits are written
    return RecordBody(
        format=FORMAT,
        visit=visit.id,
        version=1,
        correction=None,
        counts=True,
        maintenance_class=visit.maintenance_class,
        rule_pack=visit.rule_pack,
        planned=visit.planned.value,
        work_order=visit.work_order,
        day=day,
        time_zone=elevator.time_zone,
        arrived_at=visit.arrived_at,
        departed_at=visit.departed_at,
        elevator=_elevator(elevator),
        place=RecordPlace(
            owner=elevator.owner_name, safety_officer=elevator.safety_officer, site=elevator.site_name,
            address=elevator.address, district=elevator.district,
        ),
        firm=RecordFirm(
            id=elevator.firm, name=elevator.firm_name, licence_number=elevator.licence_number, phone_24h=elevator.phone_24h
        ),
        technicians=list(technicians),
        scans=[_scan(scan) for scan in scans],
        items=_items(checklist, answers),
        asked=_asked(checklist, answers),
        findings=[record_finding(finding) for finding in findings],
        evidence=[RecordCheck(**msgspec.structs.asdict(check)) for check in evidence],
        parts=list(parts),
        photos=list(photos),
    )  # fmt: skip


def signature(technician: TechnicianRow, account: UUID | None) -> RecordTechnician:
    """Return a maintenance person as the record names them."""
    certificate = technician.certificate or ""
    return RecordTechnician(
        id=technician.id, name=technician.name, badge=technician.badge, certificate=certificate, account=account
    )


def record_item(item: Item, answer: AnswerView) -> RecordItem:
    """Return an answered item."""
    return RecordItem(
        item=item.code, period=item.period, name_zh=item.name_zh, name_en=item.name_en, result=answer.result.value,
        measured=decimal_text(answer.measured), unit=answer.unit, note=answer.note, special_checks=list(answer.special_checks),
    )  # fmt: skip


def record_finding(finding: FindingView) -> RecordFinding:
    """Return a finding as the record names it."""
    return RecordFinding(
        id=finding.id, item=finding.item, severity=finding.severity.value, stop_use_condition=finding.stop_use_condition,
        title_zh=finding.title_zh, title_en=finding.title_en,
        description=finding.description, place=finding.place, proposal=finding.proposal,
        notice_number=finding.notice_number or "",
    )  # fmt: skip


def _items(checklist: Checklist, answers: Mapping[str, AnswerView]) -> list[RecordItem]:
    """Return all items of the class, also those that the elevator does not have, with the registered reason."""
    known = items_by_code()
    excluded = [
        RecordItem(
            item=code, period=known[code].period, name_zh=known[code].name_zh, name_en=known[code].name_en,
            result="not_applicable", measured="", unit="", note=reason, special_checks=[],
        )
        for code, reason in checklist.excluded.items()
    ]  # fmt: skip
    answered = [record_item(item, answers[code]) for code, item in checklist.items.items() if code in answers]
    return [*answered, *excluded]


def _asked(checklist: Checklist, answers: Mapping[str, AnswerView]) -> list[RecordAsked]:
    """Return what signals asked for, in the order of the visit, whether or not it was answered."""
    return [
        RecordAsked(
            item=code, name_zh=item.name_zh, name_en=item.name_en, added=checklist.is_added(code), answered=code in answers,
            reasons_zh=[why.zh for why in checklist.asked[code].reasons],
            reasons_en=[why.en for why in checklist.asked[code].reasons],
        )
        for code, item in checklist.items.items()
        if code in checklist.asked and checklist.asked[code].reasons
    ]  # fmt: skip


def _elevator(elevator: ElevatorFacts) -> RecordElevator:
    return RecordElevator(
        id=elevator.id, registration_code=elevator.registration_code, rescue_code=elevator.rescue_code,
        unit_name=elevator.unit_name, equipment_type=elevator.equipment_type, manufacturer=elevator.manufacturer,
        model=elevator.model, rated_load_kg=elevator.rated_load_kg, rated_speed_mm_s=elevator.rated_speed_mm_s,
        stops=elevator.stops, travel_mm=elevator.travel_mm, in_use_since=elevator.in_use_since,
        other={str(key): str(value) for key, value in elevator.extra.items()},
    )  # fmt: skip


def _scan(scan: ScanRow) -> RecordScan:
    return RecordScan(
        id=scan.id, kind=scan.kind, label=scan.label, source=scan.source, at=scan.at, received_at=scan.received_at,
        clock_ahead_s=scan.clock_ahead_s, zone=scan.zone, technician=scan.technician,
    )  # fmt: skip
