"""WGS-84, GCJ-02 and BD-09: public pairs, borders, and the way back."""

from __future__ import annotations

import pytest

from planner.rounds.travel import great_circle_km
from planner.travel.coordinates import Datum, from_wgs84, on_mainland, to_wgs84


def test_beijing_moves_as_published_with_the_formulas() -> None:
    # Tiananmen: the pair that the usual converters are shown with.
    assert from_wgs84(39.907500, 116.388056, Datum.GCJ02) == pytest.approx((39.908903, 116.394299), abs=2e-5)
    assert from_wgs84(39.915, 116.404, Datum.GCJ02) == pytest.approx((39.916404, 116.410244), abs=2e-6)


def test_baidu_adds_its_own_shift_to_gcj02() -> None:
    assert from_wgs84(39.915, 116.404, Datum.BD09) == pytest.approx((39.922699, 116.416627), abs=2e-6)


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize(("lat", "lon"), [(28.6561, 121.4208), (39.47, 75.99), (45.8, 126.5), (18.25, 109.5), (22.543, 114.06)])
def test_what_goes_out_comes_back_within_centimetres(lat: float, lon: float, datum: Datum) -> None:
    back = to_wgs84(*from_wgs84(lat, lon, datum), datum)
    assert 1e5 * float(great_circle_km(lat, lon, *back)) < 1


def test_the_shift_is_some_hundred_metres() -> None:
    metres = 1000 * float(great_circle_km(28.6561, 121.4208, *from_wgs84(28.6561, 121.4208, Datum.GCJ02)))
    assert 300 < metres < 700


def test_wgs84_stays_as_it_is() -> None:
    assert to_wgs84(39.9, 116.4, Datum.WGS84) == from_wgs84(39.9, 116.4, Datum.WGS84) == (39.9, 116.4)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (22.28, 114.16), (22.50, 114.128), (22.528, 114.113), (22.195, 113.545), (22.12, 113.56), (25.03, 121.56),
        (22.63, 120.3), (40.75, -73.98), (1.35, 103.8), (37.57, 126.98), (21.03, 105.85), (43.1, 131.9), (35.7, 139.7),
        (51.5, -0.1), (0.0, 0.0),
    ],
)  # fmt: skip
def test_hong_kong_macau_taiwan_and_abroad_are_not_moved(lat: float, lon: float) -> None:
    assert not on_mainland(lat, lon)
    assert from_wgs84(lat, lon, Datum.GCJ02) == (lat, lon)
    assert to_wgs84(lat, lon, Datum.GCJ02) == (lat, lon)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        (22.548, 114.12), (22.485, 113.92), (22.22, 113.55), (22.12, 113.54), (24.48, 118.09), (25.5, 119.79), (30.0, 122.2),
        (39.47, 75.99), (43.8, 87.6), (52.97, 122.54), (40.12, 124.39), (18.25, 109.5), (24.01, 97.85), (29.65, 91.1),
    ],
)  # fmt: skip
def test_the_mainland_up_to_its_border_towns_is_moved(lat: float, lon: float) -> None:
    assert on_mainland(lat, lon)
