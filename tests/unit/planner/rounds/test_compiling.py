"""The search is compiled before a plan run's seconds begin."""

from __future__ import annotations

from planner.rounds import compiling, kernel


async def test_after_the_wait_the_search_is_at_hand() -> None:
    await compiling.compiled(lambda: False)
    assert kernel.at_hand()


async def test_who_is_told_to_stop_does_not_wait() -> None:
    compiling._compiled.clear()
    await compiling.compiled(lambda: True)
    assert not compiling._compiled.is_set()
