"""What the two scans of a visit prove: one check per question, each passed, failed or skipped, with its reason.

Skipped means that nothing speaks either way (no position was given, the rule asks for nothing). It is never counted as
passed. Grading a visit from these checks, and weighing further evidence such as signatures, photos and the elevator's
own telemetry, is the next step and takes the `Checks` made here.

All limits come from the rule pack, all times from the caller. Positions are WGS-84 throughout.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Final

import msgspec

from qr.errors import Bilingual

_EARTH_RADIUS_M: Final = 6_371_008.8
"""Mean radius of WGS-84 (IUGG)."""


class Outcome(StrEnum):
    """Result of one check."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class CheckName(StrEnum):
    """The questions asked, in this order."""

    LABEL_ACTIVE = "label_active"
    CODE_SEEN = "code_seen"
    ORDER = "order"
    DWELL = "dwell"
    ARRIVAL_GEOFENCE = "arrival_geofence"
    DEPARTURE_GEOFENCE = "departure_geofence"
    TECHNICIANS = "technicians"


class LabelState(StrEnum):
    """What the scanned code was at the time of the scan."""

    ACTIVE = "active"
    BLANK = "blank"
    REVOKED = "revoked"
    REPLACED = "replaced"
    OTHER_ELEVATOR = "other_elevator"
    UNKNOWN = "unknown"


class EnteredBy(StrEnum):
    """How the code came into the phone."""

    CAMERA = "camera"
    TYPED = "typed"
    LINK = "link"


class Position(msgspec.Struct, frozen=True):
    """A place on WGS-84.

    Parameters
    ----------
    latitude_deg : float
        -90 to 90.
    longitude_deg : float
        -180 to 180.
    accuracy_m : float
        Radius around the place within which the phone believes itself; 0 for a surveyed place.

    Raises
    ------
    ValueError
        If a value is out of range; all such values are named.
    """

    latitude_deg: float
    longitude_deg: float
    accuracy_m: float = 0.0

    def __post_init__(self) -> None:
        ranges = {
            "latitude_deg": (-90.0, self.latitude_deg, 90.0),
            "longitude_deg": (-180.0, self.longitude_deg, 180.0),
            "accuracy_m": (0.0, self.accuracy_m, float("inf")),
        }
        faults = [
            f"{name}: {value} is not {least:g} to {most:g}"
            for name, (least, value, most) in ranges.items()
            if not least <= value <= most
        ]
        if faults:
            raise ValueError("; ".join(faults))


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """One scan of the label.

    Parameters
    ----------
    at : datetime.datetime
        When, with time zone.
    label : LabelState
        What the code was then.
    entered_by : EnteredBy
        How it came in.
    position : Position, optional
        Where the phone was, if it told.

    Raises
    ------
    ValueError
        If `at` has no time zone.
    """

    at: datetime
    label: LabelState
    entered_by: EnteredBy
    position: Position | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() is None:
            raise ValueError(f"at: {self.at.isoformat()} has no time zone")


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a visit.

    Parameters
    ----------
    arrival, departure : Scan, optional
        The two scans; a visit without departure is open.
    site : Position, optional
        Where the elevator is, if the register knows.
    technicians : frozenset of str
        Ids of those who took part, each by their own identity.
    """

    arrival: Scan | None = None
    departure: Scan | None = None
    site: Position | None = None
    technicians: frozenset[str] = frozenset()


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule pack asks of a visit.

    Parameters
    ----------
    minimum_dwell_s : int
        Shortest time between the scans that counts, inclusive; 0 asks for nothing.
    geofence_radius_m : int
        Largest distance from the site that counts as there, inclusive.
    coarsest_accuracy_m : int
        A position less accurate than this proves no presence.
    minimum_technicians : int
        1, or 2 where two-person work is asked for.
    """

    minimum_dwell_s: int
    geofence_radius_m: int
    coarsest_accuracy_m: int
    minimum_technicians: int


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


def distance_m(one: Position, other: Position) -> float:
    """Return the great-circle distance in metres (haversine formula; off by at most 0.5 %, the Earth's flattening)."""
    latitude, other_latitude = radians(one.latitude_deg), radians(other.latitude_deg)
    half_north = (other_latitude - latitude) / 2
    half_east = radians(other.longitude_deg - one.longitude_deg) / 2
    square = sin(half_north) ** 2 + cos(latitude) * cos(other_latitude) * sin(half_east) ** 2
    return 2 * _EARTH_RADIUS_M * asin(min(1.0, sqrt(square)))


_Answer = tuple[Outcome, Bilingual]

_NO_SCAN: Final = (Outcome.SKIPPED, Bilingual(zh="没有扫码记录。", en="There is no scan."))
_OPEN: Final = (Outcome.SKIPPED, Bilingual(zh="尚未离场扫码，维保未结束。", en="No departure scan yet: the visit is open."))
_NO_ARRIVAL: Final = (
    Outcome.FAILED,
    Bilingual(zh="有离场扫码，但没有到场扫码。", en="There is a departure scan but no arrival scan."),
)
_LABEL_STATE: Final = {
    LabelState.ACTIVE: Bilingual(zh="有效", en="active"),
    LabelState.BLANK: Bilingual(zh="尚未绑定电梯", en="not yet claimed for an elevator"),
    LabelState.REVOKED: Bilingual(zh="已作废", en="revoked"),
    LabelState.REPLACED: Bilingual(zh="已被新标签替换", en="replaced by a newer label"),
    LabelState.OTHER_ELEVATOR: Bilingual(zh="属于另一台电梯", en="another elevator's"),
    LabelState.UNKNOWN: Bilingual(zh="不是本系统签发", en="not one of ours"),
}


def _scans(evidence: Evidence) -> list[tuple[Bilingual, Scan]]:
    named = (
        (Bilingual(zh="到场", en="arrival"), evidence.arrival),
        (Bilingual(zh="离场", en="departure"), evidence.departure),
    )
    return [(name, scan) for name, scan in named if scan is not None]


def _label_active(evidence: Evidence, _: Limits) -> _Answer:
    """Ask whether every scan met a label that was active for this elevator; a revoked one may be a copy."""
    scans = _scans(evidence)
    if not scans:
        return _NO_SCAN
    wrong = [(name, _LABEL_STATE[scan.label]) for name, scan in scans if scan.label is not LabelState.ACTIVE]
    if not wrong:
        return Outcome.PASSED, Bilingual(zh="扫码时标签有效。", en="The label was active.")
    return Outcome.FAILED, Bilingual(
        zh="；".join(f"{name.zh}扫码的标签{state.zh}" for name, state in wrong) + "。",
        en="; ".join(f"The label at {name.en} was {state.en}" for name, state in wrong) + ".",
    )


def _code_seen(evidence: Evidence, _: Limits) -> _Answer:
    """Ask whether the camera saw every code; a typed one or a link comes from anywhere, so it speaks neither way."""
    scans = _scans(evidence)
    if not scans:
        return _NO_SCAN
    unseen = [name for name, scan in scans if scan.entered_by is not EnteredBy.CAMERA]
    if not unseen:
        return Outcome.PASSED, Bilingual(zh="标签由应用内相机扫描。", en="The camera read the label.")
    return Outcome.SKIPPED, Bilingual(
        zh="、".join(name.zh for name in unseen) + "的标签码为手工输入或由链接打开。",
        en="The code at " + " and ".join(name.en for name in unseen) + " was typed or opened as a link.",
    )


def _order(evidence: Evidence, _: Limits) -> _Answer:
    """Ask whether departure came after arrival; if not, a clock was changed or the scans were mixed up."""
    if evidence.arrival is None:
        return _NO_SCAN if evidence.departure is None else _NO_ARRIVAL
    if evidence.departure is None:
        return _OPEN
    if evidence.arrival.at < evidence.departure.at:
        return Outcome.PASSED, Bilingual(zh="到场早于离场。", en="Arrival was before departure.")
    return Outcome.FAILED, Bilingual(zh="离场不晚于到场。", en="Departure was not after arrival.")


def _dwell(evidence: Evidence, limits: Limits) -> _Answer:
    """Ask whether the time on site was long enough for honest work; it never proves that the work was done."""
    if limits.minimum_dwell_s == 0:
        return Outcome.SKIPPED, Bilingual(zh="规则未要求最短时间。", en="The rules ask for no minimum time.")
    if evidence.arrival is None:
        return _NO_SCAN if evidence.departure is None else _NO_ARRIVAL
    if evidence.departure is None:
        return _OPEN
    dwell_s = int((evidence.departure.at - evidence.arrival.at).total_seconds())
    reason = Bilingual(
        zh=f"现场停留 {dwell_s} 秒，要求至少 {limits.minimum_dwell_s} 秒。",
        en=f"{dwell_s} s on site; at least {limits.minimum_dwell_s} s are asked for.",
    )
    return (Outcome.PASSED if dwell_s >= limits.minimum_dwell_s else Outcome.FAILED), reason


def _arrival_geofence(evidence: Evidence, limits: Limits) -> _Answer:
    """Ask whether the arrival scan was made at the site."""
    return _geofence(evidence.arrival, evidence.site, limits)


def _departure_geofence(evidence: Evidence, limits: Limits) -> _Answer:
    """Ask whether the departure scan was made at the site."""
    return _geofence(evidence.departure, evidence.site, limits)


def _geofence(scan: Scan | None, site: Position | None, limits: Limits) -> _Answer:
    """Compare one scan's position with the site.

    Failed only if the phone was outside even at the far end of its accuracy: in a pit or a car GPS is poor, and an honest
    technician must not fail for that. What is neither inside nor surely outside is skipped.
    """
    if scan is None:
        return _NO_SCAN
    if site is None:
        return Outcome.SKIPPED, Bilingual(zh="登记信息中没有电梯位置。", en="The register has no position of the site.")
    if scan.position is None:
        return Outcome.SKIPPED, Bilingual(zh="手机未提供位置。", en="The phone gave no position.")
    accuracy_m = scan.position.accuracy_m
    metres = distance_m(scan.position, site)
    measured = Bilingual(
        zh=f"距电梯 {metres:.0f} 米（精度 ±{accuracy_m:.0f} 米），允许 {limits.geofence_radius_m} 米",
        en=f"{metres:.0f} m from the site (±{accuracy_m:.0f} m); {limits.geofence_radius_m} m are allowed",
    )
    if metres - accuracy_m - site.accuracy_m > limits.geofence_radius_m:
        return Outcome.FAILED, Bilingual(zh=f"{measured.zh}。", en=f"{measured.en}.")
    if metres <= limits.geofence_radius_m and accuracy_m <= limits.coarsest_accuracy_m:
        return Outcome.PASSED, Bilingual(zh=f"{measured.zh}。", en=f"{measured.en}.")
    return Outcome.SKIPPED, Bilingual(zh=f"{measured.zh}：位置太粗，无法判断。", en=f"{measured.en}: too coarse to tell.")


def _technicians(evidence: Evidence, limits: Limits) -> _Answer:
    """Ask whether as many technicians took part as two-person work needs."""
    if limits.minimum_technicians <= 1:
        return Outcome.SKIPPED, Bilingual(zh="规则未要求双人作业。", en="The rules do not ask for two technicians.")
    present = len(evidence.technicians)
    reason = Bilingual(
        zh=f"到场维保人员 {present} 人，要求至少 {limits.minimum_technicians} 人。",
        en=f"{present} technician(s) took part; at least {limits.minimum_technicians} are asked for.",
    )
    return (Outcome.PASSED if present >= limits.minimum_technicians else Outcome.FAILED), reason


_QUESTIONS: Final[dict[CheckName, Callable[[Evidence, Limits], _Answer]]] = {
    CheckName.LABEL_ACTIVE: _label_active,
    CheckName.CODE_SEEN: _code_seen,
    CheckName.ORDER: _order,
    CheckName.DWELL: _dwell,
    CheckName.ARRIVAL_GEOFENCE: _arrival_geofence,
    CheckName.DEPARTURE_GEOFENCE: _departure_geofence,
    CheckName.TECHNICIANS: _technicians,
}
