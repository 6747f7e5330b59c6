"""Coordinates of Chinese maps: WGS-84 ↔ GCJ-02 (Amap, Tencent, all licensed maps) ↔ BD-09 (Baidu).

Everything inside Liftrounds is WGS-84; these are for what comes in and goes out. GCJ-02 moves every place on the mainland by
some hundred metres, by sums of sines on the ellipsoid of Krassovsky 1940; Hong Kong, Macau, Taiwan and the rest of the world
are not moved. There is no official description; the formulas are the public ones (Wikipedia, "Restrictions on geographic
data in China"), and their inverse is found by iteration. The libraries at hand are unmaintained, or invert by one step (metres
off), or bring a compiled runtime for a page of arithmetic; the tests hold published pairs against it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

AXIS_M = 6_378_245.0
"""Half the long axis of the ellipsoid of Krassovsky 1940."""
ECCENTRICITY_2 = 0.006693421622965943
"""Its first eccentricity squared."""

STEPS = 30
"""Most steps of an inverse; each makes the error a thousand times smaller, so it ends long before."""
CLOSE_DEG = 1e-10
"""Where it ends: hundredths of a millimetre."""

BAIDU_RIPPLE = math.pi * 3000 / 180
BAIDU_LAT, BAIDU_LON = 0.006, 0.0065


class Datum(StrEnum):
    """In which system coordinates are given."""

    WGS84 = "wgs84"
    """GPS, OpenStreetMap and all of the world's maps."""

    GCJ02 = "gcj02"
    """Amap (高德), Tencent, and registers that were made with them."""

    BD09 = "bd09"
    """Baidu."""


class Point(NamedTuple):
    """A place in degrees."""

    lat: float
    lon: float


def to_wgs84(lat: float, lon: float, datum: Datum) -> Point:
    """Convert coordinates that came in; within half a metre, mostly far less.

    Parameters
    ----------
    lat, lon
        Degrees in `datum`.
    datum
        Their system.
    """
    if datum is Datum.WGS84:
        return Point(lat, lon)
    if datum is Datum.BD09:
        lat, lon = _bd09_to_gcj02(lat, lon)
    here = _inverse(_moved, Point(lat, lon))
    return here if on_mainland(*here) else Point(lat, lon)


def from_wgs84(lat: float, lon: float, datum: Datum) -> Point:
    """Convert coordinates that go out to a map of another system.

    Parameters
    ----------
    lat, lon
        Degrees, WGS-84.
    datum
        The system that is wanted.
    """
    if datum is Datum.WGS84:
        return Point(lat, lon)
    there = _moved(Point(lat, lon)) if on_mainland(lat, lon) else Point(lat, lon)
    return _to_bd09(there) if datum is Datum.BD09 else there


def on_mainland(lat: float, lon: float) -> bool:
    """Whether GCJ-02 moves a place: true to a few hundred metres at Hong Kong and Macau, to some 30 km at other borders."""
    if not _inside(lat, lon, MAINLAND):
        return False
    return not any(_inside(lat, lon, border) for border in (HONG_KONG, MACAU, TAIWAN))


def _moved(point: Point) -> Point:
    """Apply the shift of GCJ-02, wherever the place is."""
    lat, lon = point
    x, y = lon - 105.0, lat - 35.0
    both = math.sqrt(abs(x)) / 10 + x * y / 10
    fast = (20 * math.sin(6 * math.pi * x) + 20 * math.sin(2 * math.pi * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + y * y / 5 + both + math.sqrt(abs(x)) / 10 + fast + _waves(y, 160, 320)
    east = 300 + x + 2 * y + x * x / 10 + both + fast + _waves(x, 150, 300)
    bend = 1 - ECCENTRICITY_2 * math.sin(math.radians(lat)) ** 2
    metres_north = math.radians(1) * AXIS_M * (1 - ECCENTRICITY_2) / bend**1.5
    metres_east = math.radians(1) * AXIS_M / math.sqrt(bend) * math.cos(math.radians(lat))
    return Point(lat + north / metres_north, lon + east / max(metres_east, 1.0))


def _waves(along: float, long: float, longest: float) -> float:
    """Sum up the slower sines of one axis, in metres."""
    quick = 20 * math.sin(math.pi * along) + 40 * math.sin(math.pi * along / 3)
    return (quick + long * math.sin(math.pi * along / 12) + longest * math.sin(math.pi * along / 30)) * 2 / 3


def _to_bd09(point: Point) -> Point:
    lat, lon = point
    far = math.hypot(lon, lat) + 2e-5 * math.sin(lat * BAIDU_RIPPLE)
    angle = math.atan2(lat, lon) + 3e-6 * math.cos(lon * BAIDU_RIPPLE)
    return Point(far * math.sin(angle) + BAIDU_LAT, far * math.cos(angle) + BAIDU_LON)


def _bd09_to_gcj02(lat: float, lon: float) -> Point:
    return _inverse(_to_bd09, Point(lat, lon))


def _inverse(there: Callable[[Point], Point], target: Point) -> Point:
    """Find the place that is moved to a target: the shift hardly changes over its own length, so taking it back converges."""
    guess = target
    for _ in range(STEPS):
        reached = there(guess)
        step = Point(target.lat - reached.lat, target.lon - reached.lon)
        guess = Point(guess.lat + step.lat, guess.lon + step.lon)
        if abs(step.lat) < CLOSE_DEG and abs(step.lon) < CLOSE_DEG:
            break
    return guess


def _inside(lat: float, lon: float, border: tuple[tuple[float, float], ...]) -> bool:
    """Whether a place lies inside a polygon of (lon, lat): a ray to the east crosses its border an odd number of times."""
    crossings = 0
    for (lon_a, lat_a), (lon_b, lat_b) in zip(border, border[1:] + border[:1], strict=True):
        if (lat_a > lat) != (lat_b > lat) and lon < lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a):
            crossings += 1
    return crossings % 2 == 1


MAINLAND = (
    (73.3, 39.5), (74.5, 40.6), (76.5, 40.7), (78.4, 41.5), (80.1, 42.2), (80.6, 43.2), (80.2, 45.0), (82.4, 45.4),
    (83.0, 47.3), (85.4, 47.2), (85.7, 48.5), (87.3, 49.3), (88.1, 48.9), (90.2, 48.0), (91.1, 46.8), (91.0, 45.4),
    (93.6, 45.2), (95.5, 44.4), (96.5, 42.9), (101.0, 42.8), (105.0, 41.8), (107.5, 42.6), (110.0, 42.8), (111.9, 43.8),
    (111.6, 44.5), (113.6, 44.9), (114.6, 45.5), (116.2, 45.9), (116.3, 46.4), (119.8, 46.8), (119.5, 47.5), (115.6, 47.8),
    (116.6, 49.95), (119.3, 50.4), (120.1, 52.6), (120.8, 53.4), (123.6, 53.7), (125.7, 53.2), (127.2, 51.4), (127.6, 50.27),
    (128.0, 49.7), (130.9, 49.0), (131.1, 47.8), (132.6, 47.8), (135.2, 48.5), (134.2, 46.5), (133.2, 45.1), (131.5, 45.1),
    (131.4, 43.0), (130.7, 42.3), (130.2, 42.95), (129.7, 42.9), (129.2, 42.2), (128.2, 41.95), (128.3, 41.38), (127.0, 41.6),
    (126.2, 41.05), (125.0, 40.5), (124.42, 40.08), (124.2, 39.7), (123.0, 38.0), (123.5, 36.5), (123.5, 30.0), (122.5, 27.0),
    (121.0, 26.0), (119.9, 25.1), (118.6, 24.2), (117.5, 23.0), (115.5, 22.0), (112.0, 21.0), (111.2, 19.5), (110.5, 17.8),
    (108.5, 17.8), (108.2, 21.45), (107.95, 21.53), (107.3, 21.6), (106.65, 21.95), (106.5, 22.9), (105.4, 23.2),
    (103.96, 22.49), (102.4, 22.4), (101.7, 22.3), (101.9, 21.1), (101.1, 21.4), (100.2, 21.4), (99.0, 22.0), (98.9, 23.2),
    (97.5, 23.85), (97.6, 24.7), (98.6, 25.8), (98.5, 27.6), (97.3, 28.2), (96.0, 29.0), (93.3, 28.3), (91.7, 27.7),
    (90.0, 28.2), (88.95, 27.3), (88.6, 28.0), (86.9, 27.9), (85.0, 28.4), (82.0, 30.2), (81.0, 30.1), (78.7, 31.3),
    (78.4, 32.5), (79.2, 33.2), (78.0, 35.3), (76.0, 35.8), (74.5, 37.2), (73.6, 38.6),
)  # fmt: skip
"""The mainland with its waters, coarse: (lon, lat), drawn by hand."""

HONG_KONG = (
    (113.80, 22.12), (113.82, 22.40), (113.89, 22.445), (113.95, 22.475), (114.00, 22.500), (114.035, 22.506),
    (114.066, 22.516), (114.085, 22.530), (114.113, 22.533), (114.130, 22.538), (114.150, 22.556), (114.168, 22.562),
    (114.185, 22.556), (114.225, 22.548), (114.26, 22.562), (114.42, 22.562), (114.45, 22.45), (114.53, 22.40), (114.53, 22.12),
)  # fmt: skip
"""Along the Shenzhen river and the middle of the bays."""

MACAU = (
    (113.534, 22.2150), (113.549, 22.2165), (113.556, 22.2150), (113.62, 22.21), (113.62, 22.08), (113.550, 22.10),
    (113.549, 22.125), (113.552, 22.145), (113.545, 22.155), (113.535, 22.170), (113.528, 22.190), (113.528, 22.208),
)  # fmt: skip
"""The peninsula south of the border gate, Taipa and Coloane."""

TAIWAN = (
    (119.2, 22.8), (119.2, 23.6), (119.9, 24.3), (121.2, 25.45), (122.6, 25.7), (122.6, 24.0), (121.6, 21.5), (120.3, 21.5),
)  # fmt: skip
"""The island and Penghu."""
