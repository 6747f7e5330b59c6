"""Questions about a visit and their answers: the types that the questions in `qr.questions` share."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from qr.chain.times import instant
from qr.errors import Bilingual
from qr.evidence import Evidence, Scan


class Outcome(StrEnum):
    """Result of one check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class CheckName(StrEnum):
    """The questions asked, in this order."""

    LABEL_ACTIVE = "label_active"
    CODE_SEEN = "code_seen"
    LABEL_ONCE = "label_once"
    SIGNED = "signed"
    KEY = "key"
    CHAIN = "chain"
    TIME_BOUNDED = "time_bounded"
    CLOCK = "clock"
    ORDER = "order"
    DWELL = "dwell"
    EXPECTED_TIME = "expected_time"
    ARRIVAL_GEOFENCE = "arrival_geofence"
    DEPARTURE_GEOFENCE = "departure_geofence"
    PLACE = "place"
    POSITION_PLAUSIBLE = "position_plausible"
    TECHNICIANS = "technicians"
    OWN_SCANS = "own_scans"
    ONE_PLACE = "one_place"
    ONE_SITE = "one_site"
    TRAVEL_BEFORE = "travel_before"
    TRAVEL_AFTER = "travel_after"
    ZONES = "zones"
    ZONES_PROVEN = "zones_proven"
    PHOTOS_IN_APP = "photos_in_app"
    PHOTOS_ARRIVED = "photos_arrived"
    PHOTOS_NEW = "photos_new"
    PHOTOS_ALIKE = "photos_alike"
    ELEVATOR = "elevator"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule pack asks of a visit and its proof.

    Parameters
    ----------
    minimum_dwell_s : int
        Shortest time between the scans that counts, inclusive; 0 asks for nothing.
    least_share, most_times : float
        Less than this share of the checklist's time is too short; more than so many times says nothing.
    geofence_radius_m : int
        Largest distance from the site that counts as there, inclusive.
    coarsest_accuracy_m : int
        A position less accurate than this proves no presence.
    bands_m : tuple of int
        Upper ends of the bands in which distances are told, rising.
    minimum_technicians : int
        1, or 2 where two-person work is asked for.
    own_share : float
        Share of the visit that a further technician is there for, by their own scans.
    tolerance_s, back_dating_s, width_s : int
        How far a phone's clock may be off; from when it is back-dated; how wide the bounds of a time may be.
    highest_m_s, slack_m : float
        Along the straight line between two sites; what is forgiven of the distance.
    finest_accuracy_m : float
        No phone knows its place better.
    oldest_fix_s, frozen_after_s : int
        How old a position may be; from when on two of them never agree to the last digit.
    least_zone_change_s : int
        From one zone to another.
    same_bits, alike_bits : int
        How many bits of perceptual hashes differ at the most where a picture is the same, or alike.
    photo_slack_s : int
        Before arrival and after departure.
    """

    minimum_dwell_s: int
    least_share: float
    most_times: float
    geofence_radius_m: int
    coarsest_accuracy_m: int
    bands_m: tuple[int, ...]
    minimum_technicians: int
    own_share: float
    tolerance_s: int
    back_dating_s: int
    width_s: int
    highest_m_s: float
    slack_m: float
    finest_accuracy_m: float
    oldest_fix_s: int
    frozen_after_s: int
    least_zone_change_s: int
    same_bits: int
    alike_bits: int
    photo_slack_s: int


class Check(msgspec.Struct, frozen=True):
    """The answer to one question.

    Parameters
    ----------
    name : CheckName
        The question.
    outcome : Outcome
        The answer.
    reason : Bilingual
        Why, in plain words.
    """

    name: CheckName
    outcome: Outcome
    reason: Bilingual


class Checks(msgspec.Struct, frozen=True):
    """All answers for a visit, one per `CheckName`, in that order."""

    checks: tuple[Check, ...]

    def __getitem__(self, name: CheckName) -> Check:
        return next(check for check in self.checks if check.name is name)

    def with_outcome(self, outcome: Outcome) -> tuple[Check, ...]:
        """Return the checks that ended so."""
        return tuple(check for check in self.checks if check.outcome is outcome)


Answer = tuple[Outcome, Bilingual]
Question = Callable[[Evidence, Limits], Answer]

NO_SCAN: Final = (Outcome.SKIPPED, Bilingual(zh="没有扫码记录。", en="There is no scan."))
OPEN: Final = (Outcome.SKIPPED, Bilingual(zh="尚未离场扫码，维保未结束。", en="No departure scan yet: the visit is open."))
NO_ARRIVAL: Final = (
    Outcome.FAILED,
    Bilingual(zh="有离场扫码，但没有到场扫码。", en="There is a departure scan but no arrival scan."),
)


def passed(zh: str, en: str) -> Answer:
    """Return that a question was answered in favour of the visit."""
    return Outcome.PASSED, Bilingual(zh=zh, en=en)


def failed(zh: str, en: str) -> Answer:
    """Return that a question was answered against it."""
    return Outcome.FAILED, Bilingual(zh=zh, en=en)


def skipped(zh: str, en: str) -> Answer:
    """Return that nothing answers a question."""
    return Outcome.SKIPPED, Bilingual(zh=zh, en=en)


def sentences(parts: list[Bilingual]) -> Bilingual:
    """Return several statements as one: sentences without their full stops go in, a text with them comes out."""
    en = "; ".join(part.en for part in parts)
    return Bilingual(zh="；".join(part.zh for part in parts) + "。", en=f"{en[:1].upper()}{en[1:]}.")


def both_scans(evidence: Evidence) -> tuple[Scan, Scan] | Answer:
    """Return arrival and departure, or the answer to every question that needs both."""
    if evidence.arrival is None:
        return NO_SCAN if evidence.departure is None else NO_ARRIVAL
    if evidence.departure is None:
        return OPEN
    return evidence.arrival, evidence.departure


def claimed_at(scan: Scan) -> datetime:
    """Return the time of a scan by the phone's own clock, which its positions and photos go by as well."""
    return scan.at if scan.bounds is None else instant(scan.bounds.claimed_ms)


def distance_band(metres: float, bands_m: tuple[int, ...]) -> str:
    """Return the band of a distance, such as ``50-150`` or ``2000+``: all that is told of where a person was.

    Parameters
    ----------
    metres : float
        The distance.
    bands_m : tuple of int
        Upper ends of the bands, rising; each band includes its upper end.
    """
    lower = 0
    for upper in bands_m:
        if metres <= upper:
            return f"{lower}-{upper}"
        lower = upper
    return f"{lower}+"
