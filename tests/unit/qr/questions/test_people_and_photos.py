"""Two people, one place at a time, the time for the checklist, photos, the elevator's word."""

from typing import Any

import msgspec
import pytest

from qr.checks import CheckName, Outcome
from qr.errors import Bilingual
from qr.evidence import ElevatorWord, Elsewhere, EnteredBy, KeyState, LabelState, OwnScan, Reuse, SignatureState, Verdict
from qr.proof import Check, check_visit
from tests.support.proof import GOOD, LIMITS, north_of_site, photo, scan


def check(name: CheckName, **changes: object) -> Check:
    return check_visit(msgspec.structs.replace(GOOD, **changes), LIMITS)[name]


def own(joined_s: float = 120, left_s: float | None = 3480, **changes: object) -> tuple[OwnScan, ...]:
    left = None if left_s is None else scan(left_s)
    return (OwnScan(technician="wang", joined=scan(joined_s, **changes), left=left),)


def test_another_technicians_own_scans_pass_and_a_mere_name_is_skipped() -> None:
    assert check(CheckName.OWN_SCANS).outcome is Outcome.PASSED
    assert check(CheckName.OWN_SCANS, own_scans=()).outcome is Outcome.SKIPPED


def test_who_did_not_scan_on_leaving_may_have_left_at_once() -> None:
    answer = check(CheckName.OWN_SCANS, own_scans=own(left_s=None))
    assert answer.outcome is Outcome.SKIPPED
    assert "on leaving" in answer.reason.en


@pytest.mark.parametrize("source", [EnteredBy.TYPED, EnteredBy.LINK, EnteredBy.GALLERY])
def test_a_code_that_was_passed_on_shows_nobody_there(source: EnteredBy) -> None:
    assert check(CheckName.OWN_SCANS, own_scans=own(entered_by=source)).outcome is Outcome.SKIPPED


def test_own_scans_without_a_place_prove_no_place() -> None:
    (one,) = own(position=None)
    assert check(CheckName.OWN_SCANS, own_scans=(one,)).outcome is Outcome.PASSED  # on leaving it was at the site
    assert one.left is not None
    nowhere = msgspec.structs.replace(one, left=msgspec.structs.replace(one.left, position=None))
    assert check(CheckName.OWN_SCANS, own_scans=(nowhere,)).outcome is Outcome.SKIPPED


def test_who_was_there_for_less_than_the_share_fails() -> None:
    half_s = 3600 * LIMITS.own_share
    assert check(CheckName.OWN_SCANS, own_scans=own(0, half_s)).outcome is Outcome.PASSED
    answer = check(CheckName.OWN_SCANS, own_scans=own(0, half_s - 60))
    assert answer.outcome is Outcome.FAILED
    assert "29 min" in answer.reason.en


def test_who_scanned_away_from_the_site_fails() -> None:
    assert check(CheckName.OWN_SCANS, own_scans=own(position=north_of_site(3000))).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "changes", [{"key": KeyState.REVOKED}, {"key": KeyState.OTHERS}, {"signature": SignatureState.INVALID}]
)
def test_a_scan_that_their_own_phone_did_not_sign_fails(changes: dict[str, Any]) -> None:
    assert check(CheckName.OWN_SCANS, own_scans=own(**changes)).outcome is Outcome.FAILED


def test_where_one_is_enough_nobody_else_has_to_scan() -> None:
    single = msgspec.structs.replace(LIMITS, minimum_technicians=1)
    alone = msgspec.structs.replace(GOOD, own_scans=(), technicians=frozenset({"li"}))
    assert check_visit(alone, single)[CheckName.OWN_SCANS].outcome is Outcome.PASSED


def test_work_at_the_next_elevator_is_one_site_but_not_one_place() -> None:
    beside = (Elsewhere(elevator="E2", other_site=False),)
    assert check(CheckName.ONE_PLACE, elsewhere=beside).outcome is Outcome.FAILED
    assert check(CheckName.ONE_SITE, elsewhere=beside).outcome is Outcome.PASSED
    assert check(CheckName.ONE_PLACE).outcome is Outcome.PASSED


def test_a_scan_at_another_site_in_between_fails() -> None:
    answer = check(CheckName.ONE_SITE, elsewhere=(Elsewhere(elevator="E9", other_site=True),))
    assert answer.outcome is Outcome.FAILED
    assert "E9" in answer.reason.en


@pytest.mark.parametrize(
    ("expected_s", "outcome"),
    [(7200, Outcome.PASSED), (7201, Outcome.FAILED), (900, Outcome.PASSED), (899, Outcome.SKIPPED), (None, Outcome.SKIPPED)],
)
def test_the_time_on_site_fits_the_checklist(expected_s: int | None, outcome: Outcome) -> None:
    assert check(CheckName.EXPECTED_TIME, expected_s=expected_s).outcome is outcome  # an hour on site


def test_zone_labels_and_own_scans_count_for_the_label_too() -> None:
    assert check(CheckName.LABEL_ACTIVE, own_scans=own(label=LabelState.REVOKED)).outcome is Outcome.FAILED


def test_a_code_from_the_gallery_is_no_sight_of_the_label() -> None:
    assert check(CheckName.CODE_SEEN, arrival=scan(entered_by=EnteredBy.GALLERY)).outcome is Outcome.SKIPPED


def test_photos_of_the_app_during_the_visit_pass_and_none_are_not_asked_for() -> None:
    assert check(CheckName.PHOTOS_IN_APP).outcome is Outcome.PASSED
    assert check(CheckName.PHOTOS_IN_APP, photos=()).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (photo(600, in_app=False), Outcome.FAILED),
        (photo(-LIMITS.photo_slack_s), Outcome.PASSED),
        (photo(-LIMITS.photo_slack_s - 1), Outcome.FAILED),
        (photo(3600 + LIMITS.photo_slack_s), Outcome.PASSED),
        (photo(3601 + LIMITS.photo_slack_s), Outcome.FAILED),
    ],
)
def test_photos_from_the_gallery_or_of_another_time_fail(made: object, outcome: Outcome) -> None:
    assert check(CheckName.PHOTOS_IN_APP, photos=(photo(700), made)).outcome is outcome


def test_photos_that_have_not_come_in_yet_are_waited_for() -> None:
    answer = check(CheckName.PHOTOS_ARRIVED, photos=(photo(700), photo(800, arrived=False)))
    assert answer.outcome is Outcome.SKIPPED
    assert answer.reason.en == "1 of 2 photos have not come in yet."
    assert check(CheckName.PHOTOS_ARRIVED).outcome is Outcome.PASSED
    assert check(CheckName.PHOTOS_ARRIVED, photos=()).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("reuse", "new", "alike"),
    [
        (None, Outcome.PASSED, Outcome.PASSED),
        (Reuse(same_file=True, bits=0), Outcome.FAILED, Outcome.FAILED),
        (Reuse(same_file=False, bits=3), Outcome.FAILED, Outcome.FAILED),
        (Reuse(same_file=False, bits=4), Outcome.PASSED, Outcome.FAILED),
        (Reuse(same_file=False, bits=8), Outcome.PASSED, Outcome.FAILED),
        (Reuse(same_file=False, bits=9), Outcome.PASSED, Outcome.PASSED),
        (Reuse(same_file=True, bits=0, other_visit=False), Outcome.PASSED, Outcome.FAILED),
        (Reuse(same_file=False, bits=4, other_visit=False), Outcome.PASSED, Outcome.PASSED),
    ],
)
def test_a_picture_that_was_there_before_shows(reuse: Reuse | None, new: Outcome, alike: Outcome) -> None:
    photos = (photo(700), photo(800, reuse=reuse))
    assert check(CheckName.PHOTOS_NEW, photos=photos).outcome is new
    assert check(CheckName.PHOTOS_ALIKE, photos=photos).outcome is alike


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.CORROBORATED, Outcome.PASSED),
        (Verdict.SILENT, Outcome.SKIPPED),
        (Verdict.CONTRADICTED, Outcome.FAILED),
    ],
)
def test_the_elevators_word_is_taken_with_what_it_saw(verdict: Verdict, outcome: Outcome) -> None:
    seen = (Bilingual(zh="甲。", en="One."), Bilingual(zh="乙。", en="Two."))
    answer = check(CheckName.ELEVATOR, elevator=ElevatorWord(verdict, seen))
    assert (answer.outcome, answer.reason) == (outcome, Bilingual(zh="甲。乙。", en="One. Two."))


def test_an_elevator_that_nobody_asked_says_nothing() -> None:
    assert check(CheckName.ELEVATOR, elevator=None).outcome is Outcome.SKIPPED
