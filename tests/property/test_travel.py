"""Travel times over random places and towns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from planner.rounds.travel import Location, great_circle_km
from planner.travel import NOT_REACHED, table_of
from planner.travel.coordinates import Datum, from_wgs84, on_mainland, to_wgs84
from planner.travel.roads import engine
from planner.travel.roads.engine import Roads
from planner.travel.roads.graph import graph_of
from planner.travel.roads.pace import PACE
from planner.travel.roads.read import Streets, Way
from planner.travel.roads.search import search
from planner.travel.roads.tags import Drive

HALF_A_METRE_KM = 0.0005


@given(lat=st.floats(20.5, 52.5), lon=st.floats(75.0, 134.0), datum=st.sampled_from([Datum.GCJ02, Datum.BD09]))
def test_coordinates_of_chinese_maps_come_back_within_half_a_metre(lat: float, lon: float, datum: Datum) -> None:
    near = [on_mainland(lat + north, lon + east) for north in (-0.02, 0, 0.02) for east in (-0.02, 0, 0.02)]
    if len(set(near)) > 1:  # at a border a moved place is also a place of the other side that was not moved
        return
    back = to_wgs84(*from_wgs84(lat, lon, datum), datum)
    assert float(great_circle_km(lat, lon, *back)) < HALF_A_METRE_KM


@given(lat=st.floats(-89.9, 89.9), lon=st.floats(-180, 180))
def test_outside_the_mainland_gcj02_is_wgs84(lat: float, lon: float) -> None:
    moved = from_wgs84(lat, lon, Datum.GCJ02)
    if not on_mainland(lat, lon):
        assert moved == (lat, lon)
    else:
        assert 0.03 < float(great_circle_km(lat, lon, *moved)) < 1.5


@st.composite
def towns(draw: st.DrawFn) -> tuple[Streets, list[Location]]:
    """A grid of streets, each one-way in either direction, two-way or missing, and places on it."""
    side = draw(st.integers(2, 4))
    nodes = {row * side + column: (40.0 + row * 0.002, 10.0 + column * 0.002) for row in range(side) for column in range(side)}
    pairs = [(n, n + 1) for n in nodes if (n + 1) % side] + [(n, n + side) for n in nodes if n + side in nodes]
    kinds = [Drive(30.0, 30.0), Drive(50.0, 0.0), Drive(0.0, 20.0), None]
    ways = [
        Way(number, pair, kind)
        for number, pair in enumerate(pairs)
        if (kind := draw(st.sampled_from(kinds))) is not None
    ]  # fmt: skip
    places = []
    for number in range(5):
        a, b = (nodes[node] for node in draw(st.sampled_from(pairs)))
        share = draw(st.floats(0.1, 0.9))
        places.append(Location(str(number), a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])))
    return Streets(ways=ways, position=nodes, signals=set(draw(st.lists(st.sampled_from(sorted(nodes)))))), places


@settings(deadline=None)
@given(towns())
def test_every_pair_of_places_has_a_way_or_is_named(case: tuple[Streets, list[Location]]) -> None:
    streets, places = case
    graph = graph_of(streets)
    found = table_of(Roads(graph), places)
    lost = found.durations_s == NOT_REACHED
    assert found.complete is not bool(lost.any())
    assert {(each.start, each.end) for each in found.no_way()} == {
        (found.names[i], found.names[j]) for i, j in np.argwhere(lost).tolist()
    }
    away = {each.place for each in found.stranded}
    for each in found.no_way():
        assert {each.start, each.end} & away
    assert (found.durations_s[~lost] >= 0).all()
    assert ((found.distances_m == NOT_REACHED) == lost).all()
    assert np.diagonal(found.durations_s).tolist() == [0] * len(places)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "ROWS_A_THREAD", 1)
        side_by_side = Roads(graph, threads=3).block(places, places)
    assert np.array_equal(Roads(graph).block(places, places).durations_s, side_by_side.durations_s)


@settings(deadline=None)
@given(towns())
def test_the_compiled_search_finds_what_scipy_s_finds(case: tuple[Streets, list[Location]]) -> None:
    graph = graph_of(case[0])
    count = graph.edges
    if not count:
        return
    turn_s = PACE.turn_s_of(graph) + PACE.edge_s(graph)[graph.turn_to]
    seconds, sums = np.empty((count, count)), np.empty((count, count, 1))
    every = np.arange(count, dtype=np.int32)
    search(every, every, count, graph.first_turn, graph.turn_to, turn_s, turn_s[:, None].copy(), seconds, sums)
    links = csr_array((turn_s, graph.turn_to, graph.first_turn), shape=(count, count))
    wanted = dijkstra(links)
    away = ~np.eye(count, dtype=np.bool_)  # scipy is at the start at once, ours comes back to it by a way round
    assert np.allclose(seconds[away], wanted[away])
    reached = np.isfinite(seconds)
    assert np.allclose(sums[reached][:, 0], seconds[reached])
