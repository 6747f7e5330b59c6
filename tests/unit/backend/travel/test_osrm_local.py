"""OSRM inside the process: its wheel needs a later Python than the tests may have, so a package of its shape stands in.

The class was tried with osrm-bindings 26.10 in Python 3.12, where it gave the same table as the server to the second.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from backend.travel import engines
from backend.travel.down import Down, EngineDown
from backend.travel.osrm_local import OsrmLocal
from backend.travel.service import travel_table
from backend.travel.spec import Spec
from planner.rounds.travel import Estimate, Location
from planner.travel.interface import Kind

PACKAGE = """
class TableParameters:
    def __init__(self, coordinates, sources, destinations, annotations):
        self.coordinates, self.sources, self.destinations = coordinates, sources, destinations
        assert annotations == ["duration", "distance"]


class OSRM:
    def __init__(self, storage_config, algorithm, max_locations_distance_table, use_shared_memory):
        with open(storage_config + ".hsgr") as file:
            assert file.read() == "contracted"

    def Table(self, asked):
        lons = [lon for lon, _ in asked.coordinates]
        rows = [[abs(lons[a] - lons[b]) * 1000 for b in asked.destinations] for a in asked.sources]
        if any(lon > 179 for lon in lons):
            raise RuntimeError("NoSegment")
        point = lambda n: {"distance": 5000.0 if asked.coordinates[n][1] > 1 else 3.0}
        return {"durations": rows, "distances": rows, "sources": [point(n) for n in asked.sources],
                "destinations": [point(n) for n in asked.destinations]}
"""
COMMANDS = """
import sys
name, *rest = sys.argv[1:]
if name == "extract":
    source, base = rest[-1], rest[rest.index("-o") + 1]
    if open(source).read() != "map":
        sys.exit("this is no map")
else:
    open(rest[0] + ".hsgr", "w").write("contracted")
"""


@pytest.fixture
def extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    package = tmp_path / "lib" / "osrm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PACKAGE)
    (package / "__main__.py").write_text(COMMANDS)
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.delitem(sys.modules, "osrm", raising=False)
    monkeypatch.setattr(engines, "has_osrm", lambda: True)
    path = tmp_path / "city.osm.pbf"
    path.write_text("map")
    return path


def places(*lons: float) -> list[Location]:
    return [Location(str(lon), 0.5, lon) for lon in lons]


async def test_an_extract_is_prepared_once_and_asked_in_the_process(extract: Path) -> None:
    spec, estimate = Spec(kind=Kind.ROADS, file=extract), Estimate(speed_kmh=25, detour=1.3, stop_s=0)
    found = await travel_table(spec, places(10.0, 10.1, 10.3), estimate, None)
    assert found.durations_s.tolist() == [[0, 100, 300], [100, 0, 200], [300, 200, 0]]
    assert (found.source.kind, found.source.name) == (Kind.OSRM, "city.osm.pbf")
    (folder,) = (path for path in extract.parent.iterdir() if path.name.startswith("city_osm_pbf"))
    made = folder.stat().st_mtime_ns
    OsrmLocal(extract, extract.parent)
    assert folder.stat().st_mtime_ns == made
    assert not list(extract.parent.glob("osrm-*"))


async def test_a_fitted_pace_takes_our_own_search(extract: Path) -> None:
    (extract.parent / "city.osm.pbf.pace.json").write_text('{"speed_factor": 0.9}')
    with pytest.raises(EngineDown, match="OpenStreetMap extract"):  # which finds that this is no map
        await travel_table(
            Spec(kind=Kind.ROADS, file=extract), places(1.0, 2.0), Estimate(speed_kmh=25, detour=1.3, stop_s=0), None
        )


def test_a_place_far_from_any_road_is_named(extract: Path) -> None:
    block = OsrmLocal(extract, extract.parent).block([Location("far", 2.0, 10.0)], places(10.0))
    assert block.road_m == {"far": 5000}
    assert block.durations_s.tolist() == [[-1]]


def test_what_cannot_be_prepared_or_answered_is_told(extract: Path) -> None:
    with pytest.raises(EngineDown, match="NoSegment") as refused:
        OsrmLocal(extract, extract.parent).block(places(179.5), places(10.0))
    assert refused.value.code_of_engine is Down.ODD
    extract.write_text("no map")
    with pytest.raises(EngineDown, match="its extract fails: this is no map") as refused:
        OsrmLocal(extract, extract.parent)
    assert refused.value.code_of_engine is Down.DATA
    assert not list(extract.parent.glob("osrm-*"))
    with pytest.raises(EngineDown, match="cannot be read"):
        OsrmLocal(extract.parent / "none.osm.pbf", extract.parent)
