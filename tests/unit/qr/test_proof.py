"""Each question about a visit: one case that keeps the rule, one that breaks it, and those that nothing can decide."""

from datetime import timedelta, timezone

import msgspec
import pytest

from qr import proof
from qr.geo import distance_m
from qr.proof import CheckName, EnteredBy, Evidence, LabelState, Limits, Outcome, Position
from tests.support.proof import ARRIVED, GOOD, LIMITS, SITE, north_of_site, scan


def check(name: CheckName, limits: Limits = LIMITS, **changes: object) -> proof.Check:
    return proof.check_visit(msgspec.structs.replace(GOOD, **changes), limits)[name]


def test_a_good_visit_passes_every_check_in_the_order_of_the_questions() -> None:
    checks = proof.check_visit(GOOD, LIMITS)
    assert [answer.name for answer in checks.checks] == list(CheckName)
    assert checks.with_outcome(Outcome.PASSED) == checks.checks


def test_without_any_evidence_nothing_passes() -> None:
    checks = proof.check_visit(Evidence(), LIMITS)
    assert checks.with_outcome(Outcome.PASSED) == ()
    assert [answer.name for answer in checks.with_outcome(Outcome.FAILED)] == [CheckName.TECHNICIANS]


def test_every_answer_has_a_reason_in_both_languages() -> None:
    open_visit = Evidence(arrival=scan(entered_by=EnteredBy.LINK, position=None, label=LabelState.BLANK))
    for evidence in (GOOD, Evidence(), open_visit, Evidence(departure=scan())):
        for answer in proof.check_visit(evidence, LIMITS).checks:
            assert answer.reason.zh.endswith("。")
            assert answer.reason.en.endswith(".")


def test_checks_can_be_sent_as_json() -> None:
    checks = proof.check_visit(GOOD, LIMITS)
    assert msgspec.json.decode(msgspec.json.encode(checks), type=proof.Checks) == checks


@pytest.mark.parametrize("state", [state for state in LabelState if state is not LabelState.ACTIVE])
def test_a_label_that_was_not_active_fails_and_says_at_which_scan_and_why(state: LabelState) -> None:
    answer = check(CheckName.LABEL_ACTIVE, departure=scan(3600, label=state))
    assert answer.outcome is Outcome.FAILED
    assert answer.reason.en.startswith("The label at departure was ")
    assert "arrival" not in answer.reason.en


def test_both_bad_labels_are_named() -> None:
    revoked, foreign = scan(label=LabelState.REVOKED), scan(3600, label=LabelState.UNKNOWN)
    reason = check(CheckName.LABEL_ACTIVE, arrival=revoked, departure=foreign).reason
    assert reason.en == "The label at arrival was revoked; The label at departure was not one of ours."
    assert "到场扫码的标签已作废" in reason.zh


@pytest.mark.parametrize("entered_by", [EnteredBy.TYPED, EnteredBy.LINK])
def test_a_code_that_no_camera_saw_is_skipped_neither_passed_nor_failed(entered_by: EnteredBy) -> None:
    answer = check(CheckName.CODE_SEEN, arrival=scan(entered_by=entered_by))
    assert answer.outcome is Outcome.SKIPPED
    assert "at arrival was typed, opened as a link or read from a picture" in answer.reason.en


def test_departure_at_or_before_arrival_fails() -> None:
    assert check(CheckName.ORDER, departure=scan(1)).outcome is Outcome.PASSED
    assert check(CheckName.ORDER, departure=scan(0)).outcome is Outcome.FAILED
    assert check(CheckName.ORDER, departure=scan(-60)).outcome is Outcome.FAILED
    assert check(CheckName.DWELL, departure=scan(-60)).outcome is Outcome.FAILED


def test_order_and_dwell_compare_moments_not_clock_faces() -> None:
    in_shanghai = (ARRIVED + timedelta(seconds=1800)).astimezone(timezone(timedelta(hours=8)))
    assert check(CheckName.ORDER, departure=scan(at=in_shanghai)).outcome is Outcome.PASSED
    assert check(CheckName.DWELL, departure=scan(at=in_shanghai)).outcome is Outcome.PASSED


@pytest.mark.parametrize("name", [CheckName.ORDER, CheckName.DWELL])
def test_a_visit_without_departure_is_open(name: CheckName) -> None:
    answer = check(name, departure=None)
    assert answer.outcome is Outcome.SKIPPED
    assert "visit is open" in answer.reason.en


@pytest.mark.parametrize("name", [CheckName.ORDER, CheckName.DWELL])
def test_a_departure_without_arrival_fails(name: CheckName) -> None:
    assert check(name, arrival=None).outcome is Outcome.FAILED


def test_the_minimum_dwell_itself_is_enough_and_a_second_less_is_not() -> None:
    assert check(CheckName.DWELL, departure=scan(1800)).outcome is Outcome.PASSED
    short = check(CheckName.DWELL, departure=scan(1799))
    assert short.outcome is Outcome.FAILED
    assert short.reason.en == "1799 s on site; at least 1800 s are asked for."


def test_without_a_minimum_dwell_nothing_is_asked() -> None:
    no_minimum = msgspec.structs.replace(LIMITS, minimum_dwell_s=0)
    assert check(CheckName.DWELL, no_minimum, departure=scan(1)).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("position", "outcome"),
    [
        (north_of_site(149, accuracy_m=100), Outcome.PASSED),
        (north_of_site(149, accuracy_m=101), Outcome.SKIPPED),  # inside, but too coarse to prove it
        (north_of_site(155, accuracy_m=10), Outcome.SKIPPED),  # outside, but perhaps inside
        (north_of_site(161, accuracy_m=10), Outcome.FAILED),
        (north_of_site(5000, accuracy_m=2000), Outcome.FAILED),  # coarse, and far beyond even so
        (north_of_site(5000, accuracy_m=float("inf")), Outcome.SKIPPED),
        (None, Outcome.SKIPPED),
    ],
)
def test_the_geofence_passes_inside_fails_surely_outside_and_is_skipped_between(
    position: Position | None, outcome: Outcome
) -> None:
    assert check(CheckName.ARRIVAL_GEOFENCE, arrival=scan(position=position)).outcome is outcome
    assert check(CheckName.DEPARTURE_GEOFENCE, departure=scan(3600, position=position)).outcome is outcome


def test_the_two_geofences_are_kept_apart() -> None:
    far = proof.check_visit(msgspec.structs.replace(GOOD, departure=scan(3600, position=north_of_site(900))), LIMITS)
    assert far[CheckName.ARRIVAL_GEOFENCE].outcome is Outcome.PASSED
    assert far[CheckName.DEPARTURE_GEOFENCE].outcome is Outcome.FAILED
    assert far[CheckName.DEPARTURE_GEOFENCE].reason.en == "500-2000 m from the site (±10 m); 150 m are allowed."


def test_without_a_site_position_the_geofence_is_skipped() -> None:
    answer = check(CheckName.ARRIVAL_GEOFENCE, site=None)
    assert answer.outcome is Outcome.SKIPPED
    assert "register" in answer.reason.en


def test_an_imprecise_site_position_gives_the_benefit_of_the_doubt() -> None:
    coarse_site = msgspec.structs.replace(SITE, accuracy_m=50)
    away = scan(position=north_of_site(190))
    assert check(CheckName.ARRIVAL_GEOFENCE, arrival=away).outcome is Outcome.FAILED
    assert check(CheckName.ARRIVAL_GEOFENCE, arrival=away, site=coarse_site).outcome is Outcome.SKIPPED


def test_one_technician_fails_where_two_are_asked_for_and_is_not_asked_elsewhere() -> None:
    alone = frozenset({"li"})
    single = msgspec.structs.replace(LIMITS, minimum_technicians=1)
    assert check(CheckName.TECHNICIANS, technicians=alone).outcome is Outcome.FAILED
    assert check(CheckName.TECHNICIANS, single, technicians=alone).outcome is Outcome.SKIPPED


def test_the_distance_is_the_great_circle() -> None:
    # A quarter of a great circle of 6 371 008.8 m radius.
    assert distance_m(Position(0, 0), Position(0, 90)) == pytest.approx(10_007_557, abs=1)
    assert distance_m(Position(90, 0), Position(-90, 77)) == pytest.approx(20_015_115, abs=1)
    assert distance_m(Position(10, 179.9995), Position(10, -179.9995)) == pytest.approx(109.5, abs=0.1)
    assert distance_m(SITE, SITE) == 0


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="at: 2026-11-24T01:00:00 has no time zone"):
        scan(at=ARRIVED.replace(tzinfo=None))


def test_all_values_of_a_position_that_are_out_of_range_are_named() -> None:
    with pytest.raises(ValueError, match="latitude_deg: 91") as caught:
        Position(91, -181, float("nan"))
    assert "longitude_deg: -181" in str(caught.value)
    assert "accuracy_m: nan" in str(caught.value)
