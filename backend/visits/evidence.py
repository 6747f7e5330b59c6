"""What speaks for a visit: the checks of its two scans, and what only the record knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.visits.rows import ElevatorFacts, ScanRow, VisitRow
from backend.visits.views import EvidenceCheck, Planned
from planner.intervals.rules import VisitRules
from qr.proof import EnteredBy, Evidence, LabelState, Limits, Outcome, Position, Scan, check_visit

PROMPT = timedelta(minutes=15)
"""A scan that the server hears of within this time rests on the server's clock as well as on the phone's."""

_PLANNED = {
    Planned.OWN_ROUND: (Outcome.PASSED, "本人当日路线上的站点。", "A stop of the technician's own round of the day."),
    Planned.OTHER_CREW: (Outcome.SKIPPED, "当日由其他班组计划。", "It was planned for another crew on that day."),
    Planned.OTHER_DAY: (Outcome.SKIPPED, "原计划为其他日期。", "It was planned for another day."),
    Planned.UNPLANNED: (Outcome.SKIPPED, "未列入计划。", "No round had asked for it."),
}


def evidence_of(
    visit: VisitRow, elevator: ElevatorFacts, arrival: ScanRow, departure: ScanRow, rules: VisitRules, elsewhere: Sequence[str]
) -> list[EvidenceCheck]:
    """Ask every question about a finished visit.

    Parameters
    ----------
    visit, elevator
        Which visit, where.
    arrival, departure
        Its scans, each of an active label of this elevator.
    rules
        What the rule pack asks of a visit.
    elsewhere
        Registration codes of other elevators where one of the technicians was at work at the same time.
    """
    site = None if elevator.lat is None or elevator.lon is None else Position(elevator.lat, elevator.lon)
    people = [who for who in (visit.technician, visit.second_technician) if who is not None]
    evidence = Evidence(
        arrival=_scan(arrival), departure=_scan(departure), site=site, technicians=frozenset(str(who) for who in people)
    )
    limits = Limits(
        minimum_dwell_s=rules.minimum_dwell_s, geofence_radius_m=round(rules.geofence_radius_m),
        coarsest_accuracy_m=round(rules.coarsest_accuracy_m), minimum_technicians=rules.minimum_technicians,
    )  # fmt: skip
    asked = [
        EvidenceCheck(name=check.name.value, outcome=check.outcome.value, reason_zh=check.reason.zh, reason_en=check.reason.en)
        for check in check_visit(evidence, limits).checks
    ]
    return [*asked, _clock([arrival, departure]), _one_place(elsewhere), _planned(visit)]


def _scan(scan: ScanRow) -> Scan:
    position = None if scan.lat is None or scan.lon is None else Position(scan.lat, scan.lon, scan.accuracy_m or 0.0)
    at = min(scan.at, scan.received_at)
    return Scan(at=at, label=LabelState.ACTIVE, entered_by=EnteredBy(scan.source), position=position)


def _check(name: str, outcome: Outcome, zh: str, en: str) -> EvidenceCheck:
    return EvidenceCheck(name=name, outcome=outcome.value, reason_zh=zh, reason_en=en)


def _clock(scans: Sequence[ScanRow]) -> EvidenceCheck:
    """Ask whether the server's clock bears out the phone's."""
    ahead_s = max(scan.clock_ahead_s for scan in scans)
    if ahead_s:
        zh = f"手机时钟至少快 {ahead_s} 秒，以服务器收到的时间为准。"
        return _check(
            "clock", Outcome.FAILED, zh, f"The phone's clock was at least {ahead_s} s ahead: the time of receipt counts."
        )
    late: timedelta = max(scan.received_at - scan.at for scan in scans)
    if late > PROMPT:
        minutes = round(late.total_seconds() / 60)
        zh = f"离线记录，最晚在 {minutes} 分钟后上传，时间仅以手机时钟为据。"
        en = f"Kept offline and sent in up to {minutes} min later: the times rest on the phone's clock alone."
        return _check("clock", Outcome.SKIPPED, zh, en)
    return _check("clock", Outcome.PASSED, "手机时间与服务器一致。", "The server's clock bears out the phone's.")


def _one_place(elsewhere: Sequence[str]) -> EvidenceCheck:
    """Ask whether nobody was at work at two elevators at once; time on site counts for one of them only."""
    if not elsewhere:
        zh, en = (
            "同一时段内维保人员没有其他电梯的维保。",
            "Nobody of the visit was at work at another elevator at the same time.",
        )
        return _check("one_place", Outcome.PASSED, zh, en)
    codes = ", ".join(elsewhere)
    zh = f"同一时段内维保人员还有其他电梯的维保：{codes}。"
    return _check("one_place", Outcome.FAILED, zh, f"Somebody of the visit was at work at the same time at {codes}.")


def _planned(visit: VisitRow) -> EvidenceCheck:
    """Ask whether the visit was on the technician's round; one that was not is no worse for it."""
    return _check("planned", *_PLANNED[visit.planned])
