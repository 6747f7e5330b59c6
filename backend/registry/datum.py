"""Positions of a register that are no WGS-84: most Chinese maps give GCJ-02, Baidu BD-09."""

from __future__ import annotations

from backend.registry import rules
from backend.registry.report import BadCell
from backend.registry.rows import Draft
from planner.travel.coordinates import Datum, to_wgs84

NAMES = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}


def in_wgs84(draft: Draft, datum: Datum) -> Draft | BadCell:
    """Give a row with its position in WGS-84; a fault where only one of latitude and longitude is there."""
    if datum is Datum.WGS84:
        return draft
    lat, lon = draft.values.get("lat"), draft.values.get("lon")
    placed = isinstance(lat, float), isinstance(lon, float)
    if not any(placed):
        return draft
    if not all(placed):
        missing, other = ("lon", "lat") if placed[0] else ("lat", "lon")
        return BadCell.of(
            draft.row, missing, None, "give it with {other}: alone, a position in {datum} cannot be converted", other=other,
            datum=NAMES[datum],
        )  # fmt: skip
    assert isinstance(lat, float)  # noqa: S101 - both are placed
    assert isinstance(lon, float)  # noqa: S101
    here = to_wgs84(lat, lon, datum)
    values = draft.values | {"lat": rules.rounded(here.lat), "lon": rules.rounded(here.lon)}
    return Draft(row=draft.row, values=values, extra=draft.extra)
