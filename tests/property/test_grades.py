"""However the answers fall: a worse one never raises the grade, and the reasons say what holds it down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr.checks import Check, CheckName, Checks, Outcome
from qr.errors import Bilingual
from qr.grade import Grade, grade_of

SAID = Bilingual(zh="因。", en="Why.")
WORSE = {Outcome.PASSED: Outcome.SKIPPED, Outcome.SKIPPED: Outcome.FAILED}
ANY = st.lists(st.sampled_from(list(Outcome)), min_size=len(CheckName), max_size=len(CheckName))


def all_passed_but(answers: dict[CheckName, Outcome]) -> list[Outcome]:
    return [answers.get(name, Outcome.PASSED) for name in CheckName]


FEW = st.dictionaries(st.sampled_from(list(CheckName)), st.sampled_from(list(Outcome)), max_size=3).map(all_passed_but)
ANSWERS = ANY | FEW
"""Where most answers are bad, the grade is D whatever one of them says: so there must be such with few bad ones."""


def checks_of(outcomes: list[Outcome]) -> Checks:
    return Checks(tuple(Check(name, outcome, SAID) for name, outcome in zip(CheckName, outcomes, strict=True)))


@pytest.mark.parametrize("name", CheckName)
def test_each_question_alone_lowers_the_grade_the_more_the_worse_its_answer_is(name: CheckName) -> None:
    passed, skipped, failed = [
        grade_of(checks_of(all_passed_but({name: outcome}))).grade.rank
        for outcome in (Outcome.PASSED, Outcome.SKIPPED, Outcome.FAILED)
    ]
    assert passed == 0
    assert passed <= skipped <= failed


@given(ANSWERS, st.integers(0, len(CheckName) - 1))
def test_a_worse_answer_never_raises_the_grade(outcomes: list[Outcome], at: int) -> None:
    before = grade_of(checks_of(outcomes)).grade
    worse = [*outcomes]
    worse[at] = WORSE.get(worse[at], Outcome.FAILED)
    assert grade_of(checks_of(worse)).grade.rank >= before.rank


@given(ANSWERS, st.sets(st.sampled_from(list(CheckName))))
def test_a_question_that_is_left_out_never_raises_the_grade_above_its_passing(
    outcomes: list[Outcome], left_out: set[CheckName]
) -> None:
    best = [Outcome.PASSED if name in left_out else outcome for name, outcome in zip(CheckName, outcomes, strict=True)]
    fewer = Checks(tuple(check for check in checks_of(outcomes).checks if check.name not in left_out))
    assert grade_of(fewer).grade.rank >= grade_of(checks_of(best)).grade.rank


@given(ANSWERS)
def test_the_reasons_are_what_holds_the_grade_down(outcomes: list[Outcome]) -> None:
    graded = grade_of(checks_of(outcomes))
    if graded.grade is Grade.A:
        assert graded.reasons == ()
        return
    assert graded.reasons[0].caps is graded.grade
    mended = {reason.name for reason in graded.reasons if reason.caps is graded.grade}
    better = [Outcome.PASSED if name in mended else outcome for name, outcome in zip(CheckName, outcomes, strict=True)]
    assert grade_of(checks_of(better)).grade.rank < graded.grade.rank
