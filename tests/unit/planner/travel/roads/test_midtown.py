"""Real roads: a few blocks around Bryant Park in New York, whose one-way streets were checked by hand."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from planner.rounds.travel import Location, great_circle_km
from planner.travel.roads import cache, fit
from planner.travel.roads.cache import keep_pace, pace_beside, read_graph
from planner.travel.roads.engine import Roads
from planner.travel.roads.fit import TooFewPairsError, fit_pace
from planner.travel.roads.graph import Graph, graph_of
from planner.travel.roads.pace import Pace
from planner.travel.roads.read import NoRoadsError, read_streets
from planner.travel.roads.snap import Snapper

EXTRACT = Path(__file__).parents[4] / "data" / "midtown_roads.osm.pbf"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return read_graph(EXTRACT, tmp_path_factory.mktemp("roads"))


def seconds(graph: Graph, start: tuple[float, float], end: tuple[float, float]) -> int:
    a, b = Location("a", *start), Location("b", *end)
    return int(Roads(graph).block([a], [b]).durations_s[0, 0])


WEST_39TH = (40.75290, -73.98540), (40.75215, -73.98362)
WEST_40TH = (40.75285, -73.98336), (40.75330, -73.98442)
FIFTH = (40.75240, -73.98168), (40.75090, -73.98277)
SIXTH = (40.75180, -73.98631), (40.75300, -73.98544)
WEST_42ND = (40.75383, -73.98170), (40.75430, -73.98283)


def test_the_extract_is_read_with_its_date_and_turn_rules(graph: Graph) -> None:
    streets = read_streets(EXTRACT)
    assert streets.data_date == graph.data_date == date(2025, 1, 25)
    assert len(streets.restrictions) == 22
    assert len(streets.signals) > 50
    assert graph.edges < len(streets.position)  # drawn together from junction to junction


@pytest.mark.parametrize(
    ("street", "runs_on"),
    [(FIFTH, True), (SIXTH, True), (WEST_39TH, False), (WEST_40TH, False)],
    ids=["5th Avenue downtown", "6th Avenue uptown", "West 39th westbound", "West 40th eastbound"],
)
def test_one_way_streets_lead_one_way(
    graph: Graph, street: tuple[tuple[float, float], tuple[float, float]], *, runs_on: bool
) -> None:
    there, back = seconds(graph, *street), seconds(graph, street[1], street[0])
    quick, slow = (there, back) if runs_on else (back, there)
    assert quick < 60 < slow


def test_a_two_way_street_leads_both_ways(graph: Graph) -> None:
    assert seconds(graph, *WEST_42ND) < 60
    assert seconds(graph, WEST_42ND[1], WEST_42ND[0]) < 60


def test_the_forbidden_left_turn_from_east_42nd_into_5th_avenue_is_not_made(graph: Graph) -> None:
    streets = read_streets(EXTRACT)
    streets.restrictions.clear()
    east_42nd, fifth_below = (40.75310, -73.97998), (40.75318, -73.98110)
    allowed = seconds(graph_of(streets), east_42nd, fifth_below)
    assert allowed < 60
    assert seconds(graph, east_42nd, fifth_below) > allowed + 60  # on to 6th Avenue, or around the block


def test_ways_are_never_shorter_than_the_straight_line_nor_faster_than_a_motorway(graph: Graph) -> None:
    rng = np.random.default_rng(3)
    spots = np.stack([rng.uniform(40.7495, 40.7548, 40), rng.uniform(-73.989, -73.982, 40)], axis=1)
    snapped = Snapper(graph).snap(spots)
    places = [Location(str(n), lat, lon) for n, (lat, lon) in enumerate(spots.tolist())]
    found = Roads(graph).block(places, places)
    lat, lon = spots[:, 0], spots[:, 1]
    straight = 1000 * great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    slack = snapped.away_m[:, None] + snapped.away_m[None, :] + 2
    assert (found.distances_m >= straight - slack).all()
    assert (found.distances_m <= found.durations_s * 25 + 25).all()
    hop = found.durations_s[:, :, None] + found.durations_s[None, :, :]
    assert (found.durations_s <= hop.min(axis=1) + 20).all()  # a stop on the way never saves time, but for one turn's price


def test_the_nearest_road_is_the_nearest_of_all_its_points(graph: Graph) -> None:
    rng = np.random.default_rng(5)
    spots = np.stack([rng.uniform(40.749, 40.7555, 60), rng.uniform(-73.99, -73.981, 60)], axis=1)
    snapped = Snapper(graph).snap(spots)
    for (lat, lon), away in zip(spots.tolist(), snapped.away_m.tolist(), strict=True):
        assert away <= 1000 * float(great_circle_km(lat, lon, graph.lat, graph.lon).min()) + 0.5
    assert ((snapped.share >= 0) & (snapped.share <= 1)).all()


def test_a_point_on_a_road_is_found_where_it_is(graph: Graph) -> None:
    first, last = graph.first_point[3], graph.first_point[4]
    snapped = Snapper(graph).snap(np.array([[graph.lat[first], graph.lon[first]], [graph.lat[last - 1], graph.lon[last - 1]]]))
    assert (snapped.away_m < 0.01).all()


def test_the_graph_is_kept_beside_the_extract_and_read_anew_when_that_changes(tmp_path: Path) -> None:
    extract = tmp_path / "blocks.osm.pbf"
    shutil.copy(EXTRACT, extract)
    whole = read_graph(extract)
    kept = tmp_path / "blocks.osm.pbf.roads.npz"
    stamp = kept.stat().st_mtime_ns
    again = read_graph(extract)
    assert all(np.array_equal(getattr(whole, name), getattr(again, name)) for name in cache.ARRAYS)
    assert again.data_date == whole.data_date
    assert kept.stat().st_mtime_ns == stamp
    kept.write_bytes(kept.read_bytes()[:500])  # cut short by a full disk
    assert read_graph(extract).edges == whole.edges
    extract.touch()
    before = kept.stat().st_mtime_ns
    read_graph(extract)
    assert kept.stat().st_mtime_ns != before


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    assert read_graph(EXTRACT, tmp_path / "nowhere").edges > 0


@pytest.mark.parametrize("content", [b"", b"no map", b"PK\x03\x04"])
def test_a_file_that_is_no_extract_is_refused(tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "wrong.osm.pbf"
    wrong.write_bytes(content)
    with pytest.raises(NoRoadsError, match=r"wrong\.osm\.pbf"):
        read_graph(wrong)
    with pytest.raises(NoRoadsError, match="cannot be read"):
        read_graph(tmp_path / "missing.osm.pbf")


def test_an_extract_without_a_road_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "sea.osm"
    empty.write_text('<osm version="0.6"><node id="1" lat="40.7" lon="-73.9"/></osm>')
    with pytest.raises(NoRoadsError, match="no road"):
        read_graph(empty)


def test_a_pace_is_found_again_from_the_times_that_it_gives(graph: Graph) -> None:
    rng = np.random.default_rng(7)
    places = [Location(str(n), rng.uniform(40.7495, 40.7548), rng.uniform(-73.989, -73.982)) for n in range(40)]
    true = Pace(speed_factor=0.7, turn_s=20.0, signal_s=6.0, junction_s=1.0)
    found = fit_pace(graph, places, Roads(graph, true).block(places, places).durations_s)
    assert found.pace.speed_factor == pytest.approx(0.7, rel=0.05)
    assert found.pace.turn_s == pytest.approx(20, rel=0.15)
    assert found.median == pytest.approx(1.0, abs=0.01)
    assert 0.95 < found.low <= found.median <= found.high < 1.05


def test_too_few_measured_pairs_settle_nothing(graph: Graph) -> None:
    places = [Location(str(n), 40.7505 + n * 0.001, -73.985) for n in range(4)]
    measured = Roads(graph).block(places, places).durations_s
    with pytest.raises(TooFewPairsError, match=str(fit.LEAST_PAIRS)):
        fit_pace(graph, places, measured)


def test_a_fitted_pace_is_kept_beside_the_extract(tmp_path: Path) -> None:
    extract = tmp_path / "city.osm.pbf"
    assert pace_beside(extract) is None
    pace = Pace(speed_factor=0.8)
    assert keep_pace(pace, extract) == tmp_path / "city.osm.pbf.pace.json"
    assert pace_beside(extract) == pace
    (tmp_path / "city.osm.pbf.pace.json").write_text('{"speed": 3}')
    assert pace_beside(extract) is None
