"""Runs of a comparison for tests: in this process with a few rounds of search, or in one that dies."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable

import msgspec

from backend.rounds.comparing import Asked, compared, run_one
from planner.whatif.policies import Policy
from planner.whatif.result import Comparison, Counted

ROUNDS = 10


async def compare_here(asked: Asked, tell: Callable[[float], Awaitable[bool]]) -> Comparison | None:
    """The same runs in this process, with rounds instead of seconds."""
    asked = msgspec.structs.replace(asked, rounds=ROUNDS)
    found = {}
    for policy, seed in asked.runs:
        found[policy.id, seed] = run_one(asked, policy, seed)
        if not await tell(len(found) / len(asked.runs)):
            return None
    return compared(asked, found)


def die(asked: Asked, policy: Policy, seed: int) -> Counted:
    """End the process at once."""
    os._exit(1)
