"""A team of the workers of a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from planner.rounds.scale.team import Team, TeamError


@contextmanager
def cluster_team(address: str) -> Iterator[Team]:
    """Give the workers of a cluster as a team.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    TeamError
        If it cannot be reached, has no workers, or has another version of the program.
    """
    raise TeamError(address)
    yield
