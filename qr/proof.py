"""What the evidence of a visit proves: one check per question, each passed, failed or skipped, with its reason.

Skipped means that nothing speaks either way (no position was given, the rule asks for nothing). It is never counted as
passed. `qr.grade` makes a grade of these checks by a table; people decide what follows from it.

The questions stand in `qr.questions`, what they are asked about in `qr.evidence`. All limits come from the rule pack, all
times from the caller. Positions are WGS-84 throughout.
"""

from typing import Final

from qr.checks import Check, CheckName, Checks, Limits, Outcome, Question
from qr.evidence import EnteredBy, Evidence, LabelState, Position, Scan
from qr.questions import elevator, people, photos, places, scans, signing, zones

__all__ = [
    "Check",
    "CheckName",
    "Checks",
    "EnteredBy",
    "Evidence",
    "LabelState",
    "Limits",
    "Outcome",
    "Position",
    "Scan",
    "check_visit",
]

_QUESTIONS: Final[dict[CheckName, Question]] = {
    CheckName.LABEL_ACTIVE: scans.label_active,
    CheckName.CODE_SEEN: scans.code_seen,
    CheckName.LABEL_ONCE: scans.label_once,
    CheckName.SIGNED: signing.signed,
    CheckName.KEY: signing.key,
    CheckName.CHAIN: signing.chain,
    CheckName.TIME_BOUNDED: signing.time_bounded,
    CheckName.CLOCK: signing.clock,
    CheckName.ORDER: scans.order,
    CheckName.DWELL: scans.dwell,
    CheckName.EXPECTED_TIME: scans.expected_time,
    CheckName.ARRIVAL_GEOFENCE: places.arrival_geofence,
    CheckName.DEPARTURE_GEOFENCE: places.departure_geofence,
    CheckName.PLACE: places.place,
    CheckName.POSITION_PLAUSIBLE: places.position_plausible,
    CheckName.TECHNICIANS: people.technicians,
    CheckName.OWN_SCANS: people.own_scans,
    CheckName.ONE_PLACE: people.one_place,
    CheckName.ONE_SITE: people.one_site,
    CheckName.TRAVEL_BEFORE: places.travel_before,
    CheckName.TRAVEL_AFTER: places.travel_after,
    CheckName.ZONES: zones.zones,
    CheckName.ZONES_PROVEN: zones.zones_proven,
    CheckName.PHOTOS_IN_APP: photos.photos_in_app,
    CheckName.PHOTOS_ARRIVED: photos.photos_arrived,
    CheckName.PHOTOS_NEW: photos.photos_new,
    CheckName.PHOTOS_ALIKE: photos.photos_alike,
    CheckName.ELEVATOR: elevator.elevator,
}


def check_visit(evidence: Evidence, limits: Limits) -> Checks:
    """Ask every question about a visit.

    Parameters
    ----------
    evidence : Evidence
        What is known.
    limits : Limits
        What the rule pack asks.

    Returns
    -------
    Checks
        One check per `CheckName`.
    """
    return Checks(tuple(Check(name, *ask(evidence, limits)) for name, ask in _QUESTIONS.items()))
