"""Grades: what the table says, and what the whole of it promises."""

import msgspec
import pytest

from qr.checks import Check, CheckName, Checks, Outcome
from qr.errors import Bilingual
from qr.evidence import ElevatorWord, Evidence, Reuse, Verdict
from qr.grade import CAPS, MEANINGS, Grade, cap_of, grade_of
from qr.proof import check_visit
from tests.support.proof import GOOD, LIMITS, SEEN, north_of_site, photo, scan, unsigned

WORST_LAST = (Outcome.PASSED, Outcome.SKIPPED, Outcome.FAILED)


def grade(**changes: object) -> Grade:
    return grade_of(check_visit(msgspec.structs.replace(GOOD, **changes), LIMITS)).grade


def test_a_visit_that_everything_speaks_for_is_an_a_without_reasons() -> None:
    graded = grade_of(check_visit(GOOD, LIMITS))
    assert (graded.grade, graded.reasons) == (Grade.A, ())


def test_where_the_elevator_or_the_place_is_silent_it_is_a_b() -> None:
    assert grade(elevator=None) is Grade.B
    assert grade(elevator=ElevatorWord(Verdict.SILENT, (SEEN,))) is Grade.B
    assert grade(arrival=scan(position=None), departure=scan(3600, position=None)) is Grade.B
    assert grade(own_scans=()) is Grade.B


def test_a_visit_from_the_pages_without_script_is_a_c_at_best() -> None:
    assert grade(arrival=unsigned(), departure=unsigned(3600), chain=None) is Grade.C


def test_weak_evidence_is_a_c() -> None:
    assert grade(departure=scan(1200)) is Grade.C  # short
    assert grade(departure=scan(3600, position=north_of_site(3000))) is Grade.C  # one geofence
    assert grade(technicians=frozenset({"li"}), own_scans=()) is Grade.C  # alone
    assert grade(photos=(photo(in_app=False),)) is Grade.C


def test_what_does_not_fit_is_a_d() -> None:
    assert grade(departure=scan(-60)) is Grade.D
    assert grade(elevator=ElevatorWord(Verdict.CONTRADICTED, (SEEN,))) is Grade.D
    assert grade(photos=(photo(reuse=Reuse(same_file=True, bits=0)),)) is Grade.D
    assert grade(arrival=scan(position=north_of_site(3000)), departure=scan(3600, position=north_of_site(3010))) is Grade.D
    assert grade_of(check_visit(Evidence(), LIMITS)).grade is Grade.D


def test_reasons_name_what_holds_the_grade_down_the_heaviest_first() -> None:
    graded = grade_of(
        check_visit(msgspec.structs.replace(GOOD, elevator=None, departure=scan(-60), zones=(), own_scans=()), LIMITS)
    )
    assert graded.reasons[0].caps is Grade.D
    assert [reason.caps.rank for reason in graded.reasons] == sorted((r.caps.rank for r in graded.reasons), reverse=True)
    assert {reason.name for reason in graded.reasons} >= {CheckName.ORDER, CheckName.ELEVATOR}
    assert all(reason.text.zh and reason.text.en for reason in graded.reasons)


def test_every_question_stands_in_the_table_and_failing_is_never_better_than_nothing() -> None:
    assert list(CAPS) == list(CheckName)
    for name, caps in CAPS.items():
        assert caps.failed.rank >= caps.skipped.rank, name
        assert caps.failed is not Grade.A, name


def test_a_question_that_was_not_asked_is_as_one_that_nothing_answers() -> None:
    asked = check_visit(GOOD, LIMITS).checks
    assert grade_of(Checks(tuple(check for check in asked if check.name is not CheckName.ELEVATOR))).grade is Grade.B


@pytest.mark.parametrize("name", list(CheckName))
@pytest.mark.parametrize("outcome", list(Outcome))
def test_one_answer_alone_leaves_what_the_table_says(name: CheckName, outcome: Outcome) -> None:
    said = Bilingual(zh="因。", en="Why.")
    checks = Checks(tuple(Check(one, outcome if one is name else Outcome.PASSED, said) for one in CheckName))
    assert grade_of(checks).grade is cap_of(CAPS[name], outcome)


def test_every_grade_is_explained_without_reproach() -> None:
    assert list(MEANINGS) == list(Grade)
    for meaning in MEANINGS.values():
        for word in ("fraud", "fake", "cheat", "lie", "造假", "作弊", "虚假"):
            assert word not in meaning.en.lower() + meaning.zh


def test_below_means_worse() -> None:
    assert Grade.C.is_below(Grade.B)
    assert not Grade.B.is_below(Grade.B)
    assert not Grade.A.is_below(Grade.B)
