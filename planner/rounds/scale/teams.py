"""Which team a caller asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from planner.rounds.scale.team import Team


@contextmanager
def team_of(workers: int = 1, cluster: str | None = None) -> Iterator[Team | None]:
    """Give a team for as long as it is needed.

    Parameters
    ----------
    workers
        Processes of this machine; 1 is no team: the caller's process does best alone.
    cluster
        Address of a Dask scheduler, whose workers search instead.

    Raises
    ------
    TeamError
        If the cluster cannot be used.
    """
    if cluster is not None:
        from planner.rounds.scale.cluster import cluster_team

        with cluster_team(cluster) as team:
            yield team
    elif workers > 1:
        from planner.rounds.scale.processes import processes

        with processes(workers) as team:
            yield team
    else:
        yield None
