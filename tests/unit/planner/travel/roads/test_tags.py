"""What the tags of a way mean to a van."""

from __future__ import annotations

import pytest

from planner.travel.roads.tags import drive_of, is_closed, limit_kmh


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({"highway": "residential"}, 25, 25),
        ({"highway": "residential", "oneway": "yes"}, 25, 0),
        ({"highway": "residential", "oneway": "-1"}, 0, 25),
        ({"highway": "residential", "oneway": "no"}, 25, 25),
        ({"highway": "secondary", "oneway": "reversible"}, 0, 0),
        ({"highway": "tertiary", "junction": "roundabout"}, 40, 0),
        ({"highway": "motorway"}, 90, 0),
        ({"highway": "motorway_link"}, 45, 0),
        ({"highway": "motorway_link", "oneway": "no"}, 45, 45),
        ({"highway": "residential", "oneway": "yes", "oneway:motor_vehicle": "no"}, 25, 25),
        ({"highway": "primary", "maxspeed": "50"}, 40, 40),
        ({"highway": "primary", "maxspeed": "25 mph"}, 32.18688, 32.18688),
        ({"highway": "primary", "maxspeed:backward": "30"}, 60, 24),
        ({"highway": "service", "maxspeed": "50"}, 15, 15),
        ({"highway": "service", "service": "parking_aisle"}, 7.5, 7.5),
        ({"highway": "footway"}, 0, 0),
        ({"highway": "pedestrian", "area": "yes"}, 0, 0),
        ({"highway": "service", "area": "yes"}, 0, 0),
        ({"highway": "construction"}, 0, 0),
        ({"highway": "residential", "access": "private"}, 0, 0),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, 25, 25),
        ({"highway": "residential", "motor_vehicle": "no"}, 0, 0),
        ({"highway": "residential", "access": "bus"}, 0, 0),
        ({"highway": "residential", "access": "destination"}, 5, 5),
        ({"highway": "service", "service": "emergency_access"}, 0, 0),
        ({"route": "ferry"}, 0, 0),
        ({"route": "ferry", "motor_vehicle": "yes"}, 10, 10),
        ({"route": "ferry", "motorcar": "yes", "duration": "00:30"}, 20, 20),
    ],
)
def test_speeds_and_directions(tags: dict[str, str], forward: float, backward: float) -> None:
    assert drive_of(tags, length_m=10_000) == pytest.approx((forward, backward))


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        ("30 mph", 48.28),
        ("CN:urban", 50),
        ("walk", 6),
        ("none", None),
        ("signals", None),
        ("0", None),
        ("50;30", None),
    ],
)
def test_limits(text: str, kmh: float | None) -> None:
    assert limit_kmh(text) == (None if kmh is None else pytest.approx(kmh, abs=0.01))


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ({"barrier": "bollard"}, True), ({"barrier": "gate"}, True), ({"barrier": "gate", "access": "yes"}, False),
        ({"barrier": "lift_gate"}, False), ({"barrier": "lift_gate", "access": "private"}, True), ({"barrier": "kerb"}, False),
        ({"barrier": "gate", "motor_vehicle": "destination"}, False), ({"barrier": "bollard", "bollard": "rising"}, False),
        ({"barrier": "toll_booth"}, False), ({"highway": "crossing"}, False),
    ],
)  # fmt: skip
def test_barriers(tags: dict[str, str], closed: bool) -> None:
    assert is_closed(tags) is closed
