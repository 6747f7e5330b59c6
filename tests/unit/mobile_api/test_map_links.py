"""A stop opens in the map service that people use, in that service's own coordinates."""

from __future__ import annotations

import re

import pytest

from mobile_api.pages.map_links import map_links
from planner.rounds.travel import great_circle_km
from planner.travel.coordinates import Datum, to_wgs84

TAIZHOU = (28.676432, 121.420817)


def test_in_china_amap_and_baidu_get_their_own_coordinates() -> None:
    amap, baidu = map_links(*TAIZHOU, "阳光花园, 1号", "Asia/Shanghai")
    found = re.search(r"to=([\d.]+),([\d.]+),([^&]+)&mode=car&coordinate=gaode", amap.address)
    assert found is not None
    assert "%2C" not in found[3]  # a comma would end the name
    there = to_wgs84(float(found[2]), float(found[1]), Datum.GCJ02)
    assert 1000 * float(great_circle_km(*TAIZHOU, *there)) < 0.5
    found = re.search(r"location=([\d.]+),([\d.]+)&.*coord_type=bd09ll", baidu.address)
    assert found is not None
    there = to_wgs84(float(found[1]), float(found[2]), Datum.BD09)
    assert 1000 * float(great_circle_km(*TAIZHOU, *there)) < 0.5


def test_elsewhere_google_and_apple_get_wgs84() -> None:
    google, apple = map_links(40.75, -73.98, "W 34TH ST", "America/New_York")
    assert google.address.endswith("destination=40.75,-73.98")
    assert "daddr=40.75,-73.98" in apple.address


@pytest.mark.parametrize("where", [(None, 1.0), (1.0, None), (None, None)])
def test_without_a_position_there_is_no_link(where: tuple[float | None, float | None]) -> None:
    assert map_links(*where, "x", "Asia/Shanghai") == []
