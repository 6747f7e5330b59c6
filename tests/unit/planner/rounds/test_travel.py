"""Travel times: the estimate worked out by hand, matrices taken as they are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from planner.rounds.faults import FaultyInputError
from planner.rounds.travel import Estimate, Location, Travel, matrix_faults, travel_matrix

ESTIMATE = Travel(estimate=Estimate(speed_kmh=25, detour=1.3, stop_s=120))


def places(*coordinates: tuple[float, float]) -> tuple[Location, ...]:
    return tuple(Location(f"p{n}", lat, lon) for n, (lat, lon) in enumerate(coordinates))


def test_a_degree_of_latitude_takes_its_length_times_the_detour_over_the_speed_and_the_stop() -> None:
    # a degree of a meridian is 6371.0088 km × π / 180 = 111.19508 km; × 1.3 ÷ 25 km/h = 5.782144 h = 20815.7 s; + 120 s
    assert travel_matrix(ESTIMATE, places((28, 121), (29, 121))).tolist() == [[0, 20936], [20936, 0]]


def test_a_degree_of_longitude_shrinks_with_the_cosine_of_the_latitude() -> None:
    # on the 60th parallel, the great circle over one degree is 2 asin(cos 60° sin 0.5°) = 0.49999 degrees
    arc = 2 * math.asin(math.cos(math.radians(60)) * math.sin(math.radians(0.5)))
    seconds = round(6371.0088 * arc * 1.3 / 25 * 3600 + 120)
    assert travel_matrix(ESTIMATE, places((60, 10), (60, 11)))[0, 1] == seconds


def test_two_places_at_the_same_spot_are_a_stop_apart_and_a_place_is_nothing_from_itself() -> None:
    assert travel_matrix(ESTIMATE, places((28, 121), (28, 121))).tolist() == [[0, 120], [120, 0]]


def test_the_way_over_the_date_line_is_the_short_one() -> None:
    matrix = travel_matrix(ESTIMATE, places((0, 179.5), (0, -179.5), (0, 178.5)))
    assert matrix[0, 1] == matrix[0, 2]


def test_opposite_ends_of_the_earth_can_be_estimated() -> None:
    half_round = math.pi * 6371.0088 * 1.3 / 25 * 3600 + 120
    assert travel_matrix(ESTIMATE, places((0, 0), (0, 180)))[0, 1] == round(half_round)


def test_an_estimate_of_many_places_is_the_same_as_of_each_pair() -> None:
    some = places(*((28 + n / 500, 121 + (n * 7 % 300) / 200) for n in range(300)))
    matrix = travel_matrix(ESTIMATE, some)
    for a, b in ((0, 299), (299, 0), (255, 256), (256, 255), (130, 17)):
        assert matrix[a, b] == travel_matrix(ESTIMATE, (some[a], some[b]))[0, 1]


def test_an_estimate_beyond_all_measure_is_a_fault() -> None:
    slow = Travel(estimate=Estimate(speed_kmh=1e-9, detour=1.3, stop_s=120))
    (fault,) = matrix_faults(slow, places((28, 121), (29, 121)))
    assert fault.path == "travel.estimate"
    assert "check speed_kmh" in fault.message


def test_a_matrix_may_differ_by_direction() -> None:
    matrix = travel_matrix(Travel(durations_s=[[0, 540], [560, 0]]), (Location("a"), Location("b")))
    assert matrix.dtype == np.int32
    assert (matrix[0, 1], matrix[1, 0]) == (540, 560)


def test_a_matrix_file_gives_the_same_as_a_matrix(tmp_path: Path) -> None:
    np.save(tmp_path / "m.npy", np.array([[0, 540], [560, 0]], np.int64))
    travel = Travel(durations_npy="m.npy").beside(tmp_path)
    assert travel_matrix(travel, (Location("a"), Location("b"))).tolist() == [[0, 540], [560, 0]]


def test_travel_times_that_cannot_be_had_are_refused() -> None:
    with pytest.raises(FaultyInputError, match="no source of travel times"):
        travel_matrix(Travel(), (Location("a"),))


def test_no_locations_need_no_times() -> None:
    assert travel_matrix(Travel(durations_s=[]), ()).shape == (0, 0)
    assert travel_matrix(ESTIMATE, ()).shape == (0, 0)
