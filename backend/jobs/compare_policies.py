"""Runs a comparison of policies that somebody asked for."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from backend.jobs.job import Job
from backend.rounds.comparisons import execute_comparison


class ComparePolicies(Struct, frozen=True, forbid_unknown_fields=True):
    """Which comparison."""

    comparison: UUID


async def run(payload: ComparePolicies) -> None:
    """Execute the comparison, from the firm's facts to its figures."""
    await execute_comparison(payload.comparison)


JOB = Job(name="compare_policies", payload=ComparePolicies, run=run)
