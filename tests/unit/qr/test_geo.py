"""One distance for all: that of two positions, and of an area around a place."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend.upkeep.areas import Area, Place, concerns
from qr.evidence import Position
from qr.geo import EARTH_RADIUS_M, distance_m, great_circle_m

HALF_A_TURN_M = 3.141592653589793 * EARTH_RADIUS_M


def test_a_distance_is_the_same_of_positions_and_of_degrees_and_both_ways() -> None:
    one, other = Position(28.6764, 121.4208), Position(30.2741, 120.1551)
    assert distance_m(one, other) == great_circle_m(28.6764, 121.4208, 30.2741, 120.1551) == pytest.approx(216_000, rel=0.01)
    assert distance_m(one, other) == pytest.approx(distance_m(other, one))
    assert great_circle_m(90, 0, -90, 77) == pytest.approx(HALF_A_TURN_M)


@pytest.mark.parametrize(("more_m", "inside"), [(1, True), (0, False)])
def test_an_area_ends_where_the_distance_says(more_m: int, inside: bool) -> None:
    away_m = great_circle_m(28.6764, 121.4208, 30.2741, 120.1551)
    place = Place(id=UUID(int=1), district="", site_kind="", sector="", lat=30.2741, lon=120.1551)
    area = Area(lat=28.6764, lon=121.4208, radius_m=int(away_m) + more_m)
    assert concerns(area, place) is inside
