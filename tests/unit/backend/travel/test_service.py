"""Answers are kept per pair of coordinates, and a silent engine gives way to the estimate, which is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from backend import clock
from backend.travel import cache, http, service
from backend.travel.down import Down
from backend.travel.service import travel_table, travelled
from backend.travel.spec import ESTIMATE as ESTIMATED
from backend.travel.spec import Spec
from planner.rounds.travel import Estimate, Location, Travel, travel_matrix
from planner.travel.interface import Block, Kind, Source, Why
from planner.travel.table import complete_table
from tests.support.routing import RoutingServer, routing_server

ESTIMATE = Estimate(speed_kmh=25, detour=1.3, stop_s=120)


@pytest.fixture
async def routing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RoutingServer]:
    monkeypatch.setattr(http.Client.__init__, "__defaults__", ((0.0,),))
    async with routing_server() as server:
        yield server


def places(*lons: float) -> list[Location]:
    return [Location(f"p{lon}", 0.001, 100 + lon) for lon in lons]


def osrm(server: RoutingServer) -> Spec:
    return Spec(kind=Kind.OSRM, url=server.url)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def asked_for(server: RoutingServer, folder: Path, where: list[Location]) -> int:
    """Return how many cells a table costs."""
    server.asked.clear()
    await travel_table(osrm(server), where, ESTIMATE, folder)
    cells = 0
    for path in server.asked:
        question = path.partition("?")[2]
        sources, destinations = (part.count(";") + 1 for part in question.split("&")[:2])
        cells += sources * destinations
    return cells


async def test_what_was_answered_once_is_not_asked_again(routing: RoutingServer, tmp_path: Path) -> None:
    where = places(0.0, 0.01, 0.02)
    first = await travel_table(osrm(routing), where, ESTIMATE, tmp_path)
    assert await asked_for(routing, tmp_path, where) == 0
    again = await travel_table(osrm(routing), where[::-1], ESTIMATE, tmp_path)
    assert np.array_equal(again.durations_s, first.durations_s[::-1, ::-1])
    assert again.source == first.source


async def test_a_site_that_moves_is_asked_for_anew_and_only_that_site(routing: RoutingServer, tmp_path: Path) -> None:
    await travel_table(osrm(routing), places(0.0, 0.01, 0.02), ESTIMATE, tmp_path)
    moved = [*places(0.0, 0.01), Location("p0.02", 0.001, 100.03)]
    assert await asked_for(routing, tmp_path, moved) == 3 + 2  # from it to all, and from the others to it
    found = await travel_table(osrm(routing), moved, ESTIMATE, tmp_path)
    assert found.durations_s[0, 2] == 334


async def test_places_that_were_never_asked_for_together_are_asked_for(routing: RoutingServer, tmp_path: Path) -> None:
    await travel_table(osrm(routing), places(0.0, 0.01), ESTIMATE, tmp_path)
    await travel_table(osrm(routing), places(0.02, 0.03), ESTIMATE, tmp_path)
    found = await travel_table(osrm(routing), places(0.0, 0.01, 0.02, 0.03), ESTIMATE, tmp_path)
    assert found.durations_s[0].tolist() == [0, 111, 222, 334]
    assert found.complete


async def test_what_has_no_way_stays_known_as_such(routing: RoutingServer, tmp_path: Path) -> None:
    where = [*places(0.0, 0.01), Location("field", 0.01, 100.0)]
    await travel_table(osrm(routing), where, ESTIMATE, tmp_path)
    assert await asked_for(routing, tmp_path, where) == 0
    (lost,) = (await travel_table(osrm(routing), where, ESTIMATE, tmp_path)).stranded
    assert (lost.place, lost.road_m) == ("field", 1112)


async def test_two_places_at_the_same_coordinates_are_both_answered(routing: RoutingServer, tmp_path: Path) -> None:
    where = [*places(0.0, 0.01), Location("twin", 0.001, 100.01)]
    for _ in range(2):
        found = await travel_table(osrm(routing), where, ESTIMATE, tmp_path)
        assert found.durations_s.tolist() == [[0, 111, 111], [222, 0, 0], [222, 0, 0]]


async def test_answers_grow_old(routing: RoutingServer, tmp_path: Path) -> None:
    where = places(0.0, 0.01)
    await travel_table(osrm(routing), where, ESTIMATE, tmp_path)
    with clock.stopped_at(clock.now() + cache.KEPT_FOR + timedelta(days=1)):
        assert await asked_for(routing, tmp_path, where) == 4


async def test_a_file_that_was_cut_short_is_asked_for_anew(routing: RoutingServer, tmp_path: Path) -> None:
    where = places(0.0, 0.01)
    await travel_table(osrm(routing), where, ESTIMATE, tmp_path)
    (kept,) = files(tmp_path)
    kept.write_bytes(kept.read_bytes()[:300])
    assert await asked_for(routing, tmp_path, where) == 4


async def test_a_folder_that_cannot_be_written_costs_only_time(routing: RoutingServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert (await travel_table(osrm(routing), places(0.0, 0.01), ESTIMATE, tmp_path / "file" / "x")).complete


async def test_others_are_forgotten_where_there_would_be_too_many(
    routing: RoutingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MOST_PLACES", 3)
    await travel_table(osrm(routing), places(0.0, 0.01, 0.02), ESTIMATE, tmp_path)
    assert (await travel_table(osrm(routing), places(0.02, 0.03), ESTIMATE, tmp_path)).complete
    assert await asked_for(routing, tmp_path, places(0.02, 0.03)) == 0
    assert await asked_for(routing, tmp_path, places(0.0, 0.01)) == 4


async def test_a_record_holds_driving_and_parking(routing: RoutingServer, tmp_path: Path) -> None:
    record = await travelled(osrm(routing), places(0.0, 0.01), ESTIMATE, tmp_path)
    assert record.durations_s().tolist() == [[0, 111 + 120], [222 + 120, 0]]
    assert record.distances_m().tolist() == [[0, 1112], [1112, 0]]
    assert record.source.kind is Kind.OSRM
    assert (record.fallen_back, record.stranded, record.lost_pairs) == (None, (), 0)


async def test_a_silent_engine_gives_way_to_the_estimate_and_the_record_says_so(routing: RoutingServer, tmp_path: Path) -> None:
    routing.busy = 10_000
    record = await travelled(osrm(routing), places(0.0, 0.01), ESTIMATE, tmp_path)
    assert (record.fallen_back, record.wanted) == (Down.SILENT, f"OSRM {routing.url}")
    assert "503" in record.why
    assert (record.source.kind, record.places) == (Kind.ESTIMATE, 0)
    routing.busy = 0
    assert (await travelled(osrm(routing), places(0.0, 0.01), ESTIMATE, tmp_path)).fallen_back is None  # nothing of it is kept


async def test_an_engine_that_fails_in_an_unforeseen_way_loses_no_run(
    routing: RoutingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*args: object) -> None:
        raise ZeroDivisionError(args and "unforeseen")

    monkeypatch.setattr(service, "travel_table", fail)
    record = await travelled(osrm(routing), places(0.0, 0.01), ESTIMATE, tmp_path)
    assert record.fallen_back is Down.ODD
    assert "unforeseen" in record.why


async def test_what_has_no_way_is_estimated_and_named(routing: RoutingServer, tmp_path: Path) -> None:
    routing.cut_at_lon = 100.005
    where = [*places(0.0, 0.01, 0.02), Location("field", 0.01, 100.0)]
    record = await travelled(osrm(routing), where, ESTIMATE, tmp_path)
    guess = travel_matrix(Travel(estimate=ESTIMATE), tuple(where))
    assert [(each.place, each.why) for each in record.stranded] == [("p0.0", Why.NO_WAY_OUT), ("field", Why.FAR_FROM_ROAD)]
    assert record.durations_s()[0, 1] == guess[0, 1]
    assert record.durations_s()[3, 0] == guess[3, 0]
    assert record.durations_s()[1, 2] == 111 + 120


async def test_pairs_without_a_way_are_named_and_the_rest_counted(routing: RoutingServer, tmp_path: Path) -> None:
    async def some(*args: object) -> object:
        del args
        size = 30
        cells = np.full((size, size), 5, np.int32)
        cells[np.arange(size), (np.arange(size) + 1) % size] = -1  # round and round: each is reached by another way
        where = places(*(n / 100 for n in range(size)))
        return complete_table(where, Block(durations_s=cells, distances_m=cells), Source(kind=Kind.OSRM))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "travel_table", some)
        record = await travelled(osrm(routing), places(*(n / 100 for n in range(30))), ESTIMATE, tmp_path)
    assert (len(record.lost), record.lost_pairs, record.stranded) == (20, 30, ())
    assert (record.lost[0].start, record.lost[0].end) == ("p0.0", "p0.01")


async def test_the_estimate_needs_no_numbers_of_its_own(tmp_path: Path) -> None:
    record = await travelled(ESTIMATED, places(0.0, 0.01), ESTIMATE, tmp_path)
    assert (record.places, record.source.kind, record.fallen_back) == (0, Kind.ESTIMATE, None)
    assert files(tmp_path) == []


def test_an_extract_that_was_replaced_is_another_engine(tmp_path: Path) -> None:
    extract = tmp_path / "a.osm.pbf"
    extract.write_bytes(b"1")
    found = Spec(kind=Kind.ROADS, file=extract)
    names = {cache.file_of(tmp_path, found)}
    extract.write_bytes(b"12")
    names.add(cache.file_of(tmp_path, found))
    (tmp_path / "a.osm.pbf.pace.json").write_text("{}")
    names.add(cache.file_of(tmp_path, found))
    assert len(names) == 3


def test_what_is_kept_survives_being_written(tmp_path: Path) -> None:
    kept = cache.grown(cache.empty(Source(kind=Kind.OSRM, name="x"), clock.now()), cache.keys_of(places(0.0, 0.01)))
    cache.save(tmp_path / "a.npz", kept)
    found = cache.load(tmp_path / "a.npz", clock.now())
    assert found is not None
    assert (found.source, found.since) == (kept.source, kept.since)
    assert cache.load(tmp_path / "a.npz", datetime.max.replace(tzinfo=kept.since.tzinfo)) is None
