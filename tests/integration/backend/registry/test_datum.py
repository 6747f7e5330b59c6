"""Positions of Chinese maps are kept as WGS-84."""

from __future__ import annotations

from typing import Any

import pytest

from backend.registry import service as registry
from backend.registry.importer import import_elevators
from backend.registry.inputs import ElevatorFilter
from backend.registry.report import ImportReport, in_english
from backend.scope import Scope
from planner.rounds.travel import great_circle_km
from planner.travel.coordinates import Datum, from_wgs84

HEAD = "注册代码,使用单位,安装地点,纬度,经度\n"
HERE = (28.676432, 121.420817)
HONG_KONG = (22.281, 114.158)


def register(datum: Datum) -> str:
    places = [from_wgs84(*place, datum) for place in (HERE, HONG_KONG)]
    return HEAD + "".join(f"{n},物业,花园{n},{lat:.7f},{lon:.7f}\n" for n, (lat, lon) in enumerate(places, 1))


async def load(scope: Scope, text: str, **how: Any) -> ImportReport:
    return await import_elevators(scope, text.encode(), "register.csv", **how)


async def positions(scope: Scope) -> list[tuple[float, float]]:
    rows = (await registry.elevators(scope, ElevatorFilter(), limit=10)).rows
    return [(row.lat or 0.0, row.lon or 0.0) for row in sorted(rows, key=lambda row: row.registration_code)]


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
async def test_they_are_converted_and_the_same_file_again_changes_nothing(firm_scope: Scope, datum: Datum) -> None:
    report = await load(firm_scope, register(datum), datum=datum)
    assert report.written
    assert [in_english(note.template, note.params) for note in report.notes] == [
        f"positions are read as {'GCJ-02' if datum is Datum.GCJ02 else 'BD-09'} and kept as WGS-84"
    ]
    for found, wanted in zip(await positions(firm_scope), (HERE, HONG_KONG), strict=True):
        assert 1000 * float(great_circle_km(*found, *wanted)) < 0.5
    again = await load(firm_scope, register(datum), datum=datum)
    assert (again.sites.updated, again.sites.unchanged) == (0, 2)


async def test_without_a_word_they_are_wgs84(firm_scope: Scope) -> None:
    report = await load(firm_scope, register(Datum.WGS84))
    assert report.notes == []
    assert await positions(firm_scope) == [HERE, HONG_KONG]


async def test_a_mapping_may_say_it(firm_scope: Scope) -> None:
    mapping = b"""
title = "Amap"
datum = "gcj02"
[columns]
registration_code = {from = "code"}
site = {from = "where"}
lat = {from = "y"}
lon = {from = "x"}
"""
    lat, lon = from_wgs84(*HERE, Datum.GCJ02)
    await load(firm_scope, f"code,where,y,x\n1,花园,{lat},{lon}\n", mapping=mapping)
    ((found_lat, found_lon),) = await positions(firm_scope)
    assert 1000 * float(great_circle_km(found_lat, found_lon, *HERE)) < 0.5


async def test_half_a_position_cannot_be_converted_and_is_a_bad_row(firm_scope: Scope) -> None:
    report = await load(firm_scope, HEAD + "1,物业,花园,28.67,\n2,物业,公园,28.67,121.42\n", datum=Datum.GCJ02)
    assert not report.written
    ((row, column, reason),) = [(bad.row, bad.column, bad.reason) for bad in report.bad]
    assert (row, column) == (2, "lon")
    assert "give it with lat" in reason
