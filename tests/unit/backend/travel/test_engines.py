"""OSRM and Valhalla over HTTP, against a server on loopback that speaks their protocols."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from backend.travel import http
from backend.travel.down import Down, EngineDown
from backend.travel.engines import Engine, has_osrm, opened
from backend.travel.service import travel_table
from backend.travel.spec import Spec, parse_spec
from planner.rounds.travel import Estimate, Location
from planner.travel.interface import NOT_REACHED, Kind, NoPositionError, NoWay, TravelTable, Why
from tests.support.routing import RoutingServer, routing_server

ESTIMATE = Estimate(speed_kmh=25, detour=1.3, stop_s=120)
ENGINES = ("osrm", "valhalla")


@pytest.fixture
async def routing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RoutingServer]:
    monkeypatch.setattr(http.Client.__init__, "__defaults__", ((0.0, 0.0),))
    async with routing_server() as server:
        yield server


def places(count: int, step: float = 0.01) -> list[Location]:
    return [Location(f"p{n}", 0.001, 100 + n * step) for n in range(count)]


def spec(kind: str, server: RoutingServer) -> Spec:
    found = parse_spec(f"{kind}:{server.url}/")
    assert found is not None
    return found


async def table(kind: str, server: RoutingServer, where: list[Location]) -> TravelTable:
    return await travel_table(spec(kind, server), where, ESTIMATE, None)


@asynccontextmanager
async def engine(kind: str, server: RoutingServer) -> AsyncIterator[Engine]:
    async with opened(spec(kind, server), ESTIMATE) as found:
        yield found


@pytest.mark.parametrize("kind", ENGINES)
async def test_seconds_and_metres_come_in_both_directions(kind: str, routing: RoutingServer) -> None:
    found = await table(kind, routing, places(3))
    assert found.durations_s.tolist() == [[0, 111, 222], [222, 0, 111], [445, 222, 0]]
    assert found.distances_m == pytest.approx(np.array([[0, 1112, 2224], [1112, 0, 1112], [2224, 1112, 0]]), abs=1)
    assert found.complete
    assert found.source.kind is Kind(kind)
    assert found.source.data_date == date(2025, 1, 25)
    assert found.source.name == routing.url
    assert "OpenStreetMap" in found.source.attribution


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_large_table_comes_in_tiles_that_the_server_takes(kind: str, routing: RoutingServer) -> None:
    whole = await table(kind, routing, places(45, step=0.001))
    assert whole.complete
    assert whole.durations_s[3, 40] == 411
    assert whole.durations_s[40, 3] == 823
    assert len([path for path in routing.asked if "table" in path or "sources" in path]) > 20


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_server_that_takes_a_single_cell_is_asked_cell_by_cell(kind: str, routing: RoutingServer) -> None:
    routing.most_cells = 1
    assert (await table(kind, routing, places(4))).complete


@pytest.mark.parametrize("kind", ENGINES)
async def test_what_the_server_knows_no_way_for_is_named_and_no_zero(kind: str, routing: RoutingServer) -> None:
    routing.cut_at_lon = 100.015
    found = await table(kind, routing, places(3))
    assert found.durations_s[0].tolist() == [0, 111, NOT_REACHED]
    assert found.distances_m[0, 2] == NOT_REACHED
    assert list(found.no_way()) == [NoWay(start="p0", end="p2"), NoWay(start="p1", end="p2")]
    assert [(each.place, each.why) for each in found.stranded] == [("p2", Why.NO_WAY_IN)]


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_place_far_from_any_road_is_named_although_the_server_would_move_it(kind: str, routing: RoutingServer) -> None:
    found = await table(kind, routing, [*places(2), Location("field", 0.01, 100.0)])
    (lost,) = found.stranded
    assert (lost.place, lost.why, lost.road_m) == ("field", Why.FAR_FROM_ROAD, 1112)
    assert found.durations_s[2, 0] == found.durations_s[0, 2] == NOT_REACHED
    assert found.durations_s[0, 1] == 111


@pytest.mark.parametrize(("kind", "lat"), [("osrm", 85.0), ("valhalla", 1.0)])
async def test_one_place_that_makes_the_server_refuse_all_costs_only_itself(
    kind: str, lat: float, routing: RoutingServer
) -> None:
    found = await table(kind, routing, [*places(5), Location("lost", lat, 100.0)])
    assert [each.place for each in found.stranded] == ["lost"]
    assert (found.durations_s[:5, :5] >= 0).all()


async def test_places_too_far_apart_for_valhalla_cost_only_their_pairs(routing: RoutingServer) -> None:
    found = await table("valhalla", routing, [*places(3), Location("abroad", 0.0, 105.0)])
    assert [each.place for each in found.stranded] == ["abroad"]
    assert found.durations_s[0, 2] == 222


@pytest.mark.parametrize("kind", ENGINES)
async def test_older_servers_are_understood(kind: str, routing: RoutingServer) -> None:
    routing.old = True
    found = await table(kind, routing, places(2))
    assert found.durations_s.tolist() == [[0, 111], [222, 0]]
    assert found.distances_m[0, 1] == (NOT_REACHED if kind == "osrm" else 1112)


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_busy_server_is_asked_again_and_then_given_up(kind: str, routing: RoutingServer) -> None:
    routing.busy = 2
    assert (await table(kind, routing, places(2))).complete
    routing.busy = 1000
    with pytest.raises(EngineDown, match="503") as refused:
        await table(kind, routing, places(2))
    assert refused.value.code_of_engine is Down.SILENT


@pytest.mark.parametrize("kind", ENGINES)
@pytest.mark.parametrize(
    "says",
    [b"<html>It works!</html>", b"42", b"{}", b'{"code":"Ok"}', b'{"code":"Ok","durations":[[0]],"sources":[]}',
     b'{"version":"3","sources_to_targets":[[{}]]}', b"[]", b'{"version":"3","sources_to_targets":{"durations":[["x"]]}}'],
)  # fmt: skip
async def test_an_answer_that_is_none_is_told_as_such(kind: str, says: bytes, routing: RoutingServer) -> None:
    routing.says = says
    with pytest.raises(EngineDown) as refused:
        await table(kind, routing, places(2))
    assert refused.value.code_of_engine is Down.ODD
    assert routing.url in str(refused.value)


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_server_that_is_not_there_is_named_without_its_password(kind: str, routing: RoutingServer) -> None:
    del routing
    found = parse_spec(f"{kind}:http://me:secret@127.0.0.1:9/x")
    assert found is not None
    with pytest.raises(EngineDown) as refused:
        await travel_table(found, places(2), ESTIMATE, None)
    assert "http://127.0.0.1:9/x" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("kind", ENGINES)
async def test_a_probe_tells_whether_the_server_answers(kind: str, routing: RoutingServer) -> None:
    async with engine(kind, routing) as found:
        assert "answers" in await found.probe()
        routing.says = b'{"hello": 1}'
        with pytest.raises(EngineDown):
            await found.probe()


@pytest.mark.parametrize("kind", [*ENGINES, "estimate"])
async def test_places_without_coordinates_are_named(kind: str, routing: RoutingServer) -> None:
    asked = spec(kind, routing) if kind != "estimate" else Spec()
    async with opened(asked, ESTIMATE) as found:
        with pytest.raises(NoPositionError, match="nowhere"):
            await found.block([Location("nowhere")], places(1))


async def test_the_event_loop_goes_on_while_roads_are_read_and_searched() -> None:
    extract = Path(__file__).parents[3] / "data" / "midtown_roads.osm.pbf"
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    task = asyncio.create_task(beat())
    where = [Location(str(n), 40.7500 + n * 0.0002, -73.985) for n in range(20)]
    async with opened(Spec(kind=Kind.ROADS, file=extract), ESTIMATE, Path("/nonexistent")) as found:
        block = await found.block(where, where)
        assert "midtown_roads" in await found.probe()
        assert found.source.data_date == date(2025, 1, 25)
    task.cancel()
    assert (block.durations_s >= 0).all()
    assert beats > 100  # a blocked loop beats a dozen times, between the waits


async def test_road_data_that_cannot_be_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineDown, match="missing") as refused:
        await travel_table(Spec(kind=Kind.ROADS, file=tmp_path / "missing.osm.pbf"), places(2), ESTIMATE, None)
    assert refused.value.code_of_engine is Down.DATA
    monkeypatch.setitem(__import__("sys").modules, "osmium", None)
    (tmp_path / "there.osm.pbf").touch()
    with pytest.raises(EngineDown, match=r"liftrounds\[roads\]") as refused:
        await travel_table(Spec(kind=Kind.ROADS, file=tmp_path / "there.osm.pbf"), places(2), ESTIMATE, None)
    assert refused.value.code_of_engine is Down.MISSING


def test_osrm_in_this_process_is_used_only_where_its_own_package_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "26.10.0" if name == "osrm-bindings" else "")
    assert has_osrm()

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert not has_osrm()
