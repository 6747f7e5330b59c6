"""Which source of travel times is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.travel.spec import ESTIMATE, Spec, parse_spec
from planner.travel.interface import Kind


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("estimate", ESTIMATE),
        ("", ESTIMATE),
        ("osrm:http://h:5000/", Spec(kind=Kind.OSRM, url="http://h:5000")),
        ("valhalla:https://u:p@h/x", Spec(kind=Kind.VALHALLA, url="https://u:p@h/x")),
        ("roads:/d/a.osm.pbf", Spec(kind=Kind.ROADS, file=Path("/d/a.osm.pbf"))),
    ],
)
def test_a_source_is_read(text: str, wanted: Spec) -> None:
    assert parse_spec(text) == wanted


@pytest.mark.parametrize(
    "text", ["osrm", "osrm:", "osrm:h:5000", "osrm:ftp://h", "osrm:http://", "osrm:http://[h", "valhalla:http://h:0", "roads:",
             "google:http://h", "estimate:25", "OSRM:http://h"]
)  # fmt: skip
def test_what_is_no_source_is_none(text: str) -> None:
    assert parse_spec(text) is None


def test_what_is_shown_has_no_password() -> None:
    found = parse_spec("osrm:http://me:secret@h:5000/car")
    assert found is not None
    assert (found.name, found.told) == ("http://h:5000/car", "OSRM http://h:5000/car")
