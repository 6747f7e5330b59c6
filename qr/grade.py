"""The grade of a visit's proof, A to D, made of its checks by a table.

A grade says how much stands behind a visit, not whether somebody did wrong. Each question that is not passed caps the grade;
the lowest cap is the grade. So a worse answer never raises it, and every grade names the questions that hold it down.
"""

from enum import StrEnum
from typing import Final

import msgspec

from qr.checks import CheckName, Checks, Outcome
from qr.errors import Bilingual


class Grade(StrEnum):
    """How much stands behind a visit, the best first."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @property
    def rank(self) -> int:
        """0 for A to 3 for D."""
        return "ABCD".index(self.value)

    def is_below(self, demanded: "Grade") -> bool:
        """Return whether this grade is worse than the one that is asked for."""
        return self.rank > demanded.rank


class Caps(msgspec.Struct, frozen=True):
    """The best grade that an answer leaves possible.

    Parameters
    ----------
    skipped, failed : Grade
        Where nothing answers the question, and where the answer speaks against the visit. Never better failed than skipped.
    """

    skipped: Grade
    failed: Grade


CAPS: Final[dict[CheckName, Caps]] = {
    # what was scanned: another code, or one that is seen in two places, is no proof of having been at this elevator
    CheckName.LABEL_ACTIVE: Caps(skipped=Grade.D, failed=Grade.D),
    CheckName.CODE_SEEN: Caps(skipped=Grade.C, failed=Grade.D),
    CheckName.LABEL_ONCE: Caps(skipped=Grade.A, failed=Grade.D),
    # who sent it: without a signature anybody with the password; with a wrong one, somebody else
    CheckName.SIGNED: Caps(skipped=Grade.C, failed=Grade.D),
    CheckName.KEY: Caps(skipped=Grade.C, failed=Grade.D),
    CheckName.CHAIN: Caps(skipped=Grade.C, failed=Grade.D),
    # when: what no server time bounds rests on a clock that can be set
    CheckName.TIME_BOUNDED: Caps(skipped=Grade.C, failed=Grade.D),
    CheckName.CLOCK: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.ORDER: Caps(skipped=Grade.D, failed=Grade.D),
    # for how long: a short visit is a weak one, not a false one
    CheckName.DWELL: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.EXPECTED_TIME: Caps(skipped=Grade.A, failed=Grade.C),
    # where: one position outside may be an error of the phone's, both are not
    CheckName.ARRIVAL_GEOFENCE: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.DEPARTURE_GEOFENCE: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.PLACE: Caps(skipped=Grade.B, failed=Grade.D),
    CheckName.POSITION_PLAUSIBLE: Caps(skipped=Grade.A, failed=Grade.C),
    # who was there
    CheckName.TECHNICIANS: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.OWN_SCANS: Caps(skipped=Grade.B, failed=Grade.C),
    CheckName.ONE_PLACE: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.ONE_SITE: Caps(skipped=Grade.A, failed=Grade.D),
    CheckName.TRAVEL_BEFORE: Caps(skipped=Grade.A, failed=Grade.D),
    CheckName.TRAVEL_AFTER: Caps(skipped=Grade.A, failed=Grade.D),
    # what was done there
    CheckName.ZONES: Caps(skipped=Grade.A, failed=Grade.C),
    # a zone that has a label but was only told is no worse than a place that is not proven
    CheckName.ZONES_PROVEN: Caps(skipped=Grade.A, failed=Grade.B),
    CheckName.PHOTOS_IN_APP: Caps(skipped=Grade.A, failed=Grade.C),
    CheckName.PHOTOS_ARRIVED: Caps(skipped=Grade.B, failed=Grade.C),
    CheckName.PHOTOS_NEW: Caps(skipped=Grade.A, failed=Grade.D),
    CheckName.PHOTOS_ALIKE: Caps(skipped=Grade.A, failed=Grade.C),
    # the one witness that no phone can feign
    CheckName.ELEVATOR: Caps(skipped=Grade.B, failed=Grade.D),
}
"""What each answer leaves possible; a passed question leaves A."""

MEANINGS: Final = {
    Grade.A: Bilingual(
        zh="签名、时间和位置均有依据，电梯自身数据相符。",
        en="Signed, bounded in time, at the site, and the elevator's own data agrees.",
    ),
    Grade.B: Bilingual(
        zh="签名和时间有依据，没有不符之处；电梯数据或位置未能佐证。",
        en="Signed and bounded in time, nothing speaks against it; the elevator, the place or something else is silent.",
    ),
    Grade.C: Bilingual(
        zh="没有推翻维保的证据，但依据较弱。", en="Nothing disproves the visit, but what stands behind it is weak."
    ),
    Grade.D: Bilingual(
        zh="有证据与本次维保不符，需由负责人核实。", en="Something does not fit this visit: somebody has to look into it."
    ),
}
"""What each grade means, for everybody who reads it."""


class Reason(msgspec.Struct, frozen=True):
    """A question that keeps a grade from being higher.

    Parameters
    ----------
    name : CheckName
        The question.
    outcome : Outcome
        Its answer: failed or skipped.
    caps : Grade
        The best grade that it leaves possible.
    text : Bilingual
        The answer in plain words.
    """

    name: CheckName
    outcome: Outcome
    caps: Grade
    text: Bilingual


class Graded(msgspec.Struct, frozen=True):
    """A grade with its reasons.

    Parameters
    ----------
    grade : Grade
        The grade.
    reasons : tuple of Reason
        What keeps it from being A: the lowest cap first, then in the order of the questions. Empty for A.
    """

    grade: Grade
    reasons: tuple[Reason, ...]


def grade_of(checks: Checks) -> Graded:
    """Grade a visit.

    Parameters
    ----------
    checks : Checks
        The answers; a question that is not among them counts as skipped.

    Returns
    -------
    Graded
        The grade and what holds it down.
    """
    answers = {check.name: check for check in checks.checks}
    reasons = []
    for name, caps in CAPS.items():
        check = answers.get(name)
        outcome = Outcome.SKIPPED if check is None else check.outcome
        cap = cap_of(caps, outcome)
        if cap is not Grade.A:
            text = _NOT_ASKED if check is None else check.reason
            reasons.append(Reason(name, outcome, cap, text))
    reasons.sort(key=lambda reason: -reason.caps.rank)
    return Graded(reasons[0].caps if reasons else Grade.A, tuple(reasons))


def cap_of(caps: Caps, outcome: Outcome) -> Grade:
    """Return the best grade that an answer leaves possible."""
    if outcome is Outcome.PASSED:
        return Grade.A
    return caps.failed if outcome is Outcome.FAILED else caps.skipped


_NOT_ASKED: Final = Bilingual(zh="未作此项检查。", en="This was not asked.")
