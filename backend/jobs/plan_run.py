"""Runs the planner for a plan run that somebody asked for."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend.jobs.job import Job
from backend.rounds import service as rounds
from backend.settings import read_settings


class PlanRun(Struct, frozen=True, forbid_unknown_fields=True):
    """Which run."""

    run: UUID


async def run(payload: PlanRun) -> None:
    """Execute the run, from its stored problem to a proposed plan."""
    settings = read_settings()
    await rounds.execute_run(payload.run, cluster=settings.cluster, engine=rounds.engine_of(settings))


JOB = Job(name="plan_run", payload=PlanRun, run=run, max_attempts=20)
"""The run itself counts its deaths and gives up; workers that were told to stop in the middle of it do not count there."""
