"""A run is planned with the times of the engine that is set; what was not to be had is estimated, and the plan says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend import clock, database
from backend.rounds import service, times
from backend.rounds.times import EngineChoice, engine_of
from backend.rounds.views import RunState
from backend.scope import SYSTEM
from backend.settings import Settings
from backend.travel import http
from backend.travel.spec import Spec
from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan
from planner.rounds.problem import parse_problem
from planner.travel.interface import Kind
from tests.support.planned_firm import MONDAY, PlannedFirm
from tests.support.routing import RoutingServer, routing_server


@pytest.fixture
async def routing(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RoutingServer]:
    monkeypatch.setattr(http.Client.__init__, "__defaults__", ((0.0,),))
    async with routing_server() as server:
        yield server


@pytest.fixture
async def on_the_equator(firm: PlannedFirm) -> PlannedFirm:
    """Where the routing server of the tests has its road."""
    async with database.tx(SYSTEM):
        await database.execute("UPDATE site SET lat = 0.001 WHERE firm = $1", firm.firm)
        await database.execute("UPDATE crew SET base_lat = 0.001 WHERE firm = $1", firm.firm)
    return firm


def osrm(server: RoutingServer, folder: Path) -> EngineChoice:
    return EngineChoice(spec=Spec(kind=Kind.OSRM, url=server.url), folder=folder)


async def test_a_plan_is_made_with_the_times_of_the_engine_and_says_so(
    on_the_equator: PlannedFirm, routing: RoutingServer, tmp_path: Path
) -> None:
    scope = on_the_equator.scope
    run = await service.request_run(scope, MONDAY, 5, time_limit_s=2)
    await service.execute_run(run.id, engine=osrm(routing, tmp_path))
    told = await service.run_plan(scope, run.id)
    assert told.run.state is RunState.PROPOSED
    assert told.violations == []
    assert (told.travel.kind, told.travel.measure, told.travel.notes) == ("osrm", "roads", [])
    assert routing.url in told.travel.source_en
    assert "2025-01-25" in told.travel.source_zh
    assert "OpenStreetMap" in told.travel.attribution
    # The problem file carries the matrix, so the plan can be checked by whoever has the two files.
    problem = parse_problem(await service.problem_file(scope, run.id))
    plan = parse_plan(await service.plan_file(scope, run.id))
    assert problem.travel.durations_s is not None
    assert evaluate(problem, plan).valid
    # 10 m/s to the east, 5 m/s to the west, two minutes to park: a round trip of d metres drives 0.3 d / 2 seconds.
    parking = 120 * sum(len(each.stops) + 1 for each in told.rounds)
    same_site = 120 * sum(
        one.place.site == other.place.site
        for each in told.rounds
        for one, other in zip(each.stops, each.stops[1:], strict=False)
    )
    assert told.distance_m == pytest.approx((told.driving_s - parking + same_site) / 0.15, rel=0.01)
    assert told.run.outline.distance_m == told.distance_m
    assert told.run.outline.travel == "osrm"


async def test_the_engine_is_asked_once_for_a_run_and_a_second_run_asks_for_nothing(
    on_the_equator: PlannedFirm, routing: RoutingServer, tmp_path: Path
) -> None:
    for _ in range(2):
        run = await service.request_run(on_the_equator.scope, MONDAY, 5, time_limit_s=2)
        await service.execute_run(run.id, engine=osrm(routing, tmp_path))
    assert len(routing.asked) == 1
    await service.commit_run(on_the_equator.scope, run.id)
    published = await service.publish_run(on_the_equator.scope, run.id)
    assert published.state is RunState.PUBLISHED


async def test_an_engine_that_is_down_stops_no_plan_and_the_plan_says_so(
    on_the_equator: PlannedFirm, routing: RoutingServer, tmp_path: Path
) -> None:
    routing.busy = 10_000
    run = await service.request_run(on_the_equator.scope, MONDAY, 5, time_limit_s=2)
    await service.execute_run(run.id, engine=osrm(routing, tmp_path))
    told = await service.run_plan(on_the_equator.scope, run.id)
    assert told.run.state is RunState.PROPOSED
    assert (told.travel.kind, told.travel.measure) == ("estimate", "coordinates")
    (note,) = told.travel.notes
    assert note.text_en.startswith(f"OSRM {routing.url} did not answer (it answered 503), so the driving of this plan is only")
    assert "没有应答" in note.text_zh


async def test_a_site_far_from_any_road_is_planned_and_named_with_the_way_out(
    on_the_equator: PlannedFirm, routing: RoutingServer, tmp_path: Path
) -> None:
    async with database.tx(SYSTEM):
        site = await database.fetch_value(
            "UPDATE site SET lat = 0.00371 WHERE id = (SELECT site FROM elevator WHERE id = $1) RETURNING id",
            on_the_equator.elevators[0],
        )
    run = await service.request_run(on_the_equator.scope, MONDAY, 5, time_limit_s=2)
    await service.execute_run(run.id, engine=osrm(routing, tmp_path))
    told = await service.run_plan(on_the_equator.scope, run.id)
    assert told.planned == 9
    (note,) = told.travel.notes
    assert note.site == site
    assert note.text_en == (
        "Site 1 is 413 m from any road: driving there is estimated. Move its position to the street where one parks."
    )
    assert "Site 1 距最近的道路 413 米" in note.text_zh
    assert told.travel.measure == "coordinates"
    assert "where there are any" in told.travel.source_en


async def test_a_base_that_no_road_leads_to_is_named_by_its_crew(
    on_the_equator: PlannedFirm, routing: RoutingServer, tmp_path: Path
) -> None:
    async with database.tx(SYSTEM):
        name = await database.fetch_value(
            "UPDATE crew SET base_lat = 0.01 WHERE id = $1 RETURNING name", on_the_equator.crews[0]
        )
    run = await service.request_run(on_the_equator.scope, MONDAY, 5, time_limit_s=2)
    await service.execute_run(run.id, engine=osrm(routing, tmp_path))
    (note,) = (await service.run_plan(on_the_equator.scope, run.id)).travel.notes
    assert note.site is None
    assert str(name) in note.text_en


async def test_a_run_that_is_stopped_while_the_engine_is_silent_ends(on_the_equator: PlannedFirm, tmp_path: Path) -> None:
    held = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.set()
        await reader.read()  # until the client gives up
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    run = await service.request_run(on_the_equator.scope, MONDAY, 5, time_limit_s=2)
    engine = EngineChoice(spec=Spec(kind=Kind.OSRM, url=url), folder=tmp_path)
    async with server:
        task = asyncio.create_task(service.execute_run(run.id, engine=engine))
        await held.wait()
        await service.stop_run(on_the_equator.scope, run.id)
        await asyncio.wait_for(task, 30)
    assert (await service.run(on_the_equator.scope, run.id)).state is RunState.STOPPED


async def test_a_plan_without_an_engine_says_that_it_is_estimated(firm: PlannedFirm) -> None:
    run = await service.request_run(firm.scope, MONDAY, 5, time_limit_s=2)
    await service.execute_run(run.id)
    told = await service.run_plan(firm.scope, run.id)
    assert (told.travel.kind, told.travel.attribution, told.travel.notes) == ("estimate", "", [])
    assert "estimated" in told.travel.source_en
    assert told.distance_m > 0


async def test_a_matrix_is_no_change_of_the_register(
    on_the_equator: PlannedFirm, routing: RoutingServer, tmp_path: Path
) -> None:
    run = await service.request_run(on_the_equator.scope, MONDAY, 5, time_limit_s=2)
    await service.execute_run(run.id, engine=osrm(routing, tmp_path))
    with clock.stopped_at(clock.now() + timedelta(seconds=30)):
        assert (await service.commit_run(on_the_equator.scope, run.id)).state is RunState.COMMITTED


def test_the_setting_says_which_engine_and_where_its_answers_are_kept(tmp_path: Path) -> None:
    choice = engine_of(Settings(data_dir=tmp_path, travel="roads:/d/a.osm.pbf"))
    assert choice == EngineChoice(spec=Spec(kind=Kind.ROADS, file=Path("/d/a.osm.pbf")), folder=tmp_path / "travel")
    assert engine_of(Settings(data_dir=tmp_path)).spec.kind is Kind.ESTIMATE
    assert times.ESTIMATED.spec.kind is Kind.ESTIMATE
