"""Addresses that open a stop in somebody's map service, each in the coordinates that it takes."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from planner.travel.coordinates import Datum, from_wgs84

CHINESE_ZONES = ("Asia/Shanghai", "Asia/Urumqi")
DIGITS = 6
"""A tenth of a metre."""


class MapLink(NamedTuple):
    """A map service and where it shows a place."""

    name: str
    """A sentence of the catalogue."""

    address: str


def map_links(lat: float | None, lon: float | None, name: str, time_zone: str) -> list[MapLink]:
    """Return the ways to a place, the usual one first; none where the register has no position.

    Parameters
    ----------
    lat, lon
        WGS-84.
    name
        Of the place.
    time_zone
        Of the firm: in China Amap and Baidu are used, elsewhere Google's and Apple's maps.
    """
    if lat is None or lon is None:
        return []
    if time_zone not in CHINESE_ZONES:
        google = f"https://www.google.com/maps/dir/?api=1&destination={lat},{lon}"
        return [MapLink("Google Maps", google), MapLink("Apple Maps", f"https://maps.apple.com/?daddr={lat},{lon}&dirflg=d")]
    called = quote(name.replace(",", " "), safe="")
    amap, baidu = (from_wgs84(lat, lon, datum) for datum in (Datum.GCJ02, Datum.BD09))
    to_amap = f"to={amap.lon:.{DIGITS}f},{amap.lat:.{DIGITS}f},{called}&mode=car&coordinate=gaode&callnative=1"
    to_baidu = f"location={baidu.lat:.{DIGITS}f},{baidu.lon:.{DIGITS}f}&title={called}&content={called}&output=html"
    return [
        MapLink("Amap", f"https://uri.amap.com/navigation?{to_amap}"),
        MapLink("Baidu Maps", f"https://api.map.baidu.com/marker?{to_baidu}&coord_type=bd09ll&src=webapp.liftrounds"),
    ]
