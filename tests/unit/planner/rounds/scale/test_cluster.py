"""Plans on a Dask cluster: a real scheduler, two real workers, and what may go wrong with them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import msgspec
import pytest

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import parse_plan
from planner.rounds.process import solve_in_process
from planner.rounds.scale import TeamError
from planner.rounds.scale.teams import team_of
from planner.rounds.solve import solve
from planner.rounds.stop import Progress, Stop
from tests.support.cluster import Cluster, cluster
from tests.support.mosquitto import free_port
from tests.unit.planner.rounds.test_solve import town

TOWN = town(visits=90, crews=6)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Cluster]:
    with cluster(workers=2) as made:
        yield made


def test_a_plan_is_made_on_a_cluster_and_a_worker_killed_in_the_middle_loses_nothing(two_workers: Cluster) -> None:
    costs: list[int] = []

    def kill_one(progress: Progress) -> None:
        costs.append(progress.best_cost)
        if len(two_workers.workers) == 2 and progress.phase != "construct":
            two_workers.kill_worker()  # both have a task by now, and neither has answered

    with team_of(cluster=two_workers.address) as team:
        plan = solve(TOWN, Stop(100, requested=lambda: costs[-1] < costs[0]), progress=kill_one, team=team)
    assert team is not None
    assert team.failure == ""
    assert len(two_workers.workers) == 1
    assert evaluate(TOWN, plan).valid
    assert plan.cost is not None
    assert plan.cost.total <= costs[-1] < costs[0]
    two_workers.add_worker()
    two_workers.await_workers()


def test_the_solvers_process_plans_on_a_cluster_and_stops_when_asked(two_workers: Cluster) -> None:
    reports: list[Progress] = []
    begun_s = time.monotonic()
    plan = parse_plan(
        solve_in_process(
            msgspec.json.encode(TOWN),
            time_limit_s=100,
            cluster=two_workers.address,
            on_progress=reports.append,
            should_stop=lambda: bool(reports) and reports[-1].best_cost < reports[0].best_cost,
        )
    )
    assert time.monotonic() - begun_s < 60
    assert evaluate(TOWN, plan).valid
    assert plan.cost is not None
    assert plan.cost.total <= reports[-1].best_cost


@pytest.fixture
def soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.rounds.scale.cluster.REACHED_S", 1.0)


@pytest.mark.usefixtures("soon_given_up")
def test_no_scheduler_is_said_within_seconds() -> None:
    refused = pytest.raises(TeamError, match=r"no scheduler of a Dask cluster answers at tcp://127\.0\.0\.1:\d+ .*correct")
    with refused, team_of(cluster=f"tcp://127.0.0.1:{free_port()}"):
        pass


def test_an_address_that_is_none_reaches_whoever_asked_for_a_plan() -> None:
    with pytest.raises(TeamError, match="correct the address"):
        solve_in_process(msgspec.json.encode(TOWN), time_limit_s=100, cluster="tcp://nowhere.invalid:x")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8786", "nonsense", "tcp://127.0.0.1", ""])
def test_an_address_of_no_scheduler_is_refused_before_anybody_is_called(address: str) -> None:
    with pytest.raises(TeamError, match="is no address of a scheduler; correct the address"), team_of(cluster=address):
        pass


@pytest.mark.usefixtures("soon_given_up")
def test_a_cluster_without_workers_is_said() -> None:
    refused = pytest.raises(TeamError, match=r"has no workers; start some with `dask worker tcp://")
    with cluster(workers=0) as made:
        made.await_scheduler()
        with refused, team_of(cluster=made.address):
            pass
