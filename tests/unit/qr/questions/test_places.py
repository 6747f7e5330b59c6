"""Place, position, ways and zones: what keeps each rule, what breaks it, what nothing can decide."""

from datetime import timedelta

import msgspec
import pytest

from qr.checks import CheckName, Outcome, distance_band
from qr.evidence import Neighbour, Sighting, Zone
from qr.proof import Check, check_visit
from tests.support.proof import ARRIVED, GOOD, LIMITS, SITE, bounds, north_of_site, scan, unsigned, zone


def check(name: CheckName, **changes: object) -> Check:
    return check_visit(msgspec.structs.replace(GOOD, **changes), LIMITS)[name]


FAR = north_of_site(3000)


def test_only_both_positions_at_the_site_prove_the_place() -> None:
    assert check(CheckName.PLACE).outcome is Outcome.PASSED
    assert check(CheckName.PLACE, departure=scan(3600, position=None)).outcome is Outcome.SKIPPED
    assert check(CheckName.PLACE, arrival=scan(position=None)).outcome is Outcome.SKIPPED


def test_one_position_outside_leaves_the_place_open_and_two_disprove_it() -> None:
    assert check(CheckName.PLACE, departure=scan(3600, position=FAR)).outcome is Outcome.SKIPPED
    assert check(CheckName.PLACE, arrival=scan(position=FAR), departure=scan(3600, position=FAR)).outcome is Outcome.FAILED


def test_without_positions_the_place_is_open() -> None:
    assert check(CheckName.PLACE, arrival=scan(position=None), departure=scan(3600, position=None)).outcome is Outcome.SKIPPED


def test_positions_that_a_phone_finds_are_believed() -> None:
    assert check(CheckName.POSITION_PLAUSIBLE).outcome is Outcome.PASSED
    nowhere = {"arrival": scan(position=None), "departure": scan(3600, position=None), "zones": (), "own_scans": ()}
    assert check(CheckName.POSITION_PLAUSIBLE, **nowhere).outcome is Outcome.SKIPPED


def test_digits_that_stay_frozen_through_a_visit_are_not_believed() -> None:
    same = scan().position
    assert check(CheckName.POSITION_PLAUSIBLE, departure=scan(3600, position=same)).outcome is Outcome.FAILED
    soon = {"zones": (), "own_scans": (), "departure": scan(LIMITS.frozen_after_s - 1, position=same)}
    assert check(CheckName.POSITION_PLAUSIBLE, **soon).outcome is Outcome.PASSED  # one fix, told twice


def test_a_position_that_repeats_another_visits_to_the_last_digit_is_not_believed() -> None:
    here = scan().position
    assert here is not None
    assert check(CheckName.POSITION_PLAUSIBLE, earlier_positions=(here,)).outcome is Outcome.FAILED
    near = msgspec.structs.replace(here, latitude_deg=here.latitude_deg + 2e-7)
    assert check(CheckName.POSITION_PLAUSIBLE, earlier_positions=(near,)).outcome is Outcome.PASSED


def test_the_registered_place_to_the_last_digit_is_not_believed() -> None:
    exact = msgspec.structs.replace(SITE, accuracy_m=8)
    answer = check(CheckName.POSITION_PLAUSIBLE, arrival=scan(position=exact))
    assert answer.outcome is Outcome.FAILED
    assert "registered one" in answer.reason.en


@pytest.mark.parametrize(("accuracy_m", "outcome"), [(0.0, Outcome.FAILED), (0.9, Outcome.FAILED), (1.0, Outcome.PASSED)])
def test_no_phone_is_as_exact_as_that(accuracy_m: float, outcome: Outcome) -> None:
    exact = scan(position=north_of_site(20, accuracy_m=accuracy_m))
    assert check(CheckName.POSITION_PLAUSIBLE, arrival=exact).outcome is outcome


@pytest.mark.parametrize(
    ("age_s", "outcome"),
    [(300, Outcome.PASSED), (301, Outcome.FAILED), (-120, Outcome.PASSED), (-121, Outcome.FAILED)],
)
def test_a_fix_is_neither_stale_nor_of_the_future(age_s: int, outcome: Outcome) -> None:
    made = scan(fixed_at=ARRIVED - timedelta(seconds=age_s))
    assert check(CheckName.POSITION_PLAUSIBLE, arrival=made).outcome is outcome


def test_the_age_of_a_fix_goes_by_the_phones_own_clock() -> None:
    claimed = ARRIVED + timedelta(hours=3)  # a clock that is ahead is so for its positions as well
    made = scan(bounds=bounds(ARRIVED, claimed=claimed), fixed_at=claimed - timedelta(seconds=2))
    assert check(CheckName.POSITION_PLAUSIBLE, arrival=made).outcome is Outcome.PASSED


def neighbour(metres: float, minutes: float, *, after: bool = False) -> Neighbour:
    at = scan(3600).at + timedelta(minutes=minutes) if after else ARRIVED - timedelta(minutes=minutes)
    return Neighbour(elevator="31103310022018050009", at=at, place=north_of_site(metres))


def test_the_way_from_the_visit_before_takes_its_time() -> None:
    # 20.5 km less 500 m at 120 km/h take ten minutes
    assert check(CheckName.TRAVEL_BEFORE).outcome is Outcome.PASSED
    assert check(CheckName.TRAVEL_BEFORE, before=neighbour(20_490, 10)).outcome is Outcome.PASSED
    answer = check(CheckName.TRAVEL_BEFORE, before=neighbour(20_600, 10))
    assert answer.outcome is Outcome.FAILED
    assert answer.reason.en == "From 31103310022018050009: about 20.1 km in 10 min; at 120 km/h it takes at least 11 min."


def test_the_way_to_the_next_visit_takes_its_time() -> None:
    assert check(CheckName.TRAVEL_AFTER, after=neighbour(20_490, 10, after=True)).outcome is Outcome.PASSED
    assert check(CheckName.TRAVEL_AFTER, after=neighbour(20_600, 10, after=True)).outcome is Outcome.FAILED


def test_a_way_between_neighbours_is_never_doubted() -> None:
    assert check(CheckName.TRAVEL_BEFORE, before=neighbour(LIMITS.slack_m - 1, 0)).outcome is Outcome.PASSED


def test_without_both_places_the_way_is_open() -> None:
    unknown = Neighbour(elevator="x", at=ARRIVED, place=None)
    assert check(CheckName.TRAVEL_BEFORE, before=unknown).outcome is Outcome.SKIPPED
    assert check(CheckName.TRAVEL_AFTER, site=None, after=neighbour(9_000, 1, after=True)).outcome is Outcome.SKIPPED


def test_the_same_label_elsewhere_at_the_same_time_is_a_copy() -> None:
    during = Sighting(at=ARRIVED + timedelta(minutes=20), position=FAR)
    answer = check(CheckName.LABEL_ONCE, sightings=(during,))
    assert answer.outcome is Outcome.FAILED
    assert "may be a copy" in answer.reason.en
    assert check(CheckName.LABEL_ONCE).outcome is Outcome.PASSED


def test_a_sighting_near_by_coarse_or_another_day_says_nothing_against_the_label() -> None:
    near = Sighting(at=ARRIVED, position=north_of_site(600))
    coarse = Sighting(at=ARRIVED, position=north_of_site(3000, accuracy_m=2500))
    other_day = Sighting(at=ARRIVED - timedelta(days=1), position=FAR)
    assert check(CheckName.LABEL_ONCE, sightings=(near, coarse, other_day)).outcome is Outcome.PASSED


def test_without_any_place_the_label_cannot_be_compared() -> None:
    assert check(CheckName.LABEL_ONCE, site=None, arrival=scan(position=None)).outcome is Outcome.SKIPPED


def test_zones_within_the_visit_and_apart_pass_and_none_are_not_asked_for() -> None:
    assert check(CheckName.ZONES).outcome is Outcome.PASSED
    assert check(CheckName.ZONES, zones=()).outcome is Outcome.SKIPPED


@pytest.mark.parametrize("after_s", [-1, 3601])
def test_a_zone_before_the_arrival_or_after_the_departure_fails(after_s: int) -> None:
    assert check(CheckName.ZONES, zones=(zone(Zone.PIT, after_s),)).outcome is Outcome.FAILED


def test_a_zone_scanned_away_from_the_site_fails() -> None:
    assert check(CheckName.ZONES, zones=(zone(Zone.PIT, 600, position=north_of_site(3000)),)).outcome is Outcome.FAILED
    assert check(CheckName.ZONES, zones=(zone(Zone.PIT, 600, position=None),)).outcome is Outcome.PASSED


def test_two_zones_in_impossible_seconds_fail() -> None:
    at_once = (zone(Zone.PIT, 600), zone(Zone.CAR_TOP, 600 + LIMITS.least_zone_change_s - 1))
    in_turn = (zone(Zone.PIT, 600), zone(Zone.CAR_TOP, 600 + LIMITS.least_zone_change_s))
    same = (zone(Zone.PIT, 600), zone(Zone.PIT, 601))
    assert check(CheckName.ZONES, zones=at_once).outcome is Outcome.FAILED
    assert check(CheckName.ZONES, zones=in_turn).outcome is Outcome.PASSED
    assert check(CheckName.ZONES, zones=same).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("metres", "band"), [(0, "0-50"), (50, "0-50"), (50.1, "50-150"), (2000, "500-2000"), (2000.1, "2000+"), (1e7, "2000+")]
)
def test_a_distance_is_told_as_a_band(metres: float, band: str) -> None:
    assert distance_band(metres, LIMITS.bands_m) == band


def test_reasons_name_bands_not_distances() -> None:
    reason = check(CheckName.ARRIVAL_GEOFENCE, arrival=unsigned(position=north_of_site(777))).reason
    assert "500-2000 m" in reason.en
    assert "777" not in reason.en + reason.zh
